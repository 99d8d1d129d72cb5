#include "gateway/template.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/paper_context.hpp"

namespace gatehouse::gateway {
namespace {

std::string fill(const char* text, RequestContext& context, Template::Escape escape = Template::Escape::None,
                 std::string_view absent = {}) {
  auto made = Template::parse(text);
  EXPECT_TRUE(made) << made.error().text;
  std::string out;
  if (made) made->append(out, context, escape, absent);
  return out;
}

TEST(Template, AT_62_SubstitutesAndDoesNothingElse) {
  test::PaperContext context(access::ApiType::Rest,
                             "GET /orders/7 HTTP/1.1\r\nHost: api.example.com\r\nX-Who: a\"b\r\n\r\n");
  context.target.raw_query = "q=1&r=x&q=2";
  struct Case {
    const char* text;
    const char* filled;
  };
  const Case cases[] = {
      {"plain", "plain"},
      {"$context.requestId!", "11111111-2222-4333-8444-555555555555!"},
      {"see $context.stage.", "see live."},
      {"$stageVariables.color/$stageVariables.none", "blue/"},
      {"$method.request.path.id $method.request.querystring.q", "7 2"},
      {"$method.request.header.x-who", "a\"b"},
      {"#if($x)$input.json('$')#end", "#if($x)$input.json('$')#end"},
      {"$context.identity.sourceIp $context.domainPrefix", "10.1.2.3 api"},
  };
  for (const Case& c : cases) EXPECT_EQ(fill(c.text, context), c.filled);
}

TEST(Template, JW_40_CG_40_ClaimsAsTheApiHandsThemOn) {
  const access::TypedValue claims[] = {{"sub", "ada", access::ValueType::String},
                                       {"custom:role", "ops", access::ValueType::String},
                                       {"groups", R"(["a","b"])", access::ValueType::Json},
                                       {"exp", "1718722804", access::ValueType::Number}};
  const struct {
    access::ApiType type;
    const char* text;
    const char* filled;
  } cases[] = {
      {access::ApiType::Http, "$context.authorizer.claims.groups $context.authorizer.claims.exp", "[a b] 1718722804"},
      {access::ApiType::Rest, "$context.authorizer.claims.groups $context.authorizer.claims.exp",
       "a,b Tue Jun 18 15:00:04 UTC 2024"},
      {access::ApiType::Rest, "<$context.authorizer.claims['custom:role']>", "<ops>"},
      {access::ApiType::Http, "<$context.authorizer.claims['none']><$context.authorizer.claims>", "<><>"},
      {access::ApiType::Rest, "$context.authorizer.claims.sub.", "ada."},
  };
  for (const auto& c : cases) {
    test::PaperContext context(c.type);
    context.decision.identity.claims = claims;
    EXPECT_EQ(fill(c.text, context), c.filled);
  }
}

TEST(Template, JW_6I_NoLogHoldsWhatCallersAreKnownBy) {
  test::PaperContext context(
      access::ApiType::Http,
      "GET /orders/7?t=tok HTTP/1.1\r\nHost: api.example.com\r\nX-Token: tok\r\nX-Who: ann\r\n\r\n");
  context.target.raw_query = "t=tok&q=1";
  access::Step step;
  for (const char* source : {"$request.header.x-token", "$request.querystring.t"})
    step.identity_sources.push_back(*access::IdentitySource::parse(access::ApiType::Http, source));
  Route route;
  route.plan.steps.push_back(std::move(step));
  context.route = &route;
  const struct {
    const char* text;
    const char* logged;
  } cases[] = {
      {"$method.request.querystring.t", R"("[redacted]")"}, {"$method.request.header.X-Token", R"("[redacted]")"},
      {"$method.request.querystring.q", R"("1")"},          {"$method.request.header.X-Who", R"("ann")"},
      {"$method.request.querystring.absent", R"("-")"},
  };
  for (const auto& c : cases) {
    std::string line;
    Template::parse(c.text)->append_json(line, context, "-");
    EXPECT_EQ(line, c.logged) << c.text;
  }
}

TEST(Template, AT_64_EscapesRequestDataForItsSurroundings) {
  test::PaperContext context(access::ApiType::Rest,
                             "GET /orders/7 HTTP/1.1\r\nHost: api.example.com\r\nX-Who: a\"b\\\r\n\r\n");
  EXPECT_EQ(fill("{\"who\":\"$method.request.header.x-who\"}", context, Template::Escape::Json),
            "{\"who\":\"a\\\"b\\\\\"}");
}

TEST(Template, AT_64_MarkupStaysText) {
  test::PaperContext context(access::ApiType::Rest,
                             "GET /orders/7 HTTP/1.1\r\nHost: api.example.com\r\nX-Who: <a href='x'>&\"</a>\r\n\r\n");
  EXPECT_EQ(fill("<h1>$method.request.header.x-who</h1>", context, Template::Escape::Markup),
            "<h1>&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;</h1>");
}

TEST(Template, ErrorMessageStringIsQuotedOnce) {
  test::PaperContext context(access::ApiType::Rest);
  context.refusal.set = true;
  context.refusal.message = "say \"no\"";
  EXPECT_EQ(fill("{\"message\":$context.error.messageString}", context, Template::Escape::Json),
            "{\"message\":\"say \\\"no\\\"\"}");
  EXPECT_EQ(fill("$context.error.message", context), "say \"no\"");
  context.refusal.message = {};
  EXPECT_EQ(fill("$context.error.messageString", context, Template::Escape::Json), "null");
}

TEST(Template, AT_A0_EmptyIsADash) {
  test::PaperContext context(access::ApiType::Rest);
  EXPECT_EQ(fill("[$context.authorizer.tier]", context, Template::Escape::Json, "-"), "[-]");
  EXPECT_EQ(fill("[$context.identity.userArn]", context, Template::Escape::Json, "-"), "[-]");
}

TEST(Template, RefusesWhatAwsDoesNotHave) {
  for (const char* text : {"$context.requestid", "$context.", "$context.identity", "$stageVariables.",
                           "$context.authorizer.a-b", "$context.authorizer.a.b"})  // LA-6B
    EXPECT_FALSE(Template::parse(text)) << text;
}

}  // namespace
}  // namespace gatehouse::gateway
