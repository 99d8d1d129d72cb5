#include <gtest/gtest.h>

#include "gateway/serve.hpp"
#include "http/parser.hpp"
#include "support/count_news.hpp"
#include "unit/gateway/compiled.hpp"

namespace gatehouse::gateway {
namespace {

using gatehouse::test::news;

const std::string kYaml = R"(
gateway: {access_log: {enabled: false}}
listeners: {p: {address: '127.0.0.1:0'}}
authorizers:
  now: {type: request, plugin: gatehouse.test, result_ttl_seconds: 0}
  late: {type: request, plugin: gatehouse.test, result_ttl_seconds: 0}
  edge: {type: network, plugin: gatehouse.test}
apis:
  rest:
    type: rest
    hosts: [rest.test]
    network: [edge]
    stages: {live: {variables: {color: blue}}}
    routes:
      'GET /open/{id}': {authorizer: none, integration: {type: mock, body: hello, headers: {x-a: b}}}
      'GET /now/{proxy+}': {authorizer: now, integration: {type: mock, body: hello}}
      GET /late: {authorizer: late, integration: {type: mock, body: hello}}
  http:
    type: http
    hosts: [http.test]
    stages: {$default: {}}
    cors: {allow_origins: ['https://app.test'], expose_headers: [x-a]}
    routes:
      'GET /open/{id}': {authorizer: none, integration: {type: mock, body: hello}}
      'GET /now/{id}': {authorizer: now, integration: {type: mock, body: hello}}
)";

/// Takes a response without keeping it; its memory is used again, as the server's is.
class LeanExchange final : public http::Exchange {
 public:
  http::BodySource& body() noexcept override { return none_; }
  void respond(const http::ResponseHead& head, http::BodySource*) override { status = head.status; }
  void abort() noexcept override {}
  void close_after() noexcept override {}
  bool responded() const noexcept override { return status != 0; }
  bool begin(const std::string& wire, const http::ConnectionFacts& facts) {
    arena.reset();
    status = 0;
    connection = &facts;
    http::RequestParser parser;
    http::ParseFault fault;
    return parser.parse(wire, {}, request, fault) == http::ParseState::Complete;
  }

 private:
  void unpinned() noexcept override {}
  http::MemoryBody none_;
};

class Lean final : public access::Authorizer {
 public:
  Lean(std::string name, access::Category category, bool late)
      : name_(std::move(name)), category_(category), late_(late) {}
  std::string_view name() const noexcept override { return name_; }
  access::Category category() const noexcept override { return category_; }
  void authorize(const access::Facts&, std::int64_t, access::Question& question) noexcept override {
    waiting = late_ ? &question : nullptr;
    if (!late_) question.answered(access::say(access::AnswerKind::Allow));
  }
  void cancel(access::Question&) noexcept override {}
  access::Question* waiting = nullptr;

 private:
  std::string name_;
  access::Category category_;
  bool late_;
};

TEST(ServeMalloc, NoneForAMockRequestOnceWarm) {
  test::FakeFactory factory;
  const auto late = std::make_shared<Lean>("late", access::Category::Identity, true);
  factory.put(late);
  factory.put(std::make_shared<Lean>("now", access::Category::Identity, false));
  factory.put(std::make_shared<Lean>("edge", access::Category::Network, false));
  const auto made = test::compile_text(kYaml, factory);
  ASSERT_NE(made.gateway, nullptr) << made.text();

  net::Loop loop;
  base::SystemRandom random;
  base::Registry registry;
  Serve::Environment environment;
  environment.loop = &loop;
  environment.random = &random;
  environment.registry = &registry;
  Serve serve(std::move(environment));
  serve.publish(made.gateway);

  http::ConnectionFacts facts;
  facts.peer = *base::IpAddress::parse("10.1.2.3");
  facts.peer_text = "10.1.2.3";
  LeanExchange exchange;
  struct Case {
    const char* name;
    std::string wire;
  };
  const Case cases[] = {
      {"REST, open", "GET /live/open/7?a=1 HTTP/1.1\r\nHost: rest.test\r\nUser-Agent: x\r\n\r\n"},
      {"REST, an authorizer that answers at once", "GET /live/now/a/b%2bc HTTP/1.1\r\nHost: rest.test\r\n\r\n"},
      {"REST, an authorizer that answers later", "GET /live/late HTTP/1.1\r\nHost: rest.test\r\n\r\n"},
      {"HTTP, open, with CORS", "GET /open/7 HTTP/1.1\r\nHost: http.test\r\nOrigin: https://app.test\r\n\r\n"},
      {"HTTP, an authorizer that answers at once", "GET /now/7 HTTP/1.1\r\nHost: http.test\r\n\r\n"},
  };
  for (const Case& c : cases) {
    std::size_t counted = 0;
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(exchange.begin(c.wire, facts)) << c.name;
      const std::size_t before = news();
      serve.start(exchange);
      if (!exchange.responded()) late->waiting->answered(access::say(access::AnswerKind::Allow));
      serve.finished(exchange, http::Ending::Complete);
      if (i >= 10) counted += news() - before;
      ASSERT_EQ(exchange.status, 200) << c.name;
    }
    EXPECT_EQ(counted, 0u) << c.name;
  }
}

}  // namespace
}  // namespace gatehouse::gateway
