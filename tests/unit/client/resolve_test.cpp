#include <gtest/gtest.h>

#include "net/executor.hpp"
#include "unit/client/world.hpp"

namespace gatehouse::client {
namespace {

using test::Peer;
using test::RawUpstream;
using test::serves;
using test::Told;
using test::upstream_of;
using test::World;

UpstreamSettings named(const RawUpstream& raw, const std::string& name = "orders.test") {
  UpstreamSettings settings;
  settings.targets = {name + ":" + std::to_string(raw.port())};
  return settings;
}

TEST(Resolve, CallsWaitForTheFirstAnswer) {
  RawUpstream raw(serves("ok"));
  World world;
  world.names->hold = true;
  world.names->set("orders.test", {"127.0.0.1"});
  const auto upstream = upstream_of(named(raw));
  Told first(world), second(world), cancelled(world);
  first.start(upstream);
  cancelled.start(upstream);
  second.start(upstream);
  world.turn();
  EXPECT_EQ(world.names->asked, 1) << "one look-up for all";
  cancelled.handle.reset();
  world.names->answer_all();
  ASSERT_TRUE(world.until([&] { return first.over() && second.over(); }));
  EXPECT_EQ(first.body + second.body, "okok");
  EXPECT_EQ(Told(world).run(upstream).body, "ok");
  EXPECT_EQ(world.names->asked, 1);
}

TEST(Resolve, HostIsTheName) {
  std::string head;
  RawUpstream raw([&](Peer& peer) {
    head = peer.head();
    peer.answer("");
  });
  World world;
  world.names->set("orders.test", {"127.0.0.1"});
  EXPECT_EQ(Told(world).run(upstream_of(named(raw))).status, 200);
  EXPECT_NE(head.find("\r\nHost: orders.test:" + std::to_string(raw.port()) + "\r\n"), std::string::npos) << head;
}

TEST(Resolve, UnknownNamesFailAndAreAskedAgainAfterAWhile) {
  RawUpstream raw(serves("ok"));
  base::FixedClock clock(0);
  World world(clock);
  const auto upstream = upstream_of(named(raw));
  Told told(world);
  told.run(upstream);
  EXPECT_TRUE(told.error == CallError::Resolve || told.error == CallError::NoTarget);
  EXPECT_EQ(world.names->asked, 1);
  EXPECT_EQ(Told(world).run(upstream).error, CallError::NoTarget) << "at once";
  EXPECT_EQ(world.names->asked, 1);
  world.names->set("orders.test", {"127.0.0.1"});
  clock.advance_ms(1'100);
  world.turn();
  EXPECT_EQ(Told(world).run(upstream).body, "ok");
}

TEST(Resolve, AnotherTargetServesWhenANameIsUnknown) {
  RawUpstream raw(serves("ok"));
  World world;
  UpstreamSettings settings = named(raw);
  settings.targets.push_back(raw.address());
  const auto upstream = upstream_of(settings);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Told(world).run(upstream).body, "ok");
}

TEST(Resolve, TriesTheNextAddressAndRemembersTheBadOne) {
  RawUpstream raw(serves("ok"));  // on 127.0.0.1 only
  World world;
  world.names->set("orders.test", {"127.0.0.2", "127.0.0.1"});
  UpstreamSettings settings = named(raw);
  settings.retries = 0;
  settings.max_idle = 0;
  const auto upstream = upstream_of(settings);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Told(world).run(upstream).body, "ok");
  EXPECT_EQ(world.client.metrics().connect_failures.value(), 0u) << "the connection was made";
  EXPECT_EQ(world.client.metrics().ejections.value(), 0u);
}

TEST(Resolve, SpreadsOverAllAddresses) {
  RawUpstream one(serves("1"));
  RawUpstream two(serves("2"), {}, 0, INADDR_LOOPBACK + 1, one.port());
  World world;
  world.names->set("orders.test", {"127.0.0.1", "127.0.0.2"});
  UpstreamSettings settings = named(one);
  settings.max_idle = 0;
  const auto upstream = upstream_of(settings);
  std::string got;
  for (int i = 0; i < 4; ++i) got += Told(world).run(upstream).body;
  EXPECT_EQ(got, "1212");
}

TEST(Resolve, RefusedByAllAddresses) {
  RawUpstream raw(serves("ok"));
  World world;
  world.names->set("orders.test", {"127.0.0.2", "127.0.0.3"});
  EXPECT_EQ(Told(world).run(upstream_of(named(raw))).error, CallError::Connect);
  EXPECT_EQ(world.client.metrics().connect_failures.value(), 2u) << "the call was tried twice, over both addresses";
}

TEST(Resolve, RefreshesAndDropsConnectionsToAddressesThatAreGone) {
  RawUpstream raw(serves("ok"));
  base::FixedClock clock(0);
  World world(clock);
  world.names->set("orders.test", {"127.0.0.1"});
  UpstreamSettings settings = named(raw);
  settings.dns_refresh_ms = 5'000;
  const auto upstream = upstream_of(settings);
  EXPECT_EQ(Told(world).run(upstream).body, "ok");
  EXPECT_EQ(world.client.metrics().idle_connections.value(), 1u);

  clock.advance_ms(5'010);
  world.turn();
  EXPECT_EQ(world.names->asked, 2);
  EXPECT_EQ(world.client.metrics().idle_connections.value(), 1u) << "the same address";

  world.names->set("orders.test", {"127.0.0.2"});
  clock.advance_ms(5'010);
  world.turn();
  EXPECT_EQ(world.names->asked, 3);
  EXPECT_EQ(world.client.metrics().idle_connections.value(), 0u);
  EXPECT_EQ(Told(world).run(upstream).error, CallError::Connect);
}

TEST(Resolve, StaleAddressesStayWhileLookUpsFail) {
  RawUpstream raw(serves("ok"));
  base::FixedClock clock(0);
  World world(clock);
  world.names->set("orders.test", {"127.0.0.1"});
  UpstreamSettings settings = named(raw);
  settings.dns_refresh_ms = 5'000;
  const auto upstream = upstream_of(settings);
  EXPECT_EQ(Told(world).run(upstream).body, "ok");
  world.names->names.clear();
  for (int i = 0; i < 3; ++i) {
    clock.advance_ms(5'010);
    world.turn();
    world.client.close_idle();
    EXPECT_EQ(Told(world).run(upstream).body, "ok");
  }
  EXPECT_EQ(world.names->asked, 4);
}

TEST(Resolve, LateAnswersFindNobody) {
  RawUpstream raw(serves("ok"));
  World world;
  world.names->hold = true;
  world.names->set("orders.test", {"127.0.0.1"});
  const auto upstream = upstream_of(named(raw));
  {
    Told told(world);
    told.start(upstream);
  }
  world.client.retain({});
  world.turn();
  world.names->answer_all();
  world.turn();
  EXPECT_EQ(world.client.metrics().open_connections.value(), 0u);
}

TEST(Resolve, LocalhostByTheSystem) {
  RawUpstream raw(serves("ok"));
  net::Executor executor(2);
  net::Loop loop;
  net::BufferPool buffers;
  {
    Client client(loop, buffers, executor.share("resolver", 2, 16));
    loop.turn(0);
    struct Owner final : CallOwner {
      int status = 0;
      CallError error = CallError::None;
      void on_response(Call&, const http::ResponseHead& head) override { status = head.status; }
      void on_failure(Call&, CallError why, std::string_view) override { error = why; }
    } owner;
    OutboundRequest request;
    request.target = "/";
    const auto upstream = upstream_of(named(raw, "localhost"));
    CallHandle handle = client.start(upstream, request, owner);
    for (int i = 0; i < 2000 && owner.status == 0 && owner.error == CallError::None; ++i) loop.turn(5);
    EXPECT_EQ(owner.status, 200) << name(owner.error);
    handle.reset();
    // A look-up under way when the client goes: its answer comes to nobody.
    const auto other = upstream_of(named(raw, "other.localhost"));
    handle = client.start(other, request, owner);
    handle.reset();
  }
  for (int i = 0; i < 5; ++i) loop.turn(2);
}

}  // namespace
}  // namespace gatehouse::client
