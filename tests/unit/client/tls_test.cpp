#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "unit/client/certificates.hpp"
#include "unit/client/world.hpp"

namespace gatehouse::client {
namespace {

using test::Certificates;
using test::Peer;
using test::RawUpstream;
using test::Told;
using test::upstream_of;
using test::World;

Certificates& certificates() {
  static Certificates one;
  static const bool made = [] {
    one.issue("server", "DNS:orders.test,IP:127.0.0.1");
    one.issue("client", "DNS:gateway.test");
    return true;
  }();
  static_cast<void>(made);
  return one;
}

/// A TLS server on a raw connection; answers like serves().
struct TlsScript {
  bool ask_client = false;
  std::string body = "hello";
  bool cut = false;  // until close, without close_notify
  std::string* sni = nullptr;
  std::string* client = nullptr;

  void operator()(Peer& peer) const {
    SSL_CTX* const context = ::SSL_CTX_new(::TLS_server_method());
    ::SSL_CTX_use_certificate_chain_file(context, certificates().certificate_file("server").c_str());
    ::SSL_CTX_use_PrivateKey_file(context, certificates().key_file("server").c_str(), SSL_FILETYPE_PEM);
    if (ask_client) {
      ::SSL_CTX_load_verify_file(context, certificates().ca_file().c_str());
      ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    SSL* const ssl = ::SSL_new(context);
    ::SSL_set_fd(ssl, peer.fd());
    if (::SSL_accept(ssl) == 1) talk(ssl, peer);
    ::SSL_free(ssl);
    ::SSL_CTX_free(context);
    ::ERR_clear_error();
  }
  void talk(SSL* ssl, Peer& peer) const {
    if (sni != nullptr) {
      const char* name = ::SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
      *sni = name == nullptr ? "" : name;
    }
    if (X509* shown = ::SSL_get1_peer_certificate(ssl); shown != nullptr) {
      char text[64];
      ::X509_NAME_get_text_by_NID(::X509_get_subject_name(shown), NID_commonName, text, sizeof text);
      if (client != nullptr) *client = text;
      ::X509_free(shown);
    }
    std::string seen;
    char bytes[16384];
    for (;;) {
      const int n = ::SSL_read(ssl, bytes, sizeof bytes);
      if (n <= 0) return;
      seen.append(bytes, static_cast<std::size_t>(n));
      const std::size_t end = seen.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      std::size_t wanted = end + 4;
      if (const std::size_t at = seen.find("Content-Length: "); at < end)
        wanted += std::strtoul(&seen[at + 16], nullptr, 10);
      if (seen.size() < wanted) continue;
      seen.clear();
      std::string response = "HTTP/1.1 200 OK\r\n";
      if (!cut) response += "Content-Length: " + std::to_string(body.size()) + "\r\n";
      response += "\r\n" + body;
      std::string_view rest = response;
      while (!rest.empty()) {
        const int sent = ::SSL_write(ssl, rest.data(), static_cast<int>(std::min<std::size_t>(rest.size(), 100'000)));
        if (sent <= 0) return;
        rest.remove_prefix(static_cast<std::size_t>(sent));
      }
      if (cut) {
        peer.finish();
        return peer.wait_for_close();
      }
    }
  }
};

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
