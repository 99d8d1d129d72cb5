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

UpstreamSettings three(const RawUpstream& a, const RawUpstream& b, const RawUpstream& c) {
  UpstreamSettings settings;
  settings.targets = {a.address(), b.address(), c.address()};
  return settings;
}

TEST(Balance, RoundRobin) {
  RawUpstream a(serves("a")), b(serves("b")), c(serves("c"));
  World world;
  const auto upstream = upstream_of(three(a, b, c));
  std::string order;
  for (int i = 0; i < 9; ++i) order += Told(world).run(upstream).body;
  EXPECT_EQ(order, "abcabcabc");
}

TEST(Balance, LeastConnections) {
  std::atomic<bool> go{false};
  // The first one is slow: it keeps its calls, so that the others get the rest.
  RawUpstream slow([&](Peer& peer) {
    while (!peer.head().empty()) {
      while (!go) std::this_thread::yield();
      peer.answer("a");
    }
  });
  RawUpstream b(serves("b")), c(serves("c"));
  World world;
  UpstreamSettings settings = three(slow, b, c);
  settings.balance = Balance::LeastConnections;
  const auto upstream = upstream_of(settings);
  Told first(world);
  first.start(upstream);
  std::string others;
  for (int i = 0; i < 6; ++i) others += Told(world).run(upstream).body;
  EXPECT_EQ(others, "bcbcbc");
  std::list<Told> more;  // one each, although round robin would begin with the slow one at times
  for (int i = 0; i < 2; ++i) more.emplace_back(world).start(upstream);
  Told fourth(world);
  fourth.start(upstream);
  go = true;
  ASSERT_TRUE(world.until([&] { return first.ended && more.front().ended && more.back().ended && fourth.ended; }));
  EXPECT_EQ(first.body, "a");
  EXPECT_EQ(more.front().body + more.back().body, "bc");
}

TEST(Balance, EjectedTargetsAreLeftOutAndReturnThroughAProbe) {
  std::atomic<bool> sick{true};
  RawUpstream a([&](Peer& peer) {
    while (!peer.head().empty()) {
      if (sick) return;
      if (!peer.answer("a")) return;
    }
  });
  RawUpstream b(serves("b"));
  base::FixedClock clock(0);
  World world(clock);
  UpstreamSettings settings;
  settings.targets = {a.address(), b.address()};
  settings.eject_after = 2;
  settings.eject_ms = 1'000;
  settings.retries = 0;
  const auto upstream = upstream_of(settings);
  std::string got;
  const auto ask = [&](int times) {
    got.clear();
    for (int i = 0; i < times; ++i) {
      Told told(world);
      told.run(upstream);
      got += told.error == CallError::None ? told.body : "-";
    }
    return got;
  };
  EXPECT_EQ(ask(8), "-b-bbbbb") << "ejected after two failures in a row";
  EXPECT_EQ(world.client.metrics().ejections.value(), 1u);
  clock.advance_ms(1'000);
  world.turn();
  EXPECT_EQ(ask(4), "-bbb") << "one probe, which fails";
  EXPECT_EQ(world.client.metrics().ejections.value(), 2u);
  clock.advance_ms(1'500);
  world.turn();
  EXPECT_EQ(ask(4), "bbbb") << "twice as long now";
  sick = false;
  clock.advance_ms(600);
  world.turn();
  EXPECT_EQ(ask(4), "abab") << "back";
}

TEST(Balance, AllEjectedAreTriedAllTheSame) {
  std::atomic<bool> sick{true};
  RawUpstream a([&](Peer& peer) {
    while (!peer.head().empty())
      if (sick || !peer.answer("a")) return;
  });
  World world;
  UpstreamSettings settings;
  settings.targets = {a.address()};
  settings.eject_after = 1;
  settings.retries = 0;
  const auto upstream = upstream_of(settings);
  EXPECT_EQ(Told(world).run(upstream).error, CallError::Closed);
  EXPECT_EQ(world.client.metrics().ejections.value(), 1u);
  EXPECT_EQ(Told(world).run(upstream).error, CallError::Closed);
  sick = false;
  EXPECT_EQ(Told(world).run(upstream).body, "a");
}

TEST(Balance, AProbeThatIsCancelledMakesRoomForAnother) {
  std::atomic<int> mode{0};
  RawUpstream a([&](Peer& peer) {
    while (!peer.head().empty()) {
      if (mode == 0) return;
      if (mode == 1) return peer.wait_for_close();
      peer.answer("a");
    }
  });
  RawUpstream b(serves("b"));
  base::FixedClock clock(0);
  World world(clock);
  UpstreamSettings settings;
  settings.targets = {a.address(), b.address()};
  settings.eject_after = 1;
  settings.eject_ms = 1'000;
  settings.retries = 0;
  const auto upstream = upstream_of(settings);
  EXPECT_EQ(Told(world).run(upstream).error, CallError::Closed);
  mode = 1;
  clock.advance_ms(1'000);
  world.turn();
  EXPECT_EQ(Told(world).run(upstream).body, "b");
  {
    Told probe(world);
    probe.start(upstream);
    EXPECT_EQ(Told(world).run(upstream).body, "b");
    EXPECT_EQ(Told(world).run(upstream).body, "b") << "one probe at a time";
  }
  mode = 2;
  std::string got;
  for (int i = 0; i < 2; ++i) got += Told(world).run(upstream).body;
  EXPECT_NE(got.find('a'), std::string::npos) << got;
}

}  // namespace
}  // namespace gatehouse::client
