// plugins/jwt through the C entry, with a provider of the tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "issuer.hpp"

namespace gatehouse::jwt::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kSignature = "signature verification failed";

TEST(Jwt, AGoodTokenOpens) {
  Gate g;
  const auto a = g.bearer(claims(R"("scope":"x y","n":1.50,"ok":true,"list":["a",1],"none":null,"o":{"b":[]})"));
  ASSERT_TRUE(a.allowed()) << a.reason();
  EXPECT_EQ(a.principal(), "ann");
  EXPECT_THAT(a.scopes(), ElementsAre("x", "y"));
  EXPECT_EQ(a.claim("iss"), kIssuer);
  EXPECT_EQ(a.claim("exp"), "1767229200");  // JW-41
  EXPECT_EQ(a.valid_until(), 1767229200000) << "whoever keeps the answer: no longer than the token";
  EXPECT_EQ(a.claim("n"), "1.50");  // JW-42: as it is spelt
  EXPECT_EQ(a.claim("ok"), "true");
  EXPECT_EQ(a.claim("list"), R"(["a",1])");
  EXPECT_EQ(a.claim("o"), R"({"b":[]})");
  EXPECT_EQ(a.claim("scope"), "x y");  // JW-48
}

TEST(Jwt, JW_10_Schemes) {
  const std::string token = signed_token(claims());
  const struct {
    std::string value;
    const char* challenge;  // empty: it opens
  } cases[] = {
      {token, ""},
      {"Bearer " + token, ""},
      {"bearer " + token, ""},
      {"BEARER   " + token, ""},
      {"bEaReR " + token, ""},
      {"Bearer", "token contains an invalid number of segments"},
      {"Bearer" + token, "the token is malformed"},
      {"Bearer\t" + token, "the token is malformed"},
      {"Bearer " + token + " ", "the token is malformed"},
      {"Bearer " + token + "," + "Bearer " + token, "token contains an invalid number of segments"},
      {"Basic " + token, "the token is malformed"},
      {"Basic YTpi", "token contains an invalid number of segments"},
      {"Token " + token, "the token is malformed"},
      {"Bearer Bearer " + token, "the token is malformed"},
  };
  for (const auto& c : cases) {
    Gate g;
    const auto a = g.ask(c.value);
    if (*c.challenge == '\0') {
      EXPECT_TRUE(a.allowed()) << c.value << a.reason();
      continue;
    }
    EXPECT_TRUE(a.unauthorized()) << c.value;
    EXPECT_EQ(a.challenge(), invalid(c.challenge)) << c.value;
    EXPECT_EQ(a.error_text(), std::string("invalid_token: ") + c.challenge);  // JW-3C
  }
}

TEST(Jwt, JW_30_NoToken) {
  Gate g;
  for (const char* value : {"", "Bearer ", "bearer   "}) {
    const auto a = g.ask(value);
    EXPECT_TRUE(a.unauthorized()) << value;
    EXPECT_EQ(a.challenge(), "Bearer") << value;
    EXPECT_EQ(a.error_text(), "missing: token not provided") << value;
  }
  const auto a = g.h.authorize(gt::request("GET", "/"));
  EXPECT_EQ(a.challenge(), "Bearer");
  auto absent = gt::request("GET", "/").identity_source("$request.header.Authorization", std::nullopt);
  EXPECT_EQ(g.h.authorize(absent).challenge(), "Bearer");
}

TEST(Jwt, JW_20_to_28_Claims) {
  const auto with = [](const char* members) { return std::string("{\"iss\":\"") + kIssuer + "\"," + members + "}"; };
  constexpr const char* kAudience = "the token does not have a valid audience";
  constexpr const char* kExpired = "the token has expired";
  constexpr const char* kNotYet = "the token is not valid yet";
  const struct {
    const char* id;
    const char* members;
    const char* challenge;
  } cases[] = {
      {"JW-20", R"("aud":"pets","exp":1767225600)", kExpired},
      {"JW-20, just not", R"("aud":"pets","exp":1767225601)", ""},
      {"JW-21", R"("aud":"pets","exp":1767229200,"nbf":1767225600,"iat":1767225600)", ""},
      {"JW-22", R"("aud":"pets")", kExpired},
      {"JW-23", R"("aud":"pets","exp":"1767229200")", kExpired},
      {"JW-23, no number at all", R"("aud":"pets","exp":1e400)", "the token is malformed"},
      {"JW-23", R"("aud":"pets","exp":-1)", kExpired},
      {"JW-23", R"("aud":"pets","exp":true)", kExpired},
      {"JW-24", R"("aud":"pets","exp":1767225600.5)", ""},
      {"JW-25", R"("aud":"pets","exp":1767229200,"iat":1767225601)", kNotYet},
      {"JW-17", R"("aud":"pets","exp":1767229200,"nbf":1767225601)", kNotYet},
      {"JW-26", R"("client_id":"pets","exp":1767229200)", ""},
      {"JW-27", R"("aud":"other","client_id":"pets","exp":1767229200)", kAudience},
      {"JW-28", R"("aud":[],"client_id":"pets","exp":1767229200)", kAudience},
      {"JW-28", R"("aud":null,"client_id":"pets","exp":1767229200)", kAudience},
      {"JW-28", R"("aud":5,"exp":1767229200)", kAudience},
      {"JW-15", R"("aud":["x","shop"],"exp":1767229200)", ""},
      {"order: the audience comes first", R"("aud":"other","exp":1)", kAudience},
  };
  for (const auto& c : cases) {
    Gate g;
    const auto a = g.bearer(with(c.members));
    if (*c.challenge == '\0')
      EXPECT_TRUE(a.allowed()) << c.id << c.members << a.reason();
    else
      EXPECT_EQ(a.challenge(), invalid(c.challenge)) << c.id << c.members;
  }
}

TEST(Jwt, JW_29_TheIssuerLetterByLetter) {
  for (const char* iss : {"https://id.example/t/", "https://id.example", "HTTPS://id.example/t", ""}) {
    Gate g;
    const auto a =
        g.bearer(std::string(R"({"iss":")") + iss + R"(","aud":"other","exp":1})");  // before audience and times
    EXPECT_EQ(a.challenge(), invalid("issuer does not match")) << iss;
  }
}

TEST(Jwt, JW_2A_to_2F_Scopes) {
  const struct {
    const char* id;
    const char* members;
    std::vector<std::string> route;
    bool opens;
  } cases[] = {
      {"JW-2A", R"("scope":"a b c")", {"b"}, true},
      {"JW-04, one of them", R"("scope":"b")", {"a", "b"}, true},
      {"JW-2B", R"("scope":"ab c")", {"b"}, false},
      {"JW-2C", R"("scp":["a","b"])", {"b"}, true},
      {"JW-2C", R"("scp":"a b")", {"b"}, true},
      {"JW-18, scp counts", R"("scp":"a","scope":"b")", {"b"}, false},
      {"JW-2D", R"("x":1)", {}, true},
      {"JW-2E", R"("x":1)", {"b"}, false},
      {"JW-2F", R"("scope":"Read")", {"read"}, false},
  };
  for (const auto& c : cases) {
    Gate g;
    for (const char* time : {"anew", "remembered"}) {
      const auto a = g.bearer(claims(c.members), c.route);
      EXPECT_EQ(a.allowed(), c.opens) << c.id << time << a.reason();
      EXPECT_EQ(a.denied(), !c.opens) << c.id << time;  // JW-39: 403
      if (c.opens) continue;
      EXPECT_EQ(a.challenge(), "Bearer scope=\"" + c.route[0] +
                                   "\" error=\"insufficient_scope\" error_description=\"the token does not have the "
                                   "required scope\"");
    }
    EXPECT_EQ(g.h.metric("token_cache_hits_total"), 1u);
  }
}

TEST(Jwt, JW_39_AllScopesOfTheRouteAreNamed) {
  Gate g(R"("audience":["pets"],"www_authenticate_style":"rfc6750")");
  EXPECT_EQ(
      g.bearer(claims(), {"pets:read", "pets:write"}).challenge(),
      "Bearer scope=\"pets:read pets:write\", error=\"insufficient_scope\", error_description=\"the token does not "
      "have the required scope\"");
  EXPECT_EQ(
      g.ask("x").challenge(),
      "Bearer scope=\"\", error=\"invalid_token\", error_description=\"token contains an invalid number of segments\"");
}

TEST(Jwt, JW_2G_AnIdTokenUnlessSomethingIsRequired) {
  Gate open;
  EXPECT_TRUE(open.bearer(claims(R"("token_use":"id")")).allowed());
  Gate use(R"("audience":["pets"],"required_claims":{"token_use":"access","a/b~c":"7"})");
  EXPECT_EQ(use.bearer(claims(R"("token_use":"id","a/b~c":7)")).challenge(),
            invalid("the token does not have a required claim"));
  EXPECT_EQ(use.bearer(claims(R"("token_use":"access")")).challenge(),
            invalid("the token does not have a required claim"));
  EXPECT_TRUE(use.bearer(claims(R"("token_use":"access","a/b~c":7)")).allowed());
  Gate type(R"("audience":["pets"],"required_typ":"at+jwt")");
  EXPECT_EQ(type.bearer(claims()).challenge(), invalid("the token is of another type"));
  const std::string typed = rsa().token("RS256", R"({"alg":"RS256","typ":"application/AT+JWT","kid":"a"})", claims());
  EXPECT_TRUE(type.ask(typed).allowed());
}

TEST(Jwt, JW_38_OneTextForWhateverIsWrongWithTheSignature) {
  std::string tampered = signed_token(claims());
  tampered.replace(tampered.find('.') + 1, tampered.rfind('.') - tampered.find('.') - 1,
                   gatehouse::test::base64url(R"({"iss":"other","exp":1})"));
  const std::string cases[] = {
      signed_token(claims(), "other"),
      tampered,
      other_rsa().token("RS256", R"({"alg":"RS256","kid":"a"})", claims()),
      rsa().token("PS256", R"({"alg":"PS256","kid":"a"})", claims()),
      rsa().token("RS256", R"({"alg":"RS256"})", claims()),
      gatehouse::test::compact(R"({"alg":"none","kid":"a"})", claims(), "x"),
  };
  for (const std::string& token : cases) {
    Gate g;
    const auto a = g.ask(token);
    EXPECT_TRUE(a.unauthorized());
    EXPECT_EQ(a.challenge(), invalid(kSignature)) << token << a.reason();
    EXPECT_THAT(a.reason(), Not(HasSubstr(token)));
  }
}

TEST(Jwt, JW_60_OtherAlgorithmsWhereTheyAreAllowed) {
  for (const char* name : {"EdDSA", "Ed25519"}) {
    Gate g(std::string(R"("audience":["pets"],"algorithms":[")") + name + "\"]");
    static const auto ed = gatehouse::test::SigningKey::ed25519();
    g.h.http("GET", kKeys, 200, R"({"keys":[)" + ed.jwk(R"("kid":"e")") + "," + rsa().jwk(R"("kid":"a")") + "]}");
    EXPECT_TRUE(g.ask(ed.token("EdDSA", R"({"alg":"EdDSA","kid":"e"})", claims())).allowed()) << name;
    EXPECT_EQ(g.bearer(claims()).challenge(), invalid(kSignature)) << "RS256 is not among them";
  }
}

TEST(Jwt, JW_02_AnyAudience) {
  Gate g(R"("allow_any_audience":true)");
  EXPECT_TRUE(g.bearer(std::string(R"({"iss":")") + kIssuer + R"(","exp":1767229200})").allowed());
}

TEST(Jwt, ClockSkew) {
  Gate g(R"("audience":["pets"],"clock_skew_seconds":60)");
  const auto at = [&](const char* times) {
    return g.bearer(std::string(R"({"iss":")") + kIssuer + R"(","aud":"pets",)" + times + "}").allowed();
  };
  EXPECT_TRUE(at(R"("exp":1767225541)"));
  EXPECT_FALSE(at(R"("exp":1767225540)"));
  EXPECT_TRUE(at(R"("exp":1767229200,"nbf":1767225660)"));
  EXPECT_FALSE(at(R"("exp":1767229200,"nbf":1767225661)"));
}

TEST(Jwt, JW_6H_ARememberedTokenEndsWhenItExpires) {
  Gate g;
  const std::string token = signed_token(std::string(R"({"iss":")") + kIssuer + R"(","aud":"pets","exp":1767225700})");
  EXPECT_TRUE(g.ask(token).allowed());
  EXPECT_TRUE(g.ask("Bearer " + token).allowed());
  EXPECT_EQ(g.h.metric("token_cache_hits_total"), 1u);
  g.h.set_time(1767225699'999);
  EXPECT_TRUE(g.ask(token).allowed());
  g.h.set_time(1767225700'000);
  EXPECT_EQ(g.ask(token).challenge(), invalid("the token has expired"));
}

TEST(Jwt, JW_6H_NothingIsRememberedWhenTheCacheIsOff) {
  Gate g(R"("audience":["pets"],"token_cache":false)");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(g.bearer(claims()).allowed());
  EXPECT_EQ(g.h.metric("token_cache_hits_total"), 0u);
  EXPECT_EQ(g.h.metric("token_cache_misses_total"), 3u);
}

TEST(Jwt, JW_50_TheDocumentSaysWhereTheKeysAre) {
  Gate g;
  EXPECT_TRUE(g.bearer(claims()).allowed());
  ASSERT_EQ(g.h.fetches().size(), 2u);
  EXPECT_EQ(g.h.fetches()[0].url, kDiscovery);
  EXPECT_EQ(g.h.fetches()[1].url, kKeys);
  for (const auto& fetch : g.h.fetches()) {
    EXPECT_EQ(fetch.timeout_ms, 1500u);
    EXPECT_EQ(fetch.max_redirects, 0u);  // JW-5A
    EXPECT_EQ(fetch.flags, 0u);
  }
}

TEST(Jwt, JW_50_TheOverride) {
  Gate g(R"("audience":["pets"],"allow_private_issuer":true,"jwks_uri":"https://keys.example/other")");
  g.h.http("GET", "https://keys.example/other", 200, jwks());
  EXPECT_TRUE(g.bearer(claims()).allowed());
  ASSERT_EQ(g.h.fetches().size(), 1u);
  EXPECT_EQ(g.h.fetches()[0].flags, std::uint32_t{GH_FETCH_ALLOW_PRIVATE});
}

TEST(Jwt, JW_34_JW_35_JW_51_AProviderThatIsNotThere) {
  Gate g;
  g.h.http_fails("GET", kDiscovery, GH_E_CONNECT);
  EXPECT_EQ(g.bearer(claims()).challenge(), invalid("OIDC discovery endpoint communication error"));
  EXPECT_TRUE(g.bearer(claims()).unauthorized());
  g.h.http("GET", kDiscovery, 200, discovery()).http("GET", kKeys, 503, "");
  g.h.advance(60'000);
  EXPECT_EQ(g.bearer(claims()).challenge(), invalid("JWKS communication error"));
  g.h.http("GET", kDiscovery, 200, discovery("https://id.example/other"));
  g.h.advance(60'000);
  EXPECT_EQ(g.bearer(claims()).challenge(), invalid("issuer does not match"));
  g.h.http("GET", kDiscovery, 200, discovery()).http("GET", kKeys, 200, jwks());
  g.h.advance(60'000);
  EXPECT_TRUE(g.bearer(claims()).allowed());
}

TEST(Jwt, JW_53_WhoWaitsForKeysIsToldOnceTheyAreThere) {
  Gate g;
  g.h.http_hangs("GET", kDiscovery);
  auto request = gt::request("GET", "/").identity_source("$request.header.Authorization", signed_token(claims()));
  const auto first = g.h.begin(request), second = g.h.begin(request);
  EXPECT_FALSE(g.h.answered(first));
  g.h.advance(1500);
  EXPECT_EQ(g.h.wait(first).challenge(), invalid("OIDC discovery endpoint communication error"));
  EXPECT_EQ(g.h.wait(second).challenge(), invalid("OIDC discovery endpoint communication error"));
  EXPECT_EQ(g.h.fetches().size(), 1u);
}

TEST(Jwt, WhoWaitsForKeysWhenTheGatewayEndsIsAnswered) {
  Gate g;
  g.h.http_hangs("GET", kDiscovery);
  const auto waiting =
      g.h.begin(gt::request("GET", "/").identity_source("$request.header.Authorization", signed_token(claims())));
  EXPECT_FALSE(g.h.answered(waiting));
  EXPECT_NO_THROW(g.h.stop());  // it complains of a call that was never answered
  EXPECT_TRUE(g.h.wait(waiting).failed());
}

TEST(Jwt, JW_54_UnknownKeysCauseFewFetches) {
  Gate g;
  EXPECT_TRUE(g.bearer(claims()).allowed());
  const std::size_t before = g.h.fetches().size();
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(g.ask(signed_token(claims(), "k" + std::to_string(i))).challenge(), invalid(kSignature));
  EXPECT_EQ(g.h.fetches().size(), before);  // within ten seconds of the first
  g.h.advance(10'000);
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(g.ask(signed_token(claims(), "m" + std::to_string(i))).unauthorized());
  EXPECT_EQ(g.h.fetches().size(), before + 1);
}

TEST(Jwt, JW_58_AKeyThatIsGoneVerifiesNothing) {
  Gate g;
  EXPECT_TRUE(g.bearer(claims()).allowed());
  g.h.http("GET", kKeys, 200, jwks("b"));
  g.h.advance(10'000);
  EXPECT_TRUE(g.ask(signed_token(claims(), "b")).allowed());
  EXPECT_EQ(g.bearer(claims()).challenge(), invalid(kSignature));
}

TEST(Jwt, JW_56_AnHourWithoutTheProvider) {
  Gate g(R"("audience":["pets"],"max_stale_seconds":3600)");
  const std::string token = signed_token(std::string(R"({"iss":")") + kIssuer + R"(","aud":"pets","exp":1767999999})");
  EXPECT_TRUE(g.ask(token).allowed());
  g.h.http_fails("GET", kDiscovery, GH_E_CONNECT).http_fails("GET", kKeys, GH_E_TIMEOUT);
  for (int minute = 0; minute < 175; ++minute) {  // two hours that the keys may be kept, and one more
    g.h.advance(60'000);
    ASSERT_TRUE(g.ask(token).allowed()) << minute;
  }
  g.h.advance(10 * 60'000);
  EXPECT_THAT(g.ask(token).challenge(), HasSubstr("communication error"));
  g.h.http("GET", kDiscovery, 200, discovery()).http("GET", kKeys, 200, jwks());
  g.h.advance(60'000);
  EXPECT_TRUE(g.ask(token).allowed());
}

TEST(Jwt, AFileOfKeysAsksNobody) {
  const std::string path = ::testing::TempDir() + "jwt_keys.json";
  std::ofstream(path, std::ios::binary) << jwks();
  Gate g(R"("audience":["pets"],"jwks_file":")" + path + "\"");
  EXPECT_TRUE(g.bearer(claims()).allowed());
  EXPECT_EQ(g.ask(signed_token(claims(), "other")).challenge(), invalid(kSignature));
  g.h.advance(24 * 3600'000);
  EXPECT_THAT(g.h.fetches(), IsEmpty());
}

TEST(Jwt, JW_6C_LongTokens) {
  Gate g(R"("audience":["pets"],"max_token_bytes":1024)");
  const auto a = g.bearer(claims("\"x\":\"" + std::string(1024, 'x') + "\""));
  EXPECT_EQ(a.challenge(), invalid("the token is malformed"));
  EXPECT_TRUE(g.bearer(claims()).allowed());
}

TEST(Jwt, ManyWorkersAtOnce) {
  Gate g;
  const std::string good = signed_token(claims()), bad = signed_token(claims(), "other");
  const auto tally = g.h.threads(4).repeat(200, [&](std::size_t t, std::size_t i) {
    return gt::request("GET", "/").identity_source("$request.header.Authorization", (t + i) % 2 == 0 ? good : bad);
  });
  EXPECT_EQ(tally.allowed, 400u);
  EXPECT_EQ(tally.unauthorized, 400u);
}

}  // namespace
}  // namespace gatehouse::jwt::test
