#pragma once
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "unit/client/certificates.hpp"
#include "unit/client/raw_upstream.hpp"

namespace gatehouse::test {

inline Certificates& certificates() {
  static Certificates one;
  static const bool made = [] {
    one.issue("server", "DNS:orders.test,DNS:a.test,DNS:b.test,IP:127.0.0.1");
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
  std::string head = {};  // instead of a 200: everything before the body's length
  std::string* seen_head = nullptr;

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
      if (seen_head != nullptr) *seen_head = seen;
      seen.clear();
      std::string response = head.empty() ? "HTTP/1.1 200 OK\r\n" : head;
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

}  // namespace gatehouse::test
