#include "access/query.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::access {
namespace {

std::string split(std::string_view query, bool semicolons) {
  std::string out;
  RawParameter p;
  while (next_parameter(query, semicolons, p)) out += std::string(p.name) + "|" + std::string(p.value) + " ";
  return out;
}

TEST(Query, Splits) {
  EXPECT_EQ(split("", false), "");
  EXPECT_EQ(split("a=1&b=2", false), "a|1 b|2 ");
  EXPECT_EQ(split("&&a&=&b==c&", false), "a| | b|=c ");
  EXPECT_EQ(split("a=1;b=2&c", true), "a|1 b|2 c| ");
  EXPECT_EQ(split("a=1;b=2&c", false), "a|1;b=2 c| ");
}

TEST(Query, FormDecodes) {
  struct Case {
    const char* raw;
    const char* text;
  };
  const Case kCases[] = {
      {"", ""},         {"abc", "abc"}, {"a+b", "a b"},     {"a%2Bb", "a+b"}, {"%e2%82%AC", "\xE2\x82\xAC"},
      {"100%", "100%"}, {"%4", "%4"},   {"%zz%41", "%zzA"}, {"%2541", "%41"}, {"a%20+%20b", "a   b"}};
  base::Arena arena;
  for (const Case& c : kCases) {
    EXPECT_EQ(form_decode(c.raw, arena), c.text);
    EXPECT_TRUE(form_decodes_to(c.raw, c.text)) << c.raw;
    EXPECT_FALSE(form_decodes_to(c.raw, std::string(c.text) + "x")) << c.raw;
    EXPECT_FALSE(form_decodes_to(std::string(c.raw) + "x", c.text)) << c.raw;
  }
  const std::string_view plain = "plain";
  EXPECT_EQ(form_decode(plain, arena).data(), plain.data());
}

}  // namespace
}  // namespace gatehouse::access
