#include <gtest/gtest.h>

#include "unit/client/world.hpp"

namespace gatehouse::client {
namespace {

using test::Peer;
using test::RawUpstream;
using test::serves;
using test::Told;
using test::upstream_of;
using test::World;

// The first connection answers once and dies at the second request; later ones answer.
RawUpstream::Script dies_when_reused(bool reset) {
  return [reset](Peer& peer) {
    for (int asked = 1; !peer.head().empty(); ++asked) {
      if (peer.index == 0 && asked == 2) return reset ? peer.reset() : peer.close();
      peer.answer("ok");
    }
  };
}

struct Case {
  const char* name;
  http::Method method;
  const char* body;  // null: none
  bool again;
};
const Case kCases[] = {
    {"GET", http::Method::Get, nullptr, true},
    {"HEAD", http::Method::Head, nullptr, true},
    {"DELETE", http::Method::Delete, nullptr, true},
    {"OPTIONS", http::Method::Options, nullptr, true},
    {"PUT without body", http::Method::Put, nullptr, true},
    {"PUT whose body was sent", http::Method::Put, "body", false},
    {"POST without body", http::Method::Post, nullptr, false},
    {"POST", http::Method::Post, "body", false},
    {"PATCH", http::Method::Patch, "body", false},
};

// A kept-alive connection that dies under a request: only what may be sent twice is.
TEST(Retry, OfDiedKeptConnections) {
  for (const Case& c : kCases) {
    for (const bool reset : {false, true}) {
      RawUpstream raw(dies_when_reused(reset));
      World world;
      UpstreamSettings settings;
      settings.targets = {raw.address()};
      settings.retries = 0;  // this kind costs none
      settings.eject_after = 1;
      const auto upstream = upstream_of(settings);
      EXPECT_EQ(Told(world).run(upstream).status, 200);
      Told told(world);
      told.request.method = c.method;
      if (c.body != nullptr) {
        told.memory.assign(c.body);
        told.request.body = &told.memory;
      }
      told.run(upstream);
      EXPECT_EQ(told.status, c.again ? 200 : 0) << c.name;
      EXPECT_EQ(told.error, c.again ? CallError::None : CallError::Closed) << c.name;
      EXPECT_EQ(raw.connections(), c.again ? 2 : 1) << c.name;
      EXPECT_EQ(world.client.metrics().ejections.value(), 0u) << "closing an idle connection is the peer's right";
    }
  }
}

// A fresh connection that dies is a failure of the target: `retries` times, and only for what may be sent twice.
TEST(Retry, OfFreshConnections) {
  for (const Case& c : kCases) {
    RawUpstream raw([](Peer& peer) {
      peer.head();
      peer.close();
    });
    World world;
    UpstreamSettings settings;
    settings.targets = {raw.address()};
    settings.retries = 2;
    Told told(world);
    told.request.method = c.method;
    if (c.body != nullptr) {
      told.memory.assign(c.body);
      told.request.body = &told.memory;
    }
    told.run(upstream_of(settings));
    EXPECT_EQ(told.error, CallError::Closed) << c.name;
    EXPECT_EQ(raw.connections(), c.again ? 3 : 1) << c.name;
    EXPECT_EQ(world.client.metrics().retries.value(), c.again ? 2u : 0u) << c.name;
  }
}

// Nothing was sent, so even a POST goes to the next target.
TEST(Retry, RefusedConnectionsTakeTheNextTarget) {
  RawUpstream gone(serves(""));
  gone.stop();
  RawUpstream raw(serves("ok"));
  World world;
  UpstreamSettings settings;
  settings.targets = {gone.address(), raw.address()};
  settings.eject_after = 0;
  const auto upstream = upstream_of(settings);
  for (int i = 0; i < 4; ++i) {
    Told told(world);
    told.post("body").run(upstream);
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.target, raw.address());
  }
  settings.targets = {gone.address()};
  Told told(world);
  told.run(upstream_of(settings));
  EXPECT_EQ(told.error, CallError::Connect);
  EXPECT_NE(told.detail.find("refused"), std::string::npos) << told.detail;
}

TEST(Retry, NoneOnceAByteOfAResponseCame) {
  RawUpstream raw([](Peer& peer) {
    peer.head();
    peer.send("H");
    peer.close();
  });
  World world;
  EXPECT_EQ(Told(world).run(upstream_of(raw)).error, CallError::Closed);
  EXPECT_EQ(raw.connections(), 1);
}

// What the peer does to an idle connection is seen at once, so that no request finds it dead.
TEST(Idle, ClosedOrTalkingConnectionsAreDropped) {
  const std::function<void(Peer&)> ends[] = {
      [](Peer& peer) { peer.close(); },
      [](Peer& peer) { peer.reset(); },
      [](Peer& peer) { peer.finish(); },
      [](Peer& peer) { peer.send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"); },
  };
  for (const auto& end : ends) {
    std::atomic<bool> go{false};
    RawUpstream raw([&](Peer& peer) {
      peer.head();
      peer.answer("ok");
      if (peer.index != 0) return peer.wait_for_close();
      while (!go) std::this_thread::yield();
      end(peer);
      if (peer.fd() >= 0) peer.wait_for_close();
    });
    World world;
    const auto upstream = upstream_of(raw);
    EXPECT_EQ(Told(world).run(upstream).body, "ok");
    EXPECT_EQ(world.client.metrics().idle_connections.value(), 1u);
    go = true;
    EXPECT_TRUE(world.until([&] { return world.client.metrics().idle_connections.value() == 0; }));
    EXPECT_EQ(world.client.metrics().open_connections.value(), 0u);
    Told told(world);
    told.post("x").run(upstream);
    EXPECT_EQ(told.status, 200);
  }
}

TEST(Idle, AtMostMaxIdleAreKept) {
  std::atomic<int> waiting{0};
  RawUpstream raw([&](Peer& peer) {
    peer.head();
    ++waiting;
    while (waiting < 5) std::this_thread::yield();
    peer.answer("ok");
    peer.wait_for_close();
  });
  World world;
  UpstreamSettings settings;
  settings.targets = {raw.address()};
  settings.max_idle = 2;
  const auto upstream = upstream_of(settings);
  std::list<Told> calls;
  for (int i = 0; i < 5; ++i) calls.emplace_back(world).start(upstream);
  EXPECT_TRUE(
      world.until([&] { return std::all_of(calls.begin(), calls.end(), [](const Told& t) { return t.ended; }); }));
  EXPECT_EQ(world.client.metrics().idle_connections.value(), 2u);
  EXPECT_EQ(world.client.metrics().open_connections.value(), 2u);
}

TEST(Idle, TimesOut) {
  RawUpstream raw(serves("ok"));
  base::FixedClock clock(0);
  World world(clock);
  UpstreamSettings settings;
  settings.targets = {raw.address()};
  settings.idle_timeout_ms = 5'000;
  const auto upstream = upstream_of(settings);
  EXPECT_EQ(Told(world).run(upstream).body, "ok");
  clock.advance_ms(4'900);
  world.turn();
  EXPECT_EQ(world.client.metrics().idle_connections.value(), 1u);
  clock.advance_ms(200);
  world.turn();
  EXPECT_EQ(world.client.metrics().idle_connections.value(), 0u);
  EXPECT_EQ(world.client.metrics().open_connections.value(), 0u);
}

TEST(Idle, CloseIdleClosesThem) {
  RawUpstream raw(serves("ok"));
  World world;
  const auto upstream = upstream_of(raw);
  EXPECT_EQ(Told(world).run(upstream).body, "ok");
  world.client.close_idle();
  EXPECT_EQ(world.client.metrics().open_connections.value(), 0u);
  EXPECT_EQ(Told(world).run(upstream).body, "ok");
}

TEST(Reload, EqualSettingsKeepTheirConnectionsAndOthersAreDrained) {
  std::atomic<bool> go{true};
  RawUpstream raw([&](Peer& peer) {
    while (!peer.head().empty()) {
      while (!go) std::this_thread::yield();
      peer.answer("ok");
    }
  });
  World world;
  const auto before = upstream_of(raw);
  EXPECT_EQ(Told(world).run(before).body, "ok");

  const auto equal = upstream_of(raw);
  world.client.retain({equal});
  EXPECT_EQ(Told(world).run(equal).body, "ok");
  EXPECT_EQ(Told(world).run(before).body, "ok") << "a request of the old generation";
  EXPECT_EQ(raw.connections(), 1);

  go = false;
  Told under_way(world);
  under_way.start(equal);
  world.client.retain({});
  EXPECT_EQ(world.client.metrics().open_connections.value(), 1u);
  go = true;
  EXPECT_TRUE(world.until([&] { return under_way.ended; }));
  EXPECT_EQ(under_way.body, "ok");
  under_way.handle.reset();
  world.turn();
  EXPECT_EQ(world.client.metrics().open_connections.value(), 0u) << "given back to nobody";

  EXPECT_EQ(Told(world).run(equal).body, "ok") << "and it may come back";
  world.client.retain({});
  EXPECT_EQ(world.client.metrics().open_connections.value(), 0u);
  world.turn();
}

TEST(Pool, BusyWhenEveryTargetIsFull) {
  std::atomic<bool> go{false};
  RawUpstream raw([&](Peer& peer) {
    while (!peer.head().empty()) {
      while (!go) std::this_thread::yield();
      peer.answer("ok");
    }
  });
  World world;
  UpstreamSettings settings;
  settings.targets = {raw.address()};
  settings.max_connections = 2;
  const auto upstream = upstream_of(settings);
  Told first(world), second(world), third(world);
  first.start(upstream);
  second.start(upstream);
  EXPECT_EQ(third.run(upstream).error, CallError::Busy);
  go = true;
  EXPECT_TRUE(world.until([&] { return first.ended && second.ended; }));
  EXPECT_EQ(Told(world).run(upstream).body, "ok");
  EXPECT_EQ(raw.connections(), 2);
}

}  // namespace
}  // namespace gatehouse::client
