#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "integration/headers.hpp"
#include "integration/request_parameters.hpp"

namespace gatehouse::integration {
namespace {

using http::Header;
using http::HeaderId;

enum class Fate : std::uint8_t { Pass, Drop, Claim, Address, ForwardedFor };

bool is(const Header& header, std::string_view name) noexcept {
  return base::equal_ignoring_case(header.name, name);
}

bool is_signature(std::string_view authorization) noexcept {
  return base::equal_ignoring_case(authorization.substr(0, 5), "AWS4-");
}

/// Another verb or path than the one that was routed and judged, for upstreams that believe it (AT-1C).
constexpr std::array<std::string_view, 5> kOverrides{"x-http-method", "x-rewrite-url", "x-original-url",
                                                     "x-method-override", "x-http-method-override"};
/// Who calls, as proxies of all kinds say it. Only a trusted one may.
constexpr std::array<std::string_view, 8> kAddresses{
    "client-ip",        "x-real-ip",        "x-client-ip",         "true-client-ip",
    "cf-connecting-ip", "fastly-client-ip", "x-cluster-client-ip", "x-original-forwarded-for"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, const Header& header) noexcept {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return is(header, name); });
}

Fate fate_of_other(const Header& header) noexcept {
  const char first = header.name.empty() ? '\0' : base::to_lower(header.name.front());
  if (first != 'x' && first != 'c' && first != 't' && first != 'f') return Fate::Pass;
  // X-Forwarded-Server, -Prefix, -Ssl and whatever else may be claimed under that name.
  if (header.name.size() > 12 && base::equal_ignoring_case(header.name.substr(0, 12), "x-forwarded-"))
    return Fate::Claim;
  if (is_one_of(kOverrides, header)) return Fate::Drop;
  return is_one_of(kAddresses, header) ? Fate::Address : Fate::Pass;
}

/// What both API types have in common.
Fate fate(const Header& header) noexcept {
  if (http::is_hop_by_hop(header)) return Fate::Drop;
  switch (header.id) {
    case HeaderId::Host:
    case HeaderId::ContentLength:
    case HeaderId::Expect:
      return Fate::Drop;
    case HeaderId::XForwardedFor:
      return Fate::ForwardedFor;
    case HeaderId::Forwarded:
    case HeaderId::XForwardedHost:
    case HeaderId::XForwardedPort:
    case HeaderId::XForwardedProto:
      return Fate::Claim;
    case HeaderId::Other:
      return fate_of_other(header);
    default:
      return Fate::Pass;
  }
}

/// AT-93, the requests' column for http_proxy, beyond what fate() says.
bool rest_drops(const Header& header) noexcept {
  switch (header.id) {
    case HeaderId::Authorization:
      return is_signature(header.value);
    case HeaderId::ContentEncoding:
    case HeaderId::Server:
    case HeaderId::Via:
      return true;
    case HeaderId::Other:
      switch (header.name.size()) {
        case 11:
          return is(header, "content-md5");
        case 12:
          return is(header, "max-forwards");
        case 16:
          return is(header, "www-authenticate");
        case 24:
          return is(header, "x-amzn-apigateway-api-id");
        default:
          return false;
      }
    default:
      return false;
  }
}

bool is_plain(char c) noexcept {
  const char l = base::to_lower(c);
  return base::is_digit(c) || (l >= 'a' && l <= 'z') || c == '-';
}

/// What `header` would be with `-` for every byte that is no letter, digit or `-`; enough of it for x-forwarded-*.
Header with_dashes(const Header& header, std::array<char, 64>& room) noexcept {
  const std::string_view name = header.name.substr(0, room.size());
  std::transform(name.begin(), name.end(), room.begin(), [](char c) { return is_plain(c) ? c : '-'; });
  Header meant = header;
  meant.name = {room.data(), name.size()};
  meant.id = http::header_id(meant.name);
  return meant;
}

/// True for a name with `_` and the like that CGI and WSGI upstreams cannot tell from one that is judged or set here
/// (X_Forwarded_For is HTTP_X_FORWARDED_FOR to them, too), or from a plainer one of the same request.
bool is_disguised(const Header& header, const http::Headers& all, bool rest) noexcept {
  if (header.id != HeaderId::Other || header.plain_name) return false;
  if (std::all_of(header.name.begin(), header.name.end(), is_plain)) return false;
  std::array<char, 64> room;
  const Header meant = with_dashes(header, room);
  if (fate(meant) != Fate::Pass || (rest && (rest_drops(meant) || is(meant, "x-amzn-trace-id")))) return true;
  return std::any_of(all.begin(), all.end(), [&](const Header& other) {
    return !base::equal_ignoring_case(other.name, header.name) && same_header_to_cgi(other.name, header.name);
  });
}

/// `Root=1-TIME-ID` (AWS X-Ray's form): the request's time, and 24 hex digits of its id. Empty when that is no UUID.
std::string_view trace_id(std::string_view request_id, std::int64_t time_unix_ms, base::Arena& arena) {
  constexpr std::string_view kHex = "0123456789abcdef";
  if (request_id.size() != 36) return {};
  std::array<char, 40> text;
  char* at = text.data();
  for (char c : std::string_view("Root=1-")) *at++ = c;
  const auto seconds = static_cast<std::uint32_t>(time_unix_ms / 1000);
  for (int shift = 28; shift >= 0; shift -= 4) *at++ = kHex[(seconds >> shift) & 15];
  *at++ = '-';
  std::size_t digits = 0;
  for (char c : request_id.substr(9)) {
    if (c == '-') continue;
    if (kHex.find(base::to_lower(c)) == std::string_view::npos || ++digits > 24) return {};
    *at++ = base::to_lower(c);
  }
  if (digits != 24) return {};
  return arena.copy({text.data(), static_cast<std::size_t>(at - text.data())});
}

}  // namespace

bool same_header_to_cgi(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return base::to_lower(x) == base::to_lower(y) || (!is_plain(x) && !is_plain(y)) ||
                  (!is_plain(x) && y == '-') || (x == '-' && !is_plain(y));
         });
}

bool is_header_of_the_gateway(std::string_view name, bool rest, bool beside) noexcept {
  std::array<char, 64> room;
  const Header meant = with_dashes({name, {}, HeaderId::Other, false}, room);
  switch (fate(meant)) {
    case Fate::Pass:
      return rest && (is(meant, "x-amzn-apigateway-api-id") || is(meant, "x-amzn-trace-id"));
    case Fate::Address:
      return beside;
    case Fate::Drop:
    case Fate::Claim:
    case Fate::ForwardedFor:
      break;
  }
  return true;
}

bool forward_request_headers(const RequestForwarding& how, const http::RequestHead& request,
                             const http::ConnectionFacts& connection, base::Arena& arena, http::Headers& out) {
  const bool rest = how.api_type == access::ApiType::Rest;
  const bool keep_claims = rest && how.trusted_peer;
  const Header* forwarded_for = nullptr;  // the last line of that name
  bool traced = !rest;
  bool fits = true;
  for (const Header& header : request.headers) {
    if (how.mapped != nullptr && how.mapped->keep_out(header)) continue;
    if (stays_here(how.signing, header, rest)) continue;
    switch (fate(header)) {
      case Fate::Drop:
        continue;
      case Fate::Claim:
        if (keep_claims) fits = fits && out.add(header);
        continue;
      case Fate::Address:
        if (how.trusted_peer) fits = fits && out.add(header);
        continue;
      case Fate::ForwardedFor:
        if (!keep_claims) continue;
        if (forwarded_for != nullptr) fits = fits && out.add(*forwarded_for);
        forwarded_for = &header;
        continue;
      case Fate::Pass:
        break;
    }
    if ((rest && rest_drops(header)) || is_disguised(header, request.headers, rest)) continue;
    if (!traced && is(header, "x-amzn-trace-id")) traced = true;
    fits = fits && out.add(header);
  }
  if (forwarded_for != nullptr) {
    Header line = *forwarded_for;
    line.value = arena.join({line.value, ", ", connection.peer_text});
    fits = fits && out.add(line);
  }
  if (!rest) {
    const std::string_view value = forwarded_value(request, connection, how.trusted_peer, arena);
    return fits && out.add({"Forwarded", value, HeaderId::Forwarded, false});
  }
  if (!how.api_id.empty()) fits = fits && out.add({"X-Amzn-Apigateway-Api-Id", how.api_id, HeaderId::Other, false});
  if (!traced) {
    const std::string_view id = trace_id(how.request_id, how.time_unix_ms, arena);
    if (!id.empty()) fits = fits && out.add({"X-Amzn-Trace-Id", id, HeaderId::Other, false});
  }
  return fits;
}

}  // namespace gatehouse::integration
