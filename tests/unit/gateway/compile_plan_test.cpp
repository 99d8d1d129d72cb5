#include "gateway/compile.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/compiled.hpp"

namespace gatehouse::gateway {
namespace {

using access::AnswerKind;
using access::Category;
using test::api, test::gate, test::kIdentity, test::kListen, test::kMock;

TEST(Compile, ARoutesPlanIsInTheOrderOfTheSpec) {
  test::FakeFactory factory = gate();
  factory.add("edge", Category::Network);
  factory.add("inner", Category::Network);
  factory.add("policy", Category::Resource);
  const auto got = test::compile_text(
      kListen +
          "authorizers:\n  gate: {type: request, plugin: gatehouse.test, result_ttl_seconds: 0, timeout: 2s}\n"
          "  edge: {type: network, plugin: gatehouse.test}\n  inner: {type: network, plugin: gatehouse.test}\n"
          "  policy: {type: resource, plugin: gatehouse.test}\n" +
          api("rest", "GET /x: {authorizer: gate, " + kMock + "}, GET /open: {authorizer: none, " + kMock + "}",
              ", network: [edge, inner], resource_policy: policy"),
      factory);
  ASSERT_NE(got.gateway, nullptr) << got.text();
  const auto names = [](const Route& route) {
    std::string out;
    for (const access::Step& step : route.plan.steps) out += std::string(step.authorizer->name()) + " ";
    return out;
  };
  const auto& routes = got.gateway->apis.at(0)->routes;
  EXPECT_EQ(names(*routes.at(0)), "edge inner policy gate ");
  EXPECT_TRUE(routes[0]->has_identity && routes[0]->plan.has_identity);
  EXPECT_EQ(routes[0]->plan.steps[3].timeout_ms, 2000);
  EXPECT_EQ(routes[0]->plan.steps[0].timeout_ms, 10'000);
  EXPECT_EQ(names(*routes.at(1)), "edge inner policy ");
  EXPECT_FALSE(routes[1]->has_identity || routes[1]->plan.has_identity);
}

// LA-23 to LA-27: who checks that identity sources are there before the authorizer is asked. LA-04: who keeps results.
constexpr std::string_view kHouse =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]})";

TEST(Compile, EachApiCompilesAPolicyForItself) {
  test::FakeFactory factory;
  factory.add("house", Category::Resource, AnswerKind::Abstain).declared = {{5, access::PolicyRole::Resource, kHouse}};
  const std::string route = "{GET /x: {authorizer: none, " + kMock + "}, GET /y: {authorizer: none, " + kMock + "}}";
  const test::Compiled compiled = test::compile_text(
      kListen + "gateway: {region: eu-north-1, account_id: '111122223333'}\n" +
          "authorizers: {house: {type: resource_policy}}\napis:\n" +
          "  a: {type: rest, id: first, resource_policy: house, stages: {live: {}}, routes: " + route + "}\n" +
          "  b: {type: rest, id: second, resource_policy: house, hosts: [b.test], stages: {live: {}}, routes: " +
          route + "}\n",
      factory);
  ASSERT_NE(compiled.gateway, nullptr) << compiled.text();
  const auto policy_of = [&](std::size_t api, std::size_t index) {
    const access::AccessPlan& plan = compiled.gateway->apis.at(api)->routes.at(index)->plan;
    EXPECT_EQ(plan.style, access::IdentityStyle::None);
    EXPECT_EQ(plan.steps.at(0).policies.at(0).first, 5u);
    return plan.steps.at(0).policies.at(0).second;
  };
  for (const auto& [api, id] : {std::pair<std::size_t, const char*>{0, "first"}, {1, "second"}})
    EXPECT_EQ(policy_of(api, 0)->statements().at(0).resources.at(0).text,
              std::string("arn:aws:execute-api:eu-north-1:111122223333:") + id + "/*");
  EXPECT_EQ(policy_of(0, 0), policy_of(0, 1)) << "once an API, not once a route";
}

TEST(Compile, APolicyThatCannotBeCompiledIsAFault) {
  test::FakeFactory factory;
  factory.add("house", Category::Resource, AnswerKind::Abstain).declared = {{5, access::PolicyRole::Resource, "{}"}};
  const test::Compiled compiled =
      test::compile_text(kListen + "authorizers: {house: {type: resource_policy}}\n" +
                             api("rest", "GET /x: {authorizer: none, " + kMock + "}", ", resource_policy: house"),
                         factory);
  EXPECT_EQ(compiled.gateway, nullptr);
  EXPECT_NE(compiled.text().find("Invalid policy document. Please check the policy syntax"), std::string::npos)
      << compiled.text();
}

TEST(Compile, WarnsOfStatementsWithoutEffect) {
  test::FakeFactory factory;
  factory.add("house", Category::Resource, AnswerKind::Abstain).declared = {
      {5, access::PolicyRole::Resource,
       R"({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
           {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke ", "Resource": "execute-api:/*"}]})"}};
  const test::Compiled compiled = test::compile_text(
      kListen + "authorizers: {house: {type: resource_policy}}\n" +
          api("rest", "GET /x: {authorizer: none, " + kMock + "}, GET /y: {authorizer: none, " + kMock + "}",
              ", resource_policy: house, require_authorizer_allow: true"),
      factory);
  ASSERT_NE(compiled.gateway, nullptr) << compiled.text();
  ASSERT_EQ(compiled.diagnostics.warnings().size(), 1u) << compiled.text();
  EXPECT_NE(compiled.text().find("its policy: /Statement/1/Action: "), std::string::npos) << compiled.text();
  EXPECT_TRUE(compiled.gateway->apis[0]->routes[0]->plan.require_authorizer_allow);
}

// Spec iam-policy section 9: who authenticates first is asked first.
TEST(Compile, S9_TheResourcePolicyStandsWhereTheTablesHaveIt) {
  const struct {
    config::AuthorizerType type;
    access::IdentityStyle style;
    bool resource_first;
  } kRows[] = {
      {config::AuthorizerType::Request, access::IdentityStyle::Lambda, true},
      {config::AuthorizerType::Token, access::IdentityStyle::Lambda, true},
      {config::AuthorizerType::Cognito, access::IdentityStyle::Cognito, false},
      {config::AuthorizerType::Jwt, access::IdentityStyle::Cognito, false},
      {config::AuthorizerType::Iam, access::IdentityStyle::Iam, false},
  };
  for (const auto& row : kRows) {
    test::FakeFactory factory;
    factory.add("house", Category::Resource, AnswerKind::Abstain);
    factory.add("who", Category::Identity, AnswerKind::Allow);
    config::Config config;
    for (const auto& [name, type] :
         {std::pair<const char*, config::AuthorizerType>{"house", config::AuthorizerType::ResourcePolicy},
          {"who", row.type}}) {
      config::Authorizer one;
      one.name = name;
      one.type = type;
      one.result_ttl_seconds = config::is_identity(type) ? 0 : -1;
      if (type == config::AuthorizerType::Token) one.identity_sources = {"method.request.header.x"};
      config.authorizers.push_back(one);
    }
    config::Api api;
    api.name = api.id = "a";
    api.type = config::ApiType::Rest;
    api.resource_policy = "house";
    api.stages.emplace_back().name = "live";
    config::Route& route = api.routes.emplace_back();
    route.key = "GET /x";
    route.authorizer = "who";
    route.integration = config::MockIntegration{};
    config.apis.push_back(api);
    config::Diagnostics diagnostics;
    const auto gateway = compile(config, factory, diagnostics);
    ASSERT_NE(gateway, nullptr) << config::name(row.type);
    const access::AccessPlan& plan = gateway->apis[0]->routes[0]->plan;
    EXPECT_EQ(plan.style, row.style) << config::name(row.type);
    ASSERT_EQ(plan.steps.size(), 2u);
    EXPECT_EQ(plan.steps[0].authorizer->name(), row.resource_first ? "house" : "who") << config::name(row.type);
  }
}

TEST(Compile, LA_24_LA_25_LA_26_RequiredSourcesAndKeptResults) {
  struct Case {
    const char* api;
    const char* authorizer;
    bool required, kept;
  };
  const Case cases[] = {
      {"http", "type: request, identity_sources: [$request.header.x-token]", true, false},
      {"http", "type: request, result_ttl_seconds: 0, identity_sources: [$request.header.x-token]", true, false},
      {"http", "type: request, result_ttl_seconds: 60, identity_sources: '$request.header.x, $context.routeKey'", true,
       true},
      {"http", "type: request", false, false},
      {"rest", "type: request, result_ttl_seconds: 0", false, false},
      {"rest", "type: request, identity_sources: method.request.header.x-token", true, true},
      {"rest", "type: request, result_ttl_seconds: 0, identity_sources: method.request.header.x-token", false, false},
      {"rest",
       "type: request, result_ttl_seconds: 0, strict_identity_sources: true, identity_sources: "
       "method.request.header.x-token",
       true, false},
      {"rest", "type: token, identity_sources: method.request.header.x-token", true, true},
      {"rest", "type: token, result_ttl_seconds: 0, identity_sources: method.request.header.x-token", true, false},
  };
  for (const Case& c : cases) {
    test::FakeFactory factory = gate();
    const auto got = test::compile_text(
        kListen + "authorizers: {gate: {plugin: gatehouse.test, " + c.authorizer + "}}\n" +
            api(c.api, "GET /x: {authorizer: gate, " + kMock + "}, GET /y: {authorizer: gate, " + kMock + "}"),
        factory);
    ASSERT_NE(got.gateway, nullptr) << c.authorizer << got.text();
    const access::Step& step = got.gateway->apis[0]->routes[0]->plan.steps.at(0);
    EXPECT_EQ(step.require_identity_sources, c.required) << c.api << " " << c.authorizer;
    EXPECT_EQ(got.gateway->result_caches.size(), c.kept ? 1u : 0u) << c.api << " " << c.authorizer;
    EXPECT_EQ(step.authorizer != got.gateway->authorizers[0].get(), c.kept) << c.api << " " << c.authorizer;
    EXPECT_EQ(step.authorizer, got.gateway->apis[0]->routes[1]->plan.steps.at(0).authorizer);
    EXPECT_EQ(step.authorizer->name(), "gate");
  }
}

TEST(Compile, LA_B0_LA_B1_Timeouts) {
  struct Case {
    const char* api;
    const char* gateway;
    const char* authorizer;
    std::int64_t timeout_ms;
  };
  const Case cases[] = {
      {"http", "", "", 10'000},
      {"rest", "", "", 29'000},
      {"http", "", ", timeout: 2s", 2'000},
      {"rest", "", ", timeout: 50ms", 50},
      {"rest", "gateway: {timeouts: {authorizer: 5s}}\n", "", 5'000},
      {"http", "gateway: {timeouts: {authorizer: 5s}}\n", "", 5'000},
      {"rest", "gateway: {timeouts: {authorizer: 5s}}\n", ", timeout: 30s", 30'000},
  };
  for (const Case& c : cases) {
    test::FakeFactory factory = gate();
    const auto got = test::compile_text(
        c.gateway + kListen + "authorizers: {gate: {type: request, plugin: gatehouse.test, result_ttl_seconds: 0" +
            c.authorizer + "}}\n" + api(c.api, "GET /x: {authorizer: gate, " + kMock + "}"),
        factory);
    ASSERT_NE(got.gateway, nullptr) << got.text();
    EXPECT_EQ(got.gateway->apis[0]->routes[0]->plan.steps.at(0).timeout_ms, c.timeout_ms) << c.api << c.authorizer;
  }
}

// LA-A8: kept results go over to the next configuration while nothing changes what they mean.
TEST(Compile, LA_A8_KeptResultsAreTakenOver) {
  const auto text = [](const std::string& more) {
    return kListen + "authorizers: {gate: {type: request, plugin: gatehouse.test, " + more + "}}\n" +
           api("http", "GET /x: {authorizer: gate, " + kMock + "}");
  };
  const std::string first = "result_ttl_seconds: 60, identity_sources: [$request.header.a, $request.header.b]";
  struct Case {
    std::string more;
    bool same_plugin, taken_over;
  };
  const Case cases[] = {
      {first, true, true},
      {first + ", timeout: 3s", true, true},
      {first, false, false},
      {"result_ttl_seconds: 60, identity_sources: [$request.header.b, $request.header.a]", true, false},
      {"result_ttl_seconds: 60, identity_sources: [$request.header.a]", true, false},
      {"result_ttl_seconds: 59, identity_sources: [$request.header.a, $request.header.b]", true, false},
  };
  for (const Case& c : cases) {
    test::FakeFactory factory = gate();
    const auto before = test::compile_text(text(first), factory);
    ASSERT_NE(before.gateway, nullptr) << before.text();
    test::FakeFactory others = gate();
    Surroundings surroundings;
    surroundings.previous = before.gateway.get();
    config::Diagnostics diagnostics;
    const auto config = config::load_text(text(c.more), "test.yaml", ".", diagnostics);
    ASSERT_TRUE(config);
    const auto after = compile(*config, c.same_plugin ? factory : others, diagnostics, surroundings);
    ASSERT_NE(after, nullptr);
    EXPECT_EQ(after->result_caches.at(0).authorizer == before.gateway->result_caches.at(0).authorizer, c.taken_over)
        << c.more;
  }
}

}  // namespace
}  // namespace gatehouse::gateway
