#include "net/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/ip.hpp"

namespace gatehouse::net {
namespace {

constexpr std::size_t kRecord = 16 * 1024;

/// The oldest entry of OpenSSL's queue, which is emptied.
std::string openssl_error() {
  const unsigned long code = ::ERR_get_error();
  ::ERR_clear_error();
  if (code == 0) return "unknown TLS error";
  const char* reason = ::ERR_reason_error_string(code);
  return reason != nullptr ? reason : "TLS error " + std::to_string(code);
}

/// At least one certificate, and nothing that is none.
Result<void> trust_pem(SSL_CTX* context, const std::string& pem) {
  BIO* const bio = ::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  if (bio == nullptr) return fail(Code::Limit, "reading authorities: " + openssl_error());
  int count = 0;
  bool good = true;
  const auto no_pass_phrase = [](char*, int, int, void*) { return -1; };
  while (X509* const one = ::PEM_read_bio_X509(bio, nullptr, no_pass_phrase, nullptr)) {
    good = good && ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context), one) == 1;
    ::X509_free(one);
    ++count;
  }
  ::BIO_free(bio);
  // The end of the text looks like this, too.
  const unsigned long last = ::ERR_peek_last_error();
  const bool at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  if (count == 0 || !good || !at_end)
    return fail(Code::Invalid, "reading authorities from PEM text: " + openssl_error());
  ::ERR_clear_error();
  return {};
}

}  // namespace

/// OpenSSL's way to the socket. It goes through the Stream, which knows what would block.
class PlainBio {
 public:
  static BIO* make(Stream& stream) {
    BIO* bio = ::BIO_new(method());
    if (bio == nullptr) return nullptr;
    ::BIO_set_data(bio, &stream);
    ::BIO_set_init(bio, 1);
    return bio;
  }

 private:
  static Stream& stream(BIO* bio) { return *static_cast<Stream*>(::BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, std::size_t size, std::size_t* got) {
    const Io io = stream(bio).read_plain({into, size});
    ::BIO_clear_retry_flags(bio);
    *got = io.bytes;
    if (io.state == Io::State::Blocked) BIO_set_retry_read(bio);
    if (io.state == Io::State::End) ::BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    if (io.state == Io::State::Error) errno = io.error;
    return io.state == Io::State::Ok ? 1 : 0;
  }
  static int write(BIO* bio, const char* from, std::size_t size, std::size_t* put) {
    const iovec one{const_cast<char*>(from), size};
    const Io io = stream(bio).write_plain({&one, 1});
    ::BIO_clear_retry_flags(bio);
    *put = io.bytes;
    if (io.state == Io::State::Blocked) BIO_set_retry_write(bio);
    if (io.state == Io::State::Error) errno = io.error;
    return io.state == Io::State::Ok ? 1 : 0;
  }
  static long ctrl(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return ::BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return 0;
  }
  static BIO_METHOD* method() {
    static BIO_METHOD* const one = [] {
      BIO_METHOD* made = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gatehouse stream");
      ::BIO_meth_set_read_ex(made, read);
      ::BIO_meth_set_write_ex(made, write);
      ::BIO_meth_set_ctrl(made, ctrl);
      return made;
    }();
    return one;
  }
};

struct TlsClientContext::Impl {
  SSL_CTX* context = nullptr;
  bool verify = true;
  ~Impl() { ::SSL_CTX_free(context); }
};

TlsClientContext::TlsClientContext(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
TlsClientContext::~TlsClientContext() = default;
bool TlsClientContext::verifies() const noexcept {
  return impl_->verify;
}

Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::make(const TlsClientSettings& settings) {
  ::ERR_clear_error();
  auto impl = std::make_unique<Impl>();
  impl->verify = settings.verify;
  impl->context = ::SSL_CTX_new(::TLS_client_method());
  if (impl->context == nullptr) return fail(Code::Internal, "making a TLS context: " + openssl_error());
  SSL_CTX* context = impl->context;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 1);
  ::SSL_CTX_set_default_read_buffer_len(context, 8192);
  ::SSL_CTX_set_verify(context, settings.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);

  if (!settings.ca_pem.empty()) {
    if (auto trusted = trust_pem(context, settings.ca_pem); !trusted)
      return tl::unexpected<Error>(std::move(trusted.error()));
  } else if (!settings.ca_file.empty()) {
    if (::SSL_CTX_load_verify_file(context, settings.ca_file.c_str()) != 1)
      return fail(Code::Invalid, "reading authorities from `" + settings.ca_file + "`: " + openssl_error());
  } else if (settings.verify && ::SSL_CTX_set_default_verify_paths(context) != 1) {
    return fail(Code::Unavailable, "reading the system's authorities: " + openssl_error());
  }
  if (settings.certificate_file.empty() != settings.key_file.empty())
    return fail(Code::Invalid, "a client certificate needs both its certificate file and its key file");
  if (!settings.certificate_file.empty()) {
    if (::SSL_CTX_use_certificate_chain_file(context, settings.certificate_file.c_str()) != 1)
      return fail(Code::Invalid,
                  "reading the client certificate `" + settings.certificate_file + "`: " + openssl_error());
    // Without this a key with a pass phrase would ask for it on the terminal.
    ::SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
    if (::SSL_CTX_use_PrivateKey_file(context, settings.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
      return fail(Code::Invalid, "reading the client key `" + settings.key_file + "`: " + openssl_error());
    if (::SSL_CTX_check_private_key(context) != 1)
      return fail(Code::Invalid, "the client key `" + settings.key_file + "` does not belong to the certificate `" +
                                     settings.certificate_file + "`");
  }
  return std::shared_ptr<const TlsClientContext>(new TlsClientContext(std::move(impl)));
}

struct TlsFilter::Impl {
  std::shared_ptr<const TlsClientContext> context;
  SSL* ssl = nullptr;
  std::string error;
  bool broken = false;
  ~Impl() { ::SSL_free(ssl); }

  Io result(int code) {
    const int saved = errno;
    switch (::SSL_get_error(ssl, code)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return {Io::State::Blocked, 0, 0};
      case SSL_ERROR_ZERO_RETURN:
        return {Io::State::End, 0, 0};
      case SSL_ERROR_SYSCALL:
        broken = true;
        error = saved != 0 ? std::strerror(saved) : "the connection ended";
        return {Io::State::Error, 0, saved != 0 ? saved : ECONNRESET};
      default:
        broken = true;
        error = openssl_error();
        if (const long verdict = ::SSL_get_verify_result(ssl); verdict != X509_V_OK && context->verifies())
          error += std::string(": ") + ::X509_verify_cert_error_string(verdict);
        return {Io::State::Error, 0, EPROTO};
    }
  }
};

TlsFilter::TlsFilter(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
TlsFilter::~TlsFilter() = default;
const std::string& TlsFilter::error() const noexcept {
  return impl_->error;
}

Result<std::unique_ptr<TlsFilter>> TlsFilter::client(std::shared_ptr<const TlsClientContext> context, Stream& stream,
                                                     std::string_view server_name) {
  ::ERR_clear_error();
  auto impl = std::make_unique<Impl>();
  impl->context = std::move(context);
  impl->ssl = ::SSL_new(impl->context->impl_->context);
  BIO* bio = impl->ssl != nullptr ? PlainBio::make(stream) : nullptr;
  if (bio == nullptr) return fail(Code::Limit, "beginning TLS: " + openssl_error());
  ::SSL_set_bio(impl->ssl, bio, bio);
  ::SSL_set_connect_state(impl->ssl);

  const std::string name(server_name);
  if (const auto ip = base::IpAddress::parse(name)) {
    if (::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(impl->ssl), ip->text().c_str()) != 1)
      return fail(Code::Internal, "beginning TLS: " + openssl_error());
  } else {
    // An empty name would switch the check of the name off.
    if (name.empty() || name.find('\0') != std::string::npos)
      return fail(Code::Invalid, "TLS needs the server's name to verify it");
    ::SSL_set_hostflags(impl->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (::SSL_set1_host(impl->ssl, name.c_str()) != 1 || SSL_set_tlsext_host_name(impl->ssl, name.c_str()) != 1)
      return fail(Code::Invalid, "`" + name + "` cannot be a TLS server name: " + openssl_error());
  }
  return std::unique_ptr<TlsFilter>(new TlsFilter(std::move(impl)));
}

TlsFilter::Handshake TlsFilter::handshake() {
  if (impl_->broken) return Handshake::Failed;
  ::ERR_clear_error();
  errno = 0;
  const int code = ::SSL_do_handshake(impl_->ssl);
  if (code == 1) return Handshake::Done;
  const Io io = impl_->result(code);
  if (io.state == Io::State::Blocked) return Handshake::Pending;
  impl_->broken = true;
  if (impl_->error.empty()) impl_->error = "the server closed the connection";
  return Handshake::Failed;
}

Io TlsFilter::read(std::span<char> into) {
  if (impl_->broken) return {Io::State::Error, 0, EPROTO};
  ::ERR_clear_error();
  errno = 0;
  std::size_t got = 0;
  const int code = ::SSL_read_ex(impl_->ssl, into.data(), into.size(), &got);
  if (code == 1) return {Io::State::Ok, got, 0};
  return impl_->result(code);
}

Io TlsFilter::write(std::span<const iovec> from) {
  if (impl_->broken) return {Io::State::Error, 0, EPIPE};
  Io out;
  std::size_t index = 0;
  std::size_t offset = 0;
  char gathered[kRecord];
  // One record at a time, always of the next kRecord bytes, however they are split: a repeated write is then the same
  // record or a longer one, as OpenSSL wants it.
  for (;;) {
    while (index < from.size() && offset == from[index].iov_len) {
      ++index;
      offset = 0;
    }
    if (index == from.size()) return out;
    const char* bytes = static_cast<const char*>(from[index].iov_base) + offset;
    std::size_t size = std::min(from[index].iov_len - offset, kRecord);
    if (size < kRecord && index + 1 < from.size()) {
      std::memcpy(gathered, bytes, size);
      for (std::size_t next = index + 1; next < from.size() && size < kRecord; ++next) {
        const std::size_t more = std::min(from[next].iov_len, kRecord - size);
        std::memcpy(gathered + size, from[next].iov_base, more);
        size += more;
      }
      bytes = gathered;
    }
    ::ERR_clear_error();
    errno = 0;
    std::size_t put = 0;
    const int code = ::SSL_write_ex(impl_->ssl, bytes, size, &put);
    if (code != 1) {
      if (out.bytes != 0) return out;
      return impl_->result(code);
    }
    out.bytes += put;
    while (put != 0) {
      const std::size_t step = std::min(put, from[index].iov_len - offset);
      offset += step;
      put -= step;
      if (offset == from[index].iov_len) {
        ++index;
        offset = 0;
      }
    }
  }
}

void TlsFilter::shutdown() noexcept {
  if (impl_->broken || ::SSL_is_init_finished(impl_->ssl) == 0) return;
  ::ERR_clear_error();
  ::SSL_shutdown(impl_->ssl);
  ::ERR_clear_error();
}

}  // namespace gatehouse::net
