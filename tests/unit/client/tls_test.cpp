#include <gtest/gtest.h>

#include "unit/client/tls_script.hpp"
#include "unit/client/world.hpp"

namespace gatehouse::client {
namespace {

using test::certificates;
using test::Peer;
using test::RawUpstream;
using test::TlsScript;
using test::Told;
using test::upstream_of;
using test::World;

UpstreamSettings tls_to(const RawUpstream& raw) {
  UpstreamSettings settings;
  settings.targets = {raw.address()};
  settings.retries = 0;
  settings.tls = TlsSettings{};
  settings.tls->ca_file = certificates().ca_file();
  return settings;
}

TEST(Tls, VerifiedByAddressAndReused) {
  RawUpstream raw{TlsScript{}};
  World world;
  const auto upstream = upstream_of(tls_to(raw));
  for (int i = 0; i < 5; ++i) {
    Told told(world);
    told.run(upstream);
    EXPECT_EQ(told.body, "hello") << told.detail;
  }
  EXPECT_EQ(raw.connections(), 1);
  EXPECT_EQ(world.buffers.bytes_in_use(), 0u);
}

TEST(Tls, VerifiedByNameWithSni) {
  std::string sni;
  RawUpstream raw{TlsScript{.sni = &sni}};
  World world;
  world.names->set("orders.test", {"127.0.0.1"});
  UpstreamSettings settings = tls_to(raw);
  settings.targets = {"orders.test:" + std::to_string(raw.port())};
  EXPECT_EQ(Told(world).run(upstream_of(settings)).body, "hello");
  EXPECT_EQ(sni, "orders.test");
}

TEST(Tls, ServerNameSaysWhatIsVerified) {
  std::string sni;
  RawUpstream raw{TlsScript{.sni = &sni}};
  World world;
  UpstreamSettings settings = tls_to(raw);
  settings.tls->server_name = "orders.test";
  EXPECT_EQ(Told(world).run(upstream_of(settings)).body, "hello");
  EXPECT_EQ(sni, "orders.test");
}

TEST(Tls, RefusesWhatItCannotVerify) {
  struct Case {
    const char* name;
    std::function<void(UpstreamSettings&)> change;
    const char* detail;
    bool works;
  };
  const Case cases[] = {
      {"wrong name", [](auto& s) { s.tls->server_name = "other.test"; }, "hostname mismatch", false},
      {"unknown authority", [](auto& s) { s.tls->ca_file.clear(); }, "certificate", false},
      {"unverified by wish", [](auto& s) { s.tls->ca_file.clear(), s.tls->verify = false, s.tls->server_name = "x"; },
       "", true},
  };
  for (const Case& c : cases) {
    RawUpstream raw{TlsScript{}};
    World world;
    UpstreamSettings settings = tls_to(raw);
    c.change(settings);
    Told told(world);
    told.run(upstream_of(settings));
    EXPECT_EQ(told.error, c.works ? CallError::None : CallError::Tls) << c.name << told.detail;
    EXPECT_NE(told.detail.find(c.detail), std::string::npos) << c.name << ": " << told.detail;
    EXPECT_EQ(told.body, c.works ? "hello" : "") << c.name;
    EXPECT_EQ(world.client.metrics().open_connections.value(), c.works ? 1u : 0u) << c.name;
  }
}

TEST(Tls, ShowsItsCertificate) {
  std::string client;
  RawUpstream raw{TlsScript{.ask_client = true, .client = &client}};
  World world;
  UpstreamSettings settings = tls_to(raw);
  settings.tls->certificate_file = certificates().certificate_file("client");
  settings.tls->key_file = certificates().key_file("client");
  EXPECT_EQ(Told(world).run(upstream_of(settings)).body, "hello");
  EXPECT_EQ(client, "client");
}

TEST(Tls, ServerThatWantsACertificateAndGetsNone) {
  RawUpstream raw{TlsScript{.ask_client = true}};
  World world;
  Told told(world);
  told.run(upstream_of(tls_to(raw)));
  // With TLS 1.3 the client is done before the server refuses it.
  EXPECT_TRUE(told.error == CallError::Tls || told.error == CallError::Closed) << name(told.error);
}

TEST(Tls, PlainServerIsNoTlsServer) {
  RawUpstream raw([](Peer& peer) {
    peer.exactly(10);
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.close();
  });
  World world;
  EXPECT_EQ(Told(world).run(upstream_of(tls_to(raw))).error, CallError::Tls);
}

TEST(Tls, LargeBodiesBothWays) {
  const std::string body(3'000'000, 'y');
  RawUpstream raw{TlsScript{.body = body}};
  World world;
  const auto upstream = upstream_of(tls_to(raw));
  for (int i = 0; i < 2; ++i) {
    Told told(world);
    told.post(body).run(upstream);
    EXPECT_TRUE(told.body == body) << told.body.size();
  }
  EXPECT_EQ(raw.connections(), 1);
}

// Without close_notify nobody can tell the end from a cut.
TEST(Tls, CutBodyIsNotAWholeOne) {
  RawUpstream raw{TlsScript{.cut = true}};
  World world;
  Told told(world);
  told.run(upstream_of(tls_to(raw)));
  EXPECT_EQ(told.body, "hello");
  EXPECT_EQ(told.body_error, http::BodyError::Closed);
}

TEST(Tls, HandshakeTimesOut) {
  RawUpstream raw([](Peer& peer) { peer.wait_for_close(); });
  base::FixedClock clock(0);
  World world(clock);
  UpstreamSettings settings = tls_to(raw);
  settings.connect_timeout_ms = 1'000;
  Told told(world);
  told.start(upstream_of(settings));
  for (int i = 0; i < 10; ++i) world.loop.turn(2);
  EXPECT_FALSE(told.over());
  clock.advance_ms(1'010);
  world.turn();
  EXPECT_EQ(told.error, CallError::Tls);
}

}  // namespace
}  // namespace gatehouse::client
