#include "access/claim_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::access {
namespace {

TEST(ClaimText, JW_40_to_46_CG_40_to_46) {
  const struct {
    const char* name;
    TypedValue claim;
    const char* http;  // null: left out
    const char* rest;
  } cases[] = {
      {"JW-40 CG-43 string", {"sub", "u-1", ValueType::String}, "u-1", "u-1"},
      {"an empty string stays", {"sub", "", ValueType::String}, "", ""},
      {"JW-41 CG-41 integer", {"auth_time", "1718636404", ValueType::Number}, "1718636404", "1718636404"},
      {"CG-40 exp", {"exp", "1718722804", ValueType::Number}, "1718722804", "Tue Jun 18 15:00:04 UTC 2024"},
      {"CG-40 day of two digits",
       {"iat", "1767323045", ValueType::Number},
       "1767323045",
       "Fri Jan 02 03:04:05 UTC 2026"},
      {"CG-46 nbf", {"nbf", "0", ValueType::Number}, "0", "Thu Jan 01 00:00:00 UTC 1970"},
      {"a fraction of a second",
       {"exp", "1718722804.9", ValueType::Number},
       "1718722804.9",
       "Tue Jun 18 15:00:04 UTC 2024"},
      {"no date of ours", {"exp", "1e300", ValueType::Number}, "1e300", "1e300"},
      {"a text is no date", {"exp", "1718722804", ValueType::String}, "1718722804", "1718722804"},
      {"JW-42 as in the token", {"n", "12.50", ValueType::Number}, "12.50", "12.50"},
      {"JW-43 CG-42 boolean", {"email_verified", "true", ValueType::Bool}, "true", "true"},
      {"JW-44 CG-44 array", {"cognito:groups", R"(["admins","ops"])", ValueType::Json}, "[admins ops]", "admins,ops"},
      {"one element", {"g", R"(["a"])", ValueType::Json}, "[a]", "a"},
      {"no element", {"g", "[ ]", ValueType::Json}, "[]", ""},
      {"elements of all kinds",
       {"g", " [1, true ,null, \"a\\\"],[\\u00e9\", {\"x\": [1,2]}, [\"b\", \"c\"]]\n", ValueType::Json},
       "[1 true null a\"],[\xc3\xa9 {\"x\": [1,2]} [\"b\", \"c\"]]",
       "1,true,null,a\"],[\xc3\xa9,{\"x\": [1,2]},[\"b\", \"c\"]"},
      {"JW-45 CG-45 object",
       {"address", R"({"city":"Oslo"})", ValueType::Json},
       R"({"city":"Oslo"})",
       R"({"city":"Oslo"})"},
      {"JW-46 null", {"x", "null", ValueType::Null}, nullptr, nullptr},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    for (const bool http : {true, false}) {
      const char* const expected = http ? c.http : c.rest;
      const std::string_view got = claim_text(http ? ApiType::Http : ApiType::Rest, c.claim, arena);
      EXPECT_EQ(got.data() == nullptr, expected == nullptr) << c.name;
      EXPECT_EQ(got, expected != nullptr ? expected : "") << c.name;
    }
  }
}

TEST(ClaimText, NamesInBothSpellings) {
  EXPECT_EQ(claim_name("claims.sub"), "sub");
  EXPECT_EQ(claim_name("claims.cognito:groups"), "cognito:groups");
  EXPECT_EQ(claim_name("claims['custom:role']"), "custom:role");
  for (const char* none : {"claims", "claims.", "claims['']", "claims['a", "claims['", "claims[a]", "claim.a", "x"})
    EXPECT_EQ(claim_name(none), "") << none;
}

TEST(ClaimText, JW_47_JW_48_AuthorizerOfAnEvent) {
  const TypedValue claims[] = {{"sub", "u\"1", ValueType::String},
                               {"exp", "1767326645", ValueType::Number},
                               {"gone", "null", ValueType::Null},
                               {"scope", "a b", ValueType::String}};
  const std::string_view scopes[] = {"a", "b"}, asked[] = {"b"};
  Answer answer;
  answer.claims = claims;
  answer.scopes = scopes;
  Facts open, scoped;
  scoped.route_scopes = asked;
  const std::string http = R"("claims":{"sub":"u\"1","exp":"1767326645","scope":"a b"})";
  const struct {
    AuthorizerShape shape;
    const Facts& facts;
    std::string expected;
  } cases[] = {
      {AuthorizerShape::Payload2, open, R"({"jwt":{)" + http + R"(,"scopes":null}})"},
      {AuthorizerShape::Payload2, scoped, R"({"jwt":{)" + http + R"(,"scopes":["a","b"]}})"},
      {AuthorizerShape::Payload1, open, "{" + http + R"(,"scopes":null})"},
      {AuthorizerShape::Payload1, scoped, "{" + http + R"(,"scopes":["a","b"]})"},
      {AuthorizerShape::Rest, scoped,
       R"({"claims":{"sub":"u\"1","exp":"Fri Jan 02 04:04:05 UTC 2026","scope":"a b"}})"},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    std::string out;
    append_claims_authorizer(out, c.shape, c.facts, answer, arena);
    EXPECT_EQ(out, c.expected);
  }
}

}  // namespace
}  // namespace gatehouse::access
