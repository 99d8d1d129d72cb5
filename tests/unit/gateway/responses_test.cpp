#include "gateway/responses.hpp"

#include <gtest/gtest.h>

#include <iterator>

#include "gateway/refusal.hpp"
#include "gateway/respond.hpp"
#include "unit/gateway/paper_context.hpp"

namespace gatehouse::gateway {
namespace {

config::GatewayResponse response(std::string type) {
  config::GatewayResponse out;
  out.type = std::move(type);
  return out;
}

struct TypeCase {
  ResponseType type;
  const char* name;
  int status;
  const char* error_type;
};
// Spec: api-types section 6. Where it leaves the type open (AUTHORIZER_FAILURE; REQUEST_TOO_LARGE of a body over the
// payload limit, which is plain text without one) the row is Gatehouse's choice.
const TypeCase kTypes[] = {
    {ResponseType::AccessDenied, "ACCESS_DENIED", 403, "AccessDeniedException"},
    {ResponseType::ApiConfigurationError, "API_CONFIGURATION_ERROR", 500, "InternalServerErrorException"},
    {ResponseType::AuthorizerConfigurationError, "AUTHORIZER_CONFIGURATION_ERROR", 500,
     "AuthorizerConfigurationException"},
    {ResponseType::AuthorizerFailure, "AUTHORIZER_FAILURE", 500, "AuthorizerConfigurationException"},
    {ResponseType::BadRequestParameters, "BAD_REQUEST_PARAMETERS", 400, "BadRequestException"},
    {ResponseType::BadRequestBody, "BAD_REQUEST_BODY", 400, "BadRequestException"},
    {ResponseType::ExpiredToken, "EXPIRED_TOKEN", 403, "ExpiredTokenException"},
    {ResponseType::IntegrationFailure, "INTEGRATION_FAILURE", 504, "InternalServerErrorException"},
    {ResponseType::IntegrationTimeout, "INTEGRATION_TIMEOUT", 504, "InternalServerErrorException"},
    {ResponseType::InvalidApiKey, "INVALID_API_KEY", 403, "ForbiddenException"},
    {ResponseType::InvalidSignature, "INVALID_SIGNATURE", 403, "InvalidSignatureException"},
    {ResponseType::MissingAuthenticationToken, "MISSING_AUTHENTICATION_TOKEN", 403,
     "MissingAuthenticationTokenException"},
    {ResponseType::QuotaExceeded, "QUOTA_EXCEEDED", 429, "LimitExceededException"},
    {ResponseType::RequestTooLarge, "REQUEST_TOO_LARGE", 413, "BadRequestException"},
    {ResponseType::ResourceNotFound, "RESOURCE_NOT_FOUND", 404, "NotFoundException"},
    {ResponseType::Throttled, "THROTTLED", 429, "TooManyRequestsException"},
    {ResponseType::Unauthorized, "UNAUTHORIZED", 401, "UnauthorizedException"},
    {ResponseType::UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", 415, "BadRequestException"},
    {ResponseType::WafFiltered, "WAF_FILTERED", 403, "ForbiddenException"},
};

TEST(Responses, Section6_EachTypeHasItsNameStatusAndErrorType) {
  static_assert(std::size(kTypes) == kResponseTypes);
  for (std::size_t i = 0; i < std::size(kTypes); ++i) {
    const TypeCase& c = kTypes[i];
    EXPECT_EQ(static_cast<std::size_t>(c.type), i) << c.name;
    EXPECT_EQ(name(c.type), c.name);
    EXPECT_EQ(default_response(c.type).status, c.status) << c.name;
    EXPECT_EQ(default_response(c.type).error_type, c.error_type) << c.name;
    EXPECT_EQ(parse_response_type(c.name), c.type) << c.name;
  }
  for (const char* text : {"", "DEFAULT_4XX", "DEFAULT_5XX", "access_denied", "ACCESS_DENIED "})
    EXPECT_EQ(parse_response_type(text), std::nullopt) << text;
}

// AT-60: the class that a fallback covers is that of the default status.
TEST(Responses, AT_60_EachTypeFallsBackToItsOwnClass) {
  config::Diagnostics diagnostics;
  auto client = response("DEFAULT_4XX");
  client.status = 418;
  auto server = response("DEFAULT_5XX");
  server.status = 599;
  const auto compiled = GatewayResponses::compile({client, server}, diagnostics);
  for (const TypeCase& c : kTypes) EXPECT_EQ(compiled.find(c.type)->status, c.status < 500 ? 418 : 599) << c.name;
}

TEST(Responses, AT_60_SpecificThenDefaultThenBuiltIn) {
  config::Diagnostics diagnostics;
  auto all = response("DEFAULT_4XX");
  all.status = 418;
  auto one = response("UNAUTHORIZED");
  one.status = 499;
  const auto compiled = GatewayResponses::compile({all, one}, diagnostics);
  EXPECT_TRUE(diagnostics.ok());
  EXPECT_EQ(compiled.find(ResponseType::Unauthorized)->status, 499);
  EXPECT_EQ(compiled.find(ResponseType::AccessDenied)->status, 418);
  EXPECT_EQ(compiled.find(ResponseType::IntegrationTimeout), nullptr);
}

TEST(Responses, AT_61_MembersAreCheckedAtLoad) {
  struct Case {
    const char* name;
    const char* value;
    bool good;
  };
  const Case cases[] = {
      {"Access-Control-Allow-Origin", "'*'", true},
      {"x-a", "context.requestId", true},
      {"x-a", "method.request.header.Origin", true},
      {"x-a", "stageVariables.color", true},
      {"x-a", "unquoted", false},
      {"x-a", "'a\r\nSet-Cookie: b'", false},
      {"x-a", "context.nope", false},
      {"bad name", "'x'", false},
      {"x-a", "'$context.requestId'", false},
  };
  for (const Case& c : cases) {
    auto from = response("UNAUTHORIZED");
    from.headers[c.name] = c.value;
    config::Diagnostics diagnostics;
    GatewayResponses::compile({from}, diagnostics);
    EXPECT_EQ(diagnostics.ok(), c.good) << c.name << ": " << c.value;
  }
}

TEST(Responses, CustomisedBodyStatusAndHeaders) {
  test::PaperContext context(
      access::ApiType::Rest,
      "GET /orders/7 HTTP/1.1\r\nHost: api.example.com\r\nAccept: text/plain, */*\r\nOrigin: https://a\r\n\r\n");
  auto from = response("UNAUTHORIZED");
  from.status = 403;
  from.headers["x-origin"] = "method.request.header.Origin";
  from.templates["application/json"] = "{\"m\":$context.error.messageString}";
  from.templates["text/plain"] = "no: $context.error.message ($context.error.responseType)";
  config::Diagnostics diagnostics;
  context.api_.responses = GatewayResponses::compile({from}, diagnostics);
  ASSERT_TRUE(diagnostics.ok());
  context.decision.verdict = access::Verdict::Unauthorized;
  refusal::by_decision(context);
  http::MemoryBody body;
  respond_refused(context, body);
  EXPECT_EQ(context.paper.status, 403);
  EXPECT_EQ(context.paper.text, "no: Unauthorized (UNAUTHORIZED)");
  EXPECT_NE(context.paper.headers.find("x-origin: https://a\n"), std::string::npos);
  EXPECT_NE(context.paper.headers.find("Content-Type: text/plain\n"), std::string::npos);
  EXPECT_NE(context.paper.headers.find("x-amzn-ErrorType: UnauthorizedException\n"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::gateway
