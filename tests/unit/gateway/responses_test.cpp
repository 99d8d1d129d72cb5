#include "gateway/responses.hpp"

#include <gtest/gtest.h>

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
