#pragma once
#include <cstdint>
#include <string_view>

#include "http/headers.hpp"
#include "http/parser.hpp"

/// The header lines of a head, for both parsers. This room's own.
namespace gatehouse::http::fields {

/// What the lines say about the message's framing and its connection.
struct Facts {
  std::int64_t content_length = -1;
  bool chunked = false;
  bool close = false;
  bool keep_alive = false;
  bool upgrade_option = false;
  bool upgrade_line = false;
  bool expect_continue = false;
  bool expect_other = false;
  bool authorized = false;
  bool authorized_twice = false;
  std::uint8_t hosts = 0;  // counted to 2
  std::string_view host;   // the first one
};

inline ParseState refuse(ParseFault& fault, int status, std::string_view what) noexcept {
  fault = {static_cast<std::uint16_t>(status), what};
  return ParseState::Refused;
}

/// Reads lines from `at` to behind the blank line. What is refused depends on the bytes before the fault only, so that
/// a head is judged alike however it arrives.
ParseState read(const char*& at, const char* end, std::uint32_t max_lines, Headers& out, Facts& facts,
                ParseFault& fault);

/// Says what stands at `at` instead of a CR LF.
ParseState not_a_line_end(const char* at, const char* end, ParseFault& fault);

/// Steps over the CR LF at `at`, or says NeedMore or Refused.
inline ParseState read_line_end(const char*& at, const char* end, ParseFault& fault) {
  if (end - at < 2 || at[0] != '\r' || at[1] != '\n') return not_a_line_end(at, end, fault);
  at += 2;
  return ParseState::Complete;
}

}  // namespace gatehouse::http::fields
