#include "plugin/json.hpp"

#include <gtest/gtest.h>

namespace gatehouse::plugin {
namespace {

std::string round_trip(std::string_view text) {
  const auto value = parse_json(text);
  if (!value) return "error: " + value.error().text;
  std::string out;
  append_json(out, *value);
  return out;
}

TEST(Json, KeepsWhatWasWritten) {
  const struct {
    const char* text;
    const char* out;
  } cases[] = {
      {R"({"b": 1, "a": [true, null, "x"]})", R"({"b":1,"a":[true,null,"x"]})"},
      {"1.50e+3", "1.50e+3"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {R"("A\n\"")", R"("A\n\"")"},
      {"{}", "{}"},
      {"[]", "[]"},
  };
  for (const auto& c : cases) EXPECT_EQ(round_trip(c.text), c.out);
}

TEST(Json, RefusesWhatIsNotStrictlyJson) {
  const std::string deep(65, '[');
  const std::string cases[] = {"",
                               " ",
                               "{",
                               "[1,]",
                               "{\"a\":1,}",
                               "{a:1}",
                               "'a'",
                               "01",
                               "+1",
                               ".5",
                               "1.",
                               "NaN",
                               "// c\n1",
                               "1 2",
                               "{\"a\":1,\"a\":2}",
                               "{\"x\":{\"a\":1,\"\\u0061\":2}}",
                               "\"\xff\"",
                               "\"\xed\xa0\x80\"",
                               "\"\\ud800\"",
                               "\"\\udc00\"",
                               "\"a\\ud83d\\ude00\\udfff\"",
                               "{\"\\udc00\":1}",
                               "\xef\xbb\xbf{}",
                               "\"a\nb\"",
                               std::string("1\0", 2),
                               std::string("\"a\0b\"", 5),
                               deep + std::string(65, ']')};
  for (const std::string& text : cases) EXPECT_FALSE(parse_json(text)) << text;
  EXPECT_TRUE(parse_json(std::string(64, '[') + std::string(64, ']')));
  EXPECT_FALSE(parse_json("[1,2,3]", {100, 3, 8}));
  EXPECT_FALSE(parse_json("[1,2,3]", {6, 100, 8}));
  EXPECT_FALSE(parse_json(R"({"a":1,"b":2})", {100, 100, 8, 1}));
  EXPECT_TRUE(parse_json(R"({"a":{"b":2},"c":{"b":2}})", {100, 100, 8, 2}));
  // Neighbours of the surrogates, and a pair.
  EXPECT_EQ(round_trip(R"("\ud7ff\ue000\ud83d\ude00")"), "\"\xed\x9f\xbf\xee\x80\x80\xf0\x9f\x98\x80\"");
}

TEST(Json, ErrorsNeverQuoteTheText) {
  for (const char* text : {R"({"token": "s3cret-value", })", R"({"s3cret":1,"s3cret":2})", "s3cret"}) {
    const auto value = parse_json(text);
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().text.find("s3cret"), std::string::npos) << value.error().text;
  }
}

TEST(Json, Pointers) {  // RFC 6901, section 5
  const auto value = parse_json(R"({"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "k": {"0": 5}})");
  ASSERT_TRUE(value);
  const auto text = [&](std::string_view pointer) {
    const Json* found = value->find(pointer);
    if (found == nullptr) return std::string("none");
    std::string out;
    append_json(out, *found);
    return out;
  };
  EXPECT_EQ(text("/foo"), R"(["bar","baz"])");
  EXPECT_EQ(text("/foo/0"), R"("bar")");
  EXPECT_EQ(text("/"), "0");
  EXPECT_EQ(text("/a~1b"), "1");
  EXPECT_EQ(text("/m~0n"), "8");
  EXPECT_EQ(text("/k/0"), "5");
  for (const char* none : {"foo", "/foo/2", "/foo/00", "/foo/-", "/foo/+1", "/foo/0/0", "/m~2n", "/m~", "//"})
    EXPECT_EQ(text(none), "none") << none;
}

TEST(Json, Wipes) {
  auto value = parse_json(R"({"token": "s3cret-value-that-is-long", "more": ["another-one"]})");
  ASSERT_TRUE(value);
  value->wipe();
  EXPECT_EQ(value->children[0].text.find("s3cret"), std::string::npos);
  EXPECT_EQ(value->children[1].children[0].text.find("another"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::plugin
