#include "access/policy_context.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fakes.hpp"

namespace gatehouse::access {
namespace {

class PolicyContextTest : public ::testing::Test {
 protected:
  PolicyContextTest() {
    facts.api_type = ApiType::Http;
    facts.account_id = "111122223333";
    facts.region = "eu-north-1";
    facts.request = &exchange.request;
    facts.connection = &connection;
    facts.time_unix_ms = 1'767'225'601'999;
    facts.source_ip = *base::IpAddress::parse("::ffff:192.0.2.9");
    facts.source_ip_text = "192.0.2.9";
    exchange.request.method = http::Method::Get;
  }
  /// The text under a key, `(absent)` without one.
  std::string get(std::string_view key) {
    const PolicyContext context(facts, exchange.arena);
    const policy::Values values = context.find(policy::KeyName::of(key));
    EXPECT_LE(values.texts.size(), 1u);
    EXPECT_FALSE(values.multi);
    return values.absent() ? "(absent)" : std::string(values.texts[0]);
  }
  FakeExchange exchange;
  http::ConnectionFacts connection;
  Facts facts;
};

TEST_F(PolicyContextTest, S5_KeysOfARequest) {
  exchange.request.headers.add("User-Agent", "curl/8");
  exchange.request.headers.add("REFERER", "https://a.example");
  const std::pair<const char*, const char*> kRows[] = {
      {"aws:CurrentTime", "2026-01-01T00:00:01Z"},
      {"aws:EpochTime", "1767225601"},
      {"aws:SecureTransport", "false"},
      {"AWS:sourceip", "192.0.2.9"},
      {"aws:UserAgent", "curl/8"},
      {"aws:Referer", "https://a.example"},
      {"aws:RequestedRegion", "eu-north-1"},
      {"aws:ResourceAccount", "111122223333"},
      {"aws:ViaAWSService", "false"},
      {"aws:VpcSourceIp", "(absent)"},
      {"aws:SourceVpc", "(absent)"},
      {"aws:SourceVpce", "(absent)"},
      {"aws:PrincipalArn", "(absent)"},
      {"aws:PrincipalAccount", "(absent)"},
      {"aws:username", "(absent)"},
      {"aws:SourceArn", "(absent)"},
      {"execute-api:viaDomainArn", "(absent)"},
      {"aws:PrincipalTag/team", "(absent)"},
  };
  for (const auto& [key, value] : kRows) EXPECT_EQ(get(key), value) << key;
  connection.tls = true;
  EXPECT_EQ(get("aws:SecureTransport"), "true");
}

TEST_F(PolicyContextTest, WhatIsNotThereIsAbsent) {
  EXPECT_EQ(get("aws:UserAgent"), "(absent)");
  EXPECT_EQ(get("aws:Referer"), "(absent)");
  facts.source_ip = {};  // a Unix socket
  facts.source_ip_text = "unix:";
  EXPECT_EQ(get("aws:SourceIp"), "(absent)");
}

TEST_F(PolicyContextTest, NoLineHidesAnother) {
  exchange.request.headers.add("Referer", "a");
  exchange.request.headers.add("Referer", "b");
  http::Header dropped{"Referer", "c", http::HeaderId::Other, true, true};
  exchange.request.headers.add(dropped);
  EXPECT_EQ(get("aws:Referer"), "a, b");
}

TEST_F(PolicyContextTest, AValueIsMadeOnce) {
  const PolicyContext context(facts, exchange.arena);
  const policy::KeyName key = policy::KeyName::of("aws:CurrentTime");
  EXPECT_EQ(context.find(key).texts[0].data(), context.find(key).texts[0].data());
}

TEST_F(PolicyContextTest, LA_42_TheDefaultRouteHasTwoNames) {
  facts.arn = "arn:aws:execute-api:eu-north-1:111122223333:a/$default/GET/x/y";
  facts.api_path = "/x/y";
  facts.route_key = "$default";
  const PolicyQuestion both(facts, exchange.arena);
  ASSERT_EQ(both.get().resources.size(), 2u);
  EXPECT_EQ(both.get().resources[0].resource(), "a/$default/GET/x/y");
  EXPECT_EQ(both.get().resources[1].resource(), "a/$default/$default");
  facts.route_key = "GET /x/y";
  EXPECT_EQ(PolicyQuestion(facts, exchange.arena).get().resources.size(), 1u);
}

// Whoever serves the path may take `/admin/` for `/admin`, as routing does: a Deny must hold for both.
TEST_F(PolicyContextTest, P6_OtherSpellingsOfAPath) {
  const struct {
    const char* path;
    std::vector<std::string> spellings;  // paths behind the verb
  } kCases[] = {
      {"/", {}},
      {"/admin", {}},
      {"/a-b_c.d~e", {}},
      {"/admin/", {"/admin"}},
      {"/admin//", {"/admin"}},
      {"//admin", {"/admin"}},
      {"//", {"/"}},
      {"/f//secret", {"/f/secret"}},
      {"/u/bob%40example.com", {"/u/bob@example.com"}},
      {"/a%24b", {"/a$b"}},
      {"/a%2Fb%5cc", {"/a/b/c"}},
      {"/a\\b", {"/a/b"}},
      {"/root;x", {"/root;x", "/root"}},
      {"/root%3Bx/y;z/", {"/root;x/y;z", "/root/y"}},
      {"/;x", {"/;x", "/"}},
      {"/100%", {"/100%"}},
      {"/%zz", {"/%zz"}},
  };
  for (const auto& c : kCases) {
    const std::string arn = std::string("arn:aws:execute-api:eu-north-1:111122223333:a/p/GET") + c.path;
    facts.arn = arn;
    facts.api_path = c.path;
    const PolicyQuestion question(facts, exchange.arena);
    std::vector<std::string> got;
    for (const policy::Arn& each : question.get().spellings) got.emplace_back(each.resource().substr(7));
    EXPECT_EQ(got, c.spellings) << c.path;
  }
}

}  // namespace
}  // namespace gatehouse::access
