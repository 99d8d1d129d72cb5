#include "gateway/refusal.hpp"

#include <gtest/gtest.h>

#include "gateway/respond.hpp"
#include "unit/gateway/paper_context.hpp"

namespace gatehouse::gateway {
namespace {

using access::ApiType;
using access::Category;
using access::Verdict;

class Judge final : public access::Authorizer {
 public:
  explicit Judge(Category category) : category_(category) {}
  std::string_view name() const noexcept override { return "judge"; }
  Category category() const noexcept override { return category_; }
  void authorize(const access::Facts&, std::int64_t, access::Question&) noexcept override {}
  void cancel(access::Question&) noexcept override {}

 private:
  Category category_;
};

struct Answer {
  int status;
  std::string body, error_type;
};

Answer answer(test::PaperContext& context) {
  http::MemoryBody body;
  respond_refused(context, body);
  std::string type;
  const std::string key = "x-amzn-ErrorType: ";
  if (const std::size_t at = context.paper.headers.find(key); at != std::string::npos)
    type = context.paper.headers.substr(at + key.size(), context.paper.headers.find('\n', at) - at - key.size());
  return {context.paper.status, context.paper.text, type};
}

struct DecisionCase {
  const char* name;
  ApiType type;
  Category by;
  Verdict verdict;
  bool current;
  int status;
  const char* body;
  const char* error_type;
};

// Spec: lambda-authorizers section 13, LA-90, LA-91; api-types 6, 6.1, 6.3.
const DecisionCase kDecisions[] = {
    {"REST 401", ApiType::Rest, Category::Identity, Verdict::Unauthorized, true, 401, R"({"message":"Unauthorized"})",
     "UnauthorizedException"},
    {"REST explicit deny", ApiType::Rest, Category::Identity, Verdict::Denied, true, 403,
     R"({"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"})",
     "AccessDeniedException"},
    {"REST explicit deny, classic", ApiType::Rest, Category::Identity, Verdict::Denied, false, 403,
     R"({"Message":"User is not authorized to access this resource with an explicit deny"})", "AccessDeniedException"},
    {"REST implicit deny", ApiType::Rest, Category::Identity, Verdict::NotAllowed, true, 403,
     R"({"Message":"User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action"})",
     "AccessDeniedException"},
    {"REST implicit deny, classic", ApiType::Rest, Category::Identity, Verdict::NotAllowed, false, 403,
     R"({"Message":"User is not authorized to access this resource"})", "AccessDeniedException"},
    {"REST failed", ApiType::Rest, Category::Identity, Verdict::Failed, true, 500, R"({"message":null})",
     "AuthorizerConfigurationException"},
    {"REST network deny", ApiType::Rest, Category::Network, Verdict::Denied, true, 403, R"({"message":"Forbidden"})",
     "ForbiddenException"},
    {"REST resource deny", ApiType::Rest, Category::Resource, Verdict::Denied, true, 403,
     R"({"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********3333:a1b2c3/live/GET/orders/7 with an explicit deny in a resource-based policy"})",
     "AccessDeniedException"},
    {"REST resource deny, classic", ApiType::Rest, Category::Resource, Verdict::Denied, false, 403,
     R"({"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********3333:a1b2c3/live/GET/orders/7 with an explicit deny"})",
     "AccessDeniedException"},
    {"HTTP 401", ApiType::Http, Category::Identity, Verdict::Unauthorized, true, 401, R"({"message":"Unauthorized"})",
     ""},
    {"HTTP deny, classic", ApiType::Http, Category::Identity, Verdict::Denied, false, 403, R"({"message":"Forbidden"})",
     ""},
    {"HTTP deny", ApiType::Http, Category::Identity, Verdict::Denied, true, 403, R"({"message":"Forbidden"})", ""},
    {"HTTP implicit deny", ApiType::Http, Category::Identity, Verdict::NotAllowed, true, 403,
     R"({"message":"Forbidden"})", ""},
    {"HTTP network deny", ApiType::Http, Category::Network, Verdict::Denied, true, 403, R"({"message":"Forbidden"})",
     ""},
    {"HTTP failed", ApiType::Http, Category::Identity, Verdict::Failed, true, 500,
     R"({"message":"Internal Server Error"})", ""},
};

TEST(Refusal, LA_90_LA_91_ByDecision) {
  for (const DecisionCase& c : kDecisions) {
    test::PaperContext context(c.type);
    context.gateway_.settings.deny_message_current = c.current;
    const Judge judge(c.by);
    context.decision.verdict = c.verdict;
    context.decision.by = &judge;
    if (c.by == Category::Identity) {
      context.decision.denial = access::Denial::Lambda;
      context.decision.layer = policy::Layer::Identity;
    } else if (c.by == Category::Resource) {
      context.decision.denial = access::Denial::Anonymous;
      context.decision.layer = policy::Layer::Resource;
    }
    refusal::by_decision(context);
    const Answer got = answer(context);
    EXPECT_EQ(got.status, c.status) << c.name;
    EXPECT_EQ(got.body, c.body) << c.name;
    EXPECT_EQ(got.error_type, c.error_type) << c.name;
  }
}

TEST(Refusal, CG_31_JW_39_AnAuthorizersOwnWords) {
  using access::ResponseType;
  const struct {
    const char* name;
    ApiType type;
    Verdict verdict;
    std::string_view message, error_type;
    std::optional<ResponseType> response_type;
    int status;
    const char* body;
    const char* shown_type;
  } cases[] = {
      {"CG-31 expired",
       ApiType::Rest,
       Verdict::Unauthorized,
       "The incoming token has expired",
       {},
       {},
       401,
       R"({"message":"The incoming token has expired"})",
       "UnauthorizedException"},
      {"CG-30 nothing said",
       ApiType::Rest,
       Verdict::Unauthorized,
       {},
       {},
       {},
       401,
       R"({"message":"Unauthorized"})",
       "UnauthorizedException"},
      {"CG-33 failed, in words",
       ApiType::Rest,
       Verdict::Failed,
       "Internal server error",
       {},
       {},
       500,
       R"({"message":"Internal server error"})",
       "AuthorizerConfigurationException"},
      {"another type of 403",
       ApiType::Rest,
       Verdict::Denied,
       "No \"token\"",
       {},
       ResponseType::MissingAuthenticationToken,
       403,
       R"({"message":"No \"token\""})",
       "MissingAuthenticationTokenException"},
      {"an exception of its own", ApiType::Rest, Verdict::Denied, "bad", "IncompleteSignatureException",
       ResponseType::InvalidSignature, 403, R"({"message":"bad"})", "IncompleteSignatureException"},
      {"ACCESS_DENIED keeps its member",
       ApiType::Rest,
       Verdict::Denied,
       "no",
       {},
       {},
       403,
       R"({"Message":"no"})",
       "AccessDeniedException"},
      {"HTTP: 401 is fixed",
       ApiType::Http,
       Verdict::Unauthorized,
       "expired",
       "X",
       {},
       401,
       R"({"message":"Unauthorized"})",
       ""},
      {"HTTP: 403 is fixed", ApiType::Http, Verdict::Denied, "no", "X", ResponseType::InvalidSignature, 403,
       R"({"message":"Forbidden"})", ""},
  };
  for (const auto& c : cases) {
    test::PaperContext context(c.type);
    const Judge judge(Category::Identity);
    access::Decision& decision = context.decision;
    decision.verdict = c.verdict;
    decision.by = &judge;
    decision.denial = access::Denial::Lambda;
    decision.layer = policy::Layer::Identity;
    decision.decisive.message = c.message;
    decision.decisive.error_type = c.error_type;
    decision.decisive.response_type = c.response_type;
    decision.decisive.challenge = "Bearer error=\"x\"";
    refusal::by_decision(context);
    const Answer got = answer(context);
    EXPECT_EQ(got.status, c.status) << c.name;
    EXPECT_EQ(got.body, c.body) << c.name;
    EXPECT_EQ(got.error_type, c.shown_type) << c.name;
    const bool challenged = context.paper.headers.find("www-authenticate: Bearer error=\"x\"") != std::string::npos;
    EXPECT_EQ(challenged, c.verdict != Verdict::Failed) << c.name;
  }
}

// Spec: iam-policy section 10.
TEST(Refusal, S10_DenialTexts) {
  using access::Denial;
  using policy::Layer;
  struct Case {
    const char* name;
    Denial denial;
    Layer layer;
    Verdict verdict;
    bool current, cross_account;
    const char* text;  // behind the stem
  };
  const std::string anonymous =
      "User: anonymous is not authorized to perform: execute-api:Invoke on resource: "
      "arn:aws:execute-api:us-east-1:********3333:a1b2c3/live/GET/orders/7";
  const std::string caller =
      "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: execute-api:Invoke on resource: "
      "arn:aws:execute-api:us-east-1:********3333:a1b2c3/live/GET/orders/7";
  const std::string lambda = "User is not authorized to access this resource";
  const Case kCases[] = {
      {"D1", Denial::Anonymous, Layer::Resource, Verdict::NotAllowed, true, false,
       " because no resource-based policy allows the execute-api:Invoke action"},
      {"D1, classic", Denial::Anonymous, Layer::Resource, Verdict::NotAllowed, false, false, ""},
      {"D2", Denial::Anonymous, Layer::Resource, Verdict::Denied, true, false,
       " with an explicit deny in a resource-based policy"},
      {"D2, classic", Denial::Anonymous, Layer::Resource, Verdict::Denied, false, false, " with an explicit deny"},
      {"D3", Denial::Lambda, Layer::Identity, Verdict::NotAllowed, true, false,
       " because no identity-based policy allows the execute-api:Invoke action"},
      {"D3, classic", Denial::Lambda, Layer::Identity, Verdict::NotAllowed, false, false, ""},
      {"D4", Denial::Lambda, Layer::Identity, Verdict::Denied, true, false,
       " with an explicit deny in an identity-based policy"},
      {"D4, classic", Denial::Lambda, Layer::Identity, Verdict::Denied, false, false, " with an explicit deny"},
      {"IAM implicit", Denial::Caller, Layer::Identity, Verdict::NotAllowed, true, false,
       " because no identity-based policy allows the execute-api:Invoke action"},
      {"IAM explicit", Denial::Caller, Layer::Resource, Verdict::Denied, true, false,
       " with an explicit deny in a resource-based policy"},
      {"IAM, boundary", Denial::Caller, Layer::Boundary, Verdict::NotAllowed, true, false,
       " because no permissions boundary allows the execute-api:Invoke action"},
      {"IAM, session", Denial::Caller, Layer::Session, Verdict::Denied, true, false,
       " with an explicit deny in a session policy"},
      {"IAM, guardrail", Denial::Caller, Layer::Guardrail, Verdict::Denied, true, false,
       " with an explicit deny in a service control policy"},
      {"IAM, endpoint", Denial::Caller, Layer::Endpoint, Verdict::NotAllowed, true, false,
       " because no VPC endpoint policy allows the execute-api:Invoke action"},
      {"IAM, another account", Denial::Caller, Layer::Resource, Verdict::NotAllowed, true, true, ""},
      {"IAM, another account, explicit", Denial::Caller, Layer::Identity, Verdict::Denied, true, true,
       " with an explicit deny"},
  };
  for (const Case& c : kCases) {
    test::PaperContext context(ApiType::Rest);
    context.gateway_.settings.deny_message_current = c.current;
    context.decision.verdict = c.verdict;
    context.decision.denial = c.denial;
    context.decision.layer = c.layer;
    context.decision.cross_account = c.cross_account;
    context.decision.caller = "arn:aws:iam::111122223333:user/ann";
    refusal::by_decision(context);
    const Answer got = answer(context);
    const std::string stem = c.denial == Denial::Lambda ? lambda : c.denial == Denial::Caller ? caller : anonymous;
    EXPECT_EQ(got.status, 403) << c.name;
    EXPECT_EQ(got.body, "{\"Message\":\"" + stem + c.text + "\"}") << c.name;
    EXPECT_EQ(got.error_type, "AccessDeniedException") << c.name;
  }
}

TEST(Refusal, ChallengeIsSent) {
  test::PaperContext context(ApiType::Http);
  context.decision.verdict = Verdict::Unauthorized;
  context.decision.decisive.challenge = "Token";
  refusal::by_decision(context);
  answer(context);
  EXPECT_NE(context.paper.headers.find("www-authenticate: Token\n"), std::string::npos);
}

struct FailureCase {
  ApiType type;
  integration::Failure failure;
  int status;
  const char* body;
};
// Spec: api-types 6.3, 6.4 and the table of section 6.
const FailureCase kFailures[] = {
    {ApiType::Rest, integration::Failure::Timeout, 504, R"({"message":"Endpoint request timed out"})"},
    {ApiType::Rest, integration::Failure::Unreachable, 500, R"({"message":"Internal server error"})"},
    {ApiType::Rest, integration::Failure::BadResponse, 502, R"({"message":"Internal server error"})"},
    {ApiType::Rest, integration::Failure::Configuration, 500, R"({"message":"Internal server error"})"},
    {ApiType::Rest, integration::Failure::RequestTooLarge, 413, "HTTP content length exceeded 10485760 bytes."},
    {ApiType::Http, integration::Failure::Timeout, 503, R"({"message":"Service Unavailable"})"},
    {ApiType::Http, integration::Failure::Unreachable, 503, R"({"message":"Service Unavailable"})"},
    {ApiType::Http, integration::Failure::BadResponse, 500, R"({"message":"Internal Server Error"})"},
    {ApiType::Http, integration::Failure::Configuration, 500, R"({"message":"Internal Server Error"})"},
    {ApiType::Http, integration::Failure::RequestTooLarge, 413, R"({"message":"Request Entity Too Large"})"},
};

TEST(Refusal, ByIntegration) {
  for (const FailureCase& c : kFailures) {
    test::PaperContext context(c.type);
    refusal::by_integration(context, c.failure);
    const Answer got = answer(context);
    EXPECT_EQ(got.status, c.status) << integration::name(c.failure);
    EXPECT_EQ(got.body, c.body) << integration::name(c.failure);
  }
}

TEST(Refusal, IntegrationFailureIs504OnceCustomised) {
  test::PaperContext context(ApiType::Rest);
  config::GatewayResponse custom;
  custom.type = "INTEGRATION_FAILURE";
  config::Diagnostics diagnostics;
  context.api_.responses = GatewayResponses::compile({custom}, diagnostics);
  refusal::by_integration(context, integration::Failure::Unreachable);
  EXPECT_EQ(answer(context).status, 504);
}

TEST(Refusal, AT_18_UnknownRouteOfARestApi) {
  test::PaperContext context(ApiType::Rest);
  refusal::unknown_route(context);
  const Answer got = answer(context);
  EXPECT_EQ(got.status, 403);
  EXPECT_EQ(got.body, R"({"message":"Missing Authentication Token"})");
  EXPECT_EQ(got.error_type, "MissingAuthenticationTokenException");
}

TEST(Refusal, AT_1A_UnknownRouteWithAuthorizationNeverEchoesIt) {
  test::PaperContext context(ApiType::Rest, "GET /x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer s3cret\r\n\r\n");
  refusal::unknown_route(context);
  const Answer got = answer(context);
  EXPECT_EQ(got.status, 403);
  EXPECT_EQ(got.error_type, "IncompleteSignatureException");
  EXPECT_EQ(got.body.find("s3cret"), std::string::npos);
  EXPECT_NE(
      got.body.find("(hashed with SHA-256 and encoded with Base64): 'DJrmBmtB03Ed6kZnz8xRP2DP4Ef7G/QFbKfRqNCJz1o='."),
      std::string::npos)
      << got.body;
}

TEST(Refusal, AT_25_UnknownRouteOfAnHttpApi) {
  test::PaperContext context(ApiType::Http, "GET /x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer s3cret\r\n\r\n");
  refusal::unknown_route(context);
  const Answer got = answer(context);
  EXPECT_EQ(got.status, 404);
  EXPECT_EQ(got.body, R"({"message":"Not Found"})");
  EXPECT_EQ(got.error_type, "");
}

TEST(Refusal, AT_19_UnknownStage) {
  test::PaperContext rest(ApiType::Rest);
  refusal::unknown_stage(rest, ApiType::Rest);
  Answer got = answer(rest);
  EXPECT_EQ(got.status, 403);
  EXPECT_EQ(got.body, R"({"message":"Forbidden"})");
  EXPECT_EQ(got.error_type, "ForbiddenException");
  test::PaperContext http(ApiType::Http);
  refusal::unknown_stage(http, ApiType::Http);
  got = answer(http);
  EXPECT_EQ(got.status, 404);
  EXPECT_EQ(got.body, R"({"message":"Not Found"})");
}

TEST(Refusal, LA_96_RequestIdsStandOnEachRefusal) {
  test::PaperContext rest(ApiType::Rest);
  refusal::unknown_route(rest);
  answer(rest);
  EXPECT_NE(rest.paper.headers.find("x-amzn-RequestId: 11111111-"), std::string::npos);
  EXPECT_NE(rest.paper.headers.find("x-amz-apigw-id: AAAA"), std::string::npos);
  test::PaperContext http(ApiType::Http);
  refusal::unknown_route(http);
  answer(http);
  EXPECT_NE(http.paper.headers.find("apigw-requestid: AAAA"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::gateway
