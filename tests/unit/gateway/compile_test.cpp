#include "gateway/compile.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/compiled.hpp"

namespace gatehouse::gateway {
namespace {

using access::AnswerKind;
using access::Category;

const std::string kListen = "listeners: {p: {address: '127.0.0.1:0'}}\n";
const std::string kIdentity = "authorizers: {gate: {type: request, plugin: gatehouse.test, result_ttl_seconds: 0}}\n";
const std::string kMock = "integration: {type: mock}";

/// One API `a` of `type` with those routes, and what else stands in its map.
std::string api(const std::string& type, const std::string& routes, const std::string& more = "") {
  const std::string stage = type == "rest" ? "live" : "$default";
  return "apis: {a: {type: " + type + ", stages: {" + stage + ": {}}, routes: {" + routes + "}" + more + "}}\n";
}

test::FakeFactory gate() {
  test::FakeFactory out;
  out.add("gate", Category::Identity, AnswerKind::Allow);
  return out;
}

struct FaultCase {
  const char* name;
  std::string yaml;
  std::vector<const char*> said;  // each in a fault or a warning of its own line
};
// What only compile() can see: the text has passed config::load.
const FaultCase kFaults[] = {
    {"an unknown plugin",
     kListen + "authorizers: {other: {type: request, plugin: gatehouse.none}}\n" +
         api("http", "GET /x: {authorizer: other, " + kMock + "}"),
     {"error test.yaml:2:46: authorizer `other`: plugin `gatehouse.none` is not installed"}},
    {"a plugin of another category",
     kListen + "authorizers: {gate: {type: network, plugin: gatehouse.test}}\n" +
         api("http", "GET /x: {authorizer: none, " + kMock + "}", ", network: [gate]"),
     {"authorizer `gate`: type `network` needs a plugin of category `network`, and `gatehouse.test` is of category "
      "`identity`"}},
    {"LA-05 REST keeps results unless told otherwise, and needs sources for it",
     kListen + "authorizers: {gate: {type: request, plugin: gatehouse.test}}\n" +
         api("rest", "GET /x: {authorizer: gate, " + kMock + "}"),
     {"used by rest API `a`: `result_ttl_seconds` is not written, so that results are kept for 300 seconds"}},
    {"an answer about a body is not kept by default",
     kListen +
         "authorizers: {gate: {type: request, plugin: gatehouse.test, grants: {body: true}, identity_sources: "
         "method.request.header.x}}\n" +
         api("rest", "GET /x: {authorizer: gate, " + kMock + "}"),
     {"it reads bodies, and a REST API keeps answers for 300 seconds"}},
    {"LA-06 a token comes in a header",
     kListen +
         "authorizers: {gate: {type: token, plugin: gatehouse.test, identity_sources: "
         "method.request.querystring.token}}\n" +
         api("rest", "GET /x: {authorizer: gate, " + kMock + "}"),
     {"identity source `method.request.querystring.token` is no header"}},
    {"LA-07 an expression that does not compile",
     kListen +
         "authorizers: {gate: {type: token, plugin: gatehouse.test, identity_sources: method.request.header.x, "
         "identity_validation_expression: '(a'}}\n" +
         api("rest", "GET /x: {authorizer: gate, " + kMock + "}, GET /y: {authorizer: gate, " + kMock + "}"),
     {"`(a` is no regular expression (RE2's syntax)"}},
    {"a context variable that nobody knows yet",
     kListen +
         "authorizers: {gate: {type: request, plugin: gatehouse.test, identity_sources: 'method.request.header.x, "
         "context.status'}}\n" +
         api("rest", "GET /x: {authorizer: gate, " + kMock + "}"),
     {"identity source `context.status` names no variable"}},
    {"two routes that are one",
     kListen + api("http", "'GET /pets/{id}': {authorizer: none, " + kMock +
                               "}, 'GET /pets/{name}': {authorizer: none, " + kMock + "}"),
     {"`GET /pets/{name}`"}},
    {"AT-11 two parameter names at one place of a REST tree",
     kListen + api("rest", "'GET /pets/{id}': {authorizer: none, " + kMock +
                               "}, 'POST /pets/{name}': {authorizer: none, " + kMock + "}"),
     {"routes `GET /pets/{id}` and `POST /pets/{name}` have different parameters in the same place"}},
    {"AT-11 nothing follows a greedy parameter",
     kListen + api("rest", "'GET /{p+}/x': {authorizer: none, " + kMock + "}"),
     {"error test.yaml:2:"}},
    {"an identity source of the other API type",
     kListen +
         "authorizers: {gate: {type: request, plugin: gatehouse.test, identity_sources: [$request.header.x-token], "
         "result_ttl_seconds: 0}}\n" +
         api("rest", "GET /x: {authorizer: gate, " + kMock + "}"),
     {"identity source `$request.header.x-token` is none that a REST API has"}},
    {"an unknown variable in the access log",
     "gateway: {access_log: {format: {id: $context.requestid}}}\n" + kListen +
         api("http", "GET /x: {authorizer: none, " + kMock + "}"),
     {"`$context.requestid`"}},
    {"an unknown variable in a gateway response",
     kListen + api("rest", "GET /x: {authorizer: none, " + kMock + "}",
                   ", gateway_responses: {UNAUTHORIZED: {templates: {application/json: '{\"a\":\"$context.nope\"}'}}}"),
     {"template `application/json`: "}},
    {"a parameter that the route has not",
     kListen + "upstreams: {up: {targets: ['127.0.0.1:9']}}\n" +
         api("http",
             "'GET /x/{id}': {authorizer: none, integration: {type: http_proxy, upstream: up, path: '/v/{name}'}}"),
     {"`{name}`"}},
    {"request parameters that an HTTP API has not",
     kListen + "upstreams: {up: {targets: ['127.0.0.1:9']}}\n" +
         api("http",
             "GET /x: {authorizer: none, integration: {type: http_proxy, upstream: up, request_parameters: {\n"
             "'overwrite:header.Host': a.test,\n'overwrite:header.X-A': $context.authorizer.a-b,\n"
             "'integration.request.header.X-B': x}}}"),
     {"error test.yaml:4:1: request parameter `overwrite:header.Host` names a header that the gateway writes",
      "error test.yaml:5:1: request parameter `overwrite:header.X-A` has a value that it cannot have: "
      "`$context.authorizer.a-b` cannot name a key",
      "error test.yaml:6:1: request parameter `integration.request.header.X-B` is none that an HTTP API has here"}},
    {"LA-6B a context key that cannot be named, in the access log",
     "gateway: {access_log: {format: {id: $context.authorizer.a-b}}}\n" + kListen +
         api("http", "GET /x: {authorizer: none, " + kMock + "}"),
     {"`$context.authorizer.a-b` cannot name a key of the authorizer's context: those of letters, digits and `_`"}},
    {"a directory for bodies that is not there",
     "gateway: {kept_bodies: {directory: /nonexistent/bodies}}\n" + kListen +
         api("http", "GET /x: {authorizer: none, " + kMock + "}"),
     {"error test.yaml:1:36: `kept_bodies.directory`: `/nonexistent/bodies` does not exist: make it"}},
    {"a CA file that is not there",
     kListen + "upstreams: {up: {targets: ['127.0.0.1:9'], tls: {ca_file: /nonexistent/ca.pem}}}\n" +
         api("http", "GET /x: {authorizer: none, integration: {type: http_proxy, upstream: up}}"),
     {"/nonexistent/ca.pem"}},
    {"one stage of two APIs on the same hosts",
     kListen + "apis:\n  a: {type: http, stages: {$default: {}}, routes: {GET /x: {authorizer: none, " + kMock +
         "}}}\n  b: {type: http, stages: {$default: {}}, routes: {GET /x: {authorizer: none, " + kMock + "}}}\n",
     {"`$default`"}},
    {"all at once",
     "gateway: {access_log: {format: {id: $context.nope}}}\n" + kListen +
         "authorizers: {one: {type: request, plugin: gatehouse.one}, two: {type: request, plugin: gatehouse.two}}\n" +
         api("http", "GET /x: {authorizer: one, " + kMock + "}, GET /y: {authorizer: two, " + kMock +
                         "}, 'GET /z/{p+}/y': {authorizer: none, " + kMock + "}"),
     {"`$context.nope`", "authorizer `one`", "authorizer `two`", "path `/z/{p+}/y` goes on"}},
};

TEST(Compile, RefusesWholeAndSaysWhyAndWhere) {
  for (const FaultCase& c : kFaults) {
    test::FakeFactory factory = gate();
    const test::Compiled got = test::compile_text(c.yaml, factory);
    EXPECT_TRUE(got.loaded) << c.name << ": config's own, not compile's:\n" << got.text();
    EXPECT_EQ(got.gateway, nullptr) << c.name;
    EXPECT_GE(got.diagnostics.errors().size(), c.said.size()) << c.name;
    for (const char* said : c.said)
      EXPECT_NE(got.text().find(said), std::string::npos) << c.name << ": `" << said << "` in\n" << got.text();
    for (const Error& error : got.diagnostics.errors()) EXPECT_NE(error.where.line, 0u) << c.name << ": " << error.text;
  }
}

TEST(Compile, WarnsOfNoPlaceForBodiesThatNobodyHasNamed) {
  const char* given = std::getenv("TMPDIR");
  const std::string before = given != nullptr ? given : "";
  ::setenv("TMPDIR", "/nonexistent/bodies", 1);
  test::FakeFactory factory = gate();
  const std::string routes = api("http", "GET /x: {authorizer: gate, " + kMock + "}");
  const std::string judge =
      "authorizers: {gate: {type: request, plugin: gatehouse.test, result_ttl_seconds: 0, grants: {body: true}}}\n";
  const test::Compiled used = test::compile_text(kListen + judge + routes, factory);
  const test::Compiled unused = test::compile_text(kListen + kIdentity + routes, factory);
  const test::Compiled in_memory =
      test::compile_text("gateway: {kept_bodies: {file_bytes: 0}}\n" + kListen + judge + routes, factory);
  given != nullptr ? ::setenv("TMPDIR", before.c_str(), 1) : ::unsetenv("TMPDIR");
  EXPECT_NE(used.gateway, nullptr);
  EXPECT_NE(used.text().find("`/nonexistent/bodies` does not exist"), std::string::npos) << used.text();
  EXPECT_NE(used.text().find("no room in memory are answered 503"), std::string::npos) << used.text();
  for (const test::Compiled* one : {&unused, &in_memory}) {
    EXPECT_NE(one->gateway, nullptr);
    EXPECT_EQ(one->text(), "");
  }
}

TEST(Compile, WarnsOfMappedValuesThatNoAuthorizerGives) {
  test::FakeFactory factory = gate();
  const std::string mapped =
      "integration: {type: http_proxy, uri: 'http://127.0.0.1:9/', request_parameters: "
      "{'overwrite:header.X-A': $context.authorizer.a}}}";
  const test::Compiled got = test::compile_text(
      kListen + kIdentity +
          api("http", "GET /x: {authorizer: none, " + mapped + ", GET /y: {authorizer: gate, " + mapped),
      factory);
  ASSERT_NE(got.gateway, nullptr) << got.text();
  ASSERT_EQ(got.diagnostics.warnings().size(), 1u) << got.text();
  EXPECT_NE(got.text().find("`GET /x` has none"), std::string::npos) << got.text();
}

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

TEST(Compile, AT_16_WarnsOfAnOpenFallThrough) {
  struct Case {
    const char* name;
    std::string gateway, routes;
    bool warned;
  };
  const std::string closed = "POST /admin: {authorizer: gate, " + kMock + "}";
  const Case cases[] = {
      {"open greedy sibling", "", closed + ", 'ANY /{proxy+}': {authorizer: none, " + kMock + "}", true},
      {"open parameter sibling", "", closed + ", 'GET /{page}': {authorizer: none, " + kMock + "}", true},
      {"protected sibling", "", closed + ", 'ANY /{proxy+}': {authorizer: gate, " + kMock + "}", false},
      {"open resource", "",
       "POST /admin: {authorizer: none, " + kMock + "}, 'ANY /{proxy+}': {authorizer: none, " + kMock +
           "}, ANY /x: {authorizer: gate, " + kMock + "}",
       false},
      {"fall-through off", "gateway: {rest_method_fallthrough: false}\n",
       closed + ", 'ANY /{proxy+}': {authorizer: none, " + kMock + "}", false},
  };
  for (const Case& c : cases) {
    test::FakeFactory factory = gate();
    const auto got = test::compile_text(c.gateway + kListen + kIdentity + api("rest", c.routes), factory);
    EXPECT_NE(got.gateway, nullptr) << c.name << "\n" << got.text();
    EXPECT_EQ(got.text().find("(AT-16)") != std::string::npos, c.warned) << c.name << "\n" << got.text();
  }
}

TEST(Compile, AT_22_WarnsOfAnOpenFallThroughOfAnHttpApi) {
  struct Case {
    const char* name;
    std::string routes;
    bool warned;
  };
  const std::string closed = "GET /g: {authorizer: gate, " + kMock + "}";
  const Case cases[] = {
      {"open greedy route", closed + ", 'ANY /{proxy+}': {authorizer: none, " + kMock + "}", true},
      {"open $default", closed + ", $default: {authorizer: none, " + kMock + "}", true},
      {"open parameter", closed + ", 'POST /{page}': {authorizer: none, " + kMock + "}", true},
      {"protected greedy route", closed + ", 'ANY /{proxy+}': {authorizer: gate, " + kMock + "}", false},
      {"every method is there",
       "ANY /g: {authorizer: gate, " + kMock + "}, 'ANY /{proxy+}': {authorizer: none, " + kMock + "}", false},
      {"AT-73's way out", closed + ", 'OPTIONS /{proxy+}': {authorizer: none, " + kMock + "}", false},
      {"nothing falls", closed, false},
  };
  for (const Case& c : cases) {
    test::FakeFactory factory = gate();
    const auto got = test::compile_text(kListen + kIdentity + api("http", c.routes), factory);
    EXPECT_NE(got.gateway, nullptr) << c.name << "\n" << got.text();
    EXPECT_EQ(got.text().find("(AT-22)") != std::string::npos, c.warned) << c.name << "\n" << got.text();
  }
}

TEST(Compile, AT_19_AT_52_EndpointsDomainsAndDisabledEndpoints) {
  using Kind = routing::Selection::Kind;
  test::FakeFactory factory;
  const auto got = test::compile_text(
      kListen +
          "apis:\n"
          "  a: {type: rest, hosts: [a.test], stages: {live: {}}, routes: {GET /x: {authorizer: none, " +
          kMock +
          "}}}\n"
          "  b: {type: http, hosts: [b.test], disable_default_endpoint: true, stages: {$default: {}}, routes: {GET /x: "
          "{authorizer: none, " +
          kMock +
          "}}}\n"
          "domains: {shop.test: {mappings: {v1: {api: a, stage: live}, v2: {api: b, stage: $default}}}}\n",
      factory);
  ASSERT_NE(got.gateway, nullptr) << got.text();
  struct Case {
    const char* host;
    const char* path;
    Kind kind;
    const char* api;  // of the target, or of what refuses
    const char* api_path;
  };
  const Case cases[] = {
      {"a.test", "/live/x", Kind::Found, "a", "/x"},
      {"a.test", "/dead/x", Kind::NoStage, "a", ""},
      {"b.test", "/x", Kind::NoStage, "b", ""},
      {"shop.test", "/v1/x", Kind::Found, "a", "/x"},
      {"shop.test", "/v2/x", Kind::Found, "b", "/x"},
      {"shop.test", "/v3/x", Kind::NoMapping, "a", ""},
      {"elsewhere.test", "/live/x", Kind::NoHost, "", ""},
  };
  for (const Case& c : cases) {
    const auto selection = got.gateway->hosts->select(c.host, c.path);
    EXPECT_EQ(selection.kind, c.kind) << c.host << c.path;
    if (selection.kind == Kind::Found) {
      EXPECT_EQ(got.gateway->stages[selection.target]->api->name, c.api) << c.host << c.path;
      EXPECT_EQ(selection.api_path, c.api_path) << c.host << c.path;
    } else if (c.kind == Kind::NoStage) {
      ASSERT_TRUE(selection.has_refused_target) << c.host << c.path;
      EXPECT_EQ(got.gateway->stages[selection.refused_target]->api->name, c.api) << c.host << c.path;
    }
  }
}

// A gateway made of structs that config::load would never let through.
config::Config one_route(const std::string& authorizer) {
  config::Config out;
  config::Api api;
  api.name = api.id = "a";
  config::Stage stage;
  stage.name = "$default";
  api.stages.push_back(stage);
  config::Route route;
  route.key = "GET /x";
  route.authorizer = authorizer;
  route.authorizer_where = {"test.yaml", 7, 9};
  api.routes.push_back(route);
  out.apis.push_back(api);
  return out;
}

TEST(Compile, INVARIANT_ARouteIsNeverCompiledWithoutTheAuthorizerItNames) {
  test::FakeFactory factory = gate();
  factory.add("edge", Category::Network);
  config::Authorizer edge;
  edge.name = "edge";
  edge.type = config::AuthorizerType::Network;
  for (const char* name : {"ghost", "edge", "NONE", "None", "none ", " "}) {
    config::Config config = one_route(name);
    config.authorizers.push_back(edge);
    config::Diagnostics diagnostics;
    EXPECT_EQ(compile(config, factory, diagnostics), nullptr) << name;
    ASSERT_EQ(diagnostics.errors().size(), 1u) << name;
    EXPECT_EQ(diagnostics.errors()[0].where.text(), "test.yaml:7:9") << name;
  }
  config::Diagnostics diagnostics;
  EXPECT_NE(compile(one_route("none"), factory, diagnostics), nullptr);
}

TEST(Compile, GenerationsGrow) {
  test::FakeFactory factory;
  config::Diagnostics diagnostics;
  const auto first = compile(one_route("none"), factory, diagnostics);
  const auto refused = compile(one_route("ghost"), factory, diagnostics);
  config::Diagnostics fresh;
  const auto second = compile(one_route("none"), factory, fresh);
  EXPECT_EQ(refused, nullptr);
  EXPECT_GT(first->generation, 0u);
  EXPECT_EQ(second->generation, first->generation + 1);
}

TEST(Compile, ArnPrefixNamesThePartition) {
  struct Case {
    const char* region;
    const char* prefix;
  };
  const Case cases[] = {{"us-east-1", "arn:aws:execute-api:us-east-1:000000000000:a/$default/"},
                        {"cn-north-1", "arn:aws-cn:execute-api:cn-north-1:000000000000:a/$default/"},
                        {"us-gov-west-1", "arn:aws-us-gov:execute-api:us-gov-west-1:000000000000:a/$default/"}};
  for (const Case& c : cases) {
    config::Config config = one_route("none");
    config.gateway.region = c.region;
    test::FakeFactory factory;
    config::Diagnostics diagnostics;
    EXPECT_EQ(compile(config, factory, diagnostics)->stages.at(0)->arn_prefix, c.prefix);
  }
}

// The ports that an address without one stands for, and that one address is one pool.
TEST(Compile, UriUpstreams) {
  test::FakeFactory factory;
  const auto got = test::compile_text(
      kListen + api("http",
                    "GET /1: {authorizer: none, integration: {type: http_proxy, uri: 'http://127.0.0.1/v1'}}, "
                    "GET /2: {authorizer: none, integration: {type: http_proxy, uri: 'http://127.0.0.1:80/v2'}}, "
                    "GET /3: {authorizer: none, integration: {type: http_proxy, uri: 'http://[::1]/v3'}}, "
                    "GET /4: {authorizer: none, integration: {type: http_proxy, uri: 'https://127.0.0.1'}}"),
      factory);
  ASSERT_NE(got.gateway, nullptr) << got.text();
  std::string names;
  for (const auto& route : got.gateway->apis[0]->routes) names += std::string(route->integration->name()) + "\n";
  EXPECT_EQ(names, "http://127.0.0.1:80\nhttp://127.0.0.1:80\nhttp://[::1]:80\nhttps://127.0.0.1:443\n");
  EXPECT_EQ(got.gateway->upstreams.size(), 3u);
}

}  // namespace
}  // namespace gatehouse::gateway
