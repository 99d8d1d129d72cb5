#include <algorithm>
#include <cstring>

#include "http/fields.hpp"
#include "http/parser.hpp"
#include "http/scan.hpp"

namespace gatehouse::http {
namespace {

using fields::refuse;

constexpr std::ptrdiff_t kMaxEmptyLineBytes = 8;

/// The three parts of a request line, judged each by itself.
struct RequestLine {
  std::string_view method;
  std::string_view target;
  std::uint8_t minor_version = 1;
};

ParseState skip_empty_lines(const char*& at, const char* end, ParseFault& fault) {
  const char* const begin = at;
  while (at != end && *at == '\r') {
    const ParseState state = fields::read_line_end(at, end, fault);
    if (state != ParseState::Complete) return state;
    if (at - begin > kMaxEmptyLineBytes) return refuse(fault, 400, "empty lines before the request line");
  }
  return ParseState::Complete;
}

ParseState read_version(const char*& at, const char* end, RequestLine& out, ParseFault& fault) {
  constexpr std::string_view kUsual = "HTTP/1.1\r\n";
  if (end - at >= static_cast<std::ptrdiff_t>(kUsual.size()) && std::memcmp(at, kUsual.data(), kUsual.size()) == 0) {
    at += kUsual.size();
    return ParseState::Complete;
  }
  for (const char expected : kUsual.substr(0, 5)) {
    if (at == end) return ParseState::NeedMore;
    if (*at++ != expected) return refuse(fault, 400, "bad protocol in the request line");
  }
  const char* const version = at;
  for (int i = 0; i < 3; ++i) {
    if (at == end) return ParseState::NeedMore;
    const char c = *at++;
    if (i == 1 ? c != '.' : !base::is_digit(c)) return refuse(fault, 400, "bad protocol in the request line");
  }
  if (version[0] != '1' || version[2] > '1') return refuse(fault, 505, "HTTP version that is not 1.0 or 1.1");
  out.minor_version = version[2] == '1' ? 1 : 0;
  return fields::read_line_end(at, end, fault);
}

ParseState read_request_line(const char*& at, const char* end, RequestLine& out, ParseFault& fault) {
  const char* const method = at;
  bool plain = true;
  at = scan::find_not_token(at, end, plain);
  if (at == end) return ParseState::NeedMore;
  if (*at != ' ' || at == method) return refuse(fault, 400, "bad method in the request line");
  out.method = {method, static_cast<std::size_t>(at - method)};
  const char* const target = ++at;
  at = scan::find_not_target(at, end);
  if (at == end) return ParseState::NeedMore;
  if (*at == '#') return refuse(fault, 400, "fragment in the request target");
  if (*at != ' ' || at == target) return refuse(fault, 400, "bad request target");
  out.target = {target, static_cast<std::size_t>(at - target)};
  ++at;
  return read_version(at, end, out, fault);
}

/// `http://host/path?query` into `host` and `/path?query` (RFC 9112, 3.2.2).
ParseState split_absolute(std::string_view text, RequestHead& out, ParseFault& fault) {
  const std::size_t colon = text.find(':');
  const std::string_view scheme = text.substr(0, colon);
  if (colon == std::string_view::npos ||
      (!base::equal_ignoring_case(scheme, "http") && !base::equal_ignoring_case(scheme, "https")) ||
      text.substr(colon, 3) != "://")
    return refuse(fault, 400, "bad request target");
  text.remove_prefix(colon + 3);
  const std::size_t path = text.find_first_of("/?");
  out.authority = text.substr(0, path);
  if (out.authority.find('@') != std::string_view::npos)
    return refuse(fault, 400, "user information in the request target");
  if (!is_valid_authority(out.authority)) return refuse(fault, 400, "bad authority in the request target");
  if (path == std::string_view::npos) {
    out.target = "/";
    return ParseState::Complete;
  }
  // There is no byte to view as the path in front of such a query.
  if (text[path] == '?') return refuse(fault, 400, "query without a path in the request target");
  out.target = text.substr(path);
  return ParseState::Complete;
}

ParseState judge_request_line(const RequestLine& line, RequestHead& out, ParseFault& fault) {
  if (!parse_method(line.method, out.method)) return refuse(fault, 501, "method that is not supported");
  out.minor_version = line.minor_version;
  out.authority = {};
  out.target = line.target;
  if (line.target.front() == '/') return ParseState::Complete;
  if (line.target == "*") {
    if (out.method == Method::Options) return ParseState::Complete;
    return refuse(fault, 400, "`*` for a method other than OPTIONS");
  }
  return split_absolute(line.target, out, fault);
}

/// `a`, `A` and, where that is the scheme's port, `a:80` are the same.
bool is_same_authority(std::string_view a, std::string_view b, std::string_view default_port) noexcept {
  if (a.ends_with(default_port)) a.remove_suffix(default_port.size());
  if (b.ends_with(default_port)) b.remove_suffix(default_port.size());
  return base::equal_ignoring_case(a, b);
}

ParseState judge_fields(const RequestLine& line, const fields::Facts& facts, RequestHead& out, ParseFault& fault) {
  if (facts.hosts > 1) return refuse(fault, 400, "more than one Host");
  if (facts.hosts == 0 && out.minor_version == 1) return refuse(fault, 400, "no Host");
  if (facts.hosts == 1 && !is_valid_authority(facts.host)) return refuse(fault, 400, "bad Host");
  if (out.authority.empty()) {
    out.authority = facts.host;
  } else if (facts.hosts == 1) {
    // RFC 9112, 3.2.2 would have Host ignored; but an authorizer that reads it must see the name that was routed by.
    const bool tls = base::equal_ignoring_case(line.target.substr(0, 6), "https:");
    if (!is_same_authority(out.authority, facts.host, tls ? ":443" : ":80"))
      return refuse(fault, 400, "Host other than that of the request target");
  }
  // RFC 9110, 5.3 and 11.6.2: it is no list. Who judges must see the one that the upstream reads.
  if (facts.authorized_twice) return refuse(fault, 400, "more than one Authorization");
  if (facts.chunked && out.minor_version == 0) return refuse(fault, 400, "Transfer-Encoding in HTTP/1.0");
  if (facts.expect_other) return refuse(fault, 417, "expectation other than `100-continue`");
  out.content_length = facts.content_length;
  out.chunked = facts.chunked;
  out.keep_alive = !facts.close && (out.minor_version == 1 || facts.keep_alive);
  out.expect_continue = facts.expect_continue && out.minor_version == 1;
  out.upgrade = facts.upgrade_option && facts.upgrade_line && out.minor_version == 1;
  return ParseState::Complete;
}

ParseState judge(std::string_view bytes, const HeadLimits& limits, RequestHead& out, ParseFault& fault) {
  const char* const begin = bytes.data();
  const char* const end = begin + std::min<std::size_t>(bytes.size(), limits.head_bytes);
  const char* at = begin;
  ParseState state = skip_empty_lines(at, end, fault);
  if (state == ParseState::Refused) return state;

  const std::size_t line_room = std::size_t{limits.request_line_bytes} + 2;
  const bool line_is_cut = static_cast<std::size_t>(end - at) >= line_room;
  const char* const line_end = line_is_cut ? at + line_room : end;
  RequestLine line;
  if (state == ParseState::Complete) state = read_request_line(at, line_end, line, fault);
  const bool head_is_cut = bytes.size() >= limits.head_bytes;
  if (state == ParseState::NeedMore)
    return line_is_cut || head_is_cut ? refuse(fault, 414, "request line too long") : state;
  if (state == ParseState::Complete) state = judge_request_line(line, out, fault);
  if (state != ParseState::Complete) return state;

  out.headers.clear();
  fields::Facts facts;
  state = fields::read(at, end, limits.header_count, out.headers, facts, fault);
  if (state == ParseState::NeedMore && head_is_cut) return refuse(fault, 431, "head too long");
  if (state != ParseState::Complete) return state;
  out.head_bytes = static_cast<std::uint32_t>(at - begin);
  return judge_fields(line, facts, out, fault);
}

}  // namespace

ParseState RequestParser::parse(std::string_view bytes, const HeadLimits& limits, RequestHead& out, ParseFault& fault) {
  if (!resume_.worth_judging(bytes, limits.head_bytes)) return ParseState::NeedMore;
  const ParseState state = judge(bytes, limits, out, fault);
  if (state == ParseState::NeedMore) resume_.judged(bytes);
  return state;
}

}  // namespace gatehouse::http
