#include "app/token_time.hpp"

#include <gtest/gtest.h>

namespace gatehouse::app {
namespace {

kit::Json number(const char* text) {
  kit::Json out;
  out.kind = kit::Json::Kind::Number;
  out.text = text;
  return out;
}

TEST(TokenTime, NowIsSecondsOrRfc3339) {
  const struct {
    const char* text;
    std::int64_t ms;  // -1: refused
  } cases[] = {{"0", 0},
               {"2026", 2'026'000},
               {"1795685400", 1'795'685'400'000},
               {"1795685400.5", 1'795'685'400'500},
               {"1795685400.005", 1'795'685'400'005},
               {"2026-11-26T09:30:00Z", 1'795'685'400'000},
               {"2026-11-26T11:30:00.25+02:00", 1'795'685'400'250},
               {"253402300799", 253'402'300'799'000},
               {"253402300800", -1},
               {"99999999999999999999", -1},
               {"1795685400.", -1},
               {"1795685400.0001", -1},
               {"1795685400.-1", -1},
               {"-1", -1},
               {"+1", -1},
               {" 1", -1},
               {"", -1},
               {".5", -1},
               {"now", -1},
               {"2026-11-26", -1},
               {"2026-02-30T00:00:00Z", -1},
               {"1969-12-31T23:59:59Z", -1}};
  for (const auto& c : cases) EXPECT_EQ(parse_now(c.text).value_or(-1), c.ms) << c.text;
}

TEST(TokenTime, Spans) {
  const struct {
    const char* text;
    std::int64_t seconds;  // -1: refused
  } cases[] = {{"90", 90},  {"90s", 90}, {"15m", 900}, {"1h", 3600}, {"30d", 2'592'000},          {"0", -1},
               {"-1h", -1}, {"1w", -1},  {"h", -1},    {"", -1},     {"9223372036854775807d", -1}};
  for (const auto& c : cases) EXPECT_EQ(parse_span(c.text).value_or(-1), c.seconds) << c.text;
}

TEST(TokenTime, JW_23_OfClaimsAsTheChecksReadThem) {
  EXPECT_EQ(time_of(number("0")), 0);
  EXPECT_EQ(time_of(number("1795685400.5")), 1'795'685'400'500);
  EXPECT_EQ(time_of(number("-1")), std::nullopt);
  EXPECT_EQ(time_of(number("1e300")), std::nullopt);
  kit::Json text = number("1795685400");
  text.kind = kit::Json::Kind::String;
  EXPECT_EQ(time_of(text), std::nullopt);
}

TEST(TokenTime, ForPeople) {
  EXPECT_EQ(utc(1'795'685'400'000), "2026-11-26T09:30:00Z");
  EXPECT_EQ(utc(1'795'685'400'007), "2026-11-26T09:30:00.007Z");
  EXPECT_EQ(utc(253'402'300'800'000), "after the year 9999");
  constexpr std::int64_t kNow = 1'795'685'400'000;
  const struct {
    std::int64_t ms;
    const char* text;
  } cases[] = {{0, "now"},
               {-1, "1 ms ago"},
               {119'999, "in 119 s"},
               {120'000, "in 2 min"},
               {-3LL * 3'600'000, "3 h ago"},
               {-5LL * 86'400'000, "5 d ago"},
               {-2LL * 366 * 86'400'000, "2 y ago"}};
  for (const auto& c : cases) EXPECT_EQ(distance(kNow + c.ms, kNow), c.text);
}

}  // namespace
}  // namespace gatehouse::app
