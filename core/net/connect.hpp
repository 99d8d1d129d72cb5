#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/ip.hpp"

namespace gatehouse::net {

/// Where a connection goes to.
struct Endpoint {
  base::IpAddress ip;
  std::uint16_t port = 0;
  /// `10.0.0.1:80`, `[::1]:80`
  std::string text() const;
  auto operator<=>(const Endpoint&) const = default;
};

/// Begins to connect: a non-blocking, close-on-exec TCP descriptor with TCP_NODELAY, for Stream::open(). The stream's
/// first on_writable() means connected, on_hangup() means refused; connect_error() says why. Unavailable when the
/// kernel refuses at once (no route), Limit when descriptors or ports have run out. [any]
Result<int> begin_connect(const Endpoint& to);
/// The same to a Unix socket: connected at once or an error.
Result<int> begin_connect_unix(std::string_view path);

/// The pending error of a descriptor (errno), 0 for none. Reading it clears it.
int connect_error(int fd) noexcept;

}  // namespace gatehouse::net
