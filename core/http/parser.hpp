#pragma once
#include <cstdint>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"

namespace gatehouse::http {

/// What a head may cost. The parser refuses past them; defaults are the spec's (api-types section 9).
struct HeadLimits {
  std::uint32_t request_line_bytes = 8192;
  std::uint32_t head_bytes = 10240;  // request line + headers
  std::uint32_t header_count = 100;  // at most Headers::kMax
};

/// Why a head is refused, for the status and the log.
struct ParseFault {
  std::uint16_t status = 400;  // 400, 414, 417, 431, 501, 505 of a request; 502 of a response
  std::string_view what;       // a constant: `bare CR in a header value`
};

enum class ParseState : std::uint8_t { Complete, NeedMore, Refused };

/// Reads the head of an HTTP/1.x request, strictly (RFC 9112; issue list of refusals in docs/http.md). Zero copy: the
/// views of `out` point into `bytes`. Resumable at linear cost in all: call again with the same bytes and more behind
/// them after NeedMore. Empty lines before the request line are skipped (RFC 9112, 2.2), at most 8 bytes of them, and
/// counted in head_bytes.
class RequestParser {
 public:
  ParseState parse(std::string_view bytes, const HeadLimits& limits, RequestHead& out, ParseFault& fault);
  /// For the next request.
  void reset() noexcept { scanned_ = 0; }

 private:
  std::uint32_t scanned_ = 0;
};

/// The same for the head of a response. `to_head`: the request was HEAD, so no body follows whatever the head says.
/// 1xx heads are reported like others: the caller skips them.
class ResponseParser {
 public:
  ParseState parse(std::string_view bytes, const HeadLimits& limits, ResponseHead& out, ParseFault& fault);
  void reset() noexcept { scanned_ = 0; }

 private:
  std::uint32_t scanned_ = 0;
};

/// Takes the chunked coding apart (RFC 9112, 7.1), strictly: chunk sizes of at most 16 hex digits, extensions checked
/// and dropped (bounded), trailers kept to a bound, CRLF only.
class ChunkedDecoder {
 public:
  enum class State : std::uint8_t { Data, NeedMore, End, Refused };
  /// Looks at `bytes` from their start. `used`: framing bytes to drop first; then, for Data, `size` payload bytes
  /// follow at once (they are to be dropped by the caller, too, when consumed). End: `used` ends behind the last CRLF.
  State next(std::string_view bytes, std::size_t& used, std::size_t& size);
  /// The caller took `n` payload bytes of the current chunk.
  void consumed(std::size_t n) noexcept { left_ -= n; }
  /// Trailer fields that were seen, after End: their bytes are copied here, bounded by 8 KiB.
  std::string_view trailer_bytes() const noexcept;
  std::string_view fault() const noexcept { return fault_; }
  void reset() noexcept;

 private:
  enum class Expect : std::uint8_t { Size, Data, DataEnd, Trailer, Done, Broken };
  Expect expect_ = Expect::Size;
  std::uint64_t left_ = 0;
  std::uint32_t overhead_ = 0;
  std::string_view fault_;
};

/// Judges a Host value (RFC 9110, 7.2; RFC 3986, 3.2.2): a registered name, IPv4 or bracketed IPv6, and a port.
bool is_valid_authority(std::string_view text) noexcept;

}  // namespace gatehouse::http
