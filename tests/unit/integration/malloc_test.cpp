#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "integration/http_proxy.hpp"
#include "integration/mock.hpp"
#include "unit/client/world.hpp"
#include "unit/integration/fake_exchange.hpp"

namespace {
thread_local std::size_t news = 0;
}

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++news;
  if (void* out = std::malloc(size)) return out;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* at) noexcept {
  std::free(at);
}
[[gnu::noinline]] void operator delete(void* at, std::size_t) noexcept {
  std::free(at);
}

namespace gatehouse::integration {
namespace {

struct Owner final : InvocationOwner {
  int answers = 0;
  void on_response(http::ResponseHead&, http::BodySource* body) override {
    ++answers;
    if (body != nullptr && body->pull() == http::BodySource::State::Ready) body->consume(body->data().size());
  }
  void on_failure(Failure, std::string_view) override {}
};

TEST(Malloc, NoneOnceWarm) {
  test::RawUpstream raw([](test::Peer& peer) {
    while (!peer.head().empty()) peer.answer("hello", "Server: x\r\nDate: today\r\nConnection: keep-alive\r\n");
  });
  net::Loop loop;
  net::BufferPool buffers;
  client::Client client(loop, buffers, std::make_unique<test::TableResolver>(loop));
  const auto upstream = test::upstream_of(raw);
  const Mock mock(200, {{"x-a", "b"}}, "hello");
  Owner owner;
  Invocation invocation;
  const access::NamedValue parameters[] = {{"id", "7"}};
  const access::TypedValue said[] = {{"tenant", "blue", access::ValueType::String},
                                     {"limits", "{\"a\":\n1}", access::ValueType::Json}};
  access::Decision decision;
  decision.identity.context = said;
  for (const auto type : {access::ApiType::Rest, access::ApiType::Http}) {
    for (const bool trusted : {false, true}) {
      RequestParameters mapped;
      const bool rest = type == access::ApiType::Rest;
      const std::string form = rest ? "integration.request.header." : "overwrite:header.";
      for (const char* name : {"X-Tenant", "X-Absent", "X-Limits"})
        ASSERT_TRUE(mapped.add(
            type, form + name,
            (rest ? "context.authorizer." : "$context.authorizer.") + base::lower(std::string(name).substr(2)), {}));
      const auto proxy = HttpProxy::make({upstream, "/v2/{id}/x", false, type, "a1b2c3", mapped}, {"id"});
      ASSERT_TRUE(proxy.has_value());
      std::size_t count = 0;
      for (int i = 0; i < 50; ++i) {
        test::FakeExchange exchange(
            "GET /orders/7?q=1 HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 1.2.3.4, 5.6.7.8\r\nUser-Agent: x\r\n\r\n");
        const auto target = http::parse_target(exchange.request.target, {}, exchange.arena);
        access::Facts facts;
        facts.target = &*target;
        facts.request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef";
        facts.path_parameters = parameters;
        const int before_answers = owner.answers;
        const std::size_t before = news;
        for (const Integration* one :
             {static_cast<const Integration*>(proxy->get()), static_cast<const Integration*>(&mock)}) {
          invocation.exchange = &exchange;
          invocation.facts = &facts;
          invocation.decision = &decision;
          invocation.client = &client;
          invocation.owner = &owner;
          invocation.trusted_peer = trusted;
          const int answered = owner.answers;
          one->invoke(invocation);
          for (int turns = 0; turns < 4000 && owner.answers == answered; ++turns) loop.turn(5);
          invocation.reset();
        }
        ASSERT_EQ(owner.answers, before_answers + 2);
        if (i >= 10) count += news - before;
      }
      EXPECT_EQ(count, 0u);
    }
  }
}

}  // namespace
}  // namespace gatehouse::integration
