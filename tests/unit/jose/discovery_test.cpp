#include "gatehouse/kit/jose/discovery.hpp"

#include <gtest/gtest.h>

namespace gatehouse::kit::jose {
namespace {

TEST(Discovery, JW_50_Url) {
  EXPECT_EQ(discovery_url("https://id.example"), "https://id.example/.well-known/openid-configuration");
  EXPECT_EQ(discovery_url("https://id.example/"), "https://id.example/.well-known/openid-configuration");
  EXPECT_EQ(discovery_url("https://id.example/t/1"), "https://id.example/t/1/.well-known/openid-configuration");
}

TEST(Discovery, SoundDocument) {
  std::string fault;
  const auto found =
      parse_discovery(R"({"jwks_uri":"https://keys.example/k?v=1","issuer":"https://id.example","x":[1]})", fault);
  ASSERT_TRUE(found) << fault;
  EXPECT_EQ(found->issuer, "https://id.example");
  EXPECT_EQ(found->jwks_uri, "https://keys.example/k?v=1");
}

TEST(Discovery, JW_59_WhatIsNone) {
  const auto with = [](const std::string& uri) { return R"({"issuer":"i","jwks_uri":")" + uri + "\"}"; };
  const std::string rows[] = {"",
                              "[]",
                              "null",
                              "{}",
                              R"({"issuer":"i"})",
                              R"({"jwks_uri":"https://k"})",
                              R"({"issuer":1,"jwks_uri":"https://k"})",
                              R"({"issuer":"i","issuer":"j","jwks_uri":"https://k"})",
                              R"({"issuer":"i","jwks_uri":["https://k"]})",
                              with(""),
                              with("file:///etc/passwd"),
                              with("ftp://k"),
                              with("//k"),
                              with("https://"),
                              with("https:///x"),
                              with("https://:443/x"),
                              with("https://?x"),
                              with("HTTPS://k"),
                              with("https://u@k"),
                              with("https://k/#f"),
                              with("https://k/ x"),
                              with("https://k/\\n"),
                              with("https://k\\\\e"),
                              with("https://k/" + std::string(3000, 'a')),
                              with("https://k") + " x",
                              std::string(100, '[')};
  for (const std::string& row : rows) {
    std::string fault;
    EXPECT_FALSE(parse_discovery(row, fault)) << row;
    EXPECT_FALSE(fault.empty()) << row;
  }
  std::string fault;
  EXPECT_FALSE(parse_discovery(with("https://k") + std::string(200, ' '), fault, 100));
}

}  // namespace
}  // namespace gatehouse::kit::jose
