// `type: jwt` and `type: cognito` on their way into a route's plan.
#include <gtest/gtest.h>

#include "gateway/compile.hpp"
#include "unit/gateway/compiled.hpp"

namespace gatehouse::gateway {
namespace {

using test::api, test::gate, test::kListen, test::kMock;

std::string with(const std::string& gate, const std::string& type, const std::string& more = "") {
  return kListen + "authorizers: {gate: {" + gate + "}}\n" +
         api(type, "GET /x: {authorizer: gate, " + more + kMock + "}");
}

TEST(CompileTokens, JW_05_JW_30_CG_20_OneSourceAndNoKeptResults) {
  const struct {
    const char* name;
    const char* gate;
    const char* type;
    bool required;  // by the gateway, before the plugin is asked
  } cases[] = {
      {"JW-03 header", "type: jwt, identity_sources: [$request.header.Authorization]", "http", false},
      {"JW-03 parameter", "type: jwt, identity_sources: [$request.querystring.token]", "http", false},
      {"CG header", "type: cognito, identity_sources: [method.request.header.Authorization]", "rest", true},
      {"CG its own time", "type: cognito, identity_sources: [method.request.header.A], result_ttl_seconds: 60", "rest",
       true},
      {"CG-28 the plugin's",
       "type: cognito, identity_sources: [method.request.header.A], identity_validation_expression: a", "rest", true},
  };
  for (const auto& c : cases) {
    test::FakeFactory factory = gate();
    const auto got = test::compile_text(with(c.gate, c.type, "scopes: [a, b], "), factory);
    ASSERT_NE(got.gateway, nullptr) << c.name << got.text();
    const Route& route = *got.gateway->apis.at(0)->routes.at(0);
    ASSERT_EQ(route.plan.steps.size(), 1u) << c.name;
    EXPECT_EQ(route.plan.steps[0].require_identity_sources, c.required) << c.name;
    EXPECT_EQ(route.plan.steps[0].validation, nullptr) << c.name;
    EXPECT_TRUE(got.gateway->result_caches.empty()) << c.name;
    EXPECT_EQ(route.plan.style, access::IdentityStyle::Cognito) << c.name;
    EXPECT_EQ(route.scope_views.size(), 2u) << c.name;
  }
}

TEST(CompileTokens, JW_03_SourcesThatAreNone) {
  const struct {
    const char* gate;
    const char* type;
    const char* said;
  } cases[] = {
      {"type: jwt, identity_sources: [$context.path]", "http", "is no header and no query parameter"},
      {"type: jwt, identity_sources: [$stageVariables.t]", "http", "is no header and no query parameter"},
      {"type: jwt, identity_sources: [method.request.header.A]", "http", "is none that a"},
      {"type: cognito, identity_sources: [method.request.querystring.t]", "rest", "takes `method.request.header.Name`"},
  };
  for (const auto& c : cases) {
    test::FakeFactory factory = gate();
    const auto got = test::compile_text(with(c.gate, c.type), factory);
    EXPECT_EQ(got.gateway, nullptr) << c.gate;
    EXPECT_NE(got.text().find(c.said), std::string::npos) << got.text();
  }
}

}  // namespace
}  // namespace gatehouse::gateway
