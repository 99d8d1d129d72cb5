// Base64url against a reader that goes bit by bit.
#include <gtest/gtest.h>
#include <gatehouse/kit/jose/base64url.hpp>

#include <random>

namespace gatehouse::kit::jose {
namespace {

std::optional<std::string> slow(const std::string& text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string bits, out;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string::npos) return std::nullopt;
    for (int bit = 5; bit >= 0; --bit) bits += (value >> bit & 1) != 0 ? '1' : '0';
  }
  std::size_t at = 0;
  for (; at + 8 <= bits.size(); at += 8) out += static_cast<char>(std::stoi(bits.substr(at, 8), nullptr, 2));
  const std::string rest = bits.substr(at);
  // Six bits that belong to no byte are a character too many.
  if (rest.size() >= 6 || rest.find('1') != std::string::npos) return std::nullopt;
  return out;
}

class Base64UrlTwin : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, Base64UrlTwin, testing::Range(1u, 5u));

TEST_P(Base64UrlTwin, JW_65_TakesWhatTheSlowOneTakesAndNothingElse) {
  std::mt19937 engine(GetParam());
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine); };
  const std::string likely = "AQgwBCZaz019-_";
  const std::string unlikely = std::string("=+/ \n\r\t.~\x80\xff", 11) + '\0';
  int taken = 0, refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    const std::size_t size = below(14);
    for (std::size_t k = 0; k < size; ++k) text += below(40) == 0 ? unlikely[below(12)] : likely[below(likely.size())];
    const auto fast = decode_base64url(text);
    ASSERT_EQ(fast, slow(text)) << testing::PrintToString(text);
    if (fast) {
      ASSERT_EQ(encode_base64url(*fast), text) << "there is one spelling";
    }
    ++(fast ? taken : refused);
  }
  EXPECT_GT(taken, 3'000);
  EXPECT_GT(refused, 3'000);
}

TEST_P(Base64UrlTwin, JW_65_WhatIsWrittenIsReadAgain) {
  std::mt19937 engine(GetParam());
  for (std::size_t size = 0; size < 300; ++size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(engine());
    const std::string text = encode_base64url(bytes);
    ASSERT_EQ(decode_base64url(text), bytes);
    ASSERT_EQ(slow(text), bytes);
  }
}

}  // namespace
}  // namespace gatehouse::kit::jose
