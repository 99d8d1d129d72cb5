#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/ip.hpp"

namespace gatehouse::client {

/// An absolute http or https URL, taken apart into what a request needs. One reading of it, and the strict one: what
/// two programs could read differently is refused.
struct Url {
  static constexpr std::size_t kMaxBytes = 8192;

  bool https = true;
  std::string host;                        // lower case; an address in its one spelling, without brackets
  std::optional<base::IpAddress> address;  // when the host is one
  std::uint16_t port = 443;
  std::string target;  // path and query; begins with `/`

  /// `host`, `host:8443`, `[::1]`: the port is left out when it is the scheme's own.
  std::string authority() const;
  /// `host:port` with every part there: as an upstream's target.
  std::string endpoint() const;
  std::string text() const;
  /// Scheme, host and port.
  bool same_origin(const Url& other) const noexcept;

  /// RFC 3986, 4.3. Refused (Code::Invalid) though the RFC has it: user information, a fragment, an empty host, a host
  /// that is neither a name of letters, digits, `-`, `_` nor one plain IPv4 or IPv6 address (no percent-encoding, no
  /// trailing dot, no octal, hexadecimal or short forms, no zones), an empty port or port 0, bytes outside 0x21..0x7E,
  /// a backslash, an escape that is not two hex digits. Other schemes are Code::Unsupported. [any]
  static Result<Url> parse(std::string_view text);
  /// What a reference (a Location) means, seen from this URL (RFC 3986, 5.2): absolute, `//host/path`, `/path`, `path`
  /// or `?query`; its fragment is dropped. [any]
  Result<Url> resolve(std::string_view reference) const;
};

}  // namespace gatehouse::client
