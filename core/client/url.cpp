#include "client/url.hpp"

#include "base/text.hpp"
#include "client/upstream.hpp"

namespace gatehouse::client {
namespace {

tl::unexpected<Error> bad(std::string_view why) {
  return fail(Code::Invalid, "the URL " + std::string(why));
}

bool is_hex(char c) noexcept {
  const char lower = base::to_lower(c);
  return base::is_digit(c) || (lower >= 'a' && lower <= 'f');
}

Result<void> check_bytes(std::string_view text) {
  if (text.size() > Url::kMaxBytes) return bad("has more than 8,192 bytes");
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c <= 0x20 || c >= 0x7F) return bad("holds a blank, a control byte or a byte that is not ASCII: encode it");
    if (c == '\\') return bad("holds a backslash");
    if (c == '%' && (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])))
      return bad("holds a `%` that is not followed by two hex digits");
  }
  return {};
}

Result<void> read_host(std::string_view host, bool bracketed, Url& out) {
  out.address = base::IpAddress::parse(host);
  if (bracketed && (!out.address || host.find(':') == std::string_view::npos))
    return bad("has no IPv6 address between its brackets");
  if (out.address) {
    out.host = out.address->text();
    return {};
  }
  if (host.empty()) return bad("has no host");
  if (host.back() == '.') return bad("has a host that ends with a dot");
  if (!is_host_name(host)) return bad("has a host that is neither a name nor an IP address");
  out.host = base::lower(host);
  return {};
}

/// `host[:port]` behind `//`.
Result<void> read_authority(std::string_view text, Url& out) {
  if (text.find('@') != std::string_view::npos) return bad("carries user information");
  const bool bracketed = !text.empty() && text.front() == '[';
  std::size_t end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && end == std::string_view::npos) return bad("has no `]`");
  const std::string_view host = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  const std::string_view rest =
      end == std::string_view::npos ? std::string_view() : text.substr(end + (bracketed ? 1 : 0));
  out.port = out.https ? 443 : 80;
  if (!rest.empty()) {
    const std::string_view digits = rest.substr(1);
    const auto port = base::parse_integer<std::uint16_t>(digits);
    if (rest.front() != ':' || !port || *port == 0 || digits.front() == '0')
      return bad("has a port that is not a number from 1 to 65535");
    out.port = *port;
  }
  return read_host(host, bracketed, out);
}

/// RFC 3986, 5.2.4, on a path that begins with `/`.
std::string without_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = path.find('/', 1);
    const std::string_view segment = path.substr(0, end);
    const bool last = end == std::string_view::npos;
    path.remove_prefix(last ? path.size() : end);
    if (segment == "/..") {
      const std::size_t parent = out.rfind('/');
      out.erase(parent == std::string::npos ? 0 : parent);
    } else if (segment != "/.") {
      out += segment;
      continue;
    }
    if (last) out += '/';
  }
  return out.empty() ? "/" : out;
}

}  // namespace

std::string Url::authority() const {
  std::string out = address && !address->is_v4() ? "[" + host + "]" : host;
  if (port != (https ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

std::string Url::endpoint() const {
  return (address && !address->is_v4() ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Url::text() const {
  return (https ? "https://" : "http://") + authority() + target;
}

bool Url::same_origin(const Url& other) const noexcept {
  return https == other.https && port == other.port && host == other.host;
}

Result<Url> Url::parse(std::string_view text) {
  if (auto checked = check_bytes(text); !checked) return tl::unexpected<Error>(std::move(checked.error()));
  if (text.find('#') != std::string_view::npos) return bad("has a fragment");
  Url out;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return bad("is not absolute: write `https://host/path`");
  const std::string scheme = base::lower(text.substr(0, colon));
  if (scheme != "https" && scheme != "http")
    return fail(Code::Unsupported, "the URL's scheme is neither `https` nor `http`");
  out.https = scheme == "https";
  text.remove_prefix(colon + 1);
  if (!text.starts_with("//")) return bad("has no host: write `https://host/path`");
  text.remove_prefix(2);
  const std::size_t end = text.find_first_of("/?");
  if (auto read = read_authority(text.substr(0, end), out); !read)
    return tl::unexpected<Error>(std::move(read.error()));
  if (end != std::string_view::npos) out.target = text.substr(end);
  if (out.target.empty() || out.target.front() == '?') out.target.insert(0, 1, '/');
  return out;
}

Result<Url> Url::resolve(std::string_view reference) const {
  reference = reference.substr(0, reference.find('#'));
  if (auto checked = check_bytes(reference); !checked) return tl::unexpected<Error>(std::move(checked.error()));
  // A colon before any slash or question mark ends a scheme (RFC 3986, 4.2).
  if (const std::size_t colon = reference.find(':'); colon < reference.find_first_of("/?")) return parse(reference);
  if (reference.starts_with("//")) return parse((https ? "https:" : "http:") + std::string(reference));
  Url out = *this;
  if (reference.empty()) return out;
  const std::string_view own = std::string_view(target).substr(0, target.find('?'));
  const std::size_t question = reference.find('?');
  const std::string_view path = reference.substr(0, question);
  std::string whole(own);
  if (!path.empty()) {
    const std::string base(path.front() == '/' ? std::string_view() : own.substr(0, own.rfind('/') + 1));
    whole = without_dot_segments(base + std::string(path));
  }
  if (question != std::string_view::npos) whole += reference.substr(question);
  if (whole.size() > kMaxBytes) return bad("has more than 8,192 bytes");
  out.target = std::move(whole);
  return out;
}

}  // namespace gatehouse::client
