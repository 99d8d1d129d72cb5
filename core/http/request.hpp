#pragma once
#include <cstdint>
#include <string_view>

#include "http/headers.hpp"
#include "http/method.hpp"

namespace gatehouse::http {

/// The head of a request as the parser leaves it: everything judged, nothing changed. Views into the connection's
/// buffer (HTTP/1.1) or an arena (HTTP/2), good until the exchange is over.
struct RequestHead {
  Method method = Method::Get;
  std::uint8_t minor_version = 1;  // HTTP/1.x
  std::string_view target;         // origin-form, or "*" (OPTIONS only); absolute-form is split: see authority
  std::string_view authority;  // the host the request is for: of an absolute-form target, else Host (RFC 9112, 3.2.2)
  Headers headers;
  std::int64_t content_length = -1;  // -1: none given
  bool chunked = false;
  bool keep_alive = true;  // what the client permits, from version and Connection
  bool expect_continue = false;
  bool upgrade = false;          // asked for by Connection: upgrade and an Upgrade header
  std::uint32_t head_bytes = 0;  // request line, headers and the blank line

  bool has_body() const noexcept { return chunked || content_length > 0; }
};

}  // namespace gatehouse::http
