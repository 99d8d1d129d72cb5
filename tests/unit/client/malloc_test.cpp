#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "unit/client/world.hpp"

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

namespace gatehouse::client {
namespace {

using test::RawUpstream;
using test::serves;
using test::upstream_of;

struct Owner final : CallOwner, http::BodySink {
  std::size_t bytes = 0;
  bool over = false;
  CallHandle handle;
  void on_response(Call& call, const http::ResponseHead&) override {
    call.body().set_sink(this);
    on_body();
  }
  void on_failure(Call&, CallError, std::string_view) override { over = true; }
  void on_body() override {
    http::BodySource& body = handle->body();
    for (;;) {
      switch (body.pull()) {
        case http::BodySource::State::Ready:
          bytes += body.data().size();
          body.consume(body.data().size());
          break;
        case http::BodySource::State::Waiting:
          return;
        case http::BodySource::State::End:
        case http::BodySource::State::Failed:
          over = true;
          return;
      }
    }
  }
};

struct Case {
  const char* name;
  std::size_t body;
  std::string_view sent;
};

TEST(Malloc, NoneOnceWarm) {
  for (const Case& c : {Case{"small", 100, ""}, Case{"64 kB", 65'536, ""}, Case{"post", 100, "hello"}}) {
    RawUpstream raw(serves(std::string(c.body, 'x')));
    net::Loop loop;
    net::BufferPool buffers;
    auto names = std::make_unique<test::TableResolver>(loop);
    Client client(loop, buffers, std::move(names));
    const auto upstream = upstream_of(raw);
    http::Headers headers;
    headers.add("x-a", "b");
    Owner owner;
    const auto ask = [&] {
      http::MemoryBody body(c.sent);
      OutboundRequest request;
      request.method = c.sent.empty() ? http::Method::Get : http::Method::Post;
      request.target = "/orders";
      request.headers = &headers;
      request.body = &body;
      owner.over = false;
      owner.bytes = 0;
      owner.handle = client.start(upstream, request, owner);
      for (int i = 0; i < 4000 && !owner.over; ++i) loop.turn(5);
      ASSERT_EQ(owner.bytes, c.body) << c.name;
      owner.handle.reset();
    };
    for (int i = 0; i < 10; ++i) ask();
    const std::size_t before = news;
    for (int i = 0; i < 200; ++i) ask();
    EXPECT_EQ(news - before, 0u) << c.name;
    EXPECT_EQ(raw.connections(), 1);
  }
}

}  // namespace
}  // namespace gatehouse::client
