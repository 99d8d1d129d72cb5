#include "policy/glob.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace gatehouse::policy {
namespace {

struct Counter {
  std::size_t* steps;
  void operator()() const noexcept { ++*steps; }
};

/// `*` and `?` are wildcards; `\1` and `\2` are the characters `*` and `?`, as a variable brings them.
std::vector<std::uint16_t> units(std::string_view text) {
  std::vector<std::uint16_t> out;
  for (const char c : text)
    out.push_back(c == '*' ? kStar : c == '?' ? kOne : c == 1 ? '*' : c == 2 ? '?' : static_cast<unsigned char>(c));
  return out;
}

bool matches(std::string_view pattern, std::string_view text) {
  return Glob<false>(text).matches(units(pattern));
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

/// Which beginnings of the text the beginning of the pattern matches, row by row.
bool slow(std::string_view pattern, std::string_view text) {
  std::vector<bool> row(text.size() + 1, false);
  row[0] = true;
  for (const std::uint16_t unit : units(pattern)) {
    std::vector<bool> next(text.size() + 1, false);
    for (std::size_t t = 0; t <= text.size(); ++t) {
      if (unit == kStar) {
        next[t] = row[t] || (t > 0 && next[t - 1]);
        continue;
      }
      if (!row[t] || t == text.size()) continue;
      std::size_t end = t + 1;
      if (unit == kOne)
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
      else if (unit != static_cast<unsigned char>(text[t]))
        continue;
      next[end] = true;
    }
    // A star ends where a character does.
    for (std::size_t t = 0; t < text.size(); ++t)
      if (unit == kStar && !row[t] && (static_cast<unsigned char>(text[t]) & 0xc0) == 0x80) next[t] = false;
    row = std::move(next);
  }
  return row[text.size()];
}

TEST(Glob, LongSegmentsAreFoundAtTheirFirstPlace) {
  const std::string almost = repeat("ab", 30), long_one = repeat("ab", 20) + "c";
  EXPECT_TRUE(matches("*" + long_one + "*", almost + long_one + "x"));
  EXPECT_TRUE(matches("*" + long_one + "*d*", almost + long_one + "xdx"));
  EXPECT_FALSE(matches("*" + long_one + "*d*", "d" + almost + long_one + "x"));
  EXPECT_FALSE(matches("*" + long_one + "*", almost));
  // With `?` in it: every literal has to stand where the one before it leaves it.
  const std::string two = repeat("a", 20) + "??" + repeat("b", 20);
  EXPECT_TRUE(matches("*" + two + "*z", repeat("a", 30) + "--" + repeat("b", 30) + "z"));
  EXPECT_TRUE(matches("*" + two + "*z", repeat("a", 30) + "\xE2\x82\xAC-" + repeat("b", 20) + "z"));
  EXPECT_FALSE(matches("*" + two + "*z", repeat("a", 20) + "-" + repeat("b", 20) + "z"));
  EXPECT_FALSE(matches("*" + two + "*z", repeat("a", 20) + "\xE2\x82\xAC" + repeat("b", 20) + "z"));
  EXPECT_FALSE(matches("*" + two + "*z", repeat("a", 19) + "--" + repeat("b", 30) + "z"));
  EXPECT_FALSE(matches("*" + two + "*z", repeat("a", 30) + "--" + repeat("b", 19) + "z"));
  // A `?` more than there are characters.
  EXPECT_FALSE(matches("*" + repeat("a", 40) + "??????" + "b*", repeat("a", 42) + "b"));
}

// The search changes with the length: memmem up to 256 bytes, then our own.
TEST(Glob, EveryLengthIsFoundAtItsFirstPlace) {
  for (const std::size_t n : {1u, 2u, 3u, 31u, 32u, 33u, 254u, 255u, 256u, 257u, 300u}) {
    const std::string wanted = repeat("a", n - 1) + "b", text = "x" + repeat("a", 400) + "b-" + wanted + "z";
    EXPECT_TRUE(matches("*" + wanted + "*", text)) << n;
    EXPECT_TRUE(matches("*" + wanted + "*" + wanted + "*", text)) << n << ": the first place leaves room for another";
    EXPECT_FALSE(matches("*" + wanted + "*" + wanted + "*" + wanted + "*", text)) << n;
    EXPECT_FALSE(matches("*" + wanted + "*z*z", text)) << n;
    EXPECT_FALSE(matches("*" + wanted + "c*", text)) << n;
    // What is behind the tail's beginning is no place.
    EXPECT_FALSE(matches("*" + wanted + "*" + wanted, wanted)) << n;
    EXPECT_TRUE(matches("*" + wanted + "?*", wanted + "-")) << n;
    EXPECT_FALSE(matches("*" + wanted + "?*", wanted)) << n;
  }
}

TEST(Glob, WhatStandsBeforeTheFirstStarAndBehindTheLastDoesNotOverlap) {
  EXPECT_FALSE(matches("ab*ba", "aba"));
  EXPECT_TRUE(matches("ab*ba", "abba"));
  EXPECT_FALSE(matches("a*b?", "ab"));
  EXPECT_TRUE(matches("a*?b?",
                      "a\xC3\xA9"
                      "b\xE2\x82\xAC"));
  EXPECT_FALSE(matches("a*??b?",
                       "a\xC3\xA9"
                       "b\xE2\x82\xAC"));
  EXPECT_FALSE(matches("a*b*b", "ab"));
  EXPECT_FALSE(matches("*?", ""));
  EXPECT_TRUE(matches("*\1*", "a*b"));
  EXPECT_FALSE(matches("*\2*", "a*b"));
}

TEST(Glob, DenseSegmentsAreFoundAtTheirFirstPlace) {
  for (const std::size_t n : {16u, 31u, 32u, 33u, 63u, 64u, 65u, 200u}) {
    const std::string wanted = repeat("a?", n) + "b";
    for (const std::string& one : {std::string("x"), std::string("\xC3\xA9"), std::string("\xE2\x82\xAC"),
                                   std::string("\xF0\x9F\x98\x80"), std::string("\xFF")}) {
      const std::string found = repeat("a" + one, n) + "b";
      EXPECT_TRUE(matches("*" + wanted + "*", found)) << n;
      EXPECT_TRUE(matches("*" + wanted + "*", repeat("a" + one, 5) + found + "z")) << n;
      EXPECT_TRUE(matches("*" + wanted + "*" + wanted + "*", found + found)) << n << ": the first place leaves room";
      EXPECT_FALSE(matches("*" + wanted + "*" + wanted + "*", found + found.substr(1))) << n;
      EXPECT_FALSE(matches("*" + wanted + "*", repeat("a" + one, n - 1) + "b")) << n;
      EXPECT_FALSE(matches("*" + wanted + "?*", found)) << n;
      EXPECT_FALSE(matches("*" + wanted + "*b", found)) << n;
      EXPECT_TRUE(Glob<true>("-A" + found.substr(1) + "-").matches(units("*" + wanted + "*"))) << n;
    }
  }
}

// The lengths at which the way of matching changes, and texts whose pieces resemble each other.
TEST(Glob, SaysWhatTrialOfEverythingSays) {
  std::mt19937 engine(7);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine); };
  const std::string pieces[] = {
      "a", "b", "ab", "aab", "\xC3\xA9", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "abababababababababababab"};
  int matching = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::size_t one_in = i % 2 == 0 ? 12 : 3;
    std::string text, pattern;
    for (std::size_t n = below(12); n > 0; --n) text += pieces[below(7)];
    // Mostly the text with something left out, so that it often matches.
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at + 1;
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
      if (below(25) == 0)
        pattern += '*';
      else if (below(one_in) == 0)
        pattern += '?';
      else if (below(60) == 0)
        pattern += "a*";
      else
        pattern += text.substr(at, end - at);
      at = end;
      if (below(40) == 0) at = std::min(text.size(), text.find('a', at));
    }
    if (below(3) == 0) pattern = "*" + pattern;
    if (below(3) == 0) pattern += "*";
    ASSERT_EQ(matches(pattern, text), slow(pattern, text)) << pattern << "\n" << text;
    matching += matches(pattern, text) ? 1 : 0;
  }
  EXPECT_GT(matching, 4'000);
  EXPECT_LT(matching, 16'000);
}

std::size_t steps(std::string_view pattern, std::string_view text) {
  std::size_t out = 0;
  (void)Glob<false, Counter>(text, Counter{&out}).matches(units(pattern));
  return out;
}

// A client that chooses the text, and what a variable brings, cannot make one multiply with the other.
TEST(Glob, P2_1_StepsGrowAsTextAndPatternDo) {
  struct Hostile {
    const char* name;
    std::string (*pattern)(std::size_t n);
    std::string (*text)(std::size_t n);
  };
  const Hostile kHostile[] = {
      // What memmem looks at is not counted: here only what comes on top of it, below all, being longer or with `?`.
      {"*a*a*...b", [](std::size_t n) { return repeat("*a", n) + "*b"; }, [](std::size_t n) { return repeat("a", n); }},
      {"the end differs", [](std::size_t n) { return "*" + repeat("a", n / 2) + "b*"; },
       [](std::size_t n) { return repeat("a", n); }},
      {"the middle differs", [](std::size_t n) { return "*" + repeat("a", n / 4) + "b" + repeat("a", n / 4) + "*"; },
       [](std::size_t n) { return repeat("a", n); }},
      {"periods", [](std::size_t n) { return "*" + repeat("ab", n / 4) + "b*x"; },
       [](std::size_t n) { return repeat("ab", n / 2); }},
      {"one segment many times", [](std::size_t n) { return repeat("*" + repeat("a", 300) + "b", n / 600) + "*"; },
       [](std::size_t n) { return repeat(repeat("a", 300) + "c", n / 300); }},
      {"behind a `?`", [](std::size_t n) { return "*x?" + repeat("a", n / 2) + "b?y*"; },
       [](std::size_t n) { return repeat("xa", 4) + repeat("a", n); }},
      {"every place up to a `?`", [](std::size_t n) { return "*" + repeat("a", n / 2) + "?b*"; },
       [](std::size_t n) { return repeat("a", n); }},
      {"at the end", [](std::size_t n) { return "*" + repeat("a", n / 2) + "?*" + repeat("a", n / 2) + "b"; },
       [](std::size_t n) { return repeat("a", n) + "b"; }},
  };
  for (const Hostile& h : kHostile) {
    for (const std::size_t n : {1'000u, 8'000u, 64'000u}) {
      // Twice a unit or byte for a literal's table and its search, thrice for those about a `?`, 32 for a short
      // segment.
      const std::string pattern = h.pattern(n), text = h.text(n);
      EXPECT_LE(steps(pattern, text), 8 * (pattern.size() + text.size())) << h.name << " " << n;
    }
  }
  // Dense `?`s, which a caller writes into the policy of his own session: 64 places at a time.
  for (const std::string& pattern :
       {"*" + repeat("a?", 3'000) + "b*", repeat("*" + repeat("a?", 20) + "b", 140) + "*"}) {
    const std::string text = repeat("a", 8'000);
    EXPECT_LE(steps(pattern, text), 4 * pattern.size() * (text.size() / 64 + 1)) << pattern.substr(0, 50);
  }
  // What is short and has a `?` is tried at each place: the bound is its length.
  EXPECT_LE(steps("*" + repeat("a", 30) + "?b*", repeat("a", 64'000)), 33u * 64'000u);
}

}  // namespace
}  // namespace gatehouse::policy
