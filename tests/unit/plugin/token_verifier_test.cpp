#include "plugin/token_verifier.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace gatehouse::plugin {
namespace {

using config::AuthorizerType;

config::Authorizer of(AuthorizerType type, const std::string& settings) {
  config::Authorizer out;
  out.name = "who";
  out.type = type;
  out.settings.json = base::Secret(settings);
  return out;
}

TEST(TokenVerifier, OthersPassAsTheyAre) {
  auto request = of(AuthorizerType::Request, R"({"allow_private_issuer": true})");
  request.validation_expression = "a";
  request.result_ttl_seconds = 60;
  const auto out = as_token_verifier(request);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->settings.json.reveal(), R"({"allow_private_issuer": true})");
  EXPECT_FALSE(out->grants.http);
}

TEST(TokenVerifier, CG_28_TheExpressionAndTheTimeAreThePlugins) {
  auto pool = of(AuthorizerType::Cognito, R"({"user_pool_arns":["a"]})");
  pool.validation_expression = "client-\"1\"";
  pool.result_ttl_seconds = 0;
  auto out = as_token_verifier(pool);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->settings.json.reveal(),
            R"({"user_pool_arns":["a"],"identity_validation_expression":"client-\"1\"","result_ttl_seconds":0})");
  pool.validation_expression.clear();
  pool.result_ttl_seconds = -1;
  out = as_token_verifier(pool);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->settings.json.reveal(), R"({"user_pool_arns":["a"]})");
  // JW-05: nothing of a JWT authorizer is handed on, whatever stands there.
  auto jwt = of(AuthorizerType::Jwt, "{}");
  jwt.result_ttl_seconds = 60;
  out = as_token_verifier(jwt);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->settings.json.reveal(), "{}");
}

TEST(TokenVerifier, CG_52_ProductionRefusesWhatAnybodyCouldSign) {
  const std::pair<AuthorizerType, const char*> rows[] = {
      {AuthorizerType::Jwt, R"({"allow_insecure_issuer":true})"},
      {AuthorizerType::Cognito, R"({"cognito_endpoints":[{},{"allow_insecure":true}]})"},
      {AuthorizerType::Cognito, R"({"cognito_endpoints":[{"issuer":"http://id"}]})"},
      {AuthorizerType::Request, R"({"allow_insecure_issuer":true})"}};
  for (const auto& [type, settings] : rows) {
    auto who = of(type, settings);
    if (type == AuthorizerType::Request) who.plugin = "gatehouse.jwt";
    EXPECT_TRUE(as_token_verifier(who));
    who.settings.production = true;
    const auto out = as_token_verifier(who);
    ASSERT_FALSE(out) << settings;
    EXPECT_EQ(out.error().code, Code::Refused);
    EXPECT_NE(out.error().text.find("production"), std::string::npos);
  }
  auto home = of(AuthorizerType::Jwt, R"({"allow_private_issuer":true,"allow_insecure_issuer":false})");
  home.settings.production = true;
  EXPECT_TRUE(as_token_verifier(home));
}

TEST(TokenVerifier, WhatIsWrittenTwiceIsRefusedWhereItStands) {
  auto pool = of(AuthorizerType::Cognito, R"({"result_ttl_seconds":5})");
  pool.result_ttl_seconds = 6;
  pool.result_ttl_where.line = 7;
  const auto ttl = as_token_verifier(pool);
  ASSERT_FALSE(ttl);
  EXPECT_EQ(ttl.error().code, Code::Conflict);
  EXPECT_EQ(ttl.error().where.line, 7u);
  EXPECT_NE(ttl.error().text.find("`result_ttl_seconds`"), std::string::npos);
  pool = of(AuthorizerType::Cognito, R"({"identity_validation_expression":"a"})");
  pool.validation_expression = "b";
  EXPECT_FALSE(as_token_verifier(pool));
  EXPECT_FALSE(as_token_verifier(of(AuthorizerType::Jwt, "{")));
}

TEST(TokenVerifier, JW_5A_TheImpliedGrant) {
  const struct {
    const char* name;
    AuthorizerType type;
    const char* settings;
    bool private_too, http_too;
  } cases[] = {
      {"jwt", AuthorizerType::Jwt, R"({"issuer":"https://a"})", false, false},
      {"cognito", AuthorizerType::Cognito, "{}", false, false},
      {"no settings", AuthorizerType::Jwt, "", false, false},
      {"private", AuthorizerType::Jwt, R"({"allow_private_issuer":true})", true, false},
      {"JW-5B http", AuthorizerType::Jwt, R"({"allow_insecure_issuer":true})", false, true},
      {"off", AuthorizerType::Jwt, R"({"allow_private_issuer":false,"allow_insecure_issuer":false})", false, false},
      {"not a switch", AuthorizerType::Jwt, R"({"allow_private_issuer":"true","allow_insecure_issuer":1})", false,
       false},
      {"not at its place", AuthorizerType::Jwt, R"({"required_claims":{"allow_private_issuer":true}})", false, false},
      {"CG-50 an emulator", AuthorizerType::Cognito, R"({"cognito_endpoints":[{},{"allow_insecure":true}]})", true,
       true},
      {"CG-51 an endpoint", AuthorizerType::Cognito, R"({"cognito_endpoints":[{"allow_insecure":false}]})", false,
       false},
      {"endpoints that are none", AuthorizerType::Cognito, R"({"cognito_endpoints":[1,"allow_insecure"]})", false,
       false},
  };
  for (const auto& c : cases) {
    const auto out = as_token_verifier(of(c.type, c.settings));
    ASSERT_TRUE(out && out->grants.http) << c.name;
    EXPECT_TRUE(out->grants.http->implied) << c.name;
    EXPECT_EQ(out->grants.http->allow_private, c.private_too) << c.name;
    EXPECT_EQ(out->grants.http->allow_http, c.http_too) << c.name;
  }
}

TEST(TokenVerifier, AGrantThatIsWrittenIsTheOnlyOne) {
  auto jwt = of(AuthorizerType::Jwt, R"({"allow_private_issuer":true})");
  jwt.grants.http = config::HttpGrant{};
  jwt.grants.http->hosts = {"idp.example.com"};
  const auto out = as_token_verifier(jwt);
  ASSERT_TRUE(out);
  EXPECT_FALSE(out->grants.http->implied);
  EXPECT_FALSE(out->grants.http->allow_private);
  EXPECT_EQ(out->grants.http->hosts, jwt.grants.http->hosts);
}

}  // namespace
}  // namespace gatehouse::plugin
