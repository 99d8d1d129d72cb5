#include "gatehouse/kit/jose/token.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/jose_signer.hpp"

namespace gatehouse::kit::jose {
namespace {

using test::compact;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kHeader = R"({"alg":"RS256","kid":"a"})";

Outcome read(std::string_view text, const TokenRules& rules = {}) {
  Outcome why;
  const auto token = Token::read(text, rules, why);
  EXPECT_EQ(token.has_value(), why.refusal == Refusal::None) << why.detail;
  EXPECT_EQ(why.detail.empty(), why.refusal == Refusal::None);
  return why;
}

TEST(Token, JW_31_JW_64_ThreeSegments) {
  const std::string good = compact(kHeader, "{}", "s");
  EXPECT_EQ(read(good).refusal, Refusal::None);
  EXPECT_EQ(read("").refusal, Refusal::Missing);
  for (const std::string& text : {std::string("x"), std::string("a.b"), good + ".", good + ".a.b", "." + good,
                                  std::string(100, '.'), std::string(R"({"payload":"e30","signatures":[]})")})
    EXPECT_EQ(read(text).refusal, Refusal::Segments) << text;
}

TEST(Token, JW_65_StrictBase64UrlInEachSegment) {
  const std::string h = test::base64url(kHeader), p = test::base64url("{\"a\":1}"), s = test::base64url("sig");
  EXPECT_EQ(read(h + "." + p + "." + s).refusal, Refusal::None);
  for (const char* spoilt : {"=", "==", "+", "/", " ", "\n", "\t", "#"}) {
    EXPECT_EQ(read(h + spoilt + "." + p + "." + s).refusal, Refusal::Malformed) << spoilt;
    EXPECT_EQ(read(h + "." + p + spoilt + "." + s).refusal, Refusal::Malformed) << spoilt;
    EXPECT_EQ(read(h + "." + p + "." + s + spoilt).refusal, Refusal::Malformed) << spoilt;
    EXPECT_EQ(read(spoilt + h + "." + p + "." + s).refusal, Refusal::Malformed) << spoilt;
  }
  EXPECT_EQ(read(h + "." + p + ".").refusal, Refusal::Malformed) << "an empty signature";
  EXPECT_EQ(read("." + p + "." + s).refusal, Refusal::Malformed) << "an empty header";
  EXPECT_EQ(read(h + ".AB." + s).refusal, Refusal::Malformed) << "bits behind the last byte";
  EXPECT_EQ(read(h + "." + p + ".AB").refusal, Refusal::Malformed);
  EXPECT_EQ(read(h + "." + p + ".A").refusal, Refusal::Malformed);
}

struct HeaderCase {
  const char* name;
  std::string header;
  Refusal refusal;
};

std::string with(const std::string& members) {
  return R"({"alg":"RS256","kid":"a",)" + members + "}";
}

TEST(Token, JW_60_to_6E_Headers) {
  const std::string longest(256, 'k');
  std::string many = R"({"alg":"RS256","kid":"a")";
  for (int i = 0; i < 254; ++i) many += ",\"m" + std::to_string(i) + "\":0";
  const HeaderCase cases[] = {
      {"as it should be", kHeader, Refusal::None},
      {"JW-60: none", R"({"alg":"none","kid":"a"})", Refusal::Algorithm},
      {"JW-60: None", R"({"alg":"None","kid":"a"})", Refusal::Algorithm},
      {"JW-60: nOnE", R"({"alg":"nOnE","kid":"a"})", Refusal::Algorithm},
      {"JW-60: empty", R"({"alg":"","kid":"a"})", Refusal::Algorithm},
      {"JW-60: missing", R"({"kid":"a"})", Refusal::Algorithm},
      {"JW-60: a number", R"({"alg":256,"kid":"a"})", Refusal::Algorithm},
      {"JW-60: null", R"({"alg":null,"kid":"a"})", Refusal::Algorithm},
      {"JW-60: a list", R"({"alg":["RS256"],"kid":"a"})", Refusal::Algorithm},
      {"JW-60: HS256", R"({"alg":"HS256","kid":"a"})", Refusal::Algorithm},
      {"JW-60: lower case", R"({"alg":"rs256","kid":"a"})", Refusal::Algorithm},
      {"JW-60: a blank", R"({"alg":"RS256 ","kid":"a"})", Refusal::Algorithm},
      {"JW-60: a NUL", R"({"alg":"RS256\u0000","kid":"a"})", Refusal::Algorithm},
      {"JW-60: not enabled", R"({"alg":"ES256","kid":"a"})", Refusal::Algorithm},
      {"JW-60: of keys", R"({"alg":"RSA-OAEP","kid":"a"})", Refusal::Algorithm},
      {"JW-66: crit", with(R"("crit":["exp"])"), Refusal::Malformed},
      {"JW-66: crit, empty", with(R"("crit":[])"), Refusal::Malformed},
      {"JW-66: crit, null", with(R"("crit":null)"), Refusal::Malformed},
      {"JW-66: crit, a known header", with(R"("crit":["alg"])"), Refusal::Malformed},
      {"JW-66: b64", with(R"("b64":true)"), Refusal::Malformed},
      {"JW-66: b64, false", with(R"("b64":false,"crit":["b64"])"), Refusal::Malformed},
      {"JW-66: zip", with(R"("zip":"DEF")"), Refusal::Malformed},
      {"JW-66: nested", with(R"("cty":"JWT")"), Refusal::Malformed},
      {"JW-66: nested, lower case", with(R"("cty":"jwt")"), Refusal::Malformed},
      {"JW-66: nested, whole type", with(R"("cty":"application/jwt")"), Refusal::Malformed},
      {"JW-66: cty is no text", with(R"("cty":5)"), Refusal::Malformed},
      {"another cty", with(R"("cty":"json")"), Refusal::None},
      {"JW-67: jku", with(R"("jku":"https://evil.example/keys")"), Refusal::None},
      {"JW-67: jwk", with(R"("jwk":{"kty":"oct","k":"AAAA"})"), Refusal::None},
      {"JW-67: x5u, x5c, x5t", with(R"("x5u":"https://evil.example","x5c":["AAAA"],"x5t":"AA")"), Refusal::None},
      {"JW-68: no kid", R"({"alg":"RS256"})", Refusal::KeyId},
      {"JW-68: empty", R"({"alg":"RS256","kid":""})", Refusal::KeyId},
      {"JW-68: a number", R"({"alg":"RS256","kid":1})", Refusal::KeyId},
      {"JW-68: 256 bytes", R"({"alg":"RS256","kid":")" + longest + "\"}", Refusal::None},
      {"JW-68: 257 bytes", R"({"alg":"RS256","kid":"k)" + longest + "\"}", Refusal::KeyId},
      {"JW-68: a path", R"({"alg":"RS256","kid":"../../dev/null"})", Refusal::None},
      {"JW-68: a NUL", R"({"alg":"RS256","kid":"a\u0000"})", Refusal::None},
      {"JW-6A: twice", R"({"alg":"RS256","alg":"none","kid":"a"})", Refusal::Malformed},
      {"JW-6A: twice, spelt otherwise", R"({"alg":"RS256","\u0061lg":"RS256","kid":"a"})", Refusal::Malformed},
      {"JW-6A: twice, deeper", with(R"("x":{"y":[{"a":1,"a":1}]})"), Refusal::Malformed},
      {"JW-6B: no object", R"(["RS256"])", Refusal::Malformed},
      {"JW-6B: a text", R"("RS256")", Refusal::Malformed},
      {"JW-6B: no JSON", "alg=RS256", Refusal::Malformed},
      {"JW-6B: trailing bytes", std::string(kHeader) + "x", Refusal::Malformed},
      {"JW-6B: a second object", std::string(kHeader) + kHeader, Refusal::Malformed},
      {"JW-6B: blanks behind", std::string(kHeader) + " \n", Refusal::None},
      {"JW-6B: BOM", "\xef\xbb\xbf" + std::string(kHeader), Refusal::Malformed},
      {"JW-6B: not UTF-8", with("\"x\":\"\xff\""), Refusal::Malformed},
      {"JW-6B: first half of a pair", with(R"("x":"\ud800")"), Refusal::Malformed},
      {"JW-6B: second half of a pair", with(R"("x":"\udc00")"), Refusal::Malformed},
      {"JW-6B: UTF-16", std::string("{\0\"\0a\0", 6), Refusal::Malformed},
      {"JW-6B: 16 deep", with("\"x\":" + std::string(15, '[') + std::string(15, ']')), Refusal::None},
      {"JW-6B: 17 deep", with("\"x\":" + std::string(16, '[') + std::string(16, ']')), Refusal::Malformed},
      {"JW-6B: 256 members", many + "}", Refusal::None},
      {"JW-6B: 257 members", many + R"(,"x":0})", Refusal::Malformed},
      {"JW-6E: JWT", with(R"("typ":"JWT")"), Refusal::None},
      {"JW-6E: jwt", with(R"("typ":"jwt")"), Refusal::None},
      {"JW-6E: application/JWT", with(R"("typ":"application/JWT")"), Refusal::None},
      {"JW-6E: at+jwt", with(R"("typ":"at+JWT")"), Refusal::None},
      {"JW-6E: Application/at+jwt", with(R"("typ":"Application/at+jwt")"), Refusal::None},
      {"JW-6E: another", with(R"("typ":"dpop+jwt")"), Refusal::Type},
      {"JW-6E: empty", with(R"("typ":"")"), Refusal::Type},
      {"JW-6E: a number", with(R"("typ":5)"), Refusal::Type},
      {"JW-6E: null", with(R"("typ":null)"), Refusal::Type},
  };
  for (const HeaderCase& c : cases) {
    const Outcome got = read(compact(c.header, "{}", "s"));
    EXPECT_EQ(got.refusal, c.refusal) << c.name << ": " << name(got.refusal) << ": " << got.detail;
  }
}

TEST(Token, JW_6E_RequiredType) {
  TokenRules rules;
  for (const char* required : {"at+jwt", "AT+JWT", "application/at+jwt"}) {
    rules.required_type = required;
    EXPECT_TRUE(read(compact(with(R"("typ":"at+jwt")"), "{}", "s"), rules)) << required;
    EXPECT_TRUE(read(compact(with(R"("typ":"application/at+jwt")"), "{}", "s"), rules)) << required;
    EXPECT_EQ(read(compact(with(R"("typ":"JWT")"), "{}", "s"), rules).refusal, Refusal::Type) << required;
    EXPECT_EQ(read(compact(kHeader, "{}", "s"), rules).refusal, Refusal::Type) << required;
  }
}

TEST(Token, JW_60_OnlyWhatIsEnabled) {
  for (int i = 0; i < 10; ++i) {
    const auto algorithm = static_cast<Algorithm>(i);
    const std::string token = compact(R"({"alg":")" + std::string(name(algorithm)) + R"(","kid":"a"})", "{}", "s");
    EXPECT_EQ(read(token).refusal, kAwsAlgorithms.has(algorithm) ? Refusal::None : Refusal::Algorithm);
    TokenRules rules;
    rules.algorithms = {algorithm};
    EXPECT_EQ(read(token, rules).refusal, Refusal::None);
    rules.algorithms = {};
    EXPECT_EQ(read(token, rules).refusal, Refusal::Algorithm);
    EXPECT_EQ(algorithm_of(name(algorithm)), algorithm);
  }
  TokenRules all;
  all.algorithms = kAllAlgorithms;
  for (const char* alg : {"none", "HS256", "HS384", "HS512", "ES256K", "Ed448", "eddsa", ""})
    EXPECT_EQ(read(compact(std::string(R"({"alg":")") + alg + R"(","kid":"a"})", "{}", "s"), all).refusal,
              Refusal::Algorithm)
        << alg;
  EXPECT_EQ(algorithm_of("Ed25519"), Algorithm::EdDSA);  // RFC 9864
}

TEST(Token, JW_6C_TooLongIsToldBeforeAnythingIsRead) {
  EXPECT_EQ(read(std::string(8193, '.')).refusal, Refusal::TooLong);
  EXPECT_EQ(read(std::string(8192, '.')).refusal, Refusal::Segments);
  TokenRules rules;
  rules.max_bytes = 1'000'000;  // more than can be set
  EXPECT_EQ(read(std::string(16'385, '.'), rules).refusal, Refusal::TooLong);
  EXPECT_EQ(read(std::string(16'384, '.'), rules).refusal, Refusal::Segments);
}

TEST(Token, JW_6A_JW_6B_ClaimsAreAnObject) {
  const auto claims = [](const std::string& payload) {
    Outcome why;
    const std::string text = compact(kHeader, payload, "s");
    const auto token = Token::read(text, {}, why);
    EXPECT_TRUE(token) << why.detail;
    const auto out = token->claims(why);
    EXPECT_EQ(out.has_value(), static_cast<bool>(why));
    return why.refusal;
  };
  EXPECT_EQ(claims(R"({"sub":"a","x":{"y":[1]}})"), Refusal::None);
  for (const std::string& payload :
       {std::string(), std::string("foo"), std::string("[]"), std::string("5"), std::string("null"),
        std::string(R"({"a":1,"a":1})"), std::string(R"({"x":[{"a":1,"\u0061":1}]})"), std::string("{} {}"),
        std::string(R"({"a":"\udfff"})"), "\xef\xbb\xbf{}" + std::string(), std::string("{\"a\":\"\x80\"}"),
        "{\"a\":" + std::string(16, '[') + std::string(16, ']') + "}", std::string("{}\0", 3)})
    EXPECT_EQ(claims(payload), Refusal::Malformed) << payload;
}

TEST(Token, JW_6I_DetailsNeverHoldTheToken) {
  for (const std::string& text : {compact(kHeader, "{}", "s") + ".x", std::string(9000, 'A'),
                                  compact(R"({"alg":"none","kid":"a"})", "{\"sub\":\"s3cret\"}", "s")}) {
    const Outcome why = read(text);
    EXPECT_THAT(why.detail, Not(HasSubstr(text.substr(0, 20))));
    EXPECT_LT(why.detail.size(), 200u);
  }
  EXPECT_EQ(read(compact("{\"alg\":\"a\\nb`" + std::string(100, 'x') + "\"}", "{}", "s")).detail,
            "header: `alg` is `a?b?" + std::string(60, 'x') + "...`, which is not allowed");
}

TEST(Refusal, EachHasAName) {
  EXPECT_EQ(name(Refusal::None), "none");
  EXPECT_EQ(name(Refusal::UnknownKey), "unknown_key");
  EXPECT_EQ(name(Refusal::Scope), "scope");
  EXPECT_EQ(name(Refusal::DiscoveryDown), "discovery_down");
}

}  // namespace
}  // namespace gatehouse::kit::jose
