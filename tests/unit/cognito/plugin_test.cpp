// plugins/cognito through the C entry, with a user pool of the tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "user_pool.hpp"

namespace gatehouse::cognito::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kExpired = "The incoming token has expired";

TEST(Cognito, AGoodTokenOpens) {
  Gate g;
  const auto a = g.ask(id_token(R"("email_verified":true,"cognito:groups":["admins","ops"],"auth_time":1767222000)"));
  ASSERT_TRUE(a.allowed()) << a.reason();
  EXPECT_EQ(a.principal(), "ann");
  EXPECT_EQ(std::to_string(a.valid_until()), std::string(a.claim("exp")) + "000");
  EXPECT_EQ(a.claim("email_verified"), "true");
  EXPECT_EQ(a.claim("cognito:groups"), R"(["admins","ops"])");
  EXPECT_EQ(a.claim("auth_time"), "1767222000");
  EXPECT_THAT(a.all_context(), IsEmpty());
  EXPECT_FALSE(a.has_scopes());  // spec section 6: only `claims`
  ASSERT_EQ(g.h.fetches().size(), 1u);
  EXPECT_EQ(g.h.fetches()[0].url, kKeys);
  EXPECT_EQ(g.h.fetches()[0].flags, 0u);
}

TEST(Cognito, CG_10_to_15_CG_29_WhichToken) {
  const std::string id = id_token(), access = access_token(R"("scope":"api/read api/write")"),
                    unscoped = access_token();
  const auto use = [](const char* token_use) {
    return signed_token(std::string(R"({"iss":")") + kIssuer + R"(","aud":"client1","client_id":"client1",)" +
                        token_use + R"("scope":"api/read","exp":1767229200})");
  };
  const struct {
    const char* id;
    std::string token;
    std::vector<std::string> scopes;
    bool opens;
  } cases[] = {
      {"CG-10", id, {}, true},
      {"CG-11", access, {}, false},
      {"CG-12", access, {"api/write", "api/other"}, true},
      {"CG-13", access, {"api/other"}, false},
      {"CG-13, whole words", access, {"api"}, false},
      {"CG-13, case", access, {"api/Read"}, false},
      {"CG-13, none", unscoped, {"api/read"}, false},
      {"CG-14", id, {"api/read"}, false},
      {"CG-14, with scopes of its own", id_token(R"("scope":"api/read")"), {"api/read"}, false},
      {"CG-15, missing", use(""), {}, false},
      {"CG-15, missing", use(""), {"api/read"}, false},
      {"CG-15, another", use(R"("token_use":"refresh",)"), {}, false},
      {"CG-15, another", use(R"("token_use":"Access",)"), {"api/read"}, false},
      {"CG-15, no text", use(R"("token_use":["access"],)"), {"api/read"}, false},
  };
  for (const auto& c : cases) {
    Gate g;
    for (const char* time : {"anew", "again"}) {
      const auto a = g.ask(c.token, c.scopes);
      EXPECT_EQ(a.allowed(), c.opens) << c.id << time << a.reason();
      if (c.opens) continue;
      EXPECT_TRUE(a.unauthorized()) << c.id;  // never 403
      EXPECT_EQ(a.message(), "") << c.id;
      EXPECT_EQ(a.challenge(), "") << c.id;
    }
  }
}

TEST(Cognito, CG_10_CG_12_OneTokenOnTwoMethods) {
  Gate g;
  const std::string access = access_token(R"("scope":"api/read")");
  EXPECT_TRUE(g.ask(access, {"api/read"}).allowed());
  EXPECT_TRUE(g.ask(access).unauthorized()) << "what is remembered says nothing of another method";
  EXPECT_TRUE(g.ask(access, {"api/write"}).unauthorized());
  EXPECT_TRUE(g.ask(access, {"api/read"}).allowed());
  EXPECT_EQ(g.h.metric("token_cache_hits_total"), 3u);
}

TEST(Cognito, CG_20_CG_21_WhereTheTokenIs) {
  const std::string token = id_token();
  const struct {
    std::string value;
    bool opens;
  } cases[] = {
      {token, true},
      {"Bearer " + token, true},
      {"", false},
      {"Bearer ", false},
      {"Bearer", false},
      {"bearer " + token, false},
      {"Bearer  " + token, false},
      {"Bearer Bearer " + token, false},
      {"Basic " + token, false},
      {token + " ", false},
      {token + "," + token, false},
  };
  for (const auto& c : cases) {
    Gate g;
    const auto a = g.ask(c.value);
    EXPECT_EQ(a.allowed(), c.opens) << c.value << a.reason();
    EXPECT_EQ(a.unauthorized(), !c.opens) << c.value;
  }
  Gate g;
  auto none = gt::request("GET", "/");
  none.api_type = GH_API_REST;
  none.stage = "prod";
  EXPECT_TRUE(g.h.authorize(none).unauthorized());
}

TEST(Cognito, CG_22_to_27_InOrder) {
  const auto with = [](const char* members) { return signed_token("{" + std::string(members) + "}"); };
  std::string tampered = id_token();
  tampered[tampered.size() - 10] = tampered[tampered.size() - 10] == 'A' ? 'B' : 'A';
  const std::string iss = std::string(R"("iss":")") + kIssuer + "\",";
  const struct {
    const char* id;
    std::string token;
    const char* message;
  } cases[] = {
      {"CG-22", "a.b", ""},
      {"CG-22", id_token() + ".x", ""},
      {"CG-23, another pool", id_token("", "https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_Pool2"), ""},
      {"CG-23, missing", with(R"("aud":"client1","token_use":"id","exp":1767229200)"), ""},
      {"CG-24", tampered, ""},
      {"CG-24, PS256", rsa().token("PS256", R"({"alg":"PS256","kid":"a"})", "{}"), ""},  // CG-04
      {"CG-24, RS512", rsa().token("RS512", R"({"alg":"RS512","kid":"a"})", "{}"), ""},
      {"CG-24, unknown", rsa().token("RS256", R"({"alg":"RS256","kid":"b"})", "{}"), ""},
      {"CG-25", with((iss + R"("aud":"client1","token_use":"id","exp":1767225600)").c_str()), kExpired},
      {"CG-25, before the use", with((iss + R"("aud":5,"token_use":"other","exp":1)").c_str()), kExpired},
      {"CG-27", with((iss + R"("token_use":"id","exp":1767229200)").c_str()), ""},
      {"CG-27, a list", with((iss + R"("aud":["client1"],"token_use":"id","exp":1767229200)").c_str()), ""},
      {"CG-27, empty", with((iss + R"("aud":"","token_use":"id","exp":1767229200)").c_str()), ""},
      {"iat", with((iss + R"("aud":"client1","token_use":"id","exp":1767229200,"iat":1767225601)").c_str()), ""},
  };
  for (const auto& c : cases) {
    Gate g;
    const auto a = g.ask(c.token);
    EXPECT_TRUE(a.unauthorized()) << c.id;
    EXPECT_EQ(a.message(), c.message) << c.id;
    EXPECT_EQ(a.challenge(), "") << c.id;
    EXPECT_THAT(a.reason(), Not(HasSubstr(c.token))) << c.id;
  }
  // CG-31: who cannot sign learns nothing about time.
  Gate g;
  static const auto stranger = gatehouse::test::SigningKey::rsa();
  EXPECT_EQ(g.ask(stranger.token("RS256", R"({"alg":"RS256","kid":"a"})", "{" + iss + R"("exp":1})")).message(), "");
}

TEST(Cognito, CG_01_AllowedClients) {
  Gate g(R"("allowed_client_ids":["client0","client1"])");
  EXPECT_TRUE(g.ask(id_token()).allowed());
  EXPECT_TRUE(g.ask(access_token(R"("scope":"a")"), {"a"}).allowed());
  Gate others(R"("allowed_client_ids":["client","client11"])");
  EXPECT_TRUE(others.ask(id_token()).unauthorized());
  EXPECT_TRUE(others.ask(access_token(R"("scope":"a")"), {"a"}).unauthorized());
}

TEST(Cognito, CG_28_TheExpressionIsAboutAud) {
  const struct {
    const char* expression;
    bool opens;
  } cases[] = {{"^(client0|client1)$", true}, {"client[0-9]", true}, {"client", false}, {"lient1", false}, {"", true}};
  for (const auto& c : cases) {
    Gate g(*c.expression != '\0' ? R"("identity_validation_expression":")" + std::string(c.expression) + "\"" : "");
    EXPECT_EQ(g.ask(id_token()).allowed(), c.opens) << c.expression;
  }
  Gate g(R"("identity_validation_expression":"client1|https://api.example")");
  EXPECT_TRUE(g.ask(access_token(R"("scope":"a")"), {"a"}).unauthorized()) << "it has no `aud`";
  EXPECT_TRUE(g.ask(access_token(R"("scope":"a","aud":"https://api.example")"), {"a"}).allowed())
      << "one that is bound to a resource has";
  EXPECT_TRUE(g.ask(access_token(R"("scope":"a","aud":"https://other.example")"), {"a"}).unauthorized());
}

TEST(Cognito, CG_33_KeysThatCannotBeFetched) {
  Gate g;
  g.h.http_fails("GET", kKeys, GH_E_DNS);
  const auto a = g.ask(id_token());
  EXPECT_TRUE(a.failed());
  EXPECT_EQ(a.response_type(), "AUTHORIZER_CONFIGURATION_ERROR");
  g.h.http("GET", kKeys, 200, jwks());
  g.h.advance(60'000);
  EXPECT_TRUE(g.ask(id_token()).allowed());
}

TEST(Cognito, CG_53_ThePublishedKeyIsRefusedWhenItIsFetched) {
  Gate g;
  g.h.http("GET", kKeys, 200, kPublishedKey);
  EXPECT_TRUE(g.ask(id_token()).failed());
  EXPECT_TRUE(g.h.logged("the key of cognito-local"));
}

TEST(Cognito, CG_50_CG_55_AnEmulator) {
  const std::string entry = R"("cognito_endpoints":[{"user_pool_arn":")" + std::string(kArn) +
                            R"(","issuer":"http://localhost:9229/local_ab","jwks_uri":"http://cognito:9229/k",)"
                            R"("allow_insecure":true}])";
  Gate g(entry);
  g.h.http("GET", "http://cognito:9229/k", 200, jwks());
  EXPECT_TRUE(g.ask(id_token("", "http://localhost:9229/local_ab")).allowed());
  EXPECT_TRUE(g.ask(id_token()).unauthorized()) << "its issuer is not the one that the ARN says";
  ASSERT_EQ(g.h.fetches().size(), 1u);
  EXPECT_EQ(g.h.fetches()[0].url, "http://cognito:9229/k");
  EXPECT_EQ(g.h.fetches()[0].flags, std::uint32_t{GH_FETCH_ALLOW_HTTP | GH_FETCH_ALLOW_PRIVATE});
}

TEST(Cognito, CG_02_JW_6G_EachPoolHasKeysOfItsOwn) {
  const std::string second = "arn:aws:cognito-idp:us-east-1:111122223333:userpool/us-east-1_Pool2";
  const std::string issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Pool2";
  static const auto other = gatehouse::test::SigningKey::rsa();
  gt::Harness h(R"({"user_pool_arns":[")" + std::string(kArn) + "\",\"" + second + "\"]}");
  h.http("GET", kKeys, 200, jwks())
      .http("GET", issuer + "/.well-known/jwks.json", 200, R"({"keys":[)" + other.jwk(R"("kid":"a")") + "]}");
  const std::string theirs =
      R"({"iss":")" + issuer + R"(","aud":"client1","token_use":"id","exp":1767229200,"sub":"ann"})";
  EXPECT_TRUE(h.authorize(Gate::with(id_token())).allowed());
  EXPECT_TRUE(h.authorize(Gate::with(other.token("RS256", R"({"alg":"RS256","kid":"a"})", theirs))).allowed());
  EXPECT_TRUE(h.authorize(Gate::with(signed_token(theirs))).unauthorized()) << "signed by the other pool";
}

struct Staged {
  Staged()
      : h(R"({"user_pool_arns":["arn:aws:cognito-idp:eu-north-1:111122223333:userpool/${stageVariables.pool}"]})") {
    h.http("GET", kKeys, 200, jwks());
  }
  gt::TestAnswer ask(const char* pool) {
    auto request = Gate::with(id_token());
    if (pool != nullptr) request.stage_var("pool", pool);
    return h.authorize(request);
  }
  gt::Harness h;
};

TEST(Cognito, CG_34_StageVariables) {
  Staged g;
  EXPECT_THAT(g.h.fetches(), IsEmpty());
  EXPECT_TRUE(g.ask("eu-north-1_Pool1").allowed());
  EXPECT_TRUE(g.ask("eu-north-1_Pool1").allowed());
  EXPECT_EQ(g.h.fetches().size(), 1u);
  EXPECT_EQ(g.h.metric("token_cache_hits_total"), 1u);
  for (const char* pool :
       {static_cast<const char*>(nullptr), "", "x", "us-east-1_Pool1", "eu-north-1_a/../b", "${stageVariables.pool}"}) {
    const auto a = g.ask(pool);
    EXPECT_TRUE(a.failed()) << pool;
    EXPECT_EQ(a.response_type(), "AUTHORIZER_CONFIGURATION_ERROR");
  }
}

TEST(Cognito, CG_34_APoolOfAnotherStage) {
  Staged g;
  g.h.http("GET", "https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_Pool2/.well-known/jwks.json", 200, jwks());
  EXPECT_TRUE(g.ask("eu-north-1_Pool1").allowed());
  EXPECT_TRUE(g.ask("eu-north-1_Pool2").unauthorized()) << "remembered for another pool";
}

TEST(Cognito, ResultsAreKeptForTheirTimeAndNeverBeyondExpiry) {
  Gate g(R"("result_ttl_seconds":300)");
  const std::string token =
      signed_token(std::string(R"({"iss":")") + kIssuer + R"(","aud":"client1","token_use":"id","exp":1767225700})");
  EXPECT_TRUE(g.ask(token).allowed());
  g.h.set_time(1767225699'999);
  EXPECT_TRUE(g.ask(token).allowed());
  EXPECT_EQ(g.h.metric("token_cache_hits_total"), 1u);
  g.h.set_time(1767225700'000);
  EXPECT_EQ(g.ask(token).message(), kExpired);
  Gate short_lived(R"("result_ttl_seconds":10)");
  EXPECT_TRUE(short_lived.ask(id_token()).allowed());
  short_lived.h.advance(9'999);
  EXPECT_TRUE(short_lived.ask(id_token()).allowed());
  EXPECT_EQ(short_lived.h.metric("token_cache_hits_total"), 1u);
  short_lived.h.advance(1);
  EXPECT_TRUE(short_lived.ask(id_token()).allowed());
  EXPECT_EQ(short_lived.h.metric("token_cache_hits_total"), 1u);
  Gate off(R"("result_ttl_seconds":0)");
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(off.ask(id_token()).allowed());
  EXPECT_EQ(off.h.metric("token_cache_hits_total"), 0u);
}

TEST(Cognito, CG_50_AFileOfKeysAsksNobody) {
  const std::string path = ::testing::TempDir() + "cognito_keys.json";
  std::ofstream(path, std::ios::binary) << jwks();
  Gate g(R"("cognito_endpoints":[{"user_pool_arn":")" + std::string(kArn) + R"(","issuer":")" + kIssuer +
         R"(","jwks_file":")" + path + "\"}]");
  EXPECT_TRUE(g.ask(id_token()).allowed());
  EXPECT_THAT(g.h.fetches(), IsEmpty());
}

}  // namespace
}  // namespace gatehouse::cognito::test
