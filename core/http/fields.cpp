#include "http/fields.hpp"

#include <algorithm>
#include <limits>

#include "http/scan.hpp"

namespace gatehouse::http::fields {
namespace {

constexpr std::uint32_t kMaxConnectionOptions = 64;

/// Digits only; nothing that does not fit.
bool read_length(std::string_view text, std::int64_t& out) noexcept {
  constexpr std::size_t kMostDigits = std::numeric_limits<std::int64_t>::digits10;
  if (text.empty() || text.size() > kMostDigits) return false;
  std::int64_t value = 0;
  for (const char c : text) {
    if (!base::is_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  out = value;
  return true;
}

/// Calls `use` with each option of a Connection value until it returns false.
template <class Use>
void for_each_option(std::string_view list, Use use) {
  for (;;) {
    const std::size_t comma = list.find(',');
    const std::string_view option = base::trim(list.substr(0, comma));
    if (!option.empty() && !use(option)) return;
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

bool is_connections_own(std::string_view option) noexcept {
  return base::equal_ignoring_case(option, "close") || base::equal_ignoring_case(option, "keep-alive") ||
         base::equal_ignoring_case(option, "upgrade");
}

/// Dropping these on the way would change what the message means or whom it was judged for.
bool must_stay(HeaderId id) noexcept {
  switch (id) {
    case HeaderId::Authorization:
    case HeaderId::ContentLength:
    case HeaderId::Forwarded:
    case HeaderId::Host:
    case HeaderId::TransferEncoding:
    case HeaderId::XForwardedFor:
    case HeaderId::XForwardedHost:
    case HeaderId::XForwardedPort:
    case HeaderId::XForwardedProto:
      return true;
    default:
      return false;
  }
}

class Reader {
 public:
  Reader(Headers& out, Facts& facts, ParseFault& fault) : out_(out), facts_(facts), fault_(fault) {}

  ParseState judge(HeaderId id, std::string_view value) {
    switch (id) {
      case HeaderId::ContentLength:
        if (facts_.content_length >= 0) return refuse(fault_, 400, "more than one Content-Length");
        if (facts_.chunked) return refuse(fault_, 400, "Content-Length with Transfer-Encoding");
        if (!read_length(value, facts_.content_length)) return refuse(fault_, 400, "bad Content-Length");
        break;
      case HeaderId::TransferEncoding:
        if (facts_.content_length >= 0) return refuse(fault_, 400, "Content-Length with Transfer-Encoding");
        if (facts_.chunked) return refuse(fault_, 400, "more than one Transfer-Encoding");
        if (!base::equal_ignoring_case(value, "chunked"))
          return refuse(fault_, 400, "Transfer-Encoding that is not `chunked`");
        facts_.chunked = true;
        break;
      case HeaderId::Authorization:
        facts_.authorized_twice = facts_.authorized;
        facts_.authorized = true;
        break;
      case HeaderId::Host:
        if (facts_.hosts == 0) facts_.host = value;
        facts_.hosts = facts_.hosts == 0 ? 1 : 2;
        break;
      case HeaderId::Expect:
        (base::equal_ignoring_case(value, "100-continue") ? facts_.expect_continue : facts_.expect_other) = true;
        break;
      case HeaderId::Upgrade:
        facts_.upgrade_line = true;
        break;
      case HeaderId::Connection:
        return judge_connection(value);
      default:
        break;
    }
    return ParseState::Complete;
  }

  /// Marks the lines that Connection names.
  void finish() noexcept {
    if (!names_lines_) return;
    for (const Header& line : out_.all()) {
      if (line.id != HeaderId::Connection) continue;
      for_each_option(line.value, [this](std::string_view option) {
        if (!is_connections_own(option))
          for (Header& named : out_.all())
            if (base::equal_ignoring_case(named.name, option)) named.listed_in_connection = true;
        return true;
      });
    }
  }

 private:
  ParseState judge_connection(std::string_view value) {
    ParseState state = ParseState::Complete;
    for_each_option(value, [&](std::string_view option) {
      if (base::equal_ignoring_case(option, "close")) {
        facts_.close = true;
      } else if (base::equal_ignoring_case(option, "keep-alive")) {
        facts_.keep_alive = true;
      } else if (base::equal_ignoring_case(option, "upgrade")) {
        facts_.upgrade_option = true;
      } else if (!scan::is_token(option)) {
        state = refuse(fault_, 400, "bad option in Connection");
      } else if (must_stay(header_id(option))) {
        state = refuse(fault_, 400, "Connection names a header that must stay");
      } else {
        names_lines_ = true;
      }
      if (++options_ > kMaxConnectionOptions) state = refuse(fault_, 400, "too many options in Connection");
      return state == ParseState::Complete;
    });
    return state;
  }

  Headers& out_;
  Facts& facts_;
  ParseFault& fault_;
  std::uint32_t options_ = 0;
  bool names_lines_ = false;
};

ParseState what_ended_the_name(const char* name, const char* at, ParseFault& fault) {
  const bool blank = *at == ' ' || *at == '\t';
  if (at == name && blank) return refuse(fault, 400, "folded header line");
  if (at == name && *at == ':') return refuse(fault, 400, "empty header name");
  if (blank) return refuse(fault, 400, "blank in or behind a header name");
  if (*at == '\r' || *at == '\n') return refuse(fault, 400, "header line without a colon");
  return refuse(fault, 400, "bad byte in a header name");
}

}  // namespace

ParseState not_a_line_end(const char* at, const char* end, ParseFault& fault) {
  if (at == end) return ParseState::NeedMore;
  if (*at == '\n') return refuse(fault, 400, "bare LF");
  if (*at != '\r') return refuse(fault, 400, "control byte");
  if (at + 1 == end) return ParseState::NeedMore;
  return refuse(fault, 400, "bare CR");
}

ParseState read(const char*& out_at, const char* end, std::uint32_t max_lines, Headers& out, Facts& facts,
                ParseFault& fault) {
  Reader reader(out, facts, fault);
  const std::size_t most = std::min<std::size_t>(max_lines, Headers::kMax);
  const char* const floor = out_at;
  const char* at = out_at;
  ParseState state = ParseState::Complete;
  for (;;) {
    const char* const name = at;
    bool plain = true;
    at = scan::find_not_token(at, end, plain);
    if (at == end) return ParseState::NeedMore;
    if (at == name && (*at == '\r' || *at == '\n')) break;
    if (*at != ':' || at == name) return what_ended_the_name(name, at, fault);
    if (out.size() == most) return refuse(fault, 431, "too many header lines");
    const std::string_view name_text(name, static_cast<std::size_t>(at - name));

    ++at;
    if (at != end && *at == ' ') ++at;
    while (at != end && (*at == ' ' || *at == '\t')) ++at;
    const char* const value = at;
    at = scan::find_control(at, end, floor);
    const char* value_end = at;
    state = read_line_end(at, end, fault);
    if (state != ParseState::Complete) return state;
    while (value_end != value && (value_end[-1] == ' ' || value_end[-1] == '\t')) --value_end;

    const std::string_view value_text(value, static_cast<std::size_t>(value_end - value));
    const HeaderId id = header_id(name_text);
    out.add({name_text, value_text, id, false, plain});
    if (id == HeaderId::Other) continue;
    state = reader.judge(id, value_text);
    if (state != ParseState::Complete) return state;
  }
  state = read_line_end(at, end, fault);
  out_at = at;
  if (state == ParseState::Complete) reader.finish();
  return state;
}

}  // namespace gatehouse::http::fields
