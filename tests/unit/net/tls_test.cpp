#include "net/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>

namespace gatehouse::net {
namespace {

/// A certificate and its key, made for the test.
struct Identity {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  Identity() = default;
  Identity(Identity&& other) noexcept
      : key(std::exchange(other.key, nullptr)), certificate(std::exchange(other.certificate, nullptr)) {}
  ~Identity() {
    ::X509_free(certificate);
    ::EVP_PKEY_free(key);
  }
};

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  ::X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = ::X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  ASSERT_NE(extension, nullptr) << value;
  ::X509_add_ext(certificate, extension, -1);
  ::X509_EXTENSION_free(extension);
}

/// Signed by `issuer`, or by itself when that is null.
Identity make_identity(const std::string& common_name, const std::string& alternative_names, const Identity* issuer) {
  static long serial = 1;
  Identity out;
  out.key = ::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  out.certificate = ::X509_new();
  ::X509_set_version(out.certificate, 2);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(out.certificate), serial++);
  ::X509_gmtime_adj(::X509_getm_notBefore(out.certificate), -3600);
  ::X509_gmtime_adj(::X509_getm_notAfter(out.certificate), 3600);
  X509_NAME* name = ::X509_get_subject_name(out.certificate);
  ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name.c_str()),
                               -1, -1, 0);
  X509* parent = issuer != nullptr ? issuer->certificate : out.certificate;
  ::X509_set_issuer_name(out.certificate, ::X509_get_subject_name(parent));
  ::X509_set_pubkey(out.certificate, out.key);
  extend(out.certificate, parent, NID_basic_constraints, issuer != nullptr ? "CA:FALSE" : "critical,CA:TRUE");
  if (!alternative_names.empty()) extend(out.certificate, parent, NID_subject_alt_name, alternative_names);
  ::X509_sign(out.certificate, issuer != nullptr ? issuer->key : out.key, ::EVP_sha256());
  return out;
}

class TlsTest : public testing::Test {
 protected:
  struct Owner final : Stream::Owner {
    void on_readable() override {}
    void on_writable() override {}
    void on_hangup() override {}
  };

  void SetUp() override {
    char name[] = "/tmp/gatehouse-tls-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
    server_context_ = ::SSL_CTX_new(::TLS_server_method());
    ::SSL_CTX_use_certificate(server_context_, server_.certificate);
    ::SSL_CTX_use_PrivateKey(server_context_, server_.key);
    SSL_CTX_set_tlsext_servername_callback(server_context_, &remember_name);
    SSL_CTX_set_tlsext_servername_arg(server_context_, this);
  }
  void TearDown() override {
    stream_.close();
    ::SSL_free(peer_);
    if (peer_fd_ >= 0) ::close(peer_fd_);
    ::SSL_CTX_free(server_context_);
    std::filesystem::remove_all(directory_);
  }

  std::string file(const std::string& name, const std::function<void(std::FILE*)>& write) {
    const std::string path = directory_ + "/" + name;
    std::FILE* out = std::fopen(path.c_str(), "w");
    write(out);
    std::fclose(out);
    return path;
  }
  std::string certificate_file(const Identity& identity, const std::string& name) {
    return file(name, [&](std::FILE* out) { ::PEM_write_X509(out, identity.certificate); });
  }
  std::string key_file(const Identity& identity, const std::string& name) {
    return file(name, [&](std::FILE* out) {
      ::PEM_write_PrivateKey(out, identity.key, nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

  /// Connects the two ends and runs the handshake to what it comes to.
  TlsFilter::Handshake shake(TlsClientSettings settings, std::string_view server_name) {
    if (settings.ca_file.empty() && settings.verify) settings.ca_file = certificate_file(authority_, "ca.pem");
    auto context = TlsClientContext::make(settings);
    EXPECT_TRUE(context) << context.error().text;
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
    peer_fd_ = fds[1];
    peer_ = ::SSL_new(server_context_);
    ::SSL_set_fd(peer_, peer_fd_);
    ::SSL_set_accept_state(peer_);
    EXPECT_TRUE(stream_.open(loop_, fds[0], owner_));
    loop_.turn(0);
    auto filter = TlsFilter::client(*context, stream_, server_name);
    EXPECT_TRUE(filter) << filter.error().text;
    filter_ = filter->get();
    stream_.set_filter(std::move(*filter));
    TlsFilter::Handshake state = TlsFilter::Handshake::Pending;
    for (int i = 0; i < 20 && state == TlsFilter::Handshake::Pending; ++i) {
      state = filter_->handshake();
      ::SSL_do_handshake(peer_);
      loop_.turn(0);
    }
    ::SSL_do_handshake(peer_);
    ::ERR_clear_error();
    return state;
  }
  std::string peer_read() {
    std::string out;
    std::array<char, 20'000> block;
    for (;;) {
      const int n = ::SSL_read(peer_, block.data(), static_cast<int>(block.size()));
      if (n <= 0) break;
      out.append(block.data(), static_cast<std::size_t>(n));
    }
    ::ERR_clear_error();
    return out;
  }
  std::string read_all(Io& last) {
    std::string out;
    std::array<char, 5000> block;
    for (;;) {
      last = stream_.read(block);
      if (last.state != Io::State::Ok) return out;
      out.append(block.data(), last.bytes);
    }
  }
  static int remember_name(SSL* ssl, int*, void* self) {
    const char* name = ::SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    static_cast<TlsTest*>(self)->sni_ = name != nullptr ? name : "";
    return SSL_TLSEXT_ERR_OK;
  }

  Identity authority_ = make_identity("Test Authority", "", nullptr);
  Identity server_ = make_identity(
      "server", "DNS:orders.internal,DNS:*.wild.internal,DNS:par*.internal,IP:127.0.0.1,IP:::1", &authority_);
  SSL_CTX* server_context_ = nullptr;
  SSL* peer_ = nullptr;
  int peer_fd_ = -1;
  Loop loop_;
  Owner owner_;
  Stream stream_;
  TlsFilter* filter_ = nullptr;
  std::string directory_;
  std::string sni_ = "(none)";
};

TEST_F(TlsTest, ShakesHandsAndCarriesBytes) {
  ASSERT_EQ(shake({}, "orders.internal"), TlsFilter::Handshake::Done) << filter_->error();
  EXPECT_EQ(sni_, "orders.internal");
  EXPECT_GE(::SSL_version(peer_), TLS1_2_VERSION);
  std::string head = "head ", body = "body";
  const std::array<iovec, 2> parts{iovec{head.data(), head.size()}, iovec{body.data(), body.size()}};
  EXPECT_EQ(stream_.write(parts).bytes, 9u);
  std::array<char, 100> got;
  EXPECT_EQ(::SSL_read(peer_, got.data(), 100), 9) << "small parts go in one record";
  ASSERT_EQ(::SSL_write(peer_, "answer", 6), 6);
  loop_.turn(0);
  Io io;
  EXPECT_EQ(read_all(io), "answer");
  EXPECT_EQ(io.state, Io::State::Blocked);
}

TEST_F(TlsTest, VerifiesChainAndName) {
  const Identity stranger = make_identity("Other Authority", "", nullptr);
  struct Case {
    const char* name;
    std::string server_name;
    bool verify;
    bool own_authority;
    TlsFilter::Handshake outcome;
    const char* says;
  };
  const Case cases[] = {
      {"name", "orders.internal", true, true, TlsFilter::Handshake::Done, ""},
      {"IPv4", "127.0.0.1", true, true, TlsFilter::Handshake::Done, ""},
      {"IPv6", "::1", true, true, TlsFilter::Handshake::Done, ""},
      {"wildcard", "a.wild.internal", true, true, TlsFilter::Handshake::Done, ""},
      {"wildcard, two labels", "a.b.wild.internal", true, true, TlsFilter::Handshake::Failed, "ostname mismatch"},
      {"wildcard in a label", "part.internal", true, true, TlsFilter::Handshake::Failed, "ostname mismatch"},
      {"another name", "other.internal", true, true, TlsFilter::Handshake::Failed, "ostname mismatch"},
      {"part of the name", "internal", true, true, TlsFilter::Handshake::Failed, "ostname mismatch"},
      {"another address", "127.0.0.2", true, true, TlsFilter::Handshake::Failed, "IP address mismatch"},
      {"unknown authority", "orders.internal", true, false, TlsFilter::Handshake::Failed, "certificate"},
      {"not verified", "other.internal", false, false, TlsFilter::Handshake::Done, ""},
  };
  for (const Case& c : cases) {
    TlsClientSettings settings;
    settings.verify = c.verify;
    if (c.verify && !c.own_authority) settings.ca_file = certificate_file(stranger, "other.pem");
    EXPECT_EQ(shake(settings, c.server_name), c.outcome) << c.name << ": " << filter_->error();
    EXPECT_NE(filter_->error().find(c.says), std::string::npos) << c.name << ": " << filter_->error();
    if (c.outcome == TlsFilter::Handshake::Failed) {
      std::array<char, 10> block;
      EXPECT_EQ(stream_.read(block).state, Io::State::Error) << c.name;
      EXPECT_EQ(stream_.write("secret").state, Io::State::Error) << c.name;
      EXPECT_EQ(filter_->handshake(), TlsFilter::Handshake::Failed) << c.name;
    }
    stream_.close();
    ::SSL_free(std::exchange(peer_, nullptr));
    ::close(std::exchange(peer_fd_, -1));
  }
}

TEST_F(TlsTest, AddressesAreNotSentAsNames) {
  ASSERT_EQ(shake({}, "127.0.0.1"), TlsFilter::Handshake::Done) << filter_->error();
  EXPECT_TRUE(sni_ == "(none)" || sni_.empty()) << sni_;
}

TEST_F(TlsTest, EmptyNameIsRefused) {
  auto context = TlsClientContext::make({});
  ASSERT_TRUE(context) << context.error().text;
  Stream stream;
  EXPECT_EQ(TlsFilter::client(*context, stream, "").error().code, Code::Invalid);
  EXPECT_EQ(TlsFilter::client(*context, stream, std::string_view("a\0b", 3)).error().code, Code::Invalid);
}

TEST_F(TlsTest, OldProtocolsAreRefused) {
  SSL_CTX_set_max_proto_version(server_context_, TLS1_1_VERSION);
  EXPECT_EQ(shake({}, "orders.internal"), TlsFilter::Handshake::Failed);
}

TEST_F(TlsTest, PresentsItsCertificate) {
  const Identity client = make_identity("gatehouse client", "", &authority_);
  TlsClientSettings settings;
  settings.certificate_file = certificate_file(client, "client.pem");
  settings.key_file = key_file(client, "client.key");
  ::SSL_CTX_set_verify(server_context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(server_context_), authority_.certificate);
  ASSERT_EQ(shake(settings, "orders.internal"), TlsFilter::Handshake::Done) << filter_->error();
  X509* seen = ::SSL_get1_peer_certificate(peer_);
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(::X509_cmp(seen, client.certificate), 0);
  ::X509_free(seen);
}

TEST_F(TlsTest, LargeWritesBlockAndGoOnWithTheSameBytes) {
  ASSERT_EQ(shake({}, "orders.internal"), TlsFilter::Handshake::Done) << filter_->error();
  std::string text(3'000'000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  std::string got;
  std::size_t sent = 0;
  bool blocked = false;
  for (int i = 0; i < 100'000 && got.size() < text.size(); ++i) {
    // Cut into uneven parts, as head and body are.
    std::array<iovec, 3> parts;
    std::size_t count = 0;
    std::size_t at = sent;
    for (const std::size_t size : {std::size_t{100}, std::size_t{20'000}, text.size()}) {
      const std::size_t n = std::min(size, text.size() - at);
      if (n == 0) break;
      parts[count++] = {text.data() + at, n};
      at += n;
    }
    if (count != 0) {
      const Io io = stream_.write({parts.data(), count});
      ASSERT_NE(io.state, Io::State::Error) << filter_->error();
      blocked = blocked || io.state == Io::State::Blocked;
      sent += io.bytes;
    }
    if (i % 3 == 2) got += peer_read();
    loop_.turn(0);
  }
  EXPECT_TRUE(blocked);
  EXPECT_EQ(sent, text.size());
  EXPECT_TRUE(got == text);
}

TEST_F(TlsTest, LargeReadsComeWhole) {
  ASSERT_EQ(shake({}, "orders.internal"), TlsFilter::Handshake::Done) << filter_->error();
  const std::string text(1'000'000, 'z');
  std::size_t sent = 0;
  std::string got;
  ::SSL_set_mode(peer_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  for (int i = 0; i < 100'000 && got.size() < text.size(); ++i) {
    if (sent < text.size()) {
      const int n = ::SSL_write(peer_, text.data() + sent, static_cast<int>(text.size() - sent));
      if (n > 0) sent += static_cast<std::size_t>(n);
      ::ERR_clear_error();
    }
    loop_.turn(0);
    Io io;
    got += read_all(io);
    ASSERT_EQ(io.state, Io::State::Blocked);
  }
  EXPECT_TRUE(got == text);
}

TEST_F(TlsTest, AnEndIsToldFromATruncation) {
  for (const bool clean : {true, false}) {
    ASSERT_EQ(shake({}, "orders.internal"), TlsFilter::Handshake::Done) << filter_->error();
    ASSERT_EQ(::SSL_write(peer_, "last", 4), 4);
    if (clean) ::SSL_shutdown(peer_);
    ::shutdown(peer_fd_, SHUT_WR);
    loop_.turn(0);
    Io io;
    EXPECT_EQ(read_all(io), "last");
    EXPECT_EQ(io.state, clean ? Io::State::End : Io::State::Error);
    stream_.close();
    ::SSL_free(std::exchange(peer_, nullptr));
    ::close(std::exchange(peer_fd_, -1));
  }
}

TEST_F(TlsTest, CloseSaysGoodbye) {
  ASSERT_EQ(shake({}, "orders.internal"), TlsFilter::Handshake::Done) << filter_->error();
  stream_.close();
  char byte;
  const int n = ::SSL_read(peer_, &byte, 1);
  EXPECT_EQ(::SSL_get_error(peer_, n), SSL_ERROR_ZERO_RETURN);
}

TEST_F(TlsTest, GarbageFails) {
  auto context = TlsClientContext::make({});
  ASSERT_TRUE(context);
  std::array<int, 2> fds{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
  peer_fd_ = fds[1];
  ASSERT_TRUE(stream_.open(loop_, fds[0], owner_));
  auto filter = TlsFilter::client(*context, stream_, "a");
  ASSERT_TRUE(filter);
  ASSERT_EQ(::send(peer_fd_, "HTTP/1.1 400 Bad Request\r\n\r\n", 28, 0), 28);
  loop_.turn(0);
  EXPECT_EQ((*filter)->handshake(), TlsFilter::Handshake::Failed);
  EXPECT_FALSE((*filter)->error().empty());
}

TEST_F(TlsTest, FaultyFilesAreNamed) {
  const std::string junk = file("junk.pem", [](std::FILE* out) { std::fputs("no certificate", out); });
  const Identity other = make_identity("other", "", nullptr);
  const std::string certificate = certificate_file(server_, "s.pem");
  const std::string key = key_file(server_, "s.key");
  const std::string other_key = key_file(other, "o.key");
  struct Case {
    TlsClientSettings settings;
    std::string named;
  };
  const Case cases[] = {
      {{true, "/nonexistent/ca.pem", "", ""}, "/nonexistent/ca.pem"},
      {{true, junk, "", ""}, junk},
      {{true, "", junk, key}, junk},
      {{true, "", certificate, junk}, junk},
      {{true, "", certificate, other_key}, other_key},
      {{true, "", certificate, ""}, "key file"},
      {{true, "", "", key}, "certificate file"},
  };
  for (const Case& c : cases) {
    const auto context = TlsClientContext::make(c.settings);
    ASSERT_FALSE(context) << c.named;
    EXPECT_NE(context.error().text.find(c.named), std::string::npos) << context.error().text;
  }
  EXPECT_TRUE(TlsClientContext::make({true, "", certificate, key}));
}

}  // namespace
}  // namespace gatehouse::net
