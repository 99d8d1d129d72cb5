#include "gateway/serve.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <list>
#include <thread>

#include "unit/gateway/compiled.hpp"
#include "unit/gateway/paper_context.hpp"

namespace gatehouse::gateway {
namespace {

using access::AnswerKind;
using access::Category;

// The APIs by host: `rest.test` with stage `live`, `http.test` with stages `$default` and `v2`, `cors.test`, and
// `off.test` with its endpoint disabled.
const std::string kYaml = R"(
gateway: {account_id: "111122223333", adopt_request_id: true, limits: {body_bytes: 1000}}
listeners: {p: {address: '127.0.0.1:0'}}
authorizers:
  gate: {type: request, plugin: gatehouse.test, result_ttl_seconds: 0, timeout: 2s}
  edge: {type: network, plugin: gatehouse.test}
apis:
  rest:
    type: rest
    hosts: [rest.test]
    stages: {live: {}}
    routes:
      GET /open: {authorizer: none, integration: {type: mock, body: hello}}
      ANY /closed: {authorizer: gate, integration: {type: mock, body: secret}}
      'ANY /deep/{proxy+}': {authorizer: none, integration: {type: mock}}
  http:
    type: http
    hosts: [http.test]
    stages: {$default: {}, v2: {}}
    routes:
      GET /open: {authorizer: none, integration: {type: mock, body: hello}}
      POST /open: {authorizer: none, integration: {type: mock}, limits: {body_bytes: 10}}
      ANY /closed: {authorizer: gate, integration: {type: mock, body: secret}}
  staged:
    type: http
    hosts: [staged.test]
    stages: {dev: {}}
    routes: {GET /open: {authorizer: none, integration: {type: mock}}}
  cors:
    type: http
    hosts: [cors.test]
    stages: {$default: {}}
    cors: {allow_origins: ['https://app.test'], allow_methods: [GET]}
    network: [edge]
    routes:
      ANY /open: {authorizer: none, integration: {type: mock, body: hello}}
      ANY /closed: {authorizer: gate, integration: {type: mock, body: secret}}
  off:
    type: http
    hosts: [off.test]
    disable_default_endpoint: true
    stages: {$default: {}}
    routes: {GET /open: {authorizer: none, integration: {type: mock}}}
domains: {shop.test: {mappings: {off: {api: off, stage: $default}}}}
)";

std::string get(const std::string& host, const std::string& path, const std::string& headers = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n";
}

std::string preflight(const std::string& path) {
  return "OPTIONS " + path +
         " HTTP/1.1\r\nHost: cors.test\r\nOrigin: https://app.test\r\nAccess-Control-Request-Method: GET\r\n\r\n";
}

/// A Serve with a loop whose clock the test turns, and two authorizers that do as they are told.
class ServeTest : public testing::Test {
 protected:
  ServeTest() {
    edge.answers_at_once({access::say(AnswerKind::Abstain)});
    serve.publish(compiled());
  }
  std::shared_ptr<const Gateway> compiled() {
    test::Compiled made = test::compile_text(kYaml, factory);
    EXPECT_NE(made.gateway, nullptr) << made.text();
    return made.gateway;
  }
  test::PaperExchange& start(const std::string& wire) {
    test::PaperExchange& exchange = exchanges.emplace_back(wire);
    EXPECT_TRUE(exchange.parsed) << wire;
    exchange.start_ns = loop.now_ns();
    serve.start(exchange);
    return exchange;
  }
  /// Start to end, as the server does it.
  test::PaperExchange& ask(const std::string& wire) {
    test::PaperExchange& exchange = start(wire);
    EXPECT_TRUE(exchange.responded()) << wire;
    serve.finished(exchange, http::Ending::Complete);
    return exchange;
  }
  void pass_ms(std::int64_t ms) {
    clock.advance_ms(ms);
    loop.turn(0);
  }
  std::uint64_t counted(const std::string& name, const base::Labels& labels = {}) {
    return registry.counter(0, name, "", labels).value();
  }
  Serve::Environment environment() {
    Serve::Environment out;
    out.loop = &loop;
    out.random = &random;
    out.registry = &registry;
    out.journal_slots = 8;
    out.retire = [this](std::shared_ptr<const Gateway> old) { retired.push_back(old->generation); };
    return out;
  }

  base::FixedClock clock{1'700'000'000'000};
  net::Loop loop{clock};
  base::SystemRandom random;
  base::Registry registry;
  test::FakeFactory factory;
  access::FakeAuthorizer& gate = factory.add("gate", Category::Identity);
  access::FakeAuthorizer& edge = factory.add("edge", Category::Network);
  std::vector<std::uint64_t> retired;
  std::list<test::PaperExchange> exchanges;
  Serve serve{environment()};
};

TEST_F(ServeTest, AnOpenRouteIsServedWithoutAskingAnybody) {
  const auto& got = ask(get("rest.test", "/live/open"));
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.text, "hello");
  EXPECT_EQ(gate.asked + edge.asked, 0);
}

struct KindCase {
  AnswerKind kind;
  int rest, http;
};
// What an identity authorizer's answer comes to; only Allow serves.
const KindCase kKinds[] = {
    {AnswerKind::Allow, 200, 200},        {AnswerKind::Deny, 403, 403},   {AnswerKind::Abstain, 403, 403},
    {AnswerKind::Unauthorized, 401, 401}, {AnswerKind::Failed, 500, 500},
};

TEST_F(ServeTest, OnlyAllowServes) {
  for (const KindCase& c : kKinds) {
    gate.answers_at_once({access::say(c.kind)});
    const auto& rest = ask(get("rest.test", "/live/closed"));
    EXPECT_EQ(rest.status, c.rest) << access::name(c.kind);
    EXPECT_EQ(rest.text == "secret", c.kind == AnswerKind::Allow);
    const auto& http = ask(get("http.test", "/closed"));
    EXPECT_EQ(http.status, c.http) << access::name(c.kind);
    EXPECT_EQ(http.text == "secret", c.kind == AnswerKind::Allow);
  }
  EXPECT_EQ(gate.asked, 10);
  EXPECT_EQ(counted("gatehouse_decisions_total", {{"api", "rest"}, {"verdict", "allowed"}}), 1u);
  EXPECT_EQ(counted("gatehouse_requests_total", {{"api", "rest"}, {"status", "4xx"}}), 3u);
  EXPECT_EQ(counted("gatehouse_requests_total", {{"api", "http"}, {"status", "5xx"}}), 1u);
}

TEST_F(ServeTest, ANetworkDenialComesBeforeTheIdentityIsAsked) {
  edge.answers_at_once({access::say(AnswerKind::Deny)});
  gate.answers_at_once({access::say(AnswerKind::Allow)});
  EXPECT_EQ(ask(get("cors.test", "/closed")).status, 403);
  EXPECT_EQ(ask(get("cors.test", "/open")).status, 403);
  EXPECT_EQ(gate.asked, 0);
}

TEST_F(ServeTest, WaitsForALateAnswer) {
  auto& exchange = start(get("rest.test", "/live/closed"));
  pass_ms(1999);
  EXPECT_FALSE(exchange.responded());
  gate.answer(access::say(AnswerKind::Allow));
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.text, "secret");
  pass_ms(10'000);  // the deadline's timer is gone
  EXPECT_TRUE(gate.cancelled.empty());
  serve.finished(exchange, http::Ending::Complete);
}

TEST_F(ServeTest, AnAuthorizerThatNeverAnswersRefusesAtItsDeadline) {
  auto& exchange = start(get("rest.test", "/live/closed"));
  EXPECT_EQ(gate.deadline, loop.now_ns() + 2'000'000'000);
  pass_ms(1990);
  EXPECT_FALSE(exchange.responded());
  pass_ms(20);
  EXPECT_EQ(exchange.status, 500);
  EXPECT_EQ(exchange.text, R"({"message":null})");
  EXPECT_EQ(gate.cancelled, gate.questions);
  gate.answer(access::say(AnswerKind::Allow));  // too late: nobody hears it
  EXPECT_EQ(exchange.status, 500);
  serve.finished(exchange, http::Ending::Complete);
}

TEST_F(ServeTest, CancelsWhenTheClientGoes) {
  auto& exchange = start(get("rest.test", "/live/closed"));
  serve.finished(exchange, http::Ending::ClientGone);
  EXPECT_EQ(gate.cancelled, gate.questions);
  pass_ms(10'000);
  EXPECT_FALSE(exchange.responded());
  EXPECT_EQ(gate.cancelled.size(), 1u);
  EXPECT_EQ(counted("gatehouse_requests_total", {{"api", "rest"}, {"status", "none"}}), 1u);
}

TEST_F(ServeTest, ARequestUnderWayKeepsItsGateway) {
  const std::uint64_t old = serve.current()->generation;
  auto& exchange = start(get("rest.test", "/live/closed"));
  serve.publish(compiled());
  EXPECT_NE(serve.current()->generation, old);
  EXPECT_TRUE(retired.empty());
  EXPECT_EQ(ask(get("rest.test", "/live/open")).status, 200);  // of the new one
  EXPECT_TRUE(retired.empty());
  gate.answer(access::say(AnswerKind::Allow));
  EXPECT_EQ(exchange.text, "secret");
  EXPECT_TRUE(retired.empty());  // the response may still be on its way
  serve.finished(exchange, http::Ending::Complete);
  EXPECT_EQ(retired, std::vector<std::uint64_t>{old});
}

TEST_F(ServeTest, AnIdleGatewayIsRetiredAtOnce) {
  const std::uint64_t old = serve.current()->generation;
  ask(get("rest.test", "/live/open"));
  serve.publish(compiled());
  EXPECT_EQ(retired, std::vector<std::uint64_t>{old});
}

TEST_F(ServeTest, GatewaysAreRetiredInTheOrderOfTheirLastRequest) {
  const std::uint64_t first = serve.current()->generation;
  auto& slow = start(get("rest.test", "/live/closed"));
  serve.publish(compiled());
  const std::uint64_t second = serve.current()->generation;
  auto& quick = start(get("rest.test", "/live/closed"));
  serve.publish(compiled());
  EXPECT_TRUE(retired.empty());
  serve.finished(quick, http::Ending::ClientGone);
  EXPECT_EQ(retired, std::vector<std::uint64_t>{second});
  serve.finished(slow, http::Ending::ClientGone);
  EXPECT_EQ(retired, (std::vector<std::uint64_t>{second, first}));
}

TEST_F(ServeTest, APinnedExchangeKeepsItsGateway) {
  const std::uint64_t old = serve.current()->generation;
  gate.inside = [](access::Question& question) { question.pin(); };
  auto& exchange = start(get("rest.test", "/live/closed"));
  pass_ms(3000);
  EXPECT_EQ(exchange.status, 500);
  serve.finished(exchange, http::Ending::Complete);
  serve.publish(compiled());
  EXPECT_TRUE(retired.empty());
  EXPECT_EQ(exchange.unpinned_calls, 0);
  gate.questions.back()->unpin();
  EXPECT_EQ(retired, std::vector<std::uint64_t>{old});
  EXPECT_EQ(exchange.unpinned_calls, 1);
}

TEST_F(ServeTest, FindsRefusedRequestsByTheIdThatTheClientSaw) {
  gate.answers_at_once({access::say(AnswerKind::Deny)});
  const std::string rest = ask(get("rest.test", "/live/closed")).header("x-amzn-RequestId");
  const std::string http = ask(get("http.test", "/closed")).header("apigw-requestid");
  const std::string unknown = ask(get("nobody.test", "/")).header("x-amzn-RequestId");
  gate.answers_at_once({access::say(AnswerKind::Allow)});
  const std::string allowed = ask(get("rest.test", "/live/closed")).header("x-amzn-RequestId");
  for (const std::string& id : {rest, http, unknown}) {
    const auto found = serve.find_refused(id);
    ASSERT_TRUE(found) << id;
    EXPECT_NE(found->find("\"request_id\":\"" + id + "\""), std::string::npos) << *found;
  }
  EXPECT_EQ(serve.find_refused(allowed), std::nullopt);
  EXPECT_EQ(serve.find_refused(""), std::nullopt);
}

TEST_F(ServeTest, AFloodForNothingDoesNotPushOutDecisions) {
  gate.answers_at_once({access::say(AnswerKind::Deny)});
  const std::string id = ask(get("rest.test", "/live/closed")).header("x-amzn-RequestId");
  std::string first;
  for (int i = 0; i < 100; ++i) {
    const std::string noise = ask(get("rest.test", "/live/scan" + std::to_string(i))).header("x-amzn-RequestId");
    if (i == 0) first = noise;
    ask(get("rest.test", "/%00"));
    ask(get("elsewhere.test", "/"));
  }
  EXPECT_TRUE(serve.find_refused(id));
  EXPECT_FALSE(serve.find_refused(first));
}

struct PreflightCase {
  const char* name;
  const char* path;
  AnswerKind edge;
  int status;
  bool allowed;  // the answer names the origin as one that may
  int gate_asked;
};
// The identity authorizer, when asked, has nothing to go by: Unauthorized.
const PreflightCase kPreflights[] = {
    {"AT-70 no route", "/nothing", AnswerKind::Abstain, 204, true, 0},
    {"AT-70 no route, network says no", "/nothing", AnswerKind::Deny, 403, false, 0},
    {"AT-70 no route, network fails", "/nothing", AnswerKind::Failed, 500, false, 0},
    {"AT-70 open route", "/open", AnswerKind::Abstain, 204, true, 0},
    {"AT-73 protected route", "/closed", AnswerKind::Abstain, 401, false, 1},
    {"AT-73 open route, network says no", "/open", AnswerKind::Deny, 403, false, 0},
    {"AT-73 open route, network fails", "/open", AnswerKind::Failed, 500, false, 0},
    {"AT-73 protected route, network says no", "/closed", AnswerKind::Deny, 403, false, 0},
};

TEST_F(ServeTest, AT_70_AT_73_Preflight) {
  gate.answers_at_once({access::say(AnswerKind::Unauthorized)});
  for (const PreflightCase& c : kPreflights) {
    edge.answers_at_once({access::say(c.edge)});
    const int before = gate.asked;
    const auto& got = ask(preflight(c.path));
    EXPECT_EQ(got.status, c.status) << c.name;
    EXPECT_EQ(got.header("access-control-allow-methods") == "GET", c.allowed) << c.name << "\n" << got.headers;
    EXPECT_EQ(got.header("access-control-allow-origin"), "https://app.test") << c.name;
    EXPECT_EQ(gate.asked - before, c.gate_asked) << c.name;
    EXPECT_EQ(got.text.empty(), c.status == 204) << c.name;
  }
}

// The route's integration answers a preflight that its authorizer let through, not the gateway.
TEST_F(ServeTest, AT_73_AnAllowedPreflightGoesToTheIntegration) {
  gate.answers_at_once({access::say(AnswerKind::Allow)});
  const auto& got = ask(preflight("/closed"));
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.text, "secret");
  EXPECT_EQ(gate.asked, 1);
}

TEST_F(ServeTest, AT_70_OnlyAPreflightIsAnswered) {
  const std::string host = " HTTP/1.1\r\nHost: cors.test\r\n";
  EXPECT_EQ(ask("OPTIONS /nothing" + host + "\r\n").status, 404);
  EXPECT_EQ(ask("OPTIONS /nothing" + host + "Origin: https://app.test\r\n\r\n").status, 404);
  EXPECT_EQ(ask("OPTIONS /nothing" + host + "Access-Control-Request-Method: GET\r\n\r\n").status, 404);
  EXPECT_EQ(
      ask("GET /nothing" + host + "Origin: https://app.test\r\nAccess-Control-Request-Method: GET\r\n\r\n").status,
      404);
  const auto& open = ask("OPTIONS /open" + host + "\r\n");  // the route's own business
  EXPECT_EQ(open.status, 200);
  EXPECT_EQ(open.text, "hello");
}

TEST_F(ServeTest, AT_74_ARestApiAnswersNoPreflightByItself) {
  EXPECT_EQ(ask("OPTIONS /live/open HTTP/1.1\r\nHost: rest.test\r\nOrigin: https://a\r\n"
                "Access-Control-Request-Method: GET\r\n\r\n")
                .status,
            403);
}

const char* const kUuid = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

TEST_F(ServeTest, AT_90_AdoptsAValidRequestId) {
  const auto sent = [&](const std::string& id) {
    return ask(get("rest.test", "/live/open", "x-amzn-RequestId: " + id + "\r\n")).header("x-amzn-RequestId");
  };
  EXPECT_EQ(sent(kUuid), kUuid);
  for (const std::string bad : {"", "me", "3f2504e0-4f89-41d3-9a0c-0305e82c3301x", "../../etc/passwd"}) {
    const std::string got = sent(bad);
    EXPECT_NE(got, bad);
    EXPECT_EQ(got.size(), 36u) << got;
  }
}

TEST_F(ServeTest, AT_90_AdoptsNothingUnlessTold) {
  std::string yaml = kYaml;
  yaml.replace(yaml.find("adopt_request_id: true"), 22, "adopt_request_id: false");
  const auto made = test::compile_text(yaml, factory);
  ASSERT_NE(made.gateway, nullptr) << made.text();
  serve.publish(made.gateway);
  EXPECT_NE(ask(get("rest.test", "/live/open", std::string("x-amzn-RequestId: ") + kUuid + "\r\n"))
                .header("x-amzn-RequestId"),
            kUuid);
}

TEST_F(ServeTest, AT_91_RequestIdsByApiType) {
  const auto& rest = ask(get("rest.test", "/live/open"));
  EXPECT_EQ(rest.header("x-amzn-RequestId").size(), 36u);
  EXPECT_EQ(rest.header("x-amz-apigw-id").size(), 16u);
  EXPECT_EQ(rest.header("apigw-requestid"), "-");
  const auto& http = ask(get("http.test", "/open", std::string("x-amzn-RequestId: ") + kUuid + "\r\n"));
  EXPECT_EQ(http.header("apigw-requestid").size(), 16u);
  EXPECT_EQ(http.header("x-amzn-RequestId"), "-");
  EXPECT_EQ(http.header("x-amz-apigw-id"), "-");
}

TEST_F(ServeTest, AT_92_ARestResponseHasAContentType) {
  EXPECT_EQ(ask(get("rest.test", "/live/open")).header("Content-Type"), "application/json");
  EXPECT_EQ(ask(get("http.test", "/open")).header("Content-Type"), "-");
}

struct WireCase {
  const char* name;
  std::string wire;
  int status;
  const char* body;
};
const WireCase kRefusals[] = {
    {"AT-1E encoded NUL", get("rest.test", "/live/%00"), 400, R"({"message":"Bad Request"})"},
    {"AT-1E dot segment", get("http.test", "/a/../open"), 400, R"({"message":"Bad Request"})"},
    {"AT-1E encoded slash", get("http.test", "/a%2Fb"), 400, R"({"message":"Bad Request"})"},
    {"AT-1E half an escape", get("rest.test", "/live/open%2"), 400, R"({"message":"Bad Request"})"},
    {"section 2.3 raw brace in a REST query", get("rest.test", "/live/open?a={b}"), 400,
     R"({"message":"Bad Request"})"},
    {"AT-65 unknown host", get("nobody.test", "/live/open"), 403, R"({"message":"Forbidden"})"},
    {"AT-19 unknown stage of REST", get("rest.test", "/dead/open"), 403, R"({"message":"Forbidden"})"},
    {"AT-21 unknown stage of HTTP", get("staged.test", "/prod/open"), 404, R"({"message":"Not Found"})"},
    {"AT-21 no stage in the path", get("staged.test", "/"), 404, R"({"message":"Not Found"})"},
    {"AT-19 disabled endpoint of HTTP", get("off.test", "/open"), 404, R"({"message":"Not Found"})"},
    {"AT-52 unknown base path", get("shop.test", "/none/open"), 404, R"({"message":"Not Found"})"},
    {"AT-18 no such resource", get("rest.test", "/live/none"), 403, R"({"message":"Missing Authentication Token"})"},
    {"AT-22 no such route", get("http.test", "/none"), 404, R"({"message":"Not Found"})"},
    {"AT-25 no such method", "PUT /open HTTP/1.1\r\nHost: http.test\r\n\r\n", 404, R"({"message":"Not Found"})"},
    {"413 HTTP by Content-Length", "POST /open HTTP/1.1\r\nHost: http.test\r\nContent-Length: 11\r\n\r\n", 413,
     R"({"message":"Request Entity Too Large"})"},
    {"413 REST by Content-Length", "POST /live/deep/x HTTP/1.1\r\nHost: rest.test\r\nContent-Length: 1001\r\n\r\n", 413,
     "HTTP content length exceeded 1000 bytes."},
    {"413 comes before the authorizer", "POST /live/closed HTTP/1.1\r\nHost: rest.test\r\nContent-Length: 1001\r\n\r\n",
     413, "HTTP content length exceeded 1000 bytes."},
    {"LA-40 the ARN is too long", get("rest.test", "/live/deep/" + std::string(1600, 'a')), 414,
     R"({"message":"Request URI too long"})"},
};

TEST_F(ServeTest, RefusesBeforeAnybodyIsAsked) {
  for (const WireCase& c : kRefusals) {
    const auto& got = ask(c.wire);
    EXPECT_EQ(got.status, c.status) << c.name;
    EXPECT_EQ(got.text, c.body) << c.name;
  }
  EXPECT_EQ(gate.asked + edge.asked, 0);
}

TEST_F(ServeTest, BodiesUpToTheLimitPass) {
  EXPECT_EQ(ask("POST /open HTTP/1.1\r\nHost: http.test\r\nContent-Length: 10\r\n\r\n").status, 200);
  EXPECT_EQ(ask("POST /live/deep/x HTTP/1.1\r\nHost: rest.test\r\nContent-Length: 1000\r\n\r\n").status, 200);
}

// The prefix `arn:aws:execute-api:us-east-1:111122223333:rest/live/` is 53 bytes, the method 3, `/deep/` 6.
TEST_F(ServeTest, LA_40_TheLongestArnPasses) {
  EXPECT_EQ(ask(get("rest.test", "/live/deep/" + std::string(1600 - 53 - 3 - 6, 'a'))).status, 200);
  EXPECT_EQ(ask(get("rest.test", "/live/deep/" + std::string(1601 - 53 - 3 - 6, 'a'))).status, 414);
  EXPECT_EQ(ask(get("http.test", "/closed/" + std::string(1600, 'a'))).status, 404);  // REST's rule alone
}

/// Allows, and keeps what it was told.
class Peek final : public access::Authorizer {
 public:
  std::string_view name() const noexcept override { return "gate"; }
  Category category() const noexcept override { return Category::Identity; }
  void authorize(const access::Facts& f, std::int64_t, access::Question& question) noexcept override {
    seen = std::string(f.arn) + " " + std::string(f.route_key) + " " + std::string(f.resource_path) + " " +
           std::string(f.api_path) + " " + std::string(f.stage) + " " + std::string(f.domain) + " " +
           std::string(f.source_ip_text);
    for (const auto& [name, value] : f.path_parameters) seen += " " + std::string(name) + "=" + std::string(value);
    request_id = f.request_id;
    question.answered(access::say(AnswerKind::Allow));
  }
  void cancel(access::Question&) noexcept override {}
  std::string seen, request_id;
};

TEST_F(ServeTest, AnAuthorizerIsToldTheNormalisedRequest) {
  const auto peek = std::make_shared<Peek>();
  factory.put(peek);
  const auto made = test::compile_text(
      "gateway: {account_id: '111122223333'}\nlisteners: {p: {address: '127.0.0.1:0'}}\n"
      "authorizers: {gate: {type: request, plugin: gatehouse.test, result_ttl_seconds: 0}}\n"
      "apis: {pets: {id: p1, type: rest, stages: {live: {}}, routes: {'ANY /pets/{id}': {authorizer: gate, "
      "integration: {type: mock}}}}}\n",
      factory);
  ASSERT_NE(made.gateway, nullptr) << made.text();
  serve.publish(made.gateway);
  const auto& got = ask("DELETE //live//pets/%37%2b?a=1 HTTP/1.1\r\nHost: PETS.test:8080\r\n\r\n");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(peek->seen,
            "arn:aws:execute-api:us-east-1:111122223333:p1/live/DELETE/pets/7%2B ANY /pets/{id} /pets/{id} /pets/7%2B "
            "live PETS.test 10.1.2.3 id=7%2B");
  EXPECT_EQ(peek->request_id, got.header("x-amzn-RequestId"));
}

TEST_F(ServeTest, CountsWhatNoApiTookAndWhatTheParserRefused) {
  ask(get("nobody.test", "/"));
  ask(get("rest.test", "/dead"));
  ask(get("rest.test", "/live/none"));  // an API's own
  EXPECT_EQ(counted("gatehouse_unmatched_requests_total"), 2u);
  serve.refused({}, 431, "too many headers");
  EXPECT_EQ(counted("gatehouse_refused_by_parser_total"), 1u);
}

TEST_F(ServeTest, ADryRunInvokesNothing) {
  gate.answers_at_once({access::say(AnswerKind::Allow)});
  auto environment = this->environment();
  environment.dry_run = true;
  Serve dry(std::move(environment));
  dry.publish(compiled());
  test::PaperExchange exchange(get("rest.test", "/live/closed"));
  dry.start(exchange);
  EXPECT_TRUE(exchange.aborted);
  EXPECT_EQ(exchange.status, 0);
  const RequestContext& context = *Serve::context(exchange);
  EXPECT_TRUE(context.has_decision);
  EXPECT_EQ(context.trace.records().back().code, "not_invoked");
  dry.finished(exchange, http::Ending::Complete);
}

TEST_F(ServeTest, LogLinesAreWrittenSoonAfter) {
  const std::string path = testing::TempDir() + "gatehouse-serve-" + std::to_string(::getpid()) + ".log";
  const auto writer = AccessLogWriter::open(path);
  ASSERT_TRUE(writer) << writer.error().text;
  auto environment = this->environment();
  environment.access_log = writer->get();
  Serve logged(std::move(environment));
  logged.publish(compiled());
  test::PaperExchange exchange(get("rest.test", "/live/none"));
  logged.start(exchange);
  logged.finished(exchange, http::Ending::Complete);
  pass_ms(250);  // nobody asks for more, and the line goes out all the same
  std::string line;
  for (int i = 0; i < 1000 && line.empty(); ++i) {
    std::getline(std::ifstream(path), line);
    if (line.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::unlink(path.c_str());
  EXPECT_NE(line.find("\"" + exchange.header("x-amzn-RequestId") + "\""), std::string::npos) << line;
  EXPECT_NE(line.find("403"), std::string::npos) << line;
}

TEST_F(ServeTest, TrimmingLeavesRequestsUnderWayAlone) {
  for (int i = 0; i < 2000; ++i) start(get("rest.test", "/live/closed"));
  for (auto& exchange : exchanges)
    if (&exchange != &exchanges.back()) serve.finished(exchange, http::Ending::ClientGone);
  serve.trim();
  serve.trim();
  gate.answer(access::say(AnswerKind::Allow));
  EXPECT_EQ(exchanges.back().text, "secret");
  serve.finished(exchanges.back(), http::Ending::Complete);
}

}  // namespace
}  // namespace gatehouse::gateway
