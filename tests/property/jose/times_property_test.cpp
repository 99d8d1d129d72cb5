// Times of claims, digit by digit, against long doubles, which are exact where this test stays.
#include <gtest/gtest.h>
#include <gatehouse/kit/jose/claims.hpp>

#include <cmath>
#include <cstdlib>
#include <random>

namespace gatehouse::kit::jose {
namespace {

class TimesTwin : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, TimesTwin, testing::Range(1u, 5u));

TEST_P(TimesTwin, JW_16_JW_17_JW_24_CompareAsNumbersDo) {
  std::mt19937 engine(GetParam());
  const auto below = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(engine); };
  int valid = 0, expired = 0, not_yet = 0;
  for (int i = 0; i < 20'000; ++i) {
    // Eighths of a second are whole in binary and in milliseconds; sixteenths fall between two milliseconds.
    const int sixteenths = below(16), seconds = below(40);
    std::string fraction = std::to_string(625 * sixteenths);
    fraction.insert(0, 4 - fraction.size(), '0');
    const std::string whole = std::to_string(1'700'000'000 + seconds);
    std::string text;
    switch (below(5)) {
      case 0:
        text = whole + "." + fraction;
        break;
      case 1:
        text = whole + fraction + "e-4";
        break;
      case 2:
        text = whole + fraction + ".000E-04";
        break;
      case 3:
        text = whole.substr(0, 1) + "." + whole.substr(1) + fraction + "e+9";
        break;
      default:
        text = "0." + whole + fraction + "00e010";
    }
    const long double time = 1'700'000'000.0L + static_cast<long double>(seconds) + sixteenths / 16.0L;
    ASSERT_LT(std::fabs(std::strtold(text.c_str(), nullptr) - time), 1e-6L) << text;
    const std::int64_t now_ms =
        1'700'000'000'000 + below(2) * (below(40'000)) + seconds * 1000 + sixteenths * 62 + below(3);
    const int skew = below(3) * 5;
    const long double now = static_cast<long double>(now_ms), at = time * 1000, slack = skew * 1000.0L;
    const std::string name = below(2) == 0 ? "nbf" : "iat";
    JsonFault fault;
    const auto ends = parse_json("{\"exp\":" + text + "}", fault);
    const auto begins = parse_json("{\"exp\":9e9,\"" + name + "\":" + text + "}", fault);
    ASSERT_TRUE(ends && begins) << text << fault.text;
    const bool over = check_times(*ends, now_ms, skew).refusal == Refusal::Expired;
    ASSERT_EQ(over, !(at + slack > now)) << text << " at " << now_ms << " skew " << skew;
    ASSERT_EQ(over, now_ms >= expiry_ms(*ends, skew)) << text;
    const bool early = check_times(*begins, now_ms, skew).refusal == Refusal::NotYet;
    ASSERT_EQ(early, at - slack > now) << text << " at " << now_ms << " skew " << skew;
    ++(over ? expired : early ? not_yet : valid);
  }
  EXPECT_GT(valid, 1'000);
  EXPECT_GT(expired, 1'000);
  EXPECT_GT(not_yet, 300);
}

}  // namespace
}  // namespace gatehouse::kit::jose
