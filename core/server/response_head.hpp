#pragma once
#include <cstdint>
#include <string_view>

#include "http/response.hpp"
#include "net/buffer.hpp"

namespace gatehouse::server {

/// How the end of the body will be known.
struct HeadFraming {
  std::int64_t content_length = -1;  // to be stated; -1: not
  bool chunked = false;
  bool keep_given_length = false;  // HEAD, 304: the Content-Length that `head` gives stands
  std::string_view connection;     // value of Connection; empty: no such line
  std::string_view date_line;      // with CRLF; used unless `head` has a Date
  std::string_view server_name;    // used unless empty or `head` has a Server
};

/// True for a head that can be written without breaking out of its lines: a status of 200 to 999, names that are
/// tokens, values and reason without control bytes (RFC 9112, sections 4 and 5).
bool is_writable(const http::ResponseHead& head) noexcept;

/// Writes status line and header lines; hop-by-hop lines of `head` are left out. `head` is_writable(). The buffer is
/// taken from `pool`, as large as needed.
net::Buffer build_head(const http::ResponseHead& head, const HeadFraming& framing, net::BufferPool& pool);

/// One trailer or header line appended; false when it is not writable or has no room.
bool append_line(net::Buffer& out, const http::Header& line) noexcept;

/// The Date line of this second.
class DateLine {
 public:
  /// `Date: Sun, 06 Nov 1994 08:49:37 GMT` CRLF
  std::string_view at(std::int64_t unix_ms) noexcept;

 private:
  std::int64_t second_ = -1;
  char text_[38] = {};
};

}  // namespace gatehouse::server
