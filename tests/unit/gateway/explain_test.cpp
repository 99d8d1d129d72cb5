#include "gateway/explain.hpp"

#include <gtest/gtest.h>

#include "plugin/json.hpp"
#include "unit/gateway/compiled.hpp"

namespace gatehouse::gateway {
namespace {

using access::AnswerKind;
using access::Category;

const std::string kYaml = R"(
listeners: {p: {address: '127.0.0.1:0'}}
authorizers:
  gate: {type: request, plugin: gatehouse.test, result_ttl_seconds: 0, timeout: 60ms}
  edge: {type: network, plugin: gatehouse.test}
apis:
  pets:
    type: http
    hosts: [pets.test]
    stages: {$default: {}}
    network: [edge]
    cors: {allow_origins: ['https://app.test'], allow_methods: [GET]}
    routes:
      ANY /open: {authorizer: none, integration: {type: mock, body: hello}}
      ANY /closed: {authorizer: gate, integration: {type: mock, body: secret}}
)";

class ExplainTest : public testing::Test {
 protected:
  ExplainTest() {
    edge.answers_at_once({access::say(AnswerKind::Abstain)});
    gate.answers_at_once({access::say(AnswerKind::Allow)});
    test::Compiled made = test::compile_text(kYaml, factory);
    EXPECT_NE(made.gateway, nullptr) << made.text();
    gateway = made.gateway;
  }
  static ExplainRequest request(const std::string& method, const std::string& target) {
    ExplainRequest out;
    out.method = method;
    out.target = target;
    out.host = "pets.test";
    return out;
  }
  Result<Explanation> ask(const ExplainRequest& request) { return explain(gateway, loop, request); }

  net::Loop loop;
  test::FakeFactory factory;
  access::FakeAuthorizer& gate = factory.add("gate", Category::Identity);
  access::FakeAuthorizer& edge = factory.add("edge", Category::Network);
  std::shared_ptr<const Gateway> gateway;
};

TEST_F(ExplainTest, Allowed) {
  const auto got = ask(request("GET", "/closed?x=1"));
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_TRUE(got->allowed);
  EXPECT_EQ(got->status, 0);  // the integration would answer, and was not invoked
  EXPECT_NE(got->text.find("not_invoked: mock\n"), std::string::npos) << got->text;
  const auto json = plugin::parse_json(got->json);
  ASSERT_TRUE(json) << got->json;
  EXPECT_EQ(json->find("/path")->text, "/closed");
  EXPECT_EQ(json->find("/source_ip")->text, "127.0.0.1");
  EXPECT_EQ(json->find("/trace/0/step")->text, "host");
}

TEST_F(ExplainTest, RefusedSaysByWhomAndWhy) {
  access::Answer no = access::say(AnswerKind::Unauthorized, "plugin");
  no.reason = "token expired";
  gate.answers_at_once({no});
  const auto got = ask(request("GET", "/closed"));
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_FALSE(got->allowed);
  EXPECT_EQ(got->status, 401);
  EXPECT_NE(got->text.find("gate"), std::string::npos) << got->text;
  EXPECT_NE(got->text.find("plugin: token expired\n"), std::string::npos) << got->text;
}

struct ExplainCase {
  const char* name;
  const char* method;
  const char* target;
  AnswerKind edge, gate;
  bool allowed;
  int status;
};
const ExplainCase kCases[] = {
    {"open", "GET", "/open", AnswerKind::Abstain, AnswerKind::Failed, true, 0},
    {"network says no", "GET", "/open", AnswerKind::Deny, AnswerKind::Allow, false, 403},
    {"silence", "GET", "/closed", AnswerKind::Abstain, AnswerKind::Abstain, false, 403},
    {"failed", "GET", "/closed", AnswerKind::Abstain, AnswerKind::Failed, false, 500},
    {"no route", "GET", "/none", AnswerKind::Abstain, AnswerKind::Allow, false, 404},
    {"bad path", "GET", "/%00", AnswerKind::Abstain, AnswerKind::Allow, false, 400},
};

TEST_F(ExplainTest, GoesThePathOfARealRequest) {
  for (const ExplainCase& c : kCases) {
    edge.answers_at_once({access::say(c.edge)});
    gate.answers_at_once({access::say(c.gate)});
    const auto got = ask(request(c.method, c.target));
    ASSERT_TRUE(got) << c.name << ": " << got.error().text;
    EXPECT_EQ(got->allowed, c.allowed) << c.name << "\n" << got->text;
    EXPECT_EQ(got->status, c.status) << c.name << "\n" << got->text;
    EXPECT_TRUE(plugin::parse_json(got->json)) << c.name << "\n" << got->json;
  }
}

TEST_F(ExplainTest, WaitsForALateAnswerAndForTheDeadline) {
  gate.answers_at_once({});
  access::Question* asked = nullptr;
  gate.inside = [&](access::Question& question) {
    asked = &question;
    loop.post([&] { asked->answered(access::say(AnswerKind::Allow)); });
  };
  EXPECT_TRUE(ask(request("GET", "/closed"))->allowed);
  gate.inside = nullptr;
  const auto never = ask(request("GET", "/closed"));
  EXPECT_FALSE(never->allowed);
  EXPECT_EQ(never->status, 500);
  EXPECT_NE(never->text.find("deadline"), std::string::npos) << never->text;
}

TEST_F(ExplainTest, AT_70_APreflightIsAnsweredByTheGateway) {
  ExplainRequest preflight = request("OPTIONS", "/nothing");
  preflight.headers = {{"Origin", "https://app.test"}, {"Access-Control-Request-Method", "GET"}};
  const auto got = ask(preflight);
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_TRUE(got->answered);
  EXPECT_EQ(got->status, 204);

  preflight.target = "/closed";  // AT-73
  gate.answers_at_once({access::say(AnswerKind::Unauthorized)});
  const auto refused = ask(preflight);
  ASSERT_TRUE(refused) << refused.error().text;
  EXPECT_FALSE(refused->answered || refused->allowed);
  EXPECT_EQ(refused->status, 401);
}

struct BadCase {
  const char* name;
  ExplainRequest request;
  const char* said;
};

TEST_F(ExplainTest, SaysWhatIsWrongWithTheRequest) {
  const auto with = [](auto change) {
    ExplainRequest out = request("GET", "/open");
    change(out);
    return out;
  };
  const BadCase cases[] = {
      {"address", with([](ExplainRequest& r) { r.from = "10.0.0"; }), "`10.0.0` is not an IP address"},
      {"line break in a value", with([](ExplainRequest& r) {
         r.headers = {{"x-a", "1\r\nx-b: 2"}};
       }),
       "header `x-a` holds a line break"},
      {"line feed in a name", with([](ExplainRequest& r) {
         r.headers = {{"x\na", "1"}};
       }),
       "holds a line break"},
      {"name that is none", with([](ExplainRequest& r) {
         r.headers = {{"x a", "1"}};
       }),
       "refuses this request with 400"},
      {"method", with([](ExplainRequest& r) { r.method = "FROB"; }), "refuses this request with 501"},
      {"blank in the target", with([](ExplainRequest& r) { r.target = "/a b"; }), "refuses this request with 400"},
      {"two hosts", with([](ExplainRequest& r) {
         r.headers = {{"Host", "a"}, {"host", "b"}};
       }),
       "refuses this request with 400"},
      {"too many headers", with([](ExplainRequest& r) {
         r.headers.assign(200, {"x-a", "1"});
       }),
       "refuses this request with 431"},
      {"target too long", with([](ExplainRequest& r) { r.target = "/" + std::string(9000, 'a'); }),
       "refuses this request with 414"},
  };
  for (const BadCase& c : cases) {
    const auto got = ask(c.request);
    ASSERT_FALSE(got) << c.name << "\n" << got->text;
    EXPECT_EQ(got.error().code, Code::Invalid) << c.name;
    EXPECT_NE(got.error().text.find(c.said), std::string::npos) << c.name << ": " << got.error().text;
  }
  EXPECT_EQ(gate.asked + edge.asked, 0);
}

TEST_F(ExplainTest, ALineBreakCannotMakeAnotherRequest) {
  for (const std::string& target : {std::string("/open HTTP/1.1\r\nHost: pets.test\r\nx-injected: 1"),
                                    std::string("/open\r\n"), std::string("/open\n")}) {
    const auto got = ask(request("GET", target));
    EXPECT_FALSE(got) << target;
  }
}

}  // namespace
}  // namespace gatehouse::gateway
