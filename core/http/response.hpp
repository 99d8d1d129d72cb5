#pragma once
#include <cstdint>
#include <string_view>

#include "http/headers.hpp"

namespace gatehouse::http {

/// The head of a response: from an upstream (the client parser fills all of it) or to a client (status and headers are
/// enough: the server adds Date, Connection and the framing, and writes no hop-by-hop header given here).
struct ResponseHead {
  std::uint16_t status = 200;
  std::string_view reason;  // empty: the standard phrase
  Headers headers;
  // As received from an upstream:
  std::uint8_t minor_version = 1;
  std::int64_t content_length = -1;
  bool chunked = false;
  bool keep_alive = true;
  std::uint32_t head_bytes = 0;
};

/// RFC 9110's phrase for a status; empty when it has none.
std::string_view reason_phrase(int status) noexcept;
/// 1xx, 204, 304: there is never a body (RFC 9110, 6.4.1).
constexpr bool never_has_body(int status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace gatehouse::http
