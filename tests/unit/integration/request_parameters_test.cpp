#include "integration/request_parameters.hpp"

#include <gtest/gtest.h>

#include "integration/headers.hpp"
#include "unit/integration/fake_exchange.hpp"

namespace gatehouse::integration {
namespace {

using access::ApiType;
using access::TypedValue;
using access::ValueType;

std::string add(RequestParameters& to, ApiType type, const std::string& target, const std::string& value) {
  const auto added = to.add(type, target, value, {});
  return added ? "" : added.error().text;
}

/// What reaches the upstream of these lines of a client, but for what the gateway writes itself.
std::string forwarded(ApiType type, const RequestParameters& parameters, const std::string& lines,
                      const access::Answer& identity, bool trusted = false) {
  test::FakeExchange exchange("GET / HTTP/1.1\r\nHost: a.test\r\n" + lines + "\r\n");
  EXPECT_TRUE(exchange.parsed) << lines;
  const auto target = *http::parse_target(exchange.request.target, {}, exchange.arena);
  access::Facts facts;
  facts.api_type = type;
  facts.request = &exchange.request;
  facts.target = &target;
  http::Headers out;
  std::string_view why;
  if (!forward_request_headers({type, "", "", 0, trusted, &parameters}, exchange.request, exchange.facts,
                               exchange.arena, out) ||
      !parameters.append(facts, identity, exchange.arena, out, why))
    return "(failed) " + std::string(why);
  std::string text;
  for (const http::Header& header : out)
    if (header.id != http::HeaderId::Forwarded) text.append(header.name).append(": ").append(header.value).append("\n");
  return text;
}

const TypedValue kContext[] = {{"tenant", "blue", ValueType::String}, {"bad", "a\r\nb", ValueType::String}};

struct Case {
  const char* target;
  const char* value;
  const char* lines;    // of the client
  const char* arrives;  // "" for nothing
};

TEST(RequestParameters, LA_C1_WhatAClientSendsNeverStandsForAMappedHeader) {
  const Case http[] = {
      {"overwrite:header.X-Tenant", "$context.authorizer.tenant", "", "X-Tenant: blue\n"},
      {"overwrite:header.X-Tenant", "$context.authorizer.tenant", "x-tenant: red\r\nX-TENANT: green\r\n",
       "X-Tenant: blue\n"},
      {"overwrite:header.X-Tenant", "$context.authorizer.tenant", "X_Tenant: red\r\nX.Tenant: red\r\n",
       "X-Tenant: blue\n"},
      {"overwrite:header.X_Tenant", "$context.authorizer.tenant", "X-Tenant: red\r\n", "X_Tenant: blue\n"},
      {"overwrite:header.X-Tenant", "$context.authorizer.absent", "x-tenant: red\r\nX_Tenant: red\r\n", ""},
      {"overwrite:header.X-Tenant", "$context.authorizer.tenant", "X-Tenants: red\r\n",
       "X-Tenants: red\nX-Tenant: blue\n"},
      {"append:header.X-Tenant", "$context.authorizer.tenant", "x-tenant: red\r\nX_Tenant: green\r\n",
       "x-tenant: red\nX-Tenant: blue\n"},
      {"append:header.X-Tenant", "$context.authorizer.absent", "x-tenant: red\r\nX_Tenant: green\r\n",
       "x-tenant: red\n"},
      {"remove:header.X-Tenant", "''", "x-tenant: red\r\nX_Tenant: red\r\nX-Other: 1\r\n", "X-Other: 1\n"},
      {"remove:header.Cookie", "", "Cookie: a=b\r\n", ""},
      {"overwrite:header.X-Real-IP", "$context.authorizer.tenant", "X-Real-IP: 9.9.9.9\r\n", "X-Real-IP: blue\n"},
  };
  access::Answer identity;
  identity.context = kContext;
  for (const Case& c : http) {
    for (const bool trusted : {false, true}) {
      RequestParameters parameters;
      EXPECT_EQ(add(parameters, ApiType::Http, c.target, c.value), "") << c.target;
      EXPECT_EQ(forwarded(ApiType::Http, parameters, c.lines, identity, trusted), c.arrives) << c.target << c.lines;
    }
  }
  RequestParameters rest;
  EXPECT_EQ(add(rest, ApiType::Rest, "integration.request.header.Authorization", "context.authorizer.tenant"), "");
  EXPECT_EQ(add(rest, ApiType::Rest, "integration.request.header.X-Stage", "'live'"), "");
  EXPECT_EQ(forwarded(ApiType::Rest, rest, "Authorization: Bearer abc\r\nx-stage: test\r\n", identity),
            "Authorization: blue\nX-Stage: live\n");
}

TEST(RequestParameters, WhatCannotStandInAHeaderFailsTheRequest) {
  RequestParameters parameters;
  add(parameters, ApiType::Http, "overwrite:header.X-Bad", "$context.authorizer.bad");
  access::Answer identity;
  identity.context = kContext;
  EXPECT_EQ(forwarded(ApiType::Http, parameters, "", identity),
            "(failed) what the authorizer said for header `X-Bad` cannot stand in a header");
  EXPECT_EQ(forwarded(ApiType::Http, parameters, "x-bad: mine\r\n", {}), "");
}

TEST(RequestParameters, MoreLinesThanCanBeForwarded) {
  RequestParameters parameters;
  add(parameters, ApiType::Http, "append:header.X-One", "more");
  http::Headers out;
  for (std::size_t i = 0; i < http::Headers::kMax; ++i) out.add("x", "y");
  base::Arena arena;
  std::string_view why;
  EXPECT_FALSE(parameters.append({}, {}, arena, out, why));
  EXPECT_EQ(why, "more header lines than can be forwarded");
}

TEST(RequestParameters, NamesThatAreRefused) {
  const char* const both[] = {"Connection",      "Keep-Alive",      "Proxy-Authorization", "TE",
                              "Trailer",         "Upgrade",         "Transfer-Encoding",   "Host",
                              "Content-Length",  "Expect",          "Forwarded",           "X-Forwarded-For",
                              "x-forwarded-ssl", "X_Forwarded_For", "Content_Length",      "x-http-method-override",
                              "X-Original-URL",  "X-Forwarded.Host"};
  const char* const http_only[] = {
      "Authorization",   "Content-Encoding", "Content-Location", "Origin", "Via", "access-control-allow-origin",
      "apigw-requestid", "X-Amz-Date",       "x-amzn-trace-id"};
  const char* const rest_only[] = {"X-Amzn-Trace-Id", "x-amzn-apigateway-api-id", "X_Amzn_Trace_Id"};
  const auto refused = [](ApiType type, const std::string& name) {
    RequestParameters parameters;
    return type == ApiType::Rest ? add(parameters, type, "integration.request.header." + name, "'x'")
                                 : add(parameters, type, "overwrite:header." + name, "x");
  };
  for (const char* name : both)
    for (const ApiType type : {ApiType::Rest, ApiType::Http})
      EXPECT_NE(refused(type, name).find("that the gateway writes or judges itself"), std::string::npos) << name;
  for (const char* name : http_only) {
    EXPECT_NE(refused(ApiType::Http, name).find("that HTTP APIs cannot map"), std::string::npos) << name;  // AT-95
    if (std::string_view(name) == "x-amzn-trace-id") continue;
    EXPECT_EQ(refused(ApiType::Rest, name), "") << name;
  }
  for (const char* name : rest_only) EXPECT_NE(refused(ApiType::Rest, name), "") << name;
  for (const char* name : {"X-Real-IP", "Cookie", "User-Agent", "X-Tenant", "Date"})
    for (const ApiType type : {ApiType::Rest, ApiType::Http}) EXPECT_EQ(refused(type, name), "") << name;
  RequestParameters beside;
  EXPECT_NE(add(beside, ApiType::Http, "append:header.X-Real-IP", "$context.identity.sourceIp"), "");
}

TEST(RequestParameters, FormsThatAreRefused) {
  struct Form {
    ApiType type;
    const char* target;
    const char* value;
    const char* said;
  };
  const Form forms[] = {
      {ApiType::Rest, "overwrite:header.X", "'x'", "is none that a REST API has here"},
      {ApiType::Rest, "integration.request.querystring.x", "'x'", "paths and queries are not mapped"},
      {ApiType::Rest, "integration.request.path.x", "'x'", "paths and queries are not mapped"},
      {ApiType::Rest, "integration.request.header.", "'x'", "has no header name"},
      {ApiType::Rest, "integration.request.header.X Y", "'x'", "has no header name"},
      {ApiType::Rest, "integration.request.header.X", "x", "has a value that it cannot have"},
      {ApiType::Http, "integration.request.header.X", "x", "is none that an HTTP API has here"},
      {ApiType::Http, "overwrite:path", "/x", "paths and queries are not mapped"},
      {ApiType::Http, "append:querystring.x", "x", "paths and queries are not mapped"},
      {ApiType::Http, "Overwrite:header.X", "x", "is none that an HTTP API has here"},
      {ApiType::Http, "remove:header.X", "x", "takes no value"},
      {ApiType::Http, "overwrite:header.X", "$context.nope", "has a value that it cannot have"},
  };
  for (const Form& form : forms) {
    RequestParameters parameters;
    const std::string got = add(parameters, form.type, form.target, form.value);
    EXPECT_NE(got.find(form.said), std::string::npos) << form.target << ": " << got;
    EXPECT_TRUE(parameters.empty());
  }
  RequestParameters parameters;
  EXPECT_EQ(add(parameters, ApiType::Http, "overwrite:header.X-A", "x"), "");
  for (const char* name : {"append:header.x-a", "remove:header.X_A", "overwrite:header.X-A"})
    EXPECT_NE(add(parameters, ApiType::Http, name, "remove" == std::string_view(name).substr(0, 6) ? "" : "x"), "");
  for (std::size_t i = 1; i < RequestParameters::kMost; ++i)
    EXPECT_EQ(add(parameters, ApiType::Http, "overwrite:header.X-" + std::to_string(i), "x"), "");
  EXPECT_NE(add(parameters, ApiType::Http, "overwrite:header.Y", "x").find("one too many"), std::string::npos);
}

TEST(RequestParameters, KnowWhetherTheyNeedAnAuthorizer) {
  RequestParameters parameters;
  add(parameters, ApiType::Http, "overwrite:header.X", "$context.stage");
  EXPECT_FALSE(parameters.use_authorizer());
  add(parameters, ApiType::Http, "overwrite:header.Y", "$context.authorizer.y");
  EXPECT_TRUE(parameters.use_authorizer());
}

}  // namespace
}  // namespace gatehouse::integration
