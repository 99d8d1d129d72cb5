#include "gateway/compile.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/compiled.hpp"

namespace gatehouse::gateway {
namespace {

using test::api, test::gate, test::kIdentity, test::kListen, test::kMock;

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

}  // namespace
}  // namespace gatehouse::gateway
