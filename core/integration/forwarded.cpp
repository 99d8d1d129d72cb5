#include <algorithm>
#include <array>
#include <span>

#include "base/ip.hpp"
#include "base/text.hpp"
#include "http/parser.hpp"
#include "integration/headers.hpp"

namespace gatehouse::integration {
namespace {

using http::Header;
using http::HeaderId;

// A chain of proxies is short; a list longer than this is not one.
constexpr std::size_t kMostHops = 32;

// RFC 7239, section 4: a value that is no token is a quoted-string. A host may hold `,`, `;` and `=` (RFC 3986, 3.2.2),
// which without quotes would begin an element of the client's own making. It holds neither quotes nor backslashes.
bool needs_quotes(std::string_view text) noexcept {
  return !std::all_of(text.begin(), text.end(), [](char c) {
    const char l = base::to_lower(c);
    return base::is_digit(c) || (l >= 'a' && l <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

std::string_view pair(std::string_view name, std::string_view value, base::Arena& arena) {
  return needs_quotes(value) ? arena.join({name, "=\"", value, "\""}) : arena.join({name, "=", value});
}

std::string_view scheme(std::string_view text) noexcept {
  if (base::equal_ignoring_case(text, "https")) return "https";
  return base::equal_ignoring_case(text, "http") ? "http" : std::string_view();
}

/// One entry of X-Forwarded-For as the `for` of RFC 7239, section 6; what is no address is unknown.
struct Node {
  std::string_view before, address, after;
};
Node node(std::string_view text) noexcept {
  constexpr Node kUnknown{"for=", "unknown", ""};
  std::string_view host = text;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return kUnknown;
    host = text.substr(1, close - 1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos && colon == text.rfind(':')) {
    host = text.substr(0, colon);
  }
  if (!base::IpAddress::parse(host)) return kUnknown;
  return host.find(':') == std::string_view::npos ? Node{"for=", host, ""} : Node{"for=\"[", host, "]\""};
}

/// The texts, one behind the other, in memory that is taken once.
std::string_view join(std::span<const std::string_view> texts, base::Arena& arena) {
  std::size_t size = 0;
  for (std::string_view text : texts) size += text.size();
  char* const begin = static_cast<char*>(arena.allocate(size, 1));
  char* at = begin;
  for (std::string_view text : texts) at = std::copy(text.begin(), text.end(), at);
  return {begin, size};
}

/// X-Forwarded-For as elements, the last kMostHops of them: one per address. What X-Forwarded-Host and -Proto say is
/// about the last one.
std::string_view from_x_forwarded(const http::RequestHead& request, base::Arena& arena) {
  std::array<std::string_view, kMostHops> hops;
  std::size_t count = 0;
  for (const Header& header : request.headers) {
    if (header.id != HeaderId::XForwardedFor) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      const std::string_view entry = base::trim(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      if (!entry.empty()) hops[count++ % kMostHops] = entry;
    }
  }
  if (count == 0) return {};
  std::array<std::string_view, 4 * kMostHops + 4> texts;
  std::size_t used = 0;
  for (std::size_t i = count > kMostHops ? count - kMostHops : 0; i < count; ++i) {
    const Node one = node(hops[i % kMostHops]);
    texts[used] = used == 0 ? "" : ", ";
    ++used;
    for (std::string_view text : {one.before, one.address, one.after}) texts[used++] = text;
  }
  const std::string_view host = request.headers.value(HeaderId::XForwardedHost);
  if (http::is_valid_authority(host)) {
    texts[used++] = ";";
    texts[used++] = pair("host", host, arena);
  }
  if (const std::string_view proto = scheme(request.headers.value(HeaderId::XForwardedProto)); !proto.empty()) {
    texts[used++] = ";proto=";
    texts[used++] = proto;
  }
  return join({texts.data(), used}, arena);
}

std::string_view from_forwarded(const http::RequestHead& request, base::Arena& arena) {
  std::array<std::string_view, 2 * http::Headers::kMax> texts;
  std::size_t used = 0;
  for (const Header& header : request.headers) {
    if (header.id != HeaderId::Forwarded || header.value.empty()) continue;
    if (used != 0) texts[used++] = ", ";
    texts[used++] = header.value;
  }
  return used == 1 ? texts[0] : join({texts.data(), used}, arena);
}

}  // namespace

std::string_view forwarded_value(const http::RequestHead& request, const http::ConnectionFacts& connection,
                                 bool trusted_peer, base::Arena& arena) {
  const bool is_ip = connection.peer != base::IpAddress{};
  const std::string_view peer = !is_ip                    ? std::string_view("for=unknown")
                                : connection.peer.is_v4() ? arena.join({"for=", connection.peer_text})
                                                          : arena.join({"for=\"[", connection.peer_text, "]\""});
  const std::string_view host = request.authority.empty() ? std::string_view() : pair("host", request.authority, arena);
  const std::string_view own =
      arena.join({peer, host.empty() ? "" : ";", host, connection.tls ? ";proto=https" : ";proto=http"});
  if (!trusted_peer) return own;
  // The same order as the gateway's own reading of who the caller is.
  const bool by_x = request.headers.find(HeaderId::XForwardedFor) != nullptr;
  const std::string_view before = by_x ? from_x_forwarded(request, arena) : from_forwarded(request, arena);
  return before.empty() ? own : arena.join({before, ", ", own});
}

}  // namespace gatehouse::integration
