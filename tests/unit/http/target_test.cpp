#include "http/target.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace gatehouse::http {
namespace {

constexpr PathRules kStrict{};
constexpr PathRules kLoose{PathRules::Dots::Remove, PathRules::EncodedSlash::Keep};

struct Case {
  std::string_view target;
  const char* strict;  // the normalised path; null: refused
  const char* loose;   // the same with dot segments removed and encoded slashes kept
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.target;
}

const Case kCases[] = {
    {"/", "/", "/"},
    {"/a/b", "/a/b", "/a/b"},
    {"/a/", "/a/", "/a/"},
    // spec 2.3: slashes stay for routing to judge, reserved characters stay as they were sent
    {"/stage/v//w", "/stage/v//w", "/stage/v//w"},
    {"//stage/v", "//stage/v", "//stage/v"},
    {"/stage//v", "/stage//v", "/stage//v"},
    {"/stage/v/a%2Bb@x", "/stage/v/a%2Bb@x", "/stage/v/a%2Bb@x"},
    {"/a+b:c;d=e,f!$&'()*", "/a+b:c;d=e,f!$&'()*", "/a+b:c;d=e,f!$&'()*"},
    // LA-41: unreserved characters are decoded once, other escapes have one spelling
    {"/%61%7E%2d%5F%30", "/a~-_0", "/a~-_0"},
    {"/a%2bb%c3%a4", "/a%2Bb%C3%A4", "/a%2Bb%C3%A4"},
    {"/%2561", "/%2561", "/%2561"},
    {"/%252F", "/%252F", "/%252F"},
    {"/%252e%252e/a", "/%252e%252e/a", "/%252e%252e/a"},
    {"/%20%3F%23", "/%20%3F%23", "/%20%3F%23"},
    {"/%e2%82%ac/%F0%9F%98%80", "/%E2%82%AC/%F0%9F%98%80", "/%E2%82%AC/%F0%9F%98%80"},
    // AT-1E: dot segments, plain, encoded and mixed
    {"/.", nullptr, "/"},
    {"/..", nullptr, "/"},
    {"/a/./b", nullptr, "/a/b"},
    {"/a/../b", nullptr, "/b"},
    {"/a/b/..", nullptr, "/a/"},
    {"/a/b/.", nullptr, "/a/b/"},
    {"/../../a", nullptr, "/a"},
    {"/a//../b", nullptr, "/a/b"},
    {"/a/%2e%2E/b", nullptr, "/b"},
    {"/a/.%2e/b", nullptr, "/b"},
    {"/a/%2e./b", nullptr, "/b"},
    {"/%2e", nullptr, "/"},
    {"/a/b/c/./../../g", nullptr, "/a/g"},
    {"/.a/..b/c../...", "/.a/..b/c../...", "/.a/..b/c../..."},
    // AT-1E: encoded slash
    {"/a%2Fb", nullptr, "/a%2Fb"},
    {"/a%2fb", nullptr, "/a%2Fb"},
    {"/a/..%2Fb", nullptr, nullptr},
    {"/a%2F../b", nullptr, nullptr},
    {"/a%2f%2e%2e%2fb", nullptr, nullptr},
    {"/a/..%2f", nullptr, nullptr},
    {"/a/..;x/b", nullptr, nullptr},
    {"/a/..%3Bx/b", nullptr, nullptr},
    {"/a/.;/b", nullptr, nullptr},
    {"/a/..a;x/b", "/a/..a;x/b", "/a/..a;x/b"},
    // AT-1E: what is never taken
    {"/a\\b", nullptr, nullptr},
    {"/a%5Cb", nullptr, nullptr},
    {"/a%5cb", nullptr, nullptr},
    {"/a%00b", nullptr, nullptr},
    {"/a%0Ab", nullptr, nullptr},
    {"/a%1f", nullptr, nullptr},
    {"/a%7F", nullptr, nullptr},
    {"/a%", nullptr, nullptr},
    {"/a%4", nullptr, nullptr},
    {"/a%zz", nullptr, nullptr},
    {"/a%4g", nullptr, nullptr},
    {"/a%%41", nullptr, nullptr},
    {"/a%u0041", nullptr, nullptr},
    {"/%FF", nullptr, nullptr},
    {"/%80", nullptr, nullptr},
    {"/%C3", nullptr, nullptr},
    {"/%C3a", nullptr, nullptr},
    {"/%C3%41", nullptr, nullptr},
    {"/%E2%82", nullptr, nullptr},
    {"/%E2%82%4", nullptr, nullptr},
    {"/%C0%AF", nullptr, nullptr},
    {"/%C0%AE%C0%AE/a", nullptr, nullptr},
    {"/%ED%A0%80", nullptr, nullptr},
    {"/%F4%90%80%80", nullptr, nullptr},
    {"/%F8%88%80%80%80", nullptr, nullptr},
    // what the parser has refused already
    {"", nullptr, nullptr},
    {"a", nullptr, nullptr},
    {"*", nullptr, nullptr},
    {"?a", nullptr, nullptr},
    {"http://a/", nullptr, nullptr},
    {"/a b", nullptr, nullptr},
    {"/a#b", nullptr, nullptr},
    {"/a\x7f", nullptr, nullptr},
    {"/\xc3\xa4", nullptr, nullptr},
    {"/a?b\x01", nullptr, nullptr},
};

class TargetPath : public testing::TestWithParam<Case> {};

TEST_P(TargetPath, IsNormalisedOnceOrRefused) {
  const Case& c = GetParam();
  for (const auto& [rules, expected] : {std::pair{kStrict, c.strict}, std::pair{kLoose, c.loose}}) {
    base::Arena arena;
    const auto target = parse_target(c.target, rules, arena);
    ASSERT_EQ(target.has_value(), expected != nullptr) << (target ? std::string(target->path) : target.error().text);
    if (!target) {
      EXPECT_EQ(target.error().code, Code::Invalid);
      continue;
    }
    EXPECT_EQ(target->path, expected);
    EXPECT_EQ(target->wire_path, c.target);
    const auto again = parse_target(target->path, rules, arena);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->path, target->path) << "a normalised path must stay as it is";
    EXPECT_EQ(again->path.data(), target->path.data()) << "and must not be copied";
  }
}
INSTANTIATE_TEST_SUITE_P(Http, TargetPath, testing::ValuesIn(kCases));

TEST(Target, SplitsTheQueryAtTheFirstQuestionMark) {
  const struct {
    std::string_view target, path, query;
    bool has_query;
  } cases[] = {
      {"/a", "/a", "", false},
      {"/a?", "/a", "", true},
      {"/a?b=c", "/a", "b=c", true},
      {"/a?b?c", "/a", "b?c", true},
      {"/?/../%2F%zz\\", "/", "/../%2F%zz\\", true},
      {"/%61?%61", "/a", "%61", true},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    const auto target = parse_target(c.target, kStrict, arena);
    ASSERT_TRUE(target.has_value()) << c.target;
    EXPECT_EQ(target->path, c.path);
    EXPECT_EQ(target->raw_query, c.query) << "received bytes stay";
    EXPECT_EQ(target->has_query, c.has_query);
  }
}

TEST(Target, CopiesNothingThatIsNormalAlready) {
  base::Arena arena;
  const std::string_view text = "/pets/7?x=1";
  const auto target = parse_target(text, kStrict, arena);
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->path.data(), text.data());
  EXPECT_EQ(target->wire_path.data(), text.data());
}

// A longest path of escapes only is the most that decoding may write.
TEST(Target, StaysInsideItsBuffer) {
  base::Arena arena;
  std::string text = "/";
  for (int i = 0; i < 3000; ++i) text += "%2a";
  const auto target = parse_target(text, kStrict, arena);
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->path.size(), text.size());
}

TEST(Target, RestWantsBracesAndBarsEncoded) {
  EXPECT_TRUE(is_encoded_query(""));
  EXPECT_TRUE(is_encoded_query("a=%7B1%7D&b=[;]"));
  EXPECT_FALSE(is_encoded_query("a=|"));
  EXPECT_FALSE(is_encoded_query("a={1"));
  EXPECT_FALSE(is_encoded_query("a=1}"));
}

}  // namespace
}  // namespace gatehouse::http
