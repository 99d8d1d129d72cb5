#include <gtest/gtest.h>

#include <list>

#include "unit/client/world.hpp"

namespace gatehouse::client {
namespace {

using test::Peer;
using test::RawUpstream;
using test::serves;
using test::Told;
using test::upstream_of;
using test::World;

struct Slow {
  const char* name;
  const char* sent;
};
const Slow kSlow[] = {
    {"says nothing", ""},
    {"stops in the head", "HTTP/1.1 200 OK\r\nContent-"},
    {"sends interim heads only", "HTTP/1.1 102 Processing\r\n\r\n"},
};

TEST(Timeout, OfTheResponseHead) {
  for (const Slow& slow : kSlow) {
    std::atomic<int> asked{0};
    RawUpstream raw([&](Peer& peer) {
      peer.head();
      peer.send(slow.sent);
      ++asked;
      peer.wait_for_close();
    });
    base::FixedClock clock(0);
    World world(clock);
    Told told(world);
    told.request.response_timeout_ms = 2'000;
    told.start(upstream_of(raw));
    ASSERT_TRUE(world.until([&] { return asked == 1; }));
    for (int i = 0; i < 5; ++i) world.loop.turn(2);
    clock.advance_ms(1'990);
    world.turn();
    EXPECT_FALSE(told.over()) << slow.name;
    clock.advance_ms(20);
    world.turn();
    EXPECT_EQ(told.error, CallError::Timeout) << slow.name;
    EXPECT_EQ(raw.connections(), 1) << "a time-out is not tried again";
    EXPECT_EQ(world.client.metrics().open_connections.value(), 0u);
    EXPECT_EQ(world.buffers.bytes_in_use(), 0u);
  }
}

TEST(Timeout, OfTheResponseBody) {
  RawUpstream raw([](Peer& peer) {
    peer.head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
    peer.wait_for_close();
  });
  base::FixedClock clock(0);
  World world(clock);
  Told told(world);
  told.request.body_idle_ms = 1'000;
  told.start(upstream_of(raw));
  ASSERT_TRUE(world.until([&] { return told.body == "ab"; }));
  clock.advance_ms(990);
  world.turn();
  EXPECT_FALSE(told.over());
  clock.advance_ms(20);
  world.turn();
  EXPECT_EQ(told.body_error, http::BodyError::Timeout);
  EXPECT_EQ(world.client.metrics().open_connections.value(), 0u);
}

// An owner that does not pull is not the upstream's fault.
TEST(Timeout, DoesNotCountWhileTheOwnerHoldsBack) {
  RawUpstream raw([](Peer& peer) {
    peer.head();
    peer.answer(std::string(100'000, 'x'));
    peer.wait_for_close();
  });
  base::FixedClock clock(0);
  World world(clock);
  Told told(world);
  told.request.body_idle_ms = 1'000;
  told.hold = true;
  told.start(upstream_of(raw));
  ASSERT_TRUE(world.until([&] { return told.status == 200; }));
  clock.advance_ms(100'000);
  world.turn();
  told.hold = false;
  told.drain();
  EXPECT_TRUE(world.until([&] { return told.over(); }));
  EXPECT_EQ(told.body.size(), 100'000u);
}

TEST(Timeout, OfAnUpstreamThatDoesNotTakeTheRequest) {
  std::atomic<bool> done{false};
  RawUpstream raw(
      [&](Peer&) {
        while (!done) std::this_thread::yield();
      },
      {}, 4096);
  base::FixedClock clock(0);
  World world(clock);
  const std::string body(16'000'000, 'x');
  Told told(world);
  told.request.body_idle_ms = 1'000;
  told.request.response_timeout_ms = 100'000;
  told.post(body).start(upstream_of(raw));
  for (int i = 0; i < 50; ++i) world.loop.turn(2);  // until the sockets' buffers are full
  clock.advance_ms(500);
  for (int i = 0; i < 50; ++i) world.loop.turn(2);
  EXPECT_FALSE(told.over());
  clock.advance_ms(1'100);
  world.turn();
  EXPECT_EQ(told.error, CallError::Timeout);
  EXPECT_EQ(world.buffers.bytes_in_use(), 0u);
  done = true;
}

TEST(Timeout, OfConnecting) {
  // A listener whose queue is full drops what comes: the connection is neither refused nor made.
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 0), 0);
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::list<int> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::connect(fillers.back(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  base::FixedClock clock(0);
  World world(clock);
  UpstreamSettings settings;
  settings.targets = {"127.0.0.1:" + std::to_string(ntohs(address.sin_port))};
  settings.connect_timeout_ms = 1'000;
  settings.retries = 1;
  Told told(world);
  told.start(upstream_of(settings));
  for (int i = 0; i < 10; ++i) world.loop.turn(2);
  EXPECT_FALSE(told.over());
  clock.advance_ms(1'010);
  world.turn();
  EXPECT_FALSE(told.over()) << "tried again";
  clock.advance_ms(1'010);
  world.turn();
  EXPECT_EQ(told.error, CallError::Connect);
  EXPECT_NE(told.detail.find("timed out"), std::string::npos);
  EXPECT_EQ(world.client.metrics().connect_failures.value(), 2u);
  EXPECT_EQ(world.client.metrics().open_connections.value(), 0u);
  for (int fd : fillers) ::close(fd);
  ::close(listener);
}

}  // namespace
}  // namespace gatehouse::client
