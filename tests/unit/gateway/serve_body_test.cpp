// What a request comes to whose body an authorizer asked for (gateway/serve.hpp).
#include <gtest/gtest.h>

#include "gateway/serve.hpp"
#include "unit/gateway/compiled.hpp"
#include "unit/gateway/fake_body.hpp"
#include "unit/gateway/paper_context.hpp"

namespace gatehouse::gateway {
namespace {

using access::AnswerKind;
using http::BodyError;

const std::string kYaml = R"(
gateway: {limits: {body_bytes: 1000000}, kept_bodies: {memory_bytes: 65536, file_bytes: 0}}
listeners: {p: {address: '127.0.0.1:0'}}
authorizers:
  gate: {type: request, plugin: gatehouse.test, result_ttl_seconds: 0, timeout: 2s}
apis:
  rest:
    type: rest
    hosts: [rest.test]
    stages: {live: {}}
    routes: {POST /closed: {authorizer: gate, integration: {type: mock, body: secret}}}
  http:
    type: http
    hosts: [http.test]
    stages: {$default: {}}
    routes: {POST /closed: {authorizer: gate, integration: {type: mock, body: secret}}}
)";

class Reader final : public access::BodyReader {
 public:
  void on_request_body(access::BodyAnswer given) noexcept override {
    answer = std::move(given);
    ++times;
  }
  access::BodyAnswer answer;
  int times = 0;
};

class ServeBodyTest : public testing::Test {
 protected:
  ServeBodyTest() {
    test::Compiled made = test::compile_text(kYaml, factory);
    EXPECT_NE(made.gateway, nullptr) << made.text();
    serve.publish(made.gateway);
    gate.inside = [this](access::Question& question) {
      question.body()->ask(reader, access::RequestBody::kDigestOnly);
    };
  }
  Serve::Environment environment() {
    Serve::Environment out;
    out.loop = &loop;
    out.random = &random;
    out.registry = &registry;
    return out;
  }
  static std::string post(bool rest) {
    return std::string("POST ") + (rest ? "/live" : "") + "/closed HTTP/1.1\r\nHost: " + (rest ? "rest" : "http") +
           ".test\r\nTransfer-Encoding: chunked\r\n\r\n";
  }

  base::FixedClock clock{1'700'000'000'000};
  net::Loop loop{clock};
  base::SystemRandom random;
  base::Registry registry;
  test::FakeFactory factory;
  access::FakeAuthorizer& gate = factory.add("gate", access::Category::Identity);
  std::shared_ptr<Reader> reader = std::make_shared<Reader>();
  Serve serve{environment()};
};

struct Case {
  const char* name;
  std::size_t size;
  BodyError error;
  AnswerKind answer;
  int status;
};
const Case kCases[] = {
    {"whole and allowed", 1000, BodyError::None, AnswerKind::Allow, 200},
    {"whole and denied", 1000, BodyError::None, AnswerKind::Deny, 403},
    {"whole, and the authorizer failed", 1000, BodyError::None, AnswerKind::Failed, 500},
    {"too large", 1000, BodyError::TooLarge, AnswerKind::Failed, 413},
    {"too large and allowed", 1000, BodyError::TooLarge, AnswerKind::Allow, 413},
    {"too large and denied", 1000, BodyError::TooLarge, AnswerKind::Deny, 403},
    {"too large and unauthorized", 1000, BodyError::TooLarge, AnswerKind::Unauthorized, 401},
    {"too large and nothing said", 1000, BodyError::TooLarge, AnswerKind::Abstain, 403},
    {"broken", 1000, BodyError::Malformed, AnswerKind::Failed, 400},
    {"broken and allowed", 1000, BodyError::Malformed, AnswerKind::Allow, 400},
    {"late", 1000, BodyError::Timeout, AnswerKind::Failed, 400},
    {"no room", 100'000, BodyError::None, AnswerKind::Failed, 503},
    {"no room and allowed", 100'000, BodyError::None, AnswerKind::Allow, 503},
    {"no room and denied", 100'000, BodyError::None, AnswerKind::Deny, 403},
};

TEST_F(ServeBodyTest, ABodyThatCannotBeHadAnswersForItself) {
  for (const bool rest : {true, false}) {
    for (const Case& c : kCases) {
      SCOPED_TRACE(std::string(rest ? "rest " : "http ") + c.name);
      test::FakeBody body(test::noise(c.size), -1);
      body.arrive(c.size);
      c.error == BodyError::None ? body.finish() : body.fail(c.error);
      test::PaperExchange exchange(post(rest));
      ASSERT_TRUE(exchange.parsed);
      exchange.given_body = &body;
      reader = std::make_shared<Reader>();
      serve.start(exchange);
      EXPECT_EQ(body.pulls, 0);
      loop.turn(0);
      ASSERT_EQ(reader->times, 1);
      gate.answer(access::say(c.answer));
      EXPECT_EQ(exchange.status, c.status);
      EXPECT_EQ(exchange.text == "secret", c.status == 200);
      serve.finished(exchange, http::Ending::Complete);
      EXPECT_EQ(registry.counter(0, "gatehouse_kept_body_bytes", "", {{"where", "memory"}}).value(), 0u);
    }
  }
}

TEST_F(ServeBodyTest, ADeadlineThatPassedWhileTheClientSentIsTheClients) {
  test::FakeBody body("abc", -1);
  test::PaperExchange exchange(post(false));
  exchange.given_body = &body;
  serve.start(exchange);
  loop.turn(0);
  clock.advance_ms(2'100);
  loop.turn(0);
  EXPECT_EQ(exchange.status, 400);
  serve.finished(exchange, http::Ending::Complete);
  EXPECT_EQ(reader->times, 0);
}

TEST_F(ServeBodyTest, TheEndOfTheRequestTellsNobody) {
  test::FakeBody body("abc", -1);
  test::PaperExchange exchange(post(false));
  exchange.given_body = &body;
  serve.start(exchange);
  loop.turn(0);
  exchange.pin();  // somebody reads the request still
  serve.finished(exchange, http::Ending::ClientGone);
  EXPECT_EQ(body.sink, nullptr);
  loop.turn(0);
  EXPECT_EQ(reader->times, 0);
  EXPECT_EQ(reader.use_count(), 1);
  exchange.unpin();
}

}  // namespace
}  // namespace gatehouse::gateway
