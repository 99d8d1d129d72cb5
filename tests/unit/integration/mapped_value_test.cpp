#include "integration/mapped_value.hpp"

#include <gtest/gtest.h>

#include "unit/integration/fake_exchange.hpp"

namespace gatehouse::integration {
namespace {

using access::ApiType;
using access::TypedValue;
using access::ValueType;

const TypedValue kContext[] = {
    {"tenant", "blue", ValueType::String},
    {"level", "3", ValueType::Number},
    {"beta", "true", ValueType::Bool},
    {"none", "", ValueType::Null},
    {"empty", "", ValueType::String},
    {"blank", " \t ", ValueType::String},
    {"padded", "  x y ", ValueType::String},
    {"limits", "{\"rps\":\n 5,\r\n\"s\":\"a\\nb\"}", ValueType::Json},
    {"split", "a\r\nX-Admin: 1", ValueType::String},
    {"nul", std::string_view("a\0b", 3), ValueType::String},
    {"del", "a\x7f", ValueType::String},
    {"latin", "caf\xc3\xa9", ValueType::String},
    {"a-b", "dashed", ValueType::String},
};
const TypedValue kClaims[] = {{"sub", "ada", ValueType::String},
                              {"cognito:groups", "[\"a\"]", ValueType::Json},
                              {"line", "admin\n", ValueType::String},
                              {"lines", "[\"a\\r\\nX-Evil: 1\"]", ValueType::Json},
                              {"map", "{\n\"a\": 1}", ValueType::Json}};
const access::NamedValue kParameters[] = {{"id", "7%2B"}};
const access::NamedValue kVariables[] = {{"env", "live"}};

struct Request {
  explicit Request(ApiType type)
      : exchange("GET /orders/7?q=a%0db&r=a+b HTTP/1.1\r\nHost: a.test\r\nX-In: in\r\nX-Two: 1\r\nX-Two: 2\r\n\r\n") {
    EXPECT_TRUE(exchange.parsed);
    target = *http::parse_target(exchange.request.target, {}, exchange.arena);
    facts.api_type = type;
    facts.request = &exchange.request;
    facts.target = &target;
    facts.api_path = "/orders/7";
    facts.stage = "live";
    facts.source_ip_text = "10.1.2.3";
    facts.path_parameters = kParameters;
    facts.stage_variables = kVariables;
    identity.principal_id = "ada";
    identity.context = kContext;
    identity.claims = kClaims;
  }
  test::FakeExchange exchange;
  http::Target target;
  access::Facts facts;
  access::Answer identity;
};

constexpr const char* kUnsendable = "(unsendable)";

std::string value_of(ApiType type, const char* text) {
  Request request(type);
  auto made = MappedValue::parse(type, text, {"id"});
  if (!made) return "(refused) " + made.error().text;
  const auto value = made->resolve(request.facts, request.identity, request.exchange.arena);
  return value ? std::string(*value) : kUnsendable;
}

struct Case {
  const char* text;
  const char* value;
};

TEST(MappedValue, RestSources) {
  const Case cases[] = {
      {"context.authorizer.principalId", "ada"},
      {"context.authorizer.tenant", "blue"},
      {"context.authorizer.level", "3"},
      {"context.authorizer.beta", "true"},
      {"context.authorizer.none", ""},
      {"context.authorizer.empty", ""},
      {"context.authorizer.blank", ""},
      {"context.authorizer.absent", ""},
      {"context.authorizer.padded", "x y"},
      {"context.authorizer.latin", "caf\xc3\xa9"},
      {"context.authorizer.split", kUnsendable},
      {"context.authorizer.nul", kUnsendable},
      {"context.authorizer.del", kUnsendable},
      {"context.authorizer.claims.sub", "ada"},
      {"context.authorizer.claims.cognito:groups", "a"},
      {"context.authorizer.claims['cognito:groups']", "a"},
      {"context.authorizer.claims.absent", ""},
      {"context.authorizer.claims.line", kUnsendable},  // not `admin`
      {"context.authorizer.claims.lines", kUnsendable},
      {"context.authorizer.claims.map", "{ \"a\": 1}"},
      {"context.identity.sourceIp", "10.1.2.3"},
      {"context.stage", "live"},
      {"stageVariables.env", "live"},
      {"stageVariables.absent", ""},
      {"method.request.header.x-in", "in"},
      {"method.request.header.x-two", "2"},
      {"method.request.header.x-absent", ""},
      {"method.request.querystring.r", "a b"},
      {"method.request.querystring.q", ""},  // what a client sends can be left out by it as well
      {"method.request.path.id", "7%2B"},
      {"'blue'", "blue"},
      {"' a '", "a"},
      {"'$context.x'", "$context.x"},
  };
  for (const Case& c : cases) EXPECT_EQ(value_of(ApiType::Rest, c.text), c.value) << c.text;
}

TEST(MappedValue, HttpSources) {
  const Case cases[] = {
      {"$context.authorizer.principalId", "ada"},
      {"$context.authorizer.tenant", "blue"},
      {"$context.authorizer.limits", "{\"rps\":  5,  \"s\":\"a\\nb\"}"},
      {"$context.authorizer.none", ""},
      {"$context.authorizer.split", kUnsendable},
      {"$context.routeKey", ""},
      {"$context.identity.sourceIp", "10.1.2.3"},
      {"$stageVariables.env", "live"},
      {"$request.header.X-In", "in"},
      {"$request.header.x-two", "1,2"},
      {"$request.querystring.r", "a b"},
      {"$request.path", "/orders/7"},
      {"$request.path.id", "7%2B"},
      {"blue", "blue"},
      {"it's", "it's"},
  };
  for (const Case& c : cases) EXPECT_EQ(value_of(ApiType::Http, c.text), c.value) << c.text;
}

TEST(MappedValue, AKeyNamedPrincipalIdIsOneLikeOthersForHttpApis) {
  Request request(ApiType::Http);
  const TypedValue context[] = {{"principalId", "of the context", ValueType::String}};
  request.identity.context = context;
  const auto http = MappedValue::parse(ApiType::Http, "$context.authorizer.principalId", {});
  EXPECT_EQ(http->resolve(request.facts, request.identity, request.exchange.arena), "of the context");
  const auto rest = MappedValue::parse(ApiType::Rest, "context.authorizer.principalId", {});
  EXPECT_EQ(rest->resolve(request.facts, request.identity, request.exchange.arena), "ada");
}

TEST(MappedValue, WhatIsRefusedAtLoad) {
  struct Refusal {
    ApiType type;
    const char* text;
    const char* said;
  };
  const Refusal cases[] = {
      {ApiType::Rest, "", "is no value that a REST API has: write `'text'`, `context.authorizer.KEY`"},
      {ApiType::Rest, "blue", "is no value"},
      {ApiType::Rest, "''", "is an empty text"},
      {ApiType::Rest, "'", "is no value"},
      {ApiType::Rest, "'a\rb'", "has control characters"},
      {ApiType::Rest, "$context.authorizer.tenant", "is no value"},
      {ApiType::Rest, "context.authorizer.a-b", "letters, digits and `_`"},  // LA-6B
      {ApiType::Rest, "context.authorizer.", "letters, digits and `_`"},
      {ApiType::Rest, "context.authorizer.claims", ""},
      {ApiType::Rest, "context.authorizer.status", "known to access logs only"},
      {ApiType::Rest, "context.status", "is not known when a request is sent on"},
      {ApiType::Rest, "context.routeKey", "`resourcePath`"},
      {ApiType::Rest, "method.request.path.other", "is no parameter of the route's path"},
      {ApiType::Rest, "method.request.body.x", "is no value"},
      {ApiType::Rest, "stageVariables.", "is no value"},
      {ApiType::Http, "context.authorizer.tenant", ""},
      {ApiType::Http, "", "is an empty text"},
      {ApiType::Http, "'blue'", "is no value that a HTTP API has: write a text without `$`"},
      {ApiType::Http, "$context.authorizer.a.b", "letters, digits and `_`"},
      {ApiType::Http, "tenant-$context.authorizer.tenant", "is no value"},
      {ApiType::Http, "${context.authorizer.tenant}", "is no value"},
      {ApiType::Http, "$request.body.x", "is no value"},
      {ApiType::Http, "$request.path.other", "is no parameter"},
      {ApiType::Http, "a\nb", "has control characters"},
  };
  for (const Refusal& c : cases) {
    const std::string got = value_of(c.type, c.text);
    if (*c.said == '\0') {
      EXPECT_NE(got.substr(0, 9), "(refused)") << c.text;
    } else {
      EXPECT_EQ(got.substr(0, 9), "(refused)") << c.text;
      EXPECT_NE(got.find(c.said), std::string::npos) << c.text << ": " << got;
    }
  }
}

TEST(MappedValue, KnowsWhatIsTheAuthorizers) {
  for (const char* text : {"context.authorizer.x", "context.authorizer.principalId", "context.authorizer.claims.sub"})
    EXPECT_TRUE(MappedValue::parse(ApiType::Rest, text, {})->is_of_authorizer()) << text;
  for (const char* text : {"context.stage", "'x'", "stageVariables.x", "method.request.header.x"})
    EXPECT_FALSE(MappedValue::parse(ApiType::Rest, text, {})->is_of_authorizer()) << text;
}

}  // namespace
}  // namespace gatehouse::integration
