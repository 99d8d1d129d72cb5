// plugins/examples/introspection, as its README describes it.
#include <gtest/gtest.h>
#include <gatehouse/testing.hpp>

namespace {

namespace gt = gatehouse::testing;
constexpr const char* kEndpoint = "https://idp.example.com/introspect";

class Introspection : public ::testing::Test {
 protected:
  explicit Introspection(const char* more = "") : h(std::string(R"({"endpoint": ")") + kEndpoint + "\"" + more + "}") {
    h.secret("client_id", "gate way").secret("client_secret", "p:w");
  }
  gt::TestAnswer ask(const char* authorization = "Bearer abc.def") {
    return h.authorize(gt::request("GET", "/").header("authorization", authorization));
  }
  gt::Harness h;
};

TEST_F(Introspection, AsksAsTheStandardSays) {
  h.http("POST", kEndpoint, 200, R"({"active": true, "sub": "ann", "scope": "a  b", "client_id": "app"})");
  const auto a = ask();
  EXPECT_TRUE(a.allowed()) << a.reason();
  EXPECT_EQ(a.principal(), "ann");
  EXPECT_EQ(a.context("scope"), "a b");
  EXPECT_EQ(a.context("client_id"), "app");
  EXPECT_EQ(a.ttl(), 60);
  ASSERT_EQ(h.fetches().size(), 1u);
  const auto asked = h.fetches()[0];
  EXPECT_EQ(asked.header("authorization"), "Basic Z2F0ZSt3YXk6cCUzQXc=");  // gate+way:p%3Aw
  EXPECT_EQ(asked.header("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(asked.body, "token=abc.def&token_type_hint=access_token");
  EXPECT_EQ(asked.timeout_ms, 2000u);
  EXPECT_EQ(asked.max_redirects, 0u);
  EXPECT_EQ(asked.flags, 0u);
}

struct Header {
  const char* text;
  const char* challenge;
};
TEST_F(Introspection, AsksNobodyAboutWhatIsNoToken) {
  const Header cases[] = {{"", "Bearer"},
                          {"Basic abc", "Bearer error=\"invalid_request\""},
                          {"Bearer", "Bearer error=\"invalid_request\""},
                          {"Bearer ", "Bearer error=\"invalid_request\""},
                          {"Bearer a b", "Bearer error=\"invalid_request\""},
                          {"Bearer a=b", "Bearer error=\"invalid_request\""},
                          {"Bearer ==", "Bearer error=\"invalid_request\""},
                          {"Bearer a\xc3\xa9", "Bearer error=\"invalid_request\""},
                          {"Bearer a&token=b", "Bearer error=\"invalid_request\""}};
  for (const Header& c : cases) {
    const auto a = ask(c.text);
    EXPECT_TRUE(a.unauthorized()) << c.text;
    EXPECT_EQ(a.challenge(), c.challenge) << c.text;
  }
  const auto two =
      h.authorize(gt::request("GET", "/").header("authorization", "Bearer a").header("authorization", "Bearer b"));
  EXPECT_TRUE(two.unauthorized());
  EXPECT_TRUE(h.fetches().empty());
}

struct Response {
  const char* json;
  std::uint32_t kind;
};
const Response kResponses[] = {
    {R"({"active": true, "sub": "ann"})", GH_ALLOW},
    {R"({"active": true, "username": "ann"})", GH_ALLOW},
    {R"({"active": true, "client_id": "app"})", GH_ALLOW},
    {R"({"active": true, "sub": "ann", "other": {"deep": [1]}})", GH_ALLOW},
    {R"({"active": true, "sub": "ann", "exp": 1767225601})", GH_ALLOW},
    {R"({"active": true, "sub": "ann", "exp": 1767225600})", GH_UNAUTHORIZED},
    {R"({"active": true, "sub": "ann", "nbf": 1767225601})", GH_UNAUTHORIZED},
    {R"({"active": false})", GH_UNAUTHORIZED},
    {R"({"active": false, "sub": "ann"})", GH_UNAUTHORIZED},
    {R"({"active": true})", GH_FAILED},
    {R"({"active": "true", "sub": "ann"})", GH_FAILED},
    {R"({"active": 1, "sub": "ann"})", GH_FAILED},
    {R"({"active": null, "sub": "ann"})", GH_FAILED},
    {R"({"sub": "ann"})", GH_FAILED},
    {R"({"active": false, "active": true, "sub": "ann"})", GH_FAILED},
    {R"({"active": true, "sub": 7})", GH_FAILED},
    {R"({"active": true, "sub": "a\u0000b"})", GH_FAILED},
    {R"({"active": true, "sub": "ann", "exp": "1"})", GH_FAILED},
    {R"({"active": true, "sub": "ann", "exp": -1})", GH_FAILED},
    {R"({"active": true, "sub": "ann"} x)", GH_FAILED},
    {R"([{"active": true, "sub": "ann"}])", GH_FAILED},
    {"", GH_FAILED},
    {"<html>", GH_FAILED},
    {"{\"active\": true, \"sub\": \"\xff\"}", GH_FAILED},
};
TEST_F(Introspection, EachResponseHasOneMeaning) {
  for (const Response& c : kResponses) {
    h.clear_cache();
    h.http("POST", kEndpoint, 200, c.json);
    const auto a = ask();
    EXPECT_EQ(a.kind(), c.kind) << c.json << ": " << a.reason();
  }
}

TEST_F(Introspection, WhateverGoesWrongFails) {
  for (const int status : {201, 204, 301, 400, 401, 403, 404, 429, 500, 503}) {
    h.http("POST", kEndpoint, status, R"({"active": true, "sub": "ann"})");
    EXPECT_TRUE(ask().failed()) << status;
  }
  for (const std::int32_t why : {GH_E_REFUSED, GH_E_DNS, GH_E_ADDRESS, GH_E_CONNECT, GH_E_TLS, GH_E_TIMEOUT,
                                 GH_E_TOO_LARGE, GH_E_PROTOCOL, -1, -777}) {
    h.http_fails("POST", kEndpoint, why);
    EXPECT_TRUE(ask().failed()) << why;
  }
  h.http("POST", kEndpoint, 200, R"({"active": true, "sub": ")" + std::string(70'000, 'x') + "\"}");
  EXPECT_TRUE(ask().failed());
  h.fail_service(GH_SVC_HTTP);
  EXPECT_TRUE(ask().failed());
  h.fail_service(GH_SVC_HTTP, GH_OK).fail_service(GH_SVC_SECRETS, GH_E_NOTFOUND);
  EXPECT_TRUE(ask().failed());
  EXPECT_EQ(h.cached(), 0u);
  h.fail_service(GH_SVC_SECRETS, GH_OK).http_hangs("POST", kEndpoint);
  const auto call = h.begin(gt::request("GET", "/").header("authorization", "Bearer x"));
  h.advance(2000);
  EXPECT_TRUE(h.wait(call).failed());
}

TEST_F(Introspection, AnActiveTokenIsRememberedForAWhile) {
  h.http("POST", kEndpoint, 200, R"({"active": true, "sub": "ann"})");
  EXPECT_TRUE(ask().allowed());
  EXPECT_TRUE(ask().allowed());
  EXPECT_TRUE(ask("Bearer other").allowed());
  EXPECT_EQ(h.fetches().size(), 2u);
  EXPECT_EQ(h.metric("cache_hits_total"), 1u);
  h.http("POST", kEndpoint, 200, R"({"active": false})");
  EXPECT_TRUE(ask().allowed());
  h.advance(60'000);
  EXPECT_TRUE(ask().unauthorized());
  EXPECT_TRUE(ask().unauthorized());
  EXPECT_EQ(h.fetches().size(), 4u);  // what is not active is not remembered
}

TEST_F(Introspection, NotLongerThanItLives) {
  h.http("POST", kEndpoint, 200, R"({"active": true, "sub": "ann", "exp": 1767225610})");
  const auto a = ask();
  EXPECT_EQ(a.valid_until(), 1767225610000);
  h.http_fails("POST", kEndpoint, GH_E_CONNECT);
  h.set_time(1767225609999);
  EXPECT_TRUE(ask().allowed());
  h.set_time(1767225610000);
  EXPECT_TRUE(ask().unauthorized());  // by the clock, though the cache still holds it
  h.advance(10'000);
  EXPECT_TRUE(ask().failed());
}

TEST_F(Introspection, ScopesAreTheRoutes) {
  h.http("POST", kEndpoint, 200, R"({"active": true, "sub": "ann", "scope": "orders.read x"})");
  auto request = gt::request("GET", "/").header("authorization", "Bearer x");
  request.scopes = {"orders.write", "orders.read"};
  EXPECT_TRUE(h.authorize(request).allowed());
  request.scopes = {"orders.write"};
  const auto a = h.authorize(request);  // from the cache
  EXPECT_TRUE(a.denied());
  EXPECT_EQ(a.challenge(), "Bearer error=\"insufficient_scope\"");
}

struct Strict : Introspection {
  Strict() : Introspection(R"(, "issuer": "https://idp", "audience": ["api"], "cache_seconds": 0)") {}
};
TEST_F(Strict, IssuerAndAudience) {
  const Response cases[] = {{R"({"active": true, "sub": "a", "iss": "https://idp", "aud": "api"})", GH_ALLOW},
                            {R"({"active": true, "sub": "a", "iss": "https://idp", "aud": ["x", "api"]})", GH_ALLOW},
                            {R"({"active": true, "sub": "a", "iss": "https://idp", "aud": ["x"]})", GH_UNAUTHORIZED},
                            {R"({"active": true, "sub": "a", "iss": "https://idp"})", GH_UNAUTHORIZED},
                            {R"({"active": true, "sub": "a", "aud": "api"})", GH_UNAUTHORIZED},
                            {R"({"active": true, "sub": "a", "iss": "https://other", "aud": "api"})", GH_UNAUTHORIZED},
                            {R"({"active": true, "sub": "a", "iss": "https://idp", "aud": 7})", GH_FAILED}};
  for (const Response& c : cases) {
    h.http("POST", kEndpoint, 200, c.json);
    EXPECT_EQ(ask().kind(), c.kind) << c.json;
  }
  EXPECT_EQ(h.cached(), 0u);
}

TEST_F(Introspection, ManyAtOnce) {
  h.http("POST", kEndpoint, 200, R"({"active": true, "sub": "ann"})");
  const auto tally = h.threads(8).repeat(500, gt::request("GET", "/").header("authorization", "Bearer x"));
  EXPECT_EQ(tally.allowed, 4000u);
  EXPECT_LE(h.fetches().size(), 8u);
}

TEST(IntrospectionSettings, AreHeldAtTheStart) {
  EXPECT_EQ(gt::Harness(R"({"endpoint": "http://idp.example.com/"})")
                .secret("client_id", "x")
                .secret("client_secret", "y")
                .refusal(),
            "`endpoint` must begin with https://");
  EXPECT_NE(gt::Harness(R"({"endpoint": "https://idp.example.com/"})").refusal().find("no secret `client_id`"),
            std::string::npos);
  EXPECT_NE(gt::Harness(R"({"endpoint": "https://idp.example.com/"})")
                .without_service(GH_SVC_HTTP)
                .refusal()
                .find("gatehouse.http/1"),
            std::string::npos);
  EXPECT_NE(gt::Harness("{}").refusal(), "");
}

}  // namespace
