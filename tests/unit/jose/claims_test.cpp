#include "gatehouse/kit/jose/claims.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::kit::jose {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Json claims(const std::string& text) {
  JsonFault fault;
  auto out = parse_json(text, fault);
  EXPECT_TRUE(out) << text << ": " << fault.text;
  return out ? *out : Json{};
}

TEST(Claims, JW_14_JW_29_IssuerByteForByte) {
  const struct {
    const char* claims;
    const char* issuer;
    Refusal refusal;
  } cases[] = {
      {R"({"iss":"https://id.example"})", "https://id.example", Refusal::None},
      {R"({"iss":"https://id.example"})", "https://id.example/", Refusal::Issuer},  // JW-29
      {R"({"iss":"https://id.example/"})", "https://id.example", Refusal::Issuer},
      {R"({"iss":"https://ID.example"})", "https://id.example", Refusal::Issuer},
      {R"({"iss":"https://id.example\u0000"})", "https://id.example", Refusal::Issuer},
      {R"({"iss":["https://id.example"]})", "https://id.example", Refusal::Issuer},
      {R"({"iss":null})", "", Refusal::Issuer},
      {R"({"iss":5})", "5", Refusal::Issuer},
      {R"({"Iss":"a"})", "a", Refusal::Issuer},
      {R"({})", "", Refusal::Issuer},
  };
  for (const auto& c : cases) EXPECT_EQ(check_issuer(claims(c.claims), c.issuer).refusal, c.refusal) << c.claims;
}

TEST(Claims, JW_15_JW_26_to_28_AudienceAndClientId) {
  const struct {
    const char* name;
    const char* claims;
    bool right;
  } cases[] = {
      {"a text", R"({"aud":"a"})", true},
      {"the other audience", R"({"aud":"b"})", true},
      {"any member", R"({"aud":["x","b"]})", true},
      {"none", R"({"aud":"x"})", false},
      {"none of a list", R"({"aud":["x","y"]})", false},
      {"case", R"({"aud":"A"})", false},
      {"a part", R"({"aud":"a b"})", false},
      {"JW-26", R"({"client_id":"a"})", true},
      {"JW-26, another", R"({"client_id":"x"})", false},
      {"JW-27", R"({"aud":"x","client_id":"a"})", false},
      {"JW-28: empty", R"({"aud":[]})", false},
      {"JW-28: empty counts as there", R"({"aud":[],"client_id":"a"})", false},
      {"JW-28: null", R"({"aud":null})", false},
      {"JW-28: null counts as there", R"({"aud":null,"client_id":"a"})", false},
      {"JW-28: a number", R"({"aud":5})", false},
      {"a number that is spelt so", R"({"aud":7})", false},
      {"an object", R"({"aud":{"a":"a"}})", false},
      {"not all are texts", R"({"aud":["a",7]})", false},
      {"a list in a list", R"({"aud":[["a"]]})", false},
      {"client_id is no list", R"({"client_id":["a"]})", false},
      {"client_id is no number", R"({"client_id":7})", false},
      {"neither", R"({})", false},
      {"empty", R"({"aud":""})", false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(check_audience(claims(c.claims), {"a", "b", "7"}).refusal, c.right ? Refusal::None : Refusal::Audience)
        << c.name;
  EXPECT_EQ(check_audience(claims(R"({"aud":"a"})"), {}).refusal, Refusal::Audience)
      << "no audience is not any audience";
}

constexpr std::int64_t kNow = 1'700'000'000'000;

TEST(Claims, JW_16_JW_17_JW_20_to_25_Times) {
  const struct {
    const char* name;
    const char* claims;
    int skew_s;
    Refusal refusal;
  } cases[] = {
      {"JW-16: later", R"({"exp":1700000001})", 0, Refusal::None},
      {"JW-20: now", R"({"exp":1700000000})", 0, Refusal::Expired},
      {"earlier", R"({"exp":1699999999})", 0, Refusal::Expired},
      {"JW-22: missing", R"({})", 0, Refusal::Expired},
      {"JW-22: missing, another there", R"({"nbf":1,"iat":1})", 0, Refusal::Expired},
      {"JW-23: a text", R"({"exp":"1800000000"})", 0, Refusal::Expired},
      {"JW-23: negative", R"({"exp":-1800000000})", 0, Refusal::Expired},
      {"JW-23: negative zero", R"({"exp":-0})", 0, Refusal::Expired},
      {"JW-23: a boolean", R"({"exp":true})", 0, Refusal::Expired},
      {"JW-23: null", R"({"exp":null})", 0, Refusal::Expired},
      {"JW-23: a list", R"({"exp":[1800000000]})", 0, Refusal::Expired},
      {"JW-23: above 2^53", R"({"exp":9007199254740992})", 0, Refusal::Expired},
      {"2^53 - 1", R"({"exp":9007199254740991})", 300, Refusal::None},
      {"wraps round 64 bits", R"({"exp":18446744075709551616})", 0, Refusal::Expired},
      {"JW-24: a fraction", R"({"exp":1700000000.5})", 0, Refusal::None},
      {"JW-24: less than a millisecond", R"({"exp":1700000000.0000001})", 0, Refusal::None},
      {"JW-24: a fraction of nothing", R"({"exp":1700000000.000})", 0, Refusal::Expired},
      {"an exponent", R"({"exp":1.700000001e9})", 0, Refusal::None},
      {"an exponent, now", R"({"exp":17E+8})", 0, Refusal::Expired},
      {"a negative exponent", R"({"exp":1700000000001e-3})", 0, Refusal::None},
      {"a negative exponent, now", R"({"exp":1700000000000e-3})", 0, Refusal::Expired},
      {"skew: just", R"({"exp":1699999941})", 60, Refusal::None},
      {"skew: just not", R"({"exp":1699999940})", 60, Refusal::Expired},
      {"a negative skew is none", R"({"exp":1700000001})", -60, Refusal::None},
      {"JW-21: nbf now", R"({"exp":1800000000,"nbf":1700000000})", 0, Refusal::None},
      {"JW-21: iat now", R"({"exp":1800000000,"iat":1700000000})", 0, Refusal::None},
      {"JW-25: iat later", R"({"exp":1800000000,"iat":1700000001})", 0, Refusal::NotYet},
      {"JW-17: nbf later", R"({"exp":1800000000,"nbf":1700000001})", 0, Refusal::NotYet},
      {"JW-17: nbf a little later", R"({"exp":1800000000,"nbf":1700000000.0001})", 0, Refusal::NotYet},
      {"nbf within the skew", R"({"exp":1800000000,"nbf":1700000060})", 60, Refusal::None},
      {"nbf beyond the skew", R"({"exp":1800000000,"nbf":1700000061})", 60, Refusal::NotYet},
      {"iat within the skew", R"({"exp":1800000000,"iat":1700000060})", 60, Refusal::None},
      {"nbf a text", R"({"exp":1800000000,"nbf":"1"})", 0, Refusal::NotYet},
      {"nbf null", R"({"exp":1800000000,"nbf":null})", 0, Refusal::NotYet},
      {"iat a boolean", R"({"exp":1800000000,"iat":false})", 0, Refusal::NotYet},
      {"iat negative", R"({"exp":1800000000,"iat":-1})", 0, Refusal::NotYet},
      {"iat zero", R"({"exp":1800000000,"iat":0})", 0, Refusal::None},
      {"expired is told first", R"({"exp":1,"iat":1800000000})", 0, Refusal::Expired},
  };
  for (const auto& c : cases)
    EXPECT_EQ(check_times(claims(c.claims), kNow, c.skew_s).refusal, c.refusal) << c.name << ": " << c.claims;
}

// The reader of JSON refuses what no double can hold; that is not what these checks rely on.
TEST(Claims, JW_23_NumbersBeyondAll) {
  JsonFault fault;
  EXPECT_FALSE(parse_json(R"({"exp":1e400})", fault));
  const struct {
    std::string number;
    std::int64_t ms;  // 0: no time, or 1970
  } cases[] = {
      {"1e400", 0},
      {"1e99999999999999999999", 0},
      {"1" + std::string(400, '0'), 0},
      {"0e999999999", 0},
      {"1e-99999999999999999999", 1},
      {"0." + std::string(400, '0') + "1", 1},
      {"0." + std::string(400, '0') + "17e410", 1'700'000'000'000},
      {"17" + std::string(400, '0') + "e-392", 1'700'000'000'000},
  };
  for (const auto& c : cases) {
    Json given;
    given.kind = Json::Kind::Object;
    given.names = {"exp"};
    given.children.resize(1);
    given.children[0].kind = Json::Kind::Number;
    given.children[0].text = c.number;
    EXPECT_EQ(expiry_ms(given, 0), c.ms) << c.number;
    EXPECT_EQ(check_times(given, 1, 0).refusal, c.ms <= 1 ? Refusal::Expired : Refusal::None) << c.number;
  }
}

TEST(Claims, JW_20_ExpiryIsTheFirstMomentThatIsRefused) {
  for (const char* text : {R"({"exp":1700000000})", R"({"exp":1700000000.0001})", R"({"exp":1700000000.25})"}) {
    const Json given = claims(text);
    for (const int skew : {0, 60}) {
      const std::int64_t end = expiry_ms(given, skew);
      EXPECT_TRUE(check_times(given, end - 1, skew)) << text;
      EXPECT_EQ(check_times(given, end, skew).refusal, Refusal::Expired) << text;
    }
  }
  EXPECT_EQ(expiry_ms(claims(R"({"exp":1700000000.25})"), 60), 1'700'000'060'250);
  for (const char* text : {R"({})", R"({"exp":"1700000000"})", R"({"exp":-1})"})
    EXPECT_EQ(expiry_ms(claims(text), 60), 0) << text;
}

TEST(Claims, JW_6F_RequiredClaims) {
  const Json given = claims(R"({"token_use":"access","n":1.50,"yes":true,"no":null,"list":["a",5,false,null,["b"]],
                                "object":{"a":"a"}})");
  const struct {
    const char* name;
    const char* value;
    bool right;
  } cases[] = {
      {"token_use", "access", true}, {"token_use", "id", false}, {"token_use", "Access", false},
      {"n", "1.50", true},           {"n", "1.5", false},        {"yes", "true", true},
      {"no", "null", false},         {"no", "", false},          {"list", "a", true},
      {"list", "5", true},           {"list", "false", true},    {"list", "null", false},
      {"list", "b", false},          {"list", "c", false},       {"object", "a", false},
      {"object", "", false},         {"absent", "", false},      {"TOKEN_USE", "access", false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(check_claim(given, c.name, c.value).refusal, c.right ? Refusal::None : Refusal::Claim)
        << c.name << "=" << c.value;
}

TEST(Claims, JW_18_JW_2A_to_2F_Scopes) {
  EXPECT_THAT(scopes_of(claims(R"({"scope":"a b c"})")), ElementsAre("a", "b", "c"));  // JW-2A
  EXPECT_THAT(scopes_of(claims(R"({"scope":"ab c"})")), ElementsAre("ab", "c"));       // JW-2B
  EXPECT_THAT(scopes_of(claims(R"({"scp":["a","b"]})")), ElementsAre("a", "b"));       // JW-2C
  EXPECT_THAT(scopes_of(claims(R"({"scp":"a b"})")), ElementsAre("a", "b"));           // JW-2C
  EXPECT_THAT(scopes_of(claims(R"({"scope":["a","b"]})")), ElementsAre("a", "b"));
  EXPECT_THAT(scopes_of(claims(R"({"scp":"a","scope":"b"})")), ElementsAre("a"));  // JW-18
  EXPECT_THAT(scopes_of(claims(R"({"scp":[],"scope":"b"})")), IsEmpty());
  EXPECT_THAT(scopes_of(claims(R"({"scp":null,"scope":"b"})")), IsEmpty());
  EXPECT_THAT(scopes_of(claims(R"({})")), IsEmpty());                          // JW-2D, JW-2E
  EXPECT_THAT(scopes_of(claims(R"({"scope":"Read"})")), ElementsAre("Read"));  // JW-2F
  EXPECT_THAT(scopes_of(claims(R"({"scope":"  a   b "})")), ElementsAre("a", "b"));
  EXPECT_THAT(scopes_of(claims(R"({"scope":"a\tb"})")), ElementsAre("a\tb"));
  EXPECT_THAT(scopes_of(claims(R"({"scp":["a b",""]})")), ElementsAre("a b"));
  for (const char* text : {R"({"scope":5})", R"({"scope":{"a":"a"}})", R"({"scope":["a",5]})", R"({"scope":true})"})
    EXPECT_THAT(scopes_of(claims(text)), IsEmpty()) << text;
}

TEST(Claims, JW_6I_DetailsQuoteNoClaimsButTheIssuer) {
  const Json given = claims(R"({"iss":"a\nb`c","aud":"s3cret","exp":5,"x":"s3cret"})");
  for (const Outcome& outcome :
       {check_audience(given, {"a"}), check_times(given, kNow, 0), check_claim(given, "x", "a")})
    EXPECT_THAT(outcome.detail, Not(HasSubstr("s3cret")));
  EXPECT_EQ(check_issuer(given, "d").detail, "`iss` is `a?b?c`; `d` is wanted");
}

}  // namespace
}  // namespace gatehouse::kit::jose
