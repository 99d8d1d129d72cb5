#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "user_pool.hpp"

namespace gatehouse::cognito::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string refusal(const std::string& text) {
  return gt::Harness(text).refusal();
}
std::string endpoint(const std::string& members, const char* arn = kArn) {
  return settings(R"("cognito_endpoints":[{"user_pool_arn":")" + std::string(arn) + "\"," + members + "}]");
}
std::string file(const std::string& name, const std::string& text) {
  std::string path = ::testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(Settings, RefusedWithClearWords) {
  const struct {
    std::string settings;
    const char* words;
  } cases[] = {
      {"{}", "user_pool_arns"},
      {R"({"user_pool_arns":[]})", "user_pool_arns"},
      {R"({"user_pool_arns":["eu-north-1_Pool1"]})", "`eu-north-1_Pool1` is not `arn:aws:cognito-idp:"},
      {R"({"user_pool_arns":["arn:aws:cognito-idp:eu-north-1:111122223333:userpool/local_x"]})", "REGION_ID"},
      {R"({"user_pool_arns":["arn:aws:cognito-idp:${stageVariables.r}:111122223333:userpool/x"]})",
       "userpool/${stageVariables.NAME}"},
      {settings(R"("identity_validation_expression":"(")"), "`/identity_validation_expression`: "},
      {settings(R"x("identity_validation_expression":"(?=a)")x"), "`/identity_validation_expression`: "},
      {settings(R"("result_ttl_seconds":3601)"), "result_ttl_seconds"},
      {settings(R"("max_token_bytes":16385)"), "max_token_bytes"},
      {endpoint(R"("issuer":"https://a.example")"), "either `jwks_uri` or `jwks_file`"},
      {endpoint(R"("issuer":"https://a.example","jwks_uri":"https://a.example/k","jwks_file":"x")"),
       "either `jwks_uri` or `jwks_file`"},
      {endpoint(R"("issuer":"https://a.example","jwks_uri":"http://a.example/k")"), "`allow_insecure: true`"},  // CG-51
      {endpoint(R"("issuer":"https://a.example","jwks_uri":"file:///etc/passwd","allow_insecure":true)"),
       "must begin with https://"},
      {endpoint(R"("issuer":"https://a.example","jwks_file":"/nonexistent/keys.json")"), "cannot be read"},
      {settings(R"("cognito_endpoints":[{"user_pool_arn":"a","issuer":"i","jwks_uri":"https://a.example/k"},)"
                R"({"user_pool_arn":"a","issuer":"j","jwks_uri":"https://a.example/k"}])"),
       "has an entry already"},
  };
  for (const auto& c : cases) EXPECT_THAT(refusal(c.settings), HasSubstr(c.words)) << c.settings;
}

TEST(Settings, TwoPoolsOfOneIssuer) {
  const std::string other = "arn:aws:cognito-idp:eu-north-1:444455556666:userpool/eu-north-1_Pool1";
  EXPECT_THAT(refusal(R"({"user_pool_arns":[")" + std::string(kArn) + "\",\"" + other + "\"]}"),
              AllOf(HasSubstr("`/user_pool_arns`"), HasSubstr("two user pools have the issuer `"), HasSubstr(kIssuer)));
}

TEST(Settings, CG_53_ThePublishedKeyInAFile) {
  const std::string members =
      R"("issuer":"http://localhost:9229/x","jwks_file":")" + file("published.json", kPublishedKey) + "\"";
  EXPECT_THAT(refusal(endpoint(members)),
              AllOf(HasSubstr("key of cognito-local"), HasSubstr("`allow_insecure: true`")));
  EXPECT_EQ(refusal(endpoint(members + R"(,"allow_insecure":true)")), "");
}

TEST(Settings, CG_52_WhatIsInsecureIsWarnedOf) {
  const std::string keys = R"(,"jwks_file":")" + file("warned.json", jwks()) + "\"";
  gt::Harness insecure(endpoint(R"("issuer":"https://a.example","allow_insecure":true)" + keys));
  EXPECT_EQ(insecure.refusal(), "");
  EXPECT_TRUE(insecure.logged("has `allow_insecure`"));
  gt::Harness plain(endpoint(R"("issuer":"http://a.example")" + keys));
  EXPECT_EQ(plain.refusal(), "");
  EXPECT_TRUE(plain.logged("http://"));
  gt::Harness good(endpoint(R"("issuer":"https://a.example")" + keys));
  EXPECT_EQ(good.refusal(), "");
  EXPECT_TRUE(good.log().empty());
}

TEST(Settings, CG_54_AnEntryNamesAnyPool) {
  const char* arn = "arn:aws:cognito-idp:local:000000000000:userpool/local_ab";
  EXPECT_EQ(
      refusal(R"({"user_pool_arns":[")" + std::string(arn) + R"("],"cognito_endpoints":[{"user_pool_arn":")" + arn +
              R"(","issuer":"http://localhost:9229/local_ab","jwks_uri":"http://cognito:9229/k",)"
              R"("allow_insecure":true}]})"),
      "");
}

}  // namespace
}  // namespace gatehouse::cognito::test
