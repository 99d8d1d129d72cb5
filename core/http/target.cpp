#include "http/target.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "http/scan.hpp"

namespace gatehouse::http {
namespace {

constexpr bool is_unreserved(unsigned char c) noexcept {
  return base::is_digit(static_cast<char>(c)) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

/// The byte that the escape at `at` stands for; -1 when it is none.
int escaped_byte(std::string_view text, std::size_t at) noexcept {
  if (text.size() - at < 3 || text[at] != '%') return -1;
  const int high = base::hex_value(text[at + 1]);
  const int low = base::hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/// How many escapes the UTF-8 character takes that begins with the one at `at`; 0 when it is not one.
std::size_t escaped_character(std::string_view text, std::size_t at) noexcept {
  const int lead = escaped_byte(text, at);
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::array<char, 4> bytes{};
  for (std::size_t i = 0; i < size; ++i) {
    if (at + 3 * i >= text.size()) return 0;
    const int byte = escaped_byte(text, at + 3 * i);
    if (byte < 0x80) return 0;
    bytes[i] = static_cast<char>(byte);
  }
  return base::is_utf8({bytes.data(), size}) ? size : 0;
}

/// True when the path is its own normalised form: no escape, no backslash, no segment that begins with a dot.
bool is_plain(std::string_view path) noexcept {
  char before = 0;
  for (const char c : path) {
    if (c == '%' || c == '\\' || (c == '.' && before == '/')) return false;
    before = c;
  }
  return true;
}

char* put_escape(char* out, int byte) noexcept {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  *out++ = '%';
  *out++ = kHex[static_cast<std::size_t>(byte >> 4)];
  *out++ = kHex[static_cast<std::size_t>(byte & 15)];
  return out;
}

tl::unexpected<Error> bad(std::string_view what) {
  return fail(Code::Invalid, std::string(what));
}

/// Decodes what is to be decoded into `out`, which has room for the whole path. Returns the new size.
Result<std::size_t> decode(std::string_view path, PathRules::EncodedSlash slash, char* const out) {
  char* to = out;
  for (std::size_t i = 0; i < path.size();) {
    if (path[i] == '\\') return bad("backslash in the path");
    if (path[i] != '%') {
      *to++ = path[i++];
      continue;
    }
    const int byte = escaped_byte(path, i);
    if (byte < 0) return bad("percent sign in the path without two hexadecimal digits");
    if (byte < 0x20 || byte == 0x7F) return bad("encoded control byte in the path");
    if (byte == '\\') return bad("encoded backslash in the path");
    if (byte == '/' && slash == PathRules::EncodedSlash::Reject) return bad("encoded slash in the path");
    std::size_t escapes = 1;
    if (byte >= 0x80) {
      escapes = escaped_character(path, i);
      if (escapes == 0) return bad("escapes in the path that are not UTF-8");
    } else if (is_unreserved(static_cast<unsigned char>(byte))) {
      *to++ = static_cast<char>(byte);
      i += 3;
      continue;
    }
    for (; escapes != 0; --escapes, i += 3) to = put_escape(to, escaped_byte(path, i));
  }
  return static_cast<std::size_t>(to - out);
}

enum class Dots : std::uint8_t { None, Plain, Disguised };

/// Looks at one segment of a decoded path: is it a dot segment for us, or could it be one for somebody else?
Dots dots_in(std::string_view segment) noexcept {
  if (segment == "." || segment == "..") return Dots::Plain;
  for (;;) {
    const std::size_t slash = segment.find("%2F");
    std::string_view part = segment.substr(0, slash);
    part = part.substr(0, std::min(part.find(';'), part.find("%3B")));
    if (part == "." || part == "..") return Dots::Disguised;
    if (slash == std::string_view::npos) return Dots::None;
    segment.remove_prefix(slash + 3);
  }
}

/// RFC 3986, 5.2.4, in place. Returns the new size.
Result<std::size_t> settle_dots(char* const path, std::size_t size, PathRules::Dots rule) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < size;) {
    const std::string_view all(path, size);
    const std::size_t next = std::min(all.find('/', from + 1), size);
    const std::string_view segment = all.substr(from + 1, next - from - 1);
    const Dots dots = dots_in(segment);
    if (dots == Dots::Disguised) return bad("dot segment with an encoded slash or parameters in the path");
    if (dots == Dots::Plain) {
      if (rule == PathRules::Dots::Reject) return bad("dot segment in the path");
      if (segment.size() == 2) {
        while (to != 0 && path[--to] != '/') {
        }
      }
      if (next == size) path[to++] = '/';
    } else {
      std::copy(path + from, path + next, path + to);
      to += next - from;
    }
    from = next;
  }
  return to;
}

}  // namespace

Result<Target> parse_target(std::string_view origin_form, const PathRules& rules, base::Arena& arena) {
  if (origin_form.empty() || origin_form.front() != '/') return bad("target that does not begin with a slash");
  const char* const end = origin_form.data() + origin_form.size();
  if (scan::find_not_target(origin_form.data(), end) != end) return bad("byte in the target that must be encoded");

  Target target;
  const std::size_t query = origin_form.find('?');
  target.wire_path = origin_form.substr(0, query);
  if (query != std::string_view::npos) {
    target.has_query = true;
    target.raw_query = origin_form.substr(query + 1);
  }
  target.path = target.wire_path;
  if (is_plain(target.wire_path)) return target;

  char* const buffer = static_cast<char*>(arena.allocate(target.wire_path.size(), 1));
  auto size = decode(target.wire_path, rules.encoded_slash, buffer);
  if (size) size = settle_dots(buffer, *size, rules.dot_segments);
  if (!size) return tl::unexpected<Error>(std::move(size.error()));
  const std::string_view normalised(buffer, *size);
  if (normalised != target.wire_path) target.path = normalised;
  return target;
}

bool is_encoded_query(std::string_view raw_query) noexcept {
  return std::none_of(raw_query.begin(), raw_query.end(), [](char c) { return c == '|' || c == '{' || c == '}'; });
}

}  // namespace gatehouse::http
