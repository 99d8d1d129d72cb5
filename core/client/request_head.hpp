#pragma once
#include <cstdint>
#include <string_view>

#include "client/client.hpp"

namespace gatehouse::client {

/// How the request body is framed.
struct Framing {
  enum class Kind : std::uint8_t { None, Length, Chunked } kind = Kind::None;
  std::int64_t length = 0;
  static Framing of(const OutboundRequest& request) noexcept;
};

/// Bytes that write_request_head() will need. [loop]
std::size_t request_head_size(const OutboundRequest& request, std::string_view host) noexcept;

/// Writes request line, Host, the end-to-end headers and the framing into `out`, which has room for
/// request_head_size(). Lines of `request.headers` that belong to one connection (Connection, TE, Upgrade, Expect,
/// Transfer-Encoding, ..., and those that a Connection line names), Host and Content-Length are left out: they are the
/// client's own. Trailers are not announced, for they are not forwarded. Source: RFC 9112, sections 3, 6 and 9.
void write_request_head(const OutboundRequest& request, std::string_view host, const Framing& framing,
                        net::Buffer& out) noexcept;

}  // namespace gatehouse::client
