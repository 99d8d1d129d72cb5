#include "base/text.hpp"

#include <gtest/gtest.h>

namespace gatehouse::base {
namespace {

TEST(Text, Utf8) {
  for (std::string_view good : {std::string_view(""), std::string_view("aé€😀"), std::string_view("\xF4\x8F\xBF\xBF")})
    EXPECT_TRUE(is_utf8(good));
  for (std::string_view bad : {std::string_view("\x80"), std::string_view("\xC0\xAF"), std::string_view("\xE0\x80\x80"),
                               std::string_view("\xED\xA0\x80"), std::string_view("\xF4\x90\x80\x80"),
                               std::string_view("\xF8\x88\x80\x80\x80"), std::string_view("\xE2\x82")})
    EXPECT_FALSE(is_utf8(bad));
}

TEST(Text, Utf8FindsAFaultAtEachPlaceOfALongText) {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      EXPECT_TRUE(is_utf8(text));
      text[at] = '\x80';
      EXPECT_FALSE(is_utf8(text)) << at << " of " << size;
    }
  }
}

TEST(Text, JsonEscapesWhatALogLineMustNotCarry) {
  std::string out;
  append_json_string(out, std::string_view("a\"\\\n\r\t\x01\x7F\xFFz\xC3\xA9", 12));
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\r\\t\\u0001\\u007f\xEF\xBF\xBDz\xC3\xA9\"");
}

TEST(Text, ParsesWholeNumbersOnly) {
  EXPECT_EQ(parse_integer<int>("42"), 42);
  EXPECT_EQ(parse_integer<unsigned>("007"), 7u);
  for (const char* text : {"", "+1", " 1", "1 ", "1x", "99999999999999999999", "0x1"})
    EXPECT_FALSE(parse_integer<int>(text)) << text;
}

TEST(Text, SuggestsANearWord) {
  EXPECT_EQ(nearest("authoriser", {"authorizer", "integration"}), "authorizer");
  EXPECT_EQ(nearest("xyz", {"authorizer", "integration"}), "");
}

TEST(Text, TrimAndCase) {
  EXPECT_EQ(trim(" \t a b \t"), "a b");
  EXPECT_TRUE(equal_ignoring_case("X-ToKen", "x-token"));
  EXPECT_FALSE(equal_ignoring_case("x-token", "x_token"));
  EXPECT_EQ(hex(std::string_view("\x00\xff", 2)), "00ff");
}

}  // namespace
}  // namespace gatehouse::base
