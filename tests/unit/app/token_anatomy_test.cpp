#include "app/token_anatomy.hpp"

#include <gtest/gtest.h>
#include <gatehouse/kit/jose/token.hpp>

#include <random>

namespace gatehouse::app {
namespace {

TEST(TokenAnatomy, NamesSegmentAndByte) {
  const struct {
    const char* name;
    std::string token;
    std::vector<std::string> faults;  // of each its beginning
  } cases[] = {
      {"whole", "e30.e30.AAAA", {}},
      {"nothing", "", {"there is no token"}},
      {"one", "e30", {"1 segment between dots"}},
      {"five",
       "e30.e30.AAAA.AAAA.AAAA",
       {"5 segments between dots; a signed token has three, and one of five is encrypted"}},
      {"empty ones", "..", {"header: it is empty", "payload: it is empty", "signature: it is empty"}},
      {"padding", "e30=.e30.AAAA", {"header: byte 3 (3 of the token): `=`"}},
      {"alphabet", "e30.e/0.AAAA", {"payload: byte 1 (5 of the token): `/`"}},
      {"NUL", std::string("e30.e30.AA\0A", 12), {"signature: byte 2 (10 of the token): a NUL byte"}},
      {"line end", "e30.e3\n0.AAAA", {"payload: byte 2 (6 of the token): white space or a line end (0x0a)"}},
      {"not ASCII", "e30.e\xc3\xa9.AAAA", {"payload: byte 1 (5 of the token): a byte that is not of base64url (0xc3)"}},
      {"cut off", "e30.e30.AAAAA", {"signature: it has 5 characters"}},
      {"bits left", "e31.e30.AAAA", {"header: byte 2 (2 of the token): the last character"}},
      {"list", "W10.e30.AAAA", {"header: JSON, but no object"}},
      {"not JSON", "e30.e3sK.AAAA", {"payload: decoded: malformed JSON at byte 1"}},
  };
  for (const auto& c : cases) {
    const TokenAnatomy anatomy = TokenAnatomy::of(c.token);
    ASSERT_EQ(anatomy.faults.size(), c.faults.size()) << c.name;
    for (std::size_t i = 0; i < c.faults.size(); ++i)
      EXPECT_TRUE(anatomy.faults[i].starts_with(c.faults[i])) << c.name << ": " << anatomy.faults[i];
  }
}

TEST(TokenAnatomy, WhatTheKitReadsHasNoFaultAndWhatHasOneIsNotRead) {
  std::mt19937_64 random(20261126);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  int read = 0;
  for (int i = 0; i < 20'000; ++i) {
    // {"alg":"RS256","kid":"a"}, {}
    std::string token = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.AAAA";
    for (std::size_t n = below(3); n > 0; --n) token[below(token.size())] = static_cast<char>(below(256));
    const TokenAnatomy anatomy = TokenAnatomy::of(token);
    kit::jose::Outcome why;
    const auto taken = kit::jose::Token::read(token, {}, why);
    const auto claims = taken ? taken->claims(why) : std::nullopt;
    read += claims ? 1 : 0;
    ASSERT_TRUE(!claims || anatomy.faults.empty()) << token;
    // What every authorizer refuses has at least one line that says so.
    ASSERT_TRUE(taken || !oddities(anatomy, token, 0).empty()) << token;
  }
  EXPECT_GT(read, 1000);
  EXPECT_LT(read, 19'000);
}

}  // namespace
}  // namespace gatehouse::app
