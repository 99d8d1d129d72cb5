#pragma once
#include <array>
#include <cassert>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/text.hpp"

namespace gatehouse::http {

/// The header names that the server itself looks at, so that it compares a byte instead of a text.
enum class HeaderId : std::uint8_t {
  Other,
  Accept,
  AccessControlRequestHeaders,
  AccessControlRequestMethod,
  Authorization,
  Connection,
  ContentEncoding,
  ContentLength,
  ContentType,
  Cookie,
  Date,
  Expect,
  Forwarded,
  Host,
  KeepAlive,
  Origin,
  ProxyAuthenticate,
  ProxyAuthorization,
  ProxyConnection,
  Server,
  Te,
  Trailer,
  TransferEncoding,
  Upgrade,
  UserAgent,
  Via,
  XAmznRequestId,
  XForwardedFor,
  XForwardedHost,
  XForwardedPort,
  XForwardedProto,
};
/// Ignores case. HeaderId::Other for every name not in the list.
HeaderId header_id(std::string_view name) noexcept;

/// One header line: views into the bytes it came from or into an arena. `name` keeps the sender's case.
struct Header {
  std::string_view name;
  std::string_view value;
  HeaderId id = HeaderId::Other;
  bool listed_in_connection = false;  // set by the parsers: a Connection line of the message names this one
  bool plain_name = false;            // set by the parsers: the name is of letters, digits and '-' only
};

/// The header lines of one message in their order, repeats kept. Holds views only; at most kMax lines. Making one costs
/// nothing and copying one costs what it holds.
class Headers {
 public:
  static constexpr std::size_t kMax = 128;

  Headers() noexcept {}
  Headers(const Headers& other) noexcept : size_(other.size_) {
    std::uninitialized_copy_n(other.items_.data(), size_, items_.data());
  }
  Headers& operator=(const Headers& other) noexcept {
    if (this == &other) return *this;
    size_ = other.size_;
    std::uninitialized_copy_n(other.items_.data(), size_, items_.data());
    return *this;
  }

  /// False (and nothing added) when full.
  bool add(std::string_view name, std::string_view value) noexcept {
    return add({name, value, header_id(name), false, false});
  }
  bool add(const Header& header) noexcept {
    if (size_ == kMax) return false;
    std::construct_at(items_.data() + size_++, header);
    return true;
  }
  void clear() noexcept { size_ = 0; }
  std::size_t size() const noexcept { return size_; }
  std::span<const Header> all() const noexcept { return {items_.data(), size_}; }
  std::span<Header> all() noexcept { return {items_.data(), size_}; }
  const Header* begin() const noexcept { return items_.data(); }
  const Header* end() const noexcept { return items_.data() + size_; }

  /// The first line of that name, or null.
  const Header* find(HeaderId id) const noexcept {
    assert(id != HeaderId::Other);
    for (const Header& h : all())
      if (h.id == id) return &h;
    return nullptr;
  }
  const Header* find(std::string_view name) const noexcept;
  /// The value of the first line of that name; empty when there is none.
  std::string_view value(HeaderId id) const noexcept {
    const Header* h = find(id);
    return h == nullptr ? std::string_view() : h->value;
  }
  std::size_t count(HeaderId id) const noexcept;

 private:
  union {
    std::array<Header, kMax> items_;  // only the first size_ are alive
  };
  std::size_t size_ = 0;
};

/// True when a comma-separated list value (RFC 9110, 5.6.1) holds that token, ignoring case.
bool has_token(std::string_view list, std::string_view token) noexcept;

/// True for a line that belongs to one connection and is never forwarded (RFC 9110, 7.6.1): Connection, Keep-Alive,
/// Proxy-Authenticate, Proxy-Authorization, Proxy-Connection, TE, Trailer, Transfer-Encoding, Upgrade, and those that
/// any Connection line of the message names (the parsers mark them, so a second Connection line changes nothing).
constexpr bool is_hop_by_hop(const Header& header) noexcept {
  switch (header.id) {
    case HeaderId::Connection:
    case HeaderId::KeepAlive:
    case HeaderId::ProxyAuthenticate:
    case HeaderId::ProxyAuthorization:
    case HeaderId::ProxyConnection:
    case HeaderId::Te:
    case HeaderId::Trailer:
    case HeaderId::TransferEncoding:
    case HeaderId::Upgrade:
      return true;
    default:
      return header.listed_in_connection;
  }
}

}  // namespace gatehouse::http
