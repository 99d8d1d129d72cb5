// testing.hpp steers a plugin as the gateway does, and the C++ layer's services keep their promises: each call answered
// once, each capture destroyed once, whatever refuses.
#include <gtest/gtest.h>
#include <gatehouse/testing.hpp>

#include <atomic>
#include <fstream>

extern std::atomic<int> alive;

namespace {

namespace gt = gatehouse::testing;
using gt::Harness;

gt::TestRequest doing(const char* what) {
  return gt::request("GET", "/pets").header("x-do", what).query("who", "a b");
}

class Steered : public ::testing::Test {
 protected:
  void TearDown() override {
    h.stop();
    EXPECT_EQ(alive.load(), 0) << "captures that were not destroyed";
  }
  Harness h;
};

TEST_F(Steered, AnAnswerIsShownWhole) {
  const auto a = h.authorize(doing("allow"));
  EXPECT_TRUE(a.allowed());
  EXPECT_EQ(a.principal(), "a b");
  EXPECT_EQ(a.context("greeting"), "hello 2");
  EXPECT_EQ(a.context("n"), "1");
  EXPECT_EQ(a.all_context().size(), 2u);
  EXPECT_EQ(a.ttl(), 7);
  EXPECT_EQ(a.code(), "");
  EXPECT_EQ(h.answers(), 1u);
  EXPECT_EQ(h.metric("asked{kind=\"all\"}"), 1u);
  EXPECT_EQ(h.description().services[0], std::string(GH_SVC_CLOCK));
  EXPECT_EQ(h.description().services[1], nullptr);
}

TEST_F(Steered, CG_31_JW_47_WordsAndScopesAreShown) {
  const auto expired = h.authorize(doing("expired"));
  EXPECT_TRUE(expired.unauthorized());
  EXPECT_EQ(expired.message(), "The incoming token has expired");
  EXPECT_EQ(expired.response_type(), "UNAUTHORIZED");
  EXPECT_EQ(expired.error_type(), "UnauthorizedException");
  const auto some = h.authorize(doing("scopes"));
  EXPECT_TRUE(some.allowed());
  EXPECT_EQ(some.scopes(), (std::vector<std::string>{"orders.read", "b"}));
  EXPECT_EQ(some.claim("sub"), "ann");
  const auto none = h.authorize(doing("no-scopes"));
  EXPECT_TRUE(none.has_scopes());
  EXPECT_TRUE(none.scopes().empty());
  EXPECT_FALSE(h.authorize(doing("allow")).has_scopes());
}

gt::AccessKey temporary(std::uint32_t status = GH_KEY_OK) {
  gt::AccessKey out;
  out.id = "ASIATEST", out.secret = "s", out.token = "t", out.status = status;
  return out;
}

TEST_F(Steered, AccessKeysAreLookedUpAtOnceOrLater) {
  h.access_key("AKIDGATEHOUSE0000001", "gatehouse/test/secret+key/0123456789ABCD");
  for (const bool waits : {false, true}) {
    if (waits) h.lookups_wait();
    const auto a = h.authorize(doing("lookup").header("x-key", "AKIDGATEHOUSE0000001"));
    EXPECT_TRUE(a.allowed()) << a.reason();
    EXPECT_NE(a.caller(), 0u);
    EXPECT_EQ(a.path_form(), GH_PATH_SLASHES_COLLAPSED);
    EXPECT_EQ(a.context("arn"), "arn:aws:iam::000000000000:user/tester");
    EXPECT_EQ(a.context("digits"), "89") << "0x59, spec sigv4 section 14";
  }
  EXPECT_EQ(h.lookups(), 2u);
}

TEST_F(Steered, AccessKeysThatDoNotCount) {
  const auto status = [&](const char* key, const char* token = nullptr) {
    auto request = doing("lookup").header("x-key", key);
    if (token != nullptr) request.header("x-token-of", token);
    const auto a = h.authorize(request);
    EXPECT_EQ(a.message(), "dummy");
    return a.reason();
  };
  h.access_key("AKIATEST", "s").access_key(temporary());
  EXPECT_EQ(status("AKIANONE"), "status 2");
  EXPECT_EQ(status("ASIATEST"), "status 2");
  EXPECT_EQ(status("ASIATEST", "u"), "status 4");
  EXPECT_EQ(status("AKIATEST", "t"), "status 4");
  h.access_key(temporary(GH_KEY_EXPIRED));
  EXPECT_EQ(status("ASIATEST", "t"), "status 5");
  h.lookups_wait();
  h.access_key(temporary(GH_KEY_INACTIVE));
  EXPECT_EQ(status("ASIATEST", "t"), "status 3");
}

TEST_F(Steered, LookUpsThatFailFailTheCall) {
  h.access_key("AKIATEST", "s");
  const auto ask = [&](const char* what = "lookup") { return h.authorize(doing(what).header("x-key", "AKIATEST")); };
  EXPECT_EQ(ask("lookup-wrong").code(), "invalid_answer") << "a handle of no look-up";
  for (const char* what : {"caller-and-principal", "deny-caller", "bad-form"})
    EXPECT_EQ(ask(what).code(), "invalid_answer") << what;
  h.fail_service(GH_SVC_IDENTITY);
  EXPECT_EQ(ask().reason(), "a limit is reached");
  h.fail_service(GH_SVC_IDENTITY, GH_OK).lookups_wait(GH_E_FAILED);
  EXPECT_EQ(ask().reason(), "failed");
}

struct Case {
  const char* what;
  bool allowed;
  const char* text;  // principal or reason
};
const Case kCases[] = {
    {"allow", true, "a b"},
    {"drop", false, "the authorizer dropped the call without answering"},
    {"throw", false, "an exception came before the answer: its text is in the log"},
    {"bad-answer", false, "the plugin's answer: `context` breaks a rule"},
    {"allow-words", false, "the plugin's answer: `message` breaks a rule"},
    {"bad-timer", false, "an invalid argument"},
    {"bad-fetch", false, "an invalid argument"},
    {"run", true, "worked"},
    {"secret", false, "an exception came before the answer: its text is in the log"},
    {"fetch", false, "not granted: no answer was set for POST https://idp.example.com/ask"},
    {"hash", true, ""},
    {"thread", true, "thread"},
    {"cancel-own", true, "cancelled"},
};

TEST_F(Steered, EachCallIsAnsweredOnce) {
  std::size_t n = 0;
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.what);
    const auto a = h.authorize(doing(c.what));
    EXPECT_EQ(a.allowed(), c.allowed);
    EXPECT_EQ(c.allowed ? a.principal() : a.reason(), c.text);
    if (!c.allowed) {
      EXPECT_TRUE(a.failed());
    }
    EXPECT_EQ(h.answers(), ++n);
  }
  EXPECT_EQ(h.metric("took"), 5u);
}

TEST_F(Steered, TimePassesByHandOnly) {
  const auto call = h.begin(doing("after"));
  h.settle();
  h.advance(49);
  EXPECT_FALSE(h.answered(call));
  h.advance(1);
  EXPECT_TRUE(h.answered(call));
  EXPECT_EQ(h.wait(call).principal(), "later");
  EXPECT_FALSE(h.logged("own timer"));
  h.advance(950);
  EXPECT_TRUE(h.logged("own timer"));
  EXPECT_TRUE(h.authorize(doing("cancel-own")).denied());
}

TEST_F(Steered, WhatACallbackThrowsIsLoggedAndFailsTheCall) {
  for (const char* what : {"after-throws", "after-drops"}) {
    const auto call = h.begin(doing(what));
    h.advance(1);
    EXPECT_TRUE(h.wait(call).failed()) << what;
  }
  EXPECT_TRUE(h.logged("thrown in a callback"));
}

TEST_F(Steered, ACallThatNobodyWaitsForIsGivenBack) {
  const auto timer = h.begin(doing("after"));
  h.cancel(timer);
  EXPECT_EQ(h.wait(timer).code(), "gone");
  const auto held = h.begin(doing("hold"));
  h.cancel(held);
  EXPECT_EQ(h.answers(), 0u);
  h.patience(std::chrono::milliseconds(20));
  EXPECT_EQ(h.authorize(doing("hold")).code(), "deadline");
}

TEST_F(Steered, TheCacheForgetsWithTime) {
  EXPECT_TRUE(h.authorize(doing("cache")).denied());
  EXPECT_EQ(h.authorize(doing("cache")).principal(), "value");
  EXPECT_EQ(h.cached(), 1u);
  h.advance(10'000);
  EXPECT_TRUE(h.authorize(doing("cache")).denied());
  h.clear_cache();
  EXPECT_EQ(h.cached(), 0u);
}

TEST_F(Steered, SecretsAndFetchesAreThoseOfTheTest) {
  h.secret("name", "s3cret").http("POST", "https://idp.example.com/ask", 207, "body", {{"content-type", "text/x"}});
  EXPECT_EQ(h.authorize(doing("secret")).principal(), "s3cret");
  const auto a = h.authorize(doing("fetch"));
  EXPECT_EQ(a.principal(), "body");
  EXPECT_EQ(a.context("status"), "207");
  EXPECT_EQ(a.context("type"), "text/x");
  ASSERT_EQ(h.fetches().size(), 1u);
  EXPECT_EQ(h.fetches()[0].header("accept"), "application/json");
  EXPECT_EQ(h.fetches()[0].body, "a=b");
  for (const std::int32_t why : {GH_E_DNS, GH_E_ADDRESS, GH_E_CONNECT, GH_E_TLS, GH_E_TIMEOUT, GH_E_TOO_LARGE,
                                 GH_E_PROTOCOL, GH_E_REFUSED, -999}) {
    h.http_fails("POST", "https://idp.example.com/ask", why);
    EXPECT_TRUE(h.authorize(doing("fetch")).failed()) << why;
  }
  h.http_hangs("POST", "https://idp.example.com/ask");
  const auto call = h.begin(doing("fetch"));
  h.advance(99);
  EXPECT_FALSE(h.answered(call));
  h.advance(1);
  EXPECT_EQ(h.wait(call).reason(), "too slow: as the test says");
}

TEST_F(Steered, AServiceThatRefusesFailsTheCall) {
  h.start();
  const char* const cases[][2] = {
      {GH_SVC_TIMER, "after"}, {GH_SVC_EXECUTOR, "run"}, {GH_SVC_HTTP, "fetch"}, {GH_SVC_BODY, "hash"}};
  for (const auto& c : cases) {
    h.fail_service(c[0]);
    const auto a = h.authorize(doing(c[1]));
    EXPECT_TRUE(a.failed());
    EXPECT_EQ(a.reason(), "a limit is reached") << c[0];
    h.fail_service(c[0], GH_OK);
  }
  h.fail_service(GH_SVC_CACHE);
  EXPECT_TRUE(h.authorize(doing("cache")).denied());
}

TEST_F(Steered, TheBodyAndItsDigest) {
  auto request = doing("hash").with_body("12345678");
  const auto a = h.authorize(request);
  EXPECT_EQ(a.principal(), "12345678");
  EXPECT_EQ(a.context("digest"), "32");
  EXPECT_EQ(h.authorize(request.with_body("123456789")).reason(), "too large");
  EXPECT_EQ(h.authorize(request.body_fails(GH_E_CONNECT)).reason(), "no connection");
}

TEST_F(Steered, AnswersTwice) {
  EXPECT_THROW(h.authorize(doing("twice")), gt::Error);
  EXPECT_TRUE(h.take_complaints().empty());
}

TEST_F(Steered, ManyThreadsAtOnce) {
  h.secret("name", "x").http("POST", "https://idp.example.com/ask", 200, "y");
  for (const char* what : {"allow", "run", "fetch", "hash", "secret"}) {
    const auto tally = h.threads(8).repeat(200, doing(what));
    EXPECT_EQ(tally.asked, 1600u) << what;
    EXPECT_EQ(tally.allowed, 1600u) << what;
  }
  EXPECT_EQ(h.answers(), 8000u);
}

TEST_F(Steered, AnExecutorOfItsOwn) {
  h.executor_threads(3);
  EXPECT_EQ(h.threads(4).repeat(200, doing("run")).allowed, 800u);
  EXPECT_EQ(h.authorize(doing("run")).principal(), "worked");
}

TEST(Harness, RefusalsCarryThePluginsWords) {
  const struct {
    const char* settings;
    const char* text;
  } cases[] = {{R"({"fail": "create"})", "told to"},
               {R"({"fail": "secret"})", "there is no secret `absent`: name it under the authorizer's `secrets:`"},
               {R"({"fail": "metric"})", "metric `Bad Name`: an invalid argument"},
               {R"({"fail": 1})", "settings: `/fail` does not satisfy `type`"},
               {R"({"other": 1})", "settings: unknown setting `/other`"},
               {R"({"greeting": "a"})", "settings: `/greeting` does not satisfy `minLength`"},
               {R"({"tries": 4})", "settings: `/tries` does not satisfy `maximum`"},
               {R"({"tries": 1.5})", "settings: `/tries` does not satisfy `type`"},
               {R"({"mode": "c"})", "settings: `/mode` does not satisfy `enum`"},
               {R"({"list": ["a", 1]})", "settings: `/list/1` does not satisfy `type`"},
               {R"({"list": ["a", "b", "c"]})", "settings: `/list` does not satisfy `maxItems`"},
               {"[]", "settings: not an object"},
               {R"({"mode": "a", "list": ["a"]})", ""}};
  for (const auto& c : cases) EXPECT_EQ(Harness(c.settings).refusal(), c.text) << c.settings;
  EXPECT_EQ(Harness().without_service(GH_SVC_CLOCK).refusal(),
            "the gateway lacks `gatehouse.clock/1`, which the plugin needs");
  EXPECT_EQ(alive.load(), 0);
}

TEST(TestingJson, HoldsToTheStandard) {
  for (const char* good :
       {"null", " [1, -0, 0.5, 1e9, 1E+2] ", R"({"a": {"b": ["\u00e9\ud83d\ude00\n"]}})", R"("\/")", "{}"})
    EXPECT_NO_THROW(gt::parse_json(good)) << good;
  for (const char* bad : {"",          "nul",         "[1,]",
                          "01",        "1.",          ".5",
                          "+1",        "1e",          "{\"a\":1,\"a\":2}",
                          "\"\\x\"",   "\"\\ud800\"", "\"\\udc00\"",
                          "\"\\u12\"", "[1] 2",       "\"a",
                          "\"\x01\"",  "\"\xff\"",    "\"\xed\xa0\x80\"",
                          "{1:2}",     "{\"a\" 1}",   "[",
                          "{\"a\":",   "\"\\",        "-"})
    EXPECT_THROW(gt::parse_json(bad), gt::Error) << bad;
  EXPECT_THROW(gt::parse_json(std::string(100, '[')), gt::Error);
  EXPECT_THROW(gt::parse_json(std::string_view("1\0", 2)), gt::Error);
  const auto json = gt::parse_json(R"({"a/b": [{"~": "x\u00e9"}], "n": 1.50})");
  EXPECT_EQ(json.str("/a~1b/0/~0"), "x\xc3\xa9");
  EXPECT_EQ(json.str("/n"), "1.50");
  for (const char* nothing : {"/a", "/a~1b/1", "/a~1b/00", "/a~1b/", "a", "/a~1b/0/~2", "/n/0"})
    EXPECT_EQ(json.find(nothing), nullptr) << nothing;
  std::string out;
  gt::append_json(out, json);
  EXPECT_EQ(out, "{\"a/b\":[{\"~\":\"x\xc3\xa9\"}],\"n\":1.50}");
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += two;
  }
  return out;
}

TEST(TestingDigest, IsSha256) {  // FIPS 180-4, its examples
  EXPECT_EQ(hex(gt::sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(gt::sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(gt::sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(TestingEvent, EachKindBecomesARequest) {
  const auto token = gt::aws_event_text(R"({"type": "TOKEN", "authorizationToken": "Bearer x",
    "methodArn": "arn:aws:execute-api:eu-north-1:111122223333:a1b2/live/GET/orders/77"})");
  EXPECT_EQ(token.api_type, GH_API_REST);
  EXPECT_EQ(token.token, "Bearer x");
  EXPECT_EQ(token.region, "eu-north-1");
  EXPECT_EQ(token.account_id, "111122223333");
  EXPECT_EQ(token.api_id, "a1b2");
  EXPECT_EQ(token.stage, "live");
  EXPECT_EQ(token.method, "GET");
  EXPECT_EQ(token.path, "/orders/77");

  const auto rest = gt::aws_event_text(R"({"type": "REQUEST",
    "methodArn": "arn:aws:execute-api:eu-north-1:111122223333:a1b2/live/GET/orders/77", "resource": "/orders/{id}",
    "path": "/orders/77", "httpMethod": "GET", "headers": {"X-Tenant": "blue"},
    "multiValueHeaders": {"X-Tenant": ["red", "blue"]}, "queryStringParameters": {"a": "2"},
    "multiValueQueryStringParameters": {"a": ["1 &", "2"]}, "pathParameters": {"id": "77"}, "stageVariables": {"v": "w"},
    "requestContext": {"requestTimeEpoch": 1767323045000, "identity": {"sourceIp": "198.51.100.9", "user": null}}})");
  EXPECT_EQ(rest.api_type, GH_API_REST);
  EXPECT_EQ(rest.route_key, "GET /orders/{id}");
  EXPECT_EQ(rest.headers, (gt::TestRequest::Pairs{{"x-tenant", "red"}, {"x-tenant", "blue"}}));
  EXPECT_EQ(rest.query_values, (gt::TestRequest::Pairs{{"a", "1 &"}, {"a", "2"}}));
  EXPECT_EQ(rest.raw_query, "a=1%20%26&a=2");
  EXPECT_EQ(rest.source_ip, "198.51.100.9");
  EXPECT_EQ(rest.time_unix_ms, 1767323045000);

  const auto second = gt::aws_event_text(R"({"version": "2.0", "type": "REQUEST",
    "routeArn": "arn:aws:execute-api:eu-north-1:111122223333:h9/dev/GET/orders/77", "identitySource": ["Bearer abc"],
    "routeKey": "GET /orders/{id}", "rawPath": "/dev/orders/77", "rawQueryString": "tag=a&tag=b",
    "cookies": ["sid=1", "lang=fi"], "headers": {"authorization": "Bearer abc"}, "queryStringParameters": {"tag": "a,b"},
    "requestContext": {"http": {"method": "GET", "sourceIp": "198.51.100.9"}, "stage": "dev"}})");
  EXPECT_EQ(second.api_type, GH_API_HTTP);
  EXPECT_EQ(second.path, "/dev/orders/77");
  EXPECT_EQ(second.raw_query, "tag=a&tag=b");
  EXPECT_EQ(second.headers.back(), (std::pair<std::string, std::string>("cookie", "sid=1; lang=fi")));
  EXPECT_EQ(second.identity[0].second, "Bearer abc");

  for (const char* bad :
       {"{}", R"({"type": "TOKEN"})", R"({"type": "REQUEST", "version": "3.0"})", "[", R"({"type": 1})"})
    EXPECT_THROW(gt::aws_event_text(bad), gt::Error) << bad;
  EXPECT_THROW(gt::aws_event("/no/such/file.json"), gt::Error);
}

TEST(TestingClock, ReadsDates) {
  Harness h;
  const struct {
    const char* text;
    std::int64_t unix_ms;
  } cases[] = {{"1970-01-01T00:00:00Z", 0},
               {"2000-02-29T12:34:56Z", 951827696000},
               {"2026-01-01T00:00:00Z", 1767225600000},
               {"2100-03-01T00:00:00Z", 4107542400000}};
  for (const auto& c : cases) {
    h.set_time(c.text);
    EXPECT_EQ(h.unix_ms(), c.unix_ms) << c.text;
  }
  EXPECT_THROW(h.set_time("yesterday"), gt::Error);
}

}  // namespace
