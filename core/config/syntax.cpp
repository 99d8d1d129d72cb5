#include "config/syntax.hpp"

#include <algorithm>
#include <array>

#include "base/ip.hpp"
#include "base/text.hpp"

namespace gatehouse::config {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";
constexpr std::array<std::string_view, 7> kMethods{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"};

bool only(std::string_view text, std::string_view also) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return kLetters.find(c) != std::string_view::npos || base::is_digit(c) || also.find(c) != std::string_view::npos;
  });
}

bool is_token(std::string_view text) {
  return !text.empty() && only(text, "!#$%&'*+-.^_`|~");
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7F;
  });
}

bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  while (true) {
    const std::size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' || !only(label, "-_"))
      return false;
    if (dot == std::string_view::npos) break;
    name.remove_prefix(dot + 1);
  }
  // A last label of digits is an address gone wrong: 10.0.0.256.
  return name.find_first_not_of(kDigits) != std::string_view::npos;
}

bool is_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    const auto address = base::IpAddress::parse(host.substr(1, host.size() - 2));
    return address && host.find(':') != std::string_view::npos;
  }
  if (host.find(':') != std::string_view::npos) return false;
  return base::IpAddress::parse(host).has_value() || is_dns_name(host);
}

struct HostPort {
  std::string_view host, port;
};

// Splits at the last colon outside brackets; `port` is empty when there is none.
HostPort split(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is_port(std::string_view text, std::uint16_t least) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return false;
  const auto port = base::parse_integer<std::uint16_t>(text);
  return port && *port >= least;
}

std::string target_fault(std::string_view text) {
  if (text.find("://") != std::string_view::npos) return "has a scheme: write `host:port`, and `tls: {}` for TLS";
  const HostPort parts = split(text);
  if (parts.port.empty() && is_host(text)) return "needs a port: write `host:port`";
  if (!is_host(parts.host)) {
    if (text.find('/') != std::string_view::npos) return "has a path: write `host:port`";
    return "is not `host:port` (an IPv6 address goes into brackets)";
  }
  if (!is_port(parts.port, 1)) return "has a bad port: 1 to 65535";
  return {};
}

std::string listen_fault(std::string_view text) {
  if (text.starts_with("unix:")) {
    const std::string_view file = text.substr(5);
    if (!file.starts_with('/')) return "needs an absolute path behind `unix:`";
    if (file.size() > 107) return "has a path of more than 107 bytes, which no Unix socket can have";
    return file.find('\0') == std::string_view::npos ? "" : "has a NUL in its path";
  }
  const HostPort parts = split(text);
  if (!is_port(parts.port, 0)) return "needs a port from 0 to 65535, as in `127.0.0.1:8080`";
  if (parts.host.empty() || parts.host == "*") return "needs an address: `0.0.0.0` or `[::]` is every one";
  if (parts.host.find(':') != std::string_view::npos && !parts.host.starts_with('['))
    return "needs `[...]` around its IPv6 address";
  if (!is_host(parts.host) || (!parts.host.starts_with('[') && !base::IpAddress::parse(parts.host)))
    return "is not an address: write a numeric one, `127.0.0.1:8080`, or `unix:/path`";
  return {};
}

// Braces pair up, do not nest, and are not empty; `${...}` counts as one.
std::string placeholder_fault(std::string_view path) {
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] == '}') return "has a `}` without its `{`";
    if (path[at] != '{') continue;
    const std::size_t end = path.find_first_of("{}", at + 1);
    if (end == std::string_view::npos || path[end] == '{') return "has a `{` without its `}`";
    std::string_view inside = path.substr(at + 1, end - at - 1);
    const bool variable = at > 0 && path[at - 1] == '$';
    if (variable && !inside.starts_with("stageVariables."))
      return "has a `${...}` that is not `${stageVariables.name}`";
    if (variable) inside.remove_prefix(15);
    if (inside.empty()) return "has a placeholder without a name";
    at = end;
  }
  return {};
}

std::string path_fault(std::string_view path) {
  if (!path.starts_with('/')) return "must begin with `/`";
  if (path.find('?') != std::string_view::npos)
    return "has a query: the client's query is passed on, none can be added";
  if (path.find('#') != std::string_view::npos) return "has a fragment, which HTTP does not send";
  if (!is_printable(path) || path.find(' ') != std::string_view::npos || path.find('\\') != std::string_view::npos)
    return "has a blank, backslash or control byte: percent-encode it";
  return placeholder_fault(path);
}

std::string uri_fault(std::string_view uri) {
  std::string_view rest = uri;
  if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else {
    return "must be absolute, `http://...` or `https://...`";
  }
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.find_first_of("{}$") != std::string_view::npos)
    return "has a placeholder in its host: placeholders may stand in the path only";
  if (authority.find('@') != std::string_view::npos) return "holds credentials: take them out of the URL";
  const HostPort parts = split(authority);
  const bool port_given = parts.host.size() != authority.size();
  if (!is_host(parts.host)) return "has no host that can be looked up";
  if (port_given && !is_port(parts.port, 1)) return "has a bad port: 1 to 65535";
  return end == rest.size() ? std::string() : path_fault(rest.substr(end));
}

std::string mapping_fault(std::string_view text) {
  if (text.starts_with('\'')) {
    if (text.size() < 2 || !text.ends_with('\'')) return "lacks its closing single quote";
    if (text.substr(1, text.size() - 2).find('\'') != std::string_view::npos)
      return "has a single quote inside its quotes";
    return is_printable(text) ? "" : "has a control byte";
  }
  for (const std::string_view prefix : {"context.", "stageVariables.", "method.request.header.",
                                        "method.request.querystring.", "method.request.path."}) {
    if (!text.starts_with(prefix)) continue;
    const std::string_view name = text.substr(prefix.size());
    if (name.empty()) return "lacks a name behind its last dot";
    if (!is_token(name)) return "has a name with a byte that no name has";
    return {};
  }
  return "is none of `'literal'` (in single quotes), `context.name`, `stageVariables.name`, "
         "`method.request.header|querystring|path.name`";
}

std::string origin_fault(std::string_view text) {
  if (text == "*" || text == "https://*" || text == "http://*" || text == "null") return {};
  const std::size_t at = text.find("://");
  if (at == std::string_view::npos) return "is not `scheme://host[:port]`, `*`, `https://*` or `http://*`";
  const std::string_view scheme = text.substr(0, at), authority = text.substr(at + 3);
  if (scheme.empty() || !only(scheme, "+-.")) return "has a bad scheme";
  if (authority.find('/') != std::string_view::npos)
    return "has a path: an origin ends behind host and port, without `/`";
  if (authority.find('*') != std::string_view::npos)
    return "has a `*` inside: only `*`, `https://*` and `http://*` match more than one origin";
  const HostPort parts = split(authority);
  const bool port_given = parts.host.size() != authority.size();
  if (!is_host(parts.host) || (port_given && !is_port(parts.port, 1))) return "has a bad host or port";
  return {};
}

std::string route_key_fault(std::string_view text) {
  if (text == "$default") return {};
  if (text.starts_with('$')) return "is no route key: of those with `$` there is `$default`";
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return "is no route key: write `GET /path`, `ANY /path` or `$default`";
  const std::string_view method = text.substr(0, blank), path = text.substr(blank + 1);
  if (method != "ANY" && std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end())
    return "has a method that is none of ANY, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
  if (!path.starts_with('/')) return "has a path that does not begin with `/`";
  if (!is_printable(path) || path.find(' ') != std::string_view::npos) return "has a blank or control byte in its path";
  return {};
}

constexpr std::array<std::string_view, 21> kGatewayResponses{"ACCESS_DENIED",
                                                             "API_CONFIGURATION_ERROR",
                                                             "AUTHORIZER_CONFIGURATION_ERROR",
                                                             "AUTHORIZER_FAILURE",
                                                             "BAD_REQUEST_BODY",
                                                             "BAD_REQUEST_PARAMETERS",
                                                             "DEFAULT_4XX",
                                                             "DEFAULT_5XX",
                                                             "EXPIRED_TOKEN",
                                                             "INTEGRATION_FAILURE",
                                                             "INTEGRATION_TIMEOUT",
                                                             "INVALID_API_KEY",
                                                             "INVALID_SIGNATURE",
                                                             "MISSING_AUTHENTICATION_TOKEN",
                                                             "QUOTA_EXCEEDED",
                                                             "REQUEST_TOO_LARGE",
                                                             "RESOURCE_NOT_FOUND",
                                                             "THROTTLED",
                                                             "UNAUTHORIZED",
                                                             "UNSUPPORTED_MEDIA_TYPE",
                                                             "WAF_FILTERED"};

std::string alternatives(const auto& words) {
  std::string out = "^(";
  for (std::size_t i = 0; i < words.size(); ++i) out += (i == 0 ? "" : "|") + std::string(words[i]);
  return out + ")$";
}

// A check from a test that has only one thing to say.
Check unless(bool (*good)(std::string_view), std::string why) {
  return [good, why](std::string_view text) { return good(text) ? std::string() : why; };
}

}  // namespace

TextRule name_rule(std::string note) {
  return {std::move(note), "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$",
          unless(
              [](std::string_view t) {
                return !t.empty() && t.size() <= 128 && only(t, "_.-") && t[0] != '.' && t[0] != '-';
              },
              "takes letters, digits, `_`, `-` and `.`, at most 128")};
}

TextRule host_rule() {
  return {"host name", "", [](std::string_view text) -> std::string {
            if (is_host(text)) return {};
            const HostPort parts = split(text);
            if (is_host(parts.host) && is_port(parts.port, 1)) return "has a port: write the name only";
            return "is neither a host name nor an address";
          }};
}

TextRule domain_rule() {
  return {"domain name", "", [](std::string_view text) -> std::string {
            const bool wildcard = text.starts_with("*.");
            const std::string_view rest = wildcard ? text.substr(2) : text;
            if (rest.find('*') != std::string_view::npos) return "has a `*` elsewhere than as its whole first label";
            if (wildcard && rest.find('.') == std::string_view::npos)
              return "is too wide: behind `*.` there must be two labels";
            if (!is_dns_name(rest)) return "is not a domain name";
            return {};
          }};
}

TextRule target_rule() {
  return {"target", "", target_fault};
}
TextRule listen_rule() {
  return {"address", "", listen_fault};
}

TextRule header_name_rule() {
  return {"header name", "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", unless(is_token, "is not a header name")};
}

TextRule header_value_rule() {
  return {"header value", "",
          unless([](std::string_view t) { return is_printable(t) && base::trim(t) == t; },
                 "has a control byte, or a blank at its end")};
}

TextRule plugin_id_rule() {
  return {"plugin id", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)+$",
          unless(
              [](std::string_view t) {
                return is_dns_name(t) && t.find('.') != std::string_view::npos && base::lower(t) == t;
              },
              "is not a dotted id in lower case, as `com.example.shared-token`")};
}

TextRule secret_name_rule() {
  return {"secret", "^[A-Za-z0-9_.-]{1,64}$",
          unless([](std::string_view t) { return !t.empty() && t.size() <= 64 && only(t, "_.-"); },
                 "takes letters, digits, `_`, `.` and `-`, at most 64")};
}

TextRule stage_rule() {
  return {"stage", "^([A-Za-z0-9_-]{1,128}|\\$default)$",
          unless([](std::string_view t) { return t == "$default" || (!t.empty() && t.size() <= 128 && only(t, "_-")); },
                 "takes letters, digits, `_` and `-`, at most 128, or is `$default`")};
}

TextRule variable_name_rule() {
  return {"stage variable", "^[A-Za-z0-9_]{1,64}$",
          unless([](std::string_view t) { return !t.empty() && t.size() <= 64 && only(t, "_"); },
                 "takes letters, digits and `_`, at most 64")};
}

TextRule variable_value_rule() {
  return {"text", "",
          unless([](std::string_view t) { return t.size() <= 512 && is_printable(t); },
                 "is longer than 512 bytes or has a control byte")};
}

TextRule base_path_rule() {
  return {"base path", "", [](std::string_view text) -> std::string {
            if (text == "(none)") return {};
            if (text.empty() || text == "/") return "must be written `(none)` when there is no base path";
            if (text.starts_with('/') || text.ends_with('/')) return "has a slash at its end: write `v1/orders`";
            if (text.find("//") != std::string_view::npos) return "has two slashes in a row";
            if (text.size() > 300) return "is longer than 300 bytes";
            if (!only(text, "$-_.+!*'()/")) return "takes letters, digits and `$-_.+!*'()/`";
            return {};
          }};
}

TextRule route_key_rule() {
  return {"route key", "^(\\$default|(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /.*)$", route_key_fault};
}

TextRule path_template_rule() {
  return {"path", "^/", path_fault};
}
TextRule uri_rule() {
  return {"URI", "^https?://", uri_fault};
}
TextRule header_mapping_rule() {
  return {"header mapping", "", mapping_fault};
}
TextRule origin_rule() {
  return {"origin", "", origin_fault};
}

TextRule method_rule() {
  return {"method", "^(\\*|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT)$",
          unless(
              [](std::string_view t) {
                return t == "*" || std::find(kMethods.begin(), kMethods.end(), t) != kMethods.end();
              },
              "is none of *, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")};
}

TextRule header_or_star_rule() {
  return {"header name", "", unless(is_token, "is neither a header name nor `*`")};
}

TextRule gateway_response_rule() {
  return {"response type", alternatives(kGatewayResponses), [](std::string_view text) -> std::string {
            if (std::find(kGatewayResponses.begin(), kGatewayResponses.end(), text) != kGatewayResponses.end())
              return {};
            const auto near = base::nearest(text, {kGatewayResponses.begin(), kGatewayResponses.end()});
            return near.empty() ? "is none of those that gatehouse.yaml(5) lists"
                                : "is unknown, did you mean `" + std::string(near) + "`?";
          }};
}

TextRule content_type_rule() {
  return {"content type", "^[^/ ]+/[^/ ]+$", [](std::string_view text) -> std::string {
            const std::size_t slash = text.find('/');
            if (slash != std::string_view::npos && is_token(text.substr(0, slash)) && is_token(text.substr(slash + 1)))
              return {};
            return "is not `type/subtype`";
          }};
}

bool is_local_address(std::string_view address) {
  if (address.starts_with("unix:")) return true;
  std::string_view host = split(address).host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  const auto ip = base::IpAddress::parse(host);
  return ip && ip->is_loopback();
}

}  // namespace gatehouse::config
