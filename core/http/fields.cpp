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
  return id == HeaderId::Host || id == HeaderId::ContentLength || id == HeaderId::TransferEncoding ||
         id == HeaderId::Authorization;
}

class Reader {
 public:
  Reader(Headers& out, Facts& facts, ParseFault& fault) : out_(out), facts_(facts), fault_(fault) {}

  ParseState judge(const Header& line) {
    switch (line.id) {
      case HeaderId::ContentLength:
        if (facts_.content_length >= 0) return refuse(fault_, 400, "more than one Content-Length");
        if (facts_.chunked) return refuse(fault_, 400, "Content-Length with Transfer-Encoding");
        if (!read_length(line.value, facts_.content_length)) return refuse(fault_, 400, "bad Content-Length");
        break;
      case HeaderId::TransferEncoding:
        if (facts_.content_length >= 0) return refuse(fault_, 400, "Content-Length with Transfer-Encoding");
        if (facts_.chunked) return refuse(fault_, 400, "more than one Transfer-Encoding");
        if (!base::equal_ignoring_case(line.value, "chunked"))
          return refuse(fault_, 400, "Transfer-Encoding that is not `chunked`");
        facts_.chunked = true;
        break;
      case HeaderId::Host:
        if (facts_.hosts == 0) facts_.host = line.value;
        facts_.hosts = facts_.hosts == 0 ? 1 : 2;
        break;
      case HeaderId::Expect:
        (base::equal_ignoring_case(line.value, "100-continue") ? facts_.expect_continue : facts_.expect_other) = true;
        break;
      case HeaderId::Upgrade:
        facts_.upgrade_line = true;
        break;
      case HeaderId::Connection:
        return judge_connection(line.value);
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

std::string_view what_ended_the_name(const char* name, const char* at) noexcept {
  const bool blank = *at == ' ' || *at == '\t';
  if (at == name) {
    if (blank) return "folded header line";
    return *at == ':' ? "empty header name" : "bad byte in a header name";
  }
  if (blank) return "blank in or behind a header name";
  return *at == '\r' || *at == '\n' ? "header line without a colon" : "bad byte in a header name";
}

}  // namespace

bool read_line_end(const char*& at, const char* end, ParseState& state, ParseFault& fault) {
  if (at == end) {
    state = ParseState::NeedMore;
    return false;
  }
  if (*at != '\r') {
    state = refuse(fault, 400, *at == '\n' ? "bare LF" : "control byte");
    return false;
  }
  if (at + 1 == end) {
    state = ParseState::NeedMore;
    return false;
  }
  if (at[1] != '\n') {
    state = refuse(fault, 400, "bare CR");
    return false;
  }
  at += 2;
  return true;
}

ParseState read(const char*& at, const char* end, std::uint32_t max_lines, Headers& out, Facts& facts,
                ParseFault& fault) {
  Reader reader(out, facts, fault);
  const std::size_t most = std::min<std::size_t>(max_lines, Headers::kMax);
  ParseState state = ParseState::Complete;
  for (;;) {
    if (at == end) return ParseState::NeedMore;
    if (*at == '\r' || *at == '\n') {
      if (!read_line_end(at, end, state, fault)) return state;
      reader.finish();
      return ParseState::Complete;
    }
    if (out.size() == most) return refuse(fault, 431, "too many header lines");

    const char* const name = at;
    at = scan::find_not_token(at, end);
    if (at == end) return ParseState::NeedMore;
    if (*at != ':' || at == name) return refuse(fault, 400, what_ended_the_name(name, at));
    const std::string_view name_text(name, static_cast<std::size_t>(at - name));
    do ++at;
    while (at != end && (*at == ' ' || *at == '\t'));
    const char* const value = at;
    at = scan::find_control(at, end);
    const char* value_end = at;
    if (!read_line_end(at, end, state, fault)) return state;
    while (value_end != value && (value_end[-1] == ' ' || value_end[-1] == '\t')) --value_end;

    const Header line{name_text, {value, static_cast<std::size_t>(value_end - value)}, header_id(name_text), false};
    out.add(line);
    state = reader.judge(line);
    if (state != ParseState::Complete) return state;
  }
}

}  // namespace gatehouse::http::fields
