#include "gateway/compile.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/compiled.hpp"

namespace gatehouse::gateway {
namespace {

using access::AnswerKind;
using access::Category;
using test::api, test::gate, test::kIdentity, test::kListen, test::kMock;

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
