#include "gateway/forwarded.hpp"

#include <array>

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

// The `for` of one element of Forwarded; empty when it has none.
std::string_view forwarded_for(std::string_view element) {
  while (!element.empty()) {
    const std::size_t end = std::min(element.find(';'), element.size());
    const std::string_view pair = base::trim(element.substr(0, end));
    if (pair.size() > 4 && base::equal_ignoring_case(pair.substr(0, 4), "for=")) {
      std::string_view value = pair.substr(4);
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
      return value;
    }
    element.remove_prefix(std::min(end + 1, element.size()));
  }
  return {};
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
    while (!rest.empty()) {
      const std::size_t comma = rest.rfind(',');
      std::string_view element = comma == std::string_view::npos ? rest : rest.substr(comma + 1);
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
      element = base::trim(element);
      if (element.empty()) continue;  // RFC 9110, 5.6.1: empty list elements count for nothing
      if (id == http::HeaderId::Forwarded) {
        element = forwarded_for(element);
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
