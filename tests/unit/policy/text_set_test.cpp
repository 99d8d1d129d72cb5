#include "policy/text_set.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::policy {
namespace {

/// `a/(GET|PUT)/pets/{x}/:owner/*`, as routes are put together.
TextSet route() {
  TextSet out;
  out.literal("a/");
  out.begin_choice();
  for (const char* method : {"GET", "PUT"}) {
    out.begin_way();
    out.literal(method);
  }
  out.end_choice();
  out.slashes(true);
  out.literal("pets/");
  out.segment();
  out.literal("/");
  out.escapable(':');
  out.literal("owner");
  out.slashes(false);
  return out;
}

TEST(TextSet, SaysWhichPatternsMayMatch) {
  const TextSet set = route();
  for (const char* yes :
       {"*", "a/*", "a/GET/pets/7/:owner", "a/PUT/pets/7/%3Aowner", "a/GET//pets/7/:owner//", "*owner", "a/?ET/*",
        "a/GET/pets/*/:owner", "a/GET/p*s/*", "a/GET/pets/?/:owner", "a/GET/pets/?a??b?c/:owner", "*/7/*", "**",
        "a/G*7*r", "a/GET/pets/${aws:username}/x", "a/GET/pets/caf\xc3\xa9/:owner", "a/${x, 'y}z'}"})
    EXPECT_TRUE(set.may_match(yes)) << yes;
  for (const char* no : {"", "a", "a/", "a//GET*", "a/POST/*", "a/get/*", "a/GET/pets/7", "a/GET/pets//:owner", "b/*",
                         "a/GET/pets/7/owner", "a/GET/pets/7/8/:owner", "a/GET/pets/7/%3aowner", "a/?/*",
                         "a/GET/pets/7/:owners", "a/GET/pet?/7/:owner/x", "b/${x}", "*$", "*z"})
    EXPECT_FALSE(set.may_match(no)) << no;
}

TEST(TextSet, ChoicesStandInOneAnotherAndMayBeEmpty) {
  TextSet set;
  set.begin_choice();
  set.begin_way();
  set.literal("x");
  set.begin_choice();
  set.begin_way();
  set.begin_way();
  set.literal("y");
  set.end_choice();
  set.begin_way();
  set.anything();
  set.literal("z");
  set.end_choice();
  for (const char* yes : {"x", "xy", "z", "az", "xyz", "?", "x*z"}) EXPECT_TRUE(set.may_match(yes)) << yes;
  for (const char* no : {"", "y", "xx", "za"}) EXPECT_FALSE(set.may_match(no)) << no;
  TextSet nothing;
  nothing.begin_choice();
  nothing.end_choice();
  EXPECT_FALSE(nothing.may_match("*"));
}

// A question mark is one character, which may be several bytes.
TEST(TextSet, QuestionMarksTakeACharacter) {
  TextSet set;
  set.literal("caf\xc3\xa9/");
  EXPECT_TRUE(set.may_match("caf?/"));
  EXPECT_TRUE(set.may_match("?af?/"));
  EXPECT_FALSE(set.may_match("c?/"));
}

TEST(TextSet, GivesUpInFiniteTime) {
  TextSet set;
  set.begin_choice();
  for (int i = 0; i < 4000; ++i) {
    set.begin_way();
    set.anything();
    set.literal("/item" + std::to_string(i) + "/");
    set.anything();
    set.literal("end");
  }
  set.end_choice();
  std::string pattern;
  for (int i = 0; i < 4000; ++i) pattern += "*e";
  EXPECT_TRUE(set.may_match(pattern + "#")) << "not sure is yes";
  EXPECT_FALSE(set.may_match("*#"));
}

}  // namespace
}  // namespace gatehouse::policy
