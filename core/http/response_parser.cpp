#include <algorithm>

#include "http/fields.hpp"
#include "http/parser.hpp"
#include "http/scan.hpp"

namespace gatehouse::http {
namespace {

using fields::refuse;

/// `HTTP/1.x SP 3DIGIT SP phrase`; the phrase may be empty, and its blank missing then.
ParseState read_status_line(const char*& at, const char* end, ResponseHead& out, ParseFault& fault) {
  const char* const floor = at;
  constexpr std::string_view kProtocol = "HTTP/1.";
  constexpr std::string_view kBad = "bad status line";
  for (const char expected : kProtocol) {
    if (at == end) return ParseState::NeedMore;
    if (*at++ != expected) return refuse(fault, 502, kBad);
  }
  if (at == end) return ParseState::NeedMore;
  if (*at != '0' && *at != '1') return refuse(fault, 502, kBad);
  out.minor_version = *at++ == '1' ? 1 : 0;
  if (at == end) return ParseState::NeedMore;
  if (*at++ != ' ') return refuse(fault, 502, kBad);
  out.status = 0;
  for (int i = 0; i < 3; ++i) {
    if (at == end) return ParseState::NeedMore;
    const char digit = *at++;
    if (!base::is_digit(digit) || (i == 0 && (digit == '0' || digit > '5'))) return refuse(fault, 502, kBad);
    out.status = static_cast<std::uint16_t>(out.status * 10 + (digit - '0'));
  }
  out.reason = {};
  if (at == end) return ParseState::NeedMore;
  if (*at == ' ') {
    const char* const phrase = ++at;
    at = scan::find_control(at, end, floor);
    out.reason = {phrase, static_cast<std::size_t>(at - phrase)};
  } else if (*at != '\r' && *at != '\n') {
    return refuse(fault, 502, kBad);
  }
  return fields::read_line_end(at, end, fault);
}

ParseState judge_fields(const fields::Facts& facts, ResponseHead& out, ParseFault& fault) {
  if (facts.chunked && out.minor_version == 0) return refuse(fault, 502, "Transfer-Encoding in HTTP/1.0");
  if (facts.chunked && never_has_body(out.status))
    return refuse(fault, 502, "Transfer-Encoding in a response without a body");
  // What a 304 gives is the length of what it stands for.
  if (facts.content_length > 0 && never_has_body(out.status) && out.status != 304)
    return refuse(fault, 502, "Content-Length in a response without a body");
  out.content_length = facts.content_length;
  out.chunked = facts.chunked;
  out.keep_alive = !facts.close && (out.minor_version == 1 || facts.keep_alive);
  return ParseState::Complete;
}

ParseState judge(std::string_view bytes, const HeadLimits& limits, ResponseHead& out, ParseFault& fault) {
  const char* const begin = bytes.data();
  const char* const end = begin + std::min<std::size_t>(bytes.size(), limits.head_bytes);
  const char* at = begin;
  const std::size_t line_room = std::size_t{limits.request_line_bytes} + 2;
  const bool line_is_cut = static_cast<std::size_t>(end - at) >= line_room;
  const bool head_is_cut = bytes.size() >= limits.head_bytes;
  ParseState state = read_status_line(at, line_is_cut ? at + line_room : end, out, fault);
  if (state == ParseState::NeedMore && (line_is_cut || head_is_cut)) return refuse(fault, 431, "status line too long");
  if (state != ParseState::Complete) return state;

  out.headers.clear();
  fields::Facts facts;
  state = fields::read(at, end, limits.header_count, out.headers, facts, fault);
  if (state == ParseState::NeedMore && head_is_cut) return refuse(fault, 431, "head too long");
  if (state != ParseState::Complete) return state;
  out.head_bytes = static_cast<std::uint32_t>(at - begin);
  return judge_fields(facts, out, fault);
}

}  // namespace

ParseState ResponseParser::parse(std::string_view bytes, const HeadLimits& limits, ResponseHead& out,
                                 ParseFault& fault) {
  if (!resume_.worth_judging(bytes, limits.head_bytes)) return ParseState::NeedMore;
  const ParseState state = judge(bytes, limits, out, fault);
  if (state == ParseState::NeedMore) resume_.judged(bytes);
  if (state == ParseState::Refused && fault.status != 431) fault.status = 502;
  return state;
}

}  // namespace gatehouse::http
