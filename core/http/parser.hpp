#pragma once
#include <cassert>
#include <cstdint>
#include <string>
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
  std::uint16_t status = 400;  // 400, 414, 417, 431, 501, 505 of a request; 502 of a response, 431: too large
  std::string_view what;       // a constant: `bare CR in a header value`
};

enum class ParseState : std::uint8_t { Complete, NeedMore, Refused };

/// When an incomplete head is worth judging again. A head is judged from its start each time, so this asks for it only
/// where the new bytes hold the end of the head or a byte that cannot stand in one, or have doubled: linear in all.
class HeadResume {
 public:
  bool worth_judging(std::string_view bytes, std::size_t head_bytes) noexcept;
  /// `bytes` were judged: NeedMore.
  void judged(std::string_view bytes) noexcept;
  void reset() noexcept { *this = {}; }

 private:
  std::uint32_t judged_ = 0;   // bytes that were there the last time
  std::uint32_t scanned_ = 0;  // before here nothing calls for another time
  bool line_seen_ = false;
};

/// Reads the head of an HTTP/1.x request, strictly (RFC 9112; the list of refusals is docs/http.md). Zero copy: the
/// views of `out` point into `bytes`. Resumable at linear cost in all: call again with the same bytes and more behind
/// them after NeedMore; they may have moved, and `out` need not be the same (only Complete says that it is filled).
/// The verdict is the same however the bytes arrive; a refusal comes at the byte that is wrong, or later, at the end of
/// the head at the latest. Empty lines before the request line are skipped (RFC 9112, 2.2), at most 8 bytes of them,
/// and counted in head_bytes.
class RequestParser {
 public:
  ParseState parse(std::string_view bytes, const HeadLimits& limits, RequestHead& out, ParseFault& fault);
  /// For the next request.
  void reset() noexcept { resume_.reset(); }

 private:
  HeadResume resume_;
};

/// The same for the head of a response; a status line longer than request_line_bytes is refused, too. 1xx heads are
/// reported like others: the caller skips them (and refuses 101). A response without Content-Length and chunked ends
/// with the connection, unless it is never to have a body.
class ResponseParser {
 public:
  ParseState parse(std::string_view bytes, const HeadLimits& limits, ResponseHead& out, ParseFault& fault);
  void reset() noexcept { resume_.reset(); }

 private:
  HeadResume resume_;
};

/// Takes the chunked coding apart (RFC 9112, 7.1), strictly: chunk sizes of at most 16 hex digits, extensions checked
/// and dropped, trailers kept, all bounded; CRLF only. Works byte by byte: nothing has to be complete in one buffer.
class ChunkedDecoder {
 public:
  enum class State : std::uint8_t { Data, NeedMore, End, Refused };
  static constexpr std::size_t kMaxTrailerBytes = 8192;
  static constexpr std::size_t kMaxTrailerLines = 64;

  /// Looks at `bytes` from their start. `used`: framing bytes, which the caller drops whatever the state is; then, for
  /// Data, `size` payload bytes follow at once (to be dropped by the caller, too, as they are consumed). End: `used`
  /// ends behind the last CRLF.
  State next(std::string_view bytes, std::size_t& used, std::size_t& size);
  /// The caller took `n` payload bytes of the current chunk.
  void consumed(std::size_t n) noexcept {
    assert(n <= left_);
    left_ -= n;
  }
  /// The trailer lines, after End: `Name: value` CRLF each, as received and judged like header lines. Copied here.
  std::string_view trailer_bytes() const noexcept { return trailer_; }
  /// A constant that says why, after Refused.
  std::string_view fault() const noexcept { return fault_; }
  void reset() noexcept;

 private:
  enum class Expect : std::uint8_t {
    SizeFirst,
    Size,
    ExtensionNameFirst,
    ExtensionName,
    ExtensionValueFirst,
    ExtensionValue,
    ExtensionQuoted,
    ExtensionEscape,
    ExtensionEnd,
    SizeLf,
    Data,
    DataLf,
    TrailerFirst,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    Done,
    Broken,
  };
  bool step(char c);
  bool step_size(char c);
  bool step_extension(char c);
  bool step_trailer(char c);
  bool end_size_line();
  bool end_trailer_line();
  bool keep_trailer(char c);
  bool broken(std::string_view why) noexcept;

  Expect expect_ = Expect::SizeFirst;
  std::uint8_t digits_ = 0;
  std::uint8_t trailer_lines_ = 0;
  std::uint32_t overhead_ = 0;
  std::uint32_t line_start_ = 0;  // in trailer_
  std::uint32_t name_size_ = 0;
  std::uint64_t left_ = 0;
  std::string trailer_;
  std::string_view fault_;
};

/// Splits what ChunkedDecoder::trailer_bytes() gave: views into `bytes`.
void read_trailers(std::string_view bytes, Headers& out) noexcept;

/// Judges a Host value (RFC 9110, 7.2; RFC 3986, 3.2.2): a registered name, IPv4 or bracketed IPv6, and a port from 1
/// to 65535 where one is given. Refused though the RFC has it: an empty host, percent-encoding (a second spelling of a
/// name), IPvFuture, an empty port, more than 255 bytes.
bool is_valid_authority(std::string_view text) noexcept;

}  // namespace gatehouse::http
