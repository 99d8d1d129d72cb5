#include "routing/pattern.hpp"

#include <gmock/gmock.h>

namespace gatehouse::routing {
namespace {

using Syntax = PathPattern::Syntax;

std::string shape(const PathPattern& pattern) {
  std::string out;
  for (const Segment& s : pattern.segments)
    out += (s.kind == Segment::Kind::Literal ? "L:" : s.kind == Segment::Kind::Parameter ? "P:" : "G:") + s.text + " ";
  return out;
}

TEST(PathPattern, AT_10_PartsAndParameters) {
  struct Case {
    const char* text;
    const char* rest;  // null: refused
    const char* http;
  };
  const Case kCases[] = {
      {"/", "", ""},
      {"/orders", "L:orders ", "L:orders "},
      {"/orders/{id}", "L:orders P:id ", "L:orders P:id "},
      {"/a_-.,:9Z/{proxy+}", "L:a_-.,:9Z G:proxy ", "L:a_-.,:9Z G:proxy "},
      {"/{a}/{b}/{c+}", "P:a P:b G:c ", "P:a P:b G:c "},
      {"/{a-b.c_d}", "P:a-b.c_d ", "P:a-b.c_d "},
      {"/a~b@c", nullptr, "L:a~b@c "},
      {"/caf%C3%A9", nullptr, "L:caf\xC3\xA9 "},
      {"/caf\xC3\xA9", nullptr, "L:caf\xC3\xA9 "},
      {"/a%20b", nullptr, "L:a b "},
      {"/%7Ejoe", nullptr, "L:~joe "},
      {"/...", "L:... ", "L:... "},
      // refused in both
      {"", nullptr, nullptr},
      {"orders", nullptr, nullptr},
      {"/orders/", nullptr, nullptr},
      {"//orders", nullptr, nullptr},
      {"/a//b", nullptr, nullptr},
      {"/a/./b", nullptr, nullptr},
      {"/a/..", nullptr, nullptr},
      {"/%2e%2E", nullptr, nullptr},
      {"/a{b}", nullptr, nullptr},
      {"/{b}a", nullptr, nullptr},
      {"/{a}{b}", nullptr, nullptr},
      {"/{}", nullptr, nullptr},
      {"/{+}", nullptr, nullptr},
      {"/{a++}", nullptr, nullptr},
      {"/{a b}", nullptr, nullptr},
      {"/{a", nullptr, nullptr},
      {"/a}", nullptr, nullptr},
      {"/{a}/x/{a}", nullptr, nullptr},
      {"/{a}/{a+}", nullptr, nullptr},
      {"/a?b", nullptr, nullptr},
      {"/a b", nullptr, nullptr},
      {"/a%2Fb", nullptr, nullptr},
      {"/a%5cb", nullptr, nullptr},
      {"/a\\b", nullptr, nullptr},
      {"/a%00", nullptr, nullptr},
      {"/a%0D", nullptr, nullptr},
      {"/a%7F", nullptr, nullptr},
      {"/a%", nullptr, nullptr},
      {"/a%4", nullptr, nullptr},
      {"/a%4g", nullptr, nullptr},
      {"/a%FF", nullptr, nullptr},
      {"/a\xFF", nullptr, nullptr},
  };
  for (const Case& c : kCases) {
    for (const Syntax syntax : {Syntax::Rest, Syntax::Http}) {
      const char* expected = syntax == Syntax::Rest ? c.rest : c.http;
      auto parsed = PathPattern::parse(c.text, syntax);
      ASSERT_EQ(parsed.has_value(), expected != nullptr)
          << c.text << " " << (parsed ? shape(*parsed) : parsed.error().text);
      if (!parsed) {
        EXPECT_EQ(parsed.error().code, Code::Invalid) << c.text;
        continue;
      }
      EXPECT_EQ(shape(*parsed), expected);
      EXPECT_EQ(parsed->text, c.text);
    }
  }
}

TEST(PathPattern, AT_11_GreedyIsLast) {
  auto parsed = PathPattern::parse("/a/{rest+}/b", Syntax::Rest);
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().text, testing::HasSubstr("`{rest+}`"));
}

TEST(PathPattern, Parameters) {
  EXPECT_THAT(PathPattern::parse("/a/{b}/c/{d+}", Syntax::Http)->parameters(), testing::ElementsAre("b", "d"));
  EXPECT_TRUE(PathPattern::parse("/", Syntax::Rest)->parameters().empty());
}

TEST(PathPattern, IsBounded) {
  const auto repeat = [](const std::string& part, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += part;
    return out;
  };
  const auto parameters = [](std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += "/{p" + std::to_string(i) + "}";
    return out;
  };
  EXPECT_TRUE(PathPattern::parse(repeat("/a", kMaxSegments), Syntax::Rest));
  EXPECT_TRUE(PathPattern::parse(parameters(kMaxCaptures), Syntax::Rest));
  EXPECT_TRUE(PathPattern::parse("/" + std::string(kMaxLiteralBytes, 'x'), Syntax::Rest));
  for (const std::string& text :
       {repeat("/a", kMaxSegments + 1), parameters(kMaxCaptures + 1), "/" + std::string(kMaxLiteralBytes + 1, 'x'),
        repeat("/abcdefg", kMaxPatternBytes / 8 + 1)}) {
    auto parsed = PathPattern::parse(text, Syntax::Rest);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::Limit) << text;
  }
}

TEST(DecodeSegment, DecodesEscapesOnly) {
  char out[4];
  const auto decode = [&](std::string_view text) {
    const std::size_t size = decode_segment(text, out, sizeof out);
    return size > sizeof out ? std::string("too long") : std::string(out, size);
  };
  EXPECT_EQ(decode("a%3ab"), "a:b");
  EXPECT_EQ(decode("+%2B%"), "++%");
  EXPECT_EQ(decode("abcd"), "abcd");
  EXPECT_EQ(decode("abcde"), "too long");
  EXPECT_EQ(decode("%41%41%41%41"), "AAAA");
  EXPECT_EQ(decode("%41%41%41%41%41"), "too long");
}

}  // namespace
}  // namespace gatehouse::routing
