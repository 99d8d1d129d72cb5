#include "routing/pattern.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace gatehouse::routing {
namespace {

bool is_word(char c) noexcept {
  const char l = base::to_lower(c);
  return base::is_digit(c) || (l >= 'a' && l <= 'z');
}
bool is_rest_byte(char c) noexcept {
  return is_word(c) || std::string_view("_-.,:").find(c) != std::string_view::npos;
}
bool is_http_byte(char c) noexcept {
  return is_word(c) || std::string_view("-._~!$&'()*+,;=:@").find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) >= 0x80;
}
std::string quoted(std::string_view text) {
  return std::string("`").append(text).append("`");
}

/// An escape in a pattern must be one, and stand for something that a request may contain.
Result<std::string> literal(std::string_view text, std::string_view whole) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '%' &&
        (i + 2 >= text.size() || base::hex_value(text[i + 1]) < 0 || base::hex_value(text[i + 2]) < 0))
      return fail(Code::Invalid, "path " + quoted(whole) + " has a `%` that two hex digits do not follow");
  std::string out(text.size(), '\0');
  out.resize(decode_segment(text, out.data(), out.size()));
  if (!base::is_utf8(out)) return fail(Code::Invalid, "path " + quoted(whole) + " does not decode to UTF-8");
  if (out == "." || out == "..")
    return fail(Code::Invalid,
                "path " + quoted(whole) + " has the dot segment " + quoted(text) + ", which no request can have");
  for (const char c : out)
    if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      return fail(
          Code::Invalid,
          "path " + quoted(whole) + " has an encoded slash, backslash or control byte, which requests are refused for");
  if (out.size() > kMaxLiteralBytes)
    return fail(Code::Limit,
                "path " + quoted(whole) + " has a segment longer than " + std::to_string(kMaxLiteralBytes) + " bytes");
  return out;
}

Result<Segment> segment(std::string_view text, std::string_view whole, PathPattern::Syntax syntax) {
  if (text.empty())
    return fail(Code::Invalid, "path " + quoted(whole) +
                                   " has an empty segment: write one slash between segments and none at the end");
  if (text.find_first_of("{}") == std::string_view::npos) {
    const bool rest = syntax == PathPattern::Syntax::Rest;
    for (const char c : text)
      if (rest ? !is_rest_byte(c) : !(is_http_byte(c) || c == '%'))
        return fail(Code::Invalid,
                    "path " + quoted(whole) + " has the segment " + quoted(text) + "; " +
                        (rest ? "a REST API's path has letters, digits, `_-.,:` and `{name}` segments (AT-10)"
                              : "write other characters percent-encoded (RFC 3986, 3.3)"));
    auto decoded = literal(text, whole);
    if (!decoded) return tl::unexpected<Error>(std::move(decoded.error()));
    return Segment{Segment::Kind::Literal, std::move(*decoded)};
  }
  if (text.size() < 2 || text.front() != '{' || text.back() != '}')
    return fail(Code::Invalid, "path " + quoted(whole) + " has a parameter in a part of the segment " + quoted(text) +
                                   ": a parameter is a whole segment, `{name}` or `{name+}` (AT-10)");
  std::string_view name = text.substr(1, text.size() - 2);
  auto kind = Segment::Kind::Parameter;
  if (!name.empty() && name.back() == '+') {
    kind = Segment::Kind::Greedy;
    name.remove_suffix(1);
  }
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_rest_byte))
    return fail(Code::Invalid, "path " + quoted(whole) + " has the parameter " + quoted(text) +
                                   ": its name needs at least one of letters, digits and `_-.,:` (AT-10)");
  return Segment{kind, std::string(name)};
}

}  // namespace

std::size_t decode_segment(std::string_view segment, char* out, std::size_t room) noexcept {
  std::size_t size = 0;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (size == room) return room + 1;
    char c = segment[i];
    if (c == '%' && i + 2 < segment.size()) {
      const int high = base::hex_value(segment[i + 1]);
      const int low = base::hex_value(segment[i + 2]);
      if (high >= 0 && low >= 0) {
        c = static_cast<char>(high * 16 + low);
        i += 2;
      }
    }
    out[size++] = c;
  }
  return size;
}

bool is_ambiguous(std::string_view path) noexcept {
  return path.find("//") != std::string_view::npos || until_semicolon(path).size() != path.size();
}

std::string_view until_semicolon(std::string_view segment) noexcept {
  segment = segment.substr(0, segment.find(';'));
  return segment.substr(0, segment.find("%3B"));
}

Result<PathPattern> PathPattern::parse(std::string_view text, Syntax syntax) {
  if (text.size() > kMaxPatternBytes)
    return fail(Code::Limit, "a path of " + std::to_string(text.size()) + " bytes is longer than " +
                                 std::to_string(kMaxPatternBytes));
  if (text.empty() || text.front() != '/')
    return fail(Code::Invalid, "path " + quoted(text) + " does not begin with `/`");
  PathPattern out;
  out.text = text;
  if (text == "/") return out;
  std::size_t captures = 0;
  for (std::string_view rest = text; !rest.empty();) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    if (!out.segments.empty() && out.segments.back().kind == Segment::Kind::Greedy)
      return fail(Code::Invalid, "path " + quoted(text) + " goes on behind `{" + out.segments.back().text +
                                     "+}`, which must be last (AT-11)");
    auto parsed = segment(rest.substr(0, end), text, syntax);
    if (!parsed) return tl::unexpected<Error>(std::move(parsed.error()));
    if (parsed->kind != Segment::Kind::Literal) {
      for (const Segment& other : out.segments)
        if (other.kind != Segment::Kind::Literal && other.text == parsed->text)
          return fail(Code::Invalid,
                      "path " + quoted(text) + " names the parameter " + quoted(parsed->text) + " twice");
      ++captures;
    }
    out.segments.push_back(std::move(*parsed));
    rest.remove_prefix(end);
  }
  if (out.segments.size() > kMaxSegments)
    return fail(Code::Limit, "path " + quoted(text) + " has more than " + std::to_string(kMaxSegments) + " segments");
  if (captures > kMaxCaptures)
    return fail(Code::Limit, "path " + quoted(text) + " has more than " + std::to_string(kMaxCaptures) + " parameters");
  return out;
}

std::vector<std::string> PathPattern::parameters() const {
  std::vector<std::string> out;
  for (const Segment& s : segments)
    if (s.kind != Segment::Kind::Literal) out.push_back(s.text);
  return out;
}

}  // namespace gatehouse::routing
