#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "net/stream.hpp"

namespace gatehouse::net {

/// How we speak TLS to a server. TLS 1.2 and later; the server is verified unless said otherwise.
struct TlsClientSettings {
  bool verify = true;            // chain and name
  std::string ca_file;           // PEM; empty: the system's authorities
  std::string certificate_file;  // PEM chain of our own, with key_file; empty: none
  std::string key_file;          // PEM, without pass phrase
  std::string ca_pem = {};       // authorities as text, instead of ca_file
};

/// An SSL_CTX for outgoing connections. Immutable after make(); shared by all loops. [any]
class TlsClientContext {
 public:
  /// The error names the file. [setup]
  static Result<std::shared_ptr<const TlsClientContext>> make(const TlsClientSettings& settings);
  ~TlsClientContext();
  TlsClientContext(const TlsClientContext&) = delete;
  TlsClientContext& operator=(const TlsClientContext&) = delete;
  bool verifies() const noexcept;

 private:
  friend class TlsFilter;
  struct Impl;
  explicit TlsClientContext(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

/// TLS on a Stream, on a BIO of our own that asks the Stream: what is drained costs no system call. Use:
///
///   auto tls = TlsFilter::client(context, stream, "orders.internal");   // once the stream is connected
///   TlsFilter* filter = tls->get();
///   stream.set_filter(std::move(*tls));
///   // now, and at each on_readable() and on_writable() until it is not Pending:
///   switch (filter->handshake()) { case Pending: wait; case Done: go on; case Failed: filter->error(); }
///
/// After Done the Stream's read() and write() carry plain bytes. Either may wait for either direction of the socket:
/// after Blocked, try again at the next on_readable() or on_writable(), whichever comes. A write() that was Blocked is
/// repeated with the same bytes (more may follow them). Plain bytes may wait inside the filter: read until Blocked.
/// [loop]
class TlsFilter final : public Filter {
 public:
  enum class Handshake : std::uint8_t { Done, Pending, Failed };

  /// `server_name`: the DNS name or IP address that the certificate must carry; a DNS name is also sent as SNI. The
  /// filter must not outlive `stream`.
  static Result<std::unique_ptr<TlsFilter>> client(std::shared_ptr<const TlsClientContext> context, Stream& stream,
                                                   std::string_view server_name);
  ~TlsFilter() override;

  Handshake handshake();
  /// After Failed, or a read or write that came to Error: what OpenSSL says, for the log.
  const std::string& error() const noexcept;

  Io read(std::span<char> into) override;
  Io write(std::span<const iovec> from) override;
  void shutdown() noexcept override;

 private:
  struct Impl;
  explicit TlsFilter(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::net
