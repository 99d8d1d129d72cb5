#include "gateway/forwarded.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gatehouse::gateway {
namespace {

bool is_trusted(const base::IpAddress& address, const std::vector<base::IpNetwork>& trusted) {
  for (const base::IpNetwork& network : trusted)
    if (network.contains(address)) return true;
  return false;
}

// `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]:80`.
std::optional<base::IpAddress> parse_node(std::string_view text) {
  text = base::trim(text);
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    return close == std::string_view::npos ? std::nullopt : base::IpAddress::parse(text.substr(1, close - 1));
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos)
    text = text.substr(0, colon);
  return base::IpAddress::parse(text);
}

/// Separators inside quotes are text. From either side the same, as long as quotes are even and nothing is escaped.
bool is_quoted_well(std::string_view value) {
  return std::count(value.begin(), value.end(), '"') % 2 == 0 && value.find('\\') == std::string_view::npos;
}

/// Takes the last element off a list, without its comma.
std::string_view take_last(std::string_view& list) {
  bool quoted = false;
  std::size_t at = list.size();
  while (at != 0 && (quoted || list[at - 1] != ',')) quoted = (list[--at] == '"') != quoted;
  const std::string_view element = list.substr(at);
  list = list.substr(0, at == 0 ? 0 : at - 1);
  return element;
}

/// The `for` of one element of Forwarded; empty when it has none. False: more than one.
bool forwarded_for(std::string_view element, std::string_view& out) {
  out = {};
  while (!element.empty()) {
    bool quoted = false;
    std::size_t end = 0;
    for (; end < element.size() && (quoted || element[end] != ';'); ++end) quoted = (element[end] == '"') != quoted;
    const std::string_view pair = base::trim(element.substr(0, end));
    if (pair.size() > 4 && base::equal_ignoring_case(pair.substr(0, 4), "for=")) {
      if (!out.empty()) return false;
      out = pair.substr(4);
      if (out.size() > 2 && out.front() == '"' && out.back() == '"') out = out.substr(1, out.size() - 2);
    }
    element.remove_prefix(std::min(end + 1, element.size()));
  }
  return true;
}

}  // namespace

SourceAddress source_address(const base::IpAddress& peer, const http::Headers& headers,
                             const std::vector<base::IpNetwork>& trusted) {
  SourceAddress out{peer, is_trusted(peer, trusted), false};
  if (!out.peer_trusted) return out;
  // A proxy writes one of the two. What stands in the other may be the client's own word: believing either is a guess.
  if (headers.find(http::HeaderId::XForwardedFor) != nullptr && headers.find(http::HeaderId::Forwarded) != nullptr) {
    out.malformed = true;
    return out;
  }
  const http::HeaderId id = headers.find(http::HeaderId::XForwardedFor) != nullptr ? http::HeaderId::XForwardedFor
                                                                                   : http::HeaderId::Forwarded;
  // Lines and their elements from the right: the nearest proxy wrote last.
  for (std::size_t line = headers.size(); line-- > 0;) {
    const http::Header& header = headers.all()[line];
    if (header.id != id) continue;
    std::string_view rest = header.value;
    if (!is_quoted_well(rest)) {
      out.malformed = true;
      return out;
    }
    while (!rest.empty()) {
      std::string_view element = base::trim(take_last(rest));
      if (element.empty()) continue;  // RFC 9110, 5.6.1: empty list elements count for nothing
      if (id == http::HeaderId::Forwarded) {
        if (!forwarded_for(element, element)) {
          out.malformed = true;
          return out;
        }
        if (element.empty()) return out;  // a hop that does not say for whom: nothing before it is vouched for
      }
      const auto address = parse_node(element);
      if (!address) {
        out.malformed = true;
        return out;
      }
      out.address = *address;
      if (!is_trusted(*address, trusted)) return out;
    }
  }
  return out;
}

}  // namespace gatehouse::gateway
