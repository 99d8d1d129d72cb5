#include "policy/pattern.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace gatehouse::policy {
namespace {

struct Case {
  const char* pattern;
  const char* text;
  bool matches;
};

TEST(Pattern, P2_1_Wildcards) {
  const Case kCases[] = {
      {"", "", true},
      {"", "a", false},
      {"abc", "abc", true},
      {"abc", "abcd", false},
      {"abc", "ab", false},
      {"abc", "Abc", false},
      {"*", "", true},
      {"*", "anything/at:all", true},
      {"a*", "a", true},
      {"a*", "ab/c:d", true},
      {"a*", "b", false},
      {"*a", "ba", true},
      {"*a", "ab", false},
      {"a*c", "abbc", true},
      {"a*c", "abbcd", false},
      {"a**c", "ac", true},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"a?c", "abbc", false},
      {"?", "", false},
      {"?", "\xC3\xA9", true},
      {"??", "\xC3\xA9", false},
      {"a?", "a\xF0\x9F\x98\x80", true},
      {"*?", "\xC3\xA9", true},
      {"*??z*", "\xE2\x82\xACzq", false},
      {"*??z*", "e\xE2\x82\xACzq", true},
      {"pets?", "petsX", true},
      {"pets?", "pets", false},
      {"*/GET/pets", "prod/POST/x/GET/pets", true},
      {"prod/*", "prod/GET/a/b", true},
      {"a*b*c*d", "axxbyyczzd", true},
      {"a*b*c*d", "axxbyyczz", false},
      {"a.c", "abc", false},
      {"a\\*", "a*", false},
      {"[a]", "a", false},
      {"${aws:username}", "${aws:username}", true},
  };
  for (const Case& c : kCases) EXPECT_EQ(Pattern(c.pattern, {}).match(c.text), c.matches) << c.pattern << " " << c.text;
}

TEST(Pattern, LiteralWithoutWildcards) {
  const Pattern p("a*b?", {.wildcards = false});
  EXPECT_TRUE(p.match("a*b?"));
  EXPECT_FALSE(p.match("axxbc"));
  EXPECT_TRUE(p.is_literal());
}

TEST(Pattern, P4_2_FoldsAsciiAndLatin1) {
  const Case kCases[] = {
      {"ABC", "abc", true},
      {"\xC3\x84pfel", "\xC3\xA4PFEL", true},
      {"\xC3\x97", "\xC3\xB7", false},
      {"gr\xC3\x9C?e",
       "GR\xC3\xBC\xC3\x9F"
       "e",
       true},
      {"Inv?KE", "iNVoke", true},
      {"inv*", "INVOKE", true},
      {"@", "`", false},
      {"[", "{", false},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(Pattern(c.pattern, {.fold_case = true}).match(c.text), c.matches) << c.pattern << " " << c.text;
}

// Many stars and a text that almost matches: a matcher that backtracks over all of them would not come back.
TEST(Pattern, P2_1_StarsDoNotMultiply) {
  std::string pattern, text(100'000, 'a');
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(Pattern(pattern + "b", {}).match(text));
  EXPECT_TRUE(Pattern(pattern, {}).match(text));
}

struct VariableCase {
  const char* pattern;
  const char* text;
  Pattern::Match match;
};

TEST(Pattern, P3_Variables) {
  using enum Pattern::Match;
  test::Keys keys = {{"aws:username", {"alice"}},
                     {"aws:PrincipalTag/team", {"a*b"}},
                     {"empty", {""}},
                     {"two", {"x", "y"}},
                     {"question", {"?"}}};
  keys.multi("one of many", {"x"}).multi("none of many", {});
  const VariableCase kCases[] = {
      {"home/${aws:username}/x", "home/alice/x", Yes},
      {"home/${AWS:UserName}/x", "home/alice/x", Yes},
      {"home/${aws:username}/*", "home/bob/x", No},
      // T13: what a value brings is literal
      {"${aws:PrincipalTag/team}", "a*b", Yes},
      {"${aws:PrincipalTag/team}", "axxb", No},
      {"${question}", "x", No},
      {"*${question}*", "a?b", Yes},
      // T14, T15
      {"${absent, 'all'}/x", "all/x", Yes},
      {"${absent, 'a}b'}", "a}b", Yes},
      {"${aws:username, 'all'}", "alice", Yes},
      {"${absent}", "", Unresolved},
      {"${absent}", "${absent}", Unresolved},
      {"${empty}", "", Unresolved},
      {"${empty, 'e'}", "e", Yes},
      {"${two}", "x", Unresolved},
      {"${two, 'z'}", "z", Unresolved},
      {"${one of many}", "x", Unresolved},
      {"${one of many, 'z'}", "z", Unresolved},
      {"${none of many, 'z'}", "z", Yes},
      {"${}", "", Unresolved},
      // T16
      {"${*}", "*", Yes},
      {"${*}", "abc", No},
      {"${?}", "?", Yes},
      {"${?}", "a", No},
      {"${$}{x}", "${x}", Yes},
      // 3, rule 4 and 5
      {"a${b", "a${b", Yes},
      {"prod/$default", "prod/$default", Yes},
      {"$connect*", "$connect", Yes},
  };
  for (const VariableCase& c : kCases)
    EXPECT_EQ(Pattern(c.pattern, {.variables = true}).match(c.text, keys), c.match) << c.pattern << " " << c.text;
}

TEST(Pattern, LongVariablesAreMatchedWhole) {
  test::Keys keys;
  keys.set("long", {std::string(5000, 'x')});
  const Pattern p("a${long}b*", {.variables = true});
  EXPECT_EQ(p.match("a" + std::string(5000, 'x') + "bcd", keys), Pattern::Match::Yes);
  EXPECT_EQ(p.match("a" + std::string(4999, 'x') + "bcd", keys), Pattern::Match::No);
}

}  // namespace
}  // namespace gatehouse::policy
