#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "issuer.hpp"

namespace gatehouse::jwt::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string refusal(const std::string& settings) {
  gt::Harness h(settings);
  const std::string out = h.refusal();
  EXPECT_TRUE(h.fetches().empty() || out.empty()) << "fetched, and refused the settings";
  return out;
}

std::string file(const std::string& name, const std::string& text) {
  std::string path = ::testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(Settings, RefusedWithClearWords) {
  const struct {
    const char* settings;
    const char* words;
  } cases[] = {
      {R"({"issuer":"https://a.example"})", "allow_any_audience: true"},  // JW-02
      {R"({"issuer":"https://a.example","audience":["a"],"allow_any_audience":true})",
       "either `audience` or `allow_any_audience"},
      {R"({"issuer":"https://a.example","audience":[]})", "audience"},
      {R"({"audience":["a"]})", "issuer"},
      {R"({"issuer":"a.example","audience":["a"]})", "`/issuer` must begin with https://, found `a.example`"},  // JW-01
      {R"({"issuer":"ftp://a.example","audience":["a"]})", "must begin with https://"},
      {R"({"issuer":"http://a.example","audience":["a"]})", "allow_insecure_issuer: true"},  // JW-5B
      {R"({"issuer":"http://a.example","audience":["a"],"jwks_uri":"https://a.example/k"})",
       "allow_insecure_issuer: true"},
      {R"({"issuer":"https://a.example","audience":["a"],"jwks_uri":"http://a.example/k"})",
       "`/jwks_uri` is not https"},
      {R"({"issuer":"https://u@a.example","audience":["a"]})", "no query, fragment, user or blank"},
      {R"({"issuer":"https://a.example/?x","audience":["a"]})", "no query, fragment, user or blank"},
      {R"({"issuer":"https://a.example","audience":["a"],"jwks_uri":"https://a.example/k","jwks_file":"x"})",
       "either `jwks_uri` or `jwks_file`"},
      {R"({"issuer":"https://a.example","audience":["a"],"algorithms":["HS256"]})", "algorithms"},  // JW-60
      {R"({"issuer":"https://a.example","audience":["a"],"algorithms":["none"]})", "algorithms"},
      {R"({"issuer":"https://a.example","audience":["a"],"clock_skew_seconds":301})", "clock_skew_seconds"},
      {R"({"issuer":"https://a.example","audience":["a"],"max_token_bytes":16385})", "max_token_bytes"},
      {R"({"issuer":"https://a.example","audience":["a"],"max_stale_seconds":86401})", "max_stale_seconds"},
      {R"({"issuer":"https://a.example","audience":["a"],"www_authenticate_style":"other"})", "www_authenticate_style"},
      {R"({"issuer":"https://a.example","audience":["a"],"required_claims":{"a":1}})", "required_claims"},
      {R"({"issuer":"https://a.example","audience":["a"],"ca_file":"/nonexistent/ca.pem"})", "cannot be read"},
  };
  for (const auto& c : cases) {
    // The harness holds no `additionalProperties` to a schema; the plugin itself asks for texts.
    EXPECT_THAT(refusal(c.settings), HasSubstr(c.words)) << c.settings;
  }
}

TEST(Settings, JW_02_FiftyAudiences) {
  std::string list = "\"a\"";
  for (int i = 1; i < 50; ++i) list += ",\"a" + std::to_string(i) + "\"";
  EXPECT_EQ(refusal(R"({"issuer":"https://a.example","audience":[)" + list + "]}"), "");
  EXPECT_THAT(refusal(R"({"issuer":"https://a.example","audience":[)" + list + R"(,"more"]})"), HasSubstr("audience"));
}

TEST(Settings, FilesOfKeys) {
  const auto with = [](const std::string& path) {
    return refusal(R"({"issuer":"https://a.example","audience":["a"],"jwks_file":")" + path + "\"}");
  };
  EXPECT_THAT(with("/nonexistent/keys.json"), AllOf(HasSubstr("`/jwks_file`"), HasSubstr("cannot be read")));
  EXPECT_THAT(with(file("broken.json", "{")), HasSubstr("`/jwks_file`: "));
  EXPECT_THAT(with(file("none.json", R"({"keys":[]})")), HasSubstr("no key that tokens can be verified with"));
  EXPECT_THAT(with(file("empty.json", "")), HasSubstr("`/jwks_file`: "));
  EXPECT_THAT(with(file("large.json", std::string(150'001, ' '))), HasSubstr("more than 150000 bytes"));
  // A key that is of no use is told, with its place: it is the operator's own file.
  const std::string short_key = gatehouse::test::SigningKey::rsa(1024).jwk(R"("kid":"b")");
  EXPECT_THAT(with(file("short.json", R"({"keys":[)" + rsa().jwk(R"("kid":"a")") + "," + short_key + "]}")),
              HasSubstr("/keys/1: "));
  EXPECT_EQ(with(file("good.json", jwks())), "");
}

TEST(Settings, JW_5B_AnInsecureIssuerIsWarnedOf) {
  gt::Harness h(R"({"issuer":"http://a.example","audience":["a"],"allow_insecure_issuer":true})");
  EXPECT_EQ(h.refusal(), "");
  EXPECT_TRUE(h.logged("allow_insecure_issuer"));
  EXPECT_EQ(h.fetches().at(0).url, "http://a.example/.well-known/openid-configuration");
  EXPECT_EQ(h.fetches().at(0).flags, std::uint32_t{GH_FETCH_ALLOW_HTTP});
}

TEST(Settings, AnIssuerThatIsNoUrlNeedsItsKeysNamed) {
  EXPECT_EQ(refusal(R"({"issuer":"accounts.example","audience":["a"],"jwks_uri":"https://a.example/k"})"), "");
  EXPECT_EQ(
      refusal(R"({"issuer":"accounts.example","audience":["a"],"jwks_file":")" + file("named.json", jwks()) + "\"}"),
      "");
}

}  // namespace
}  // namespace gatehouse::jwt::test
