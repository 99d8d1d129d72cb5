#pragma once
#include <vector>

#include "base/ip.hpp"
#include "http/headers.hpp"

namespace gatehouse::gateway {

/// Who the caller is when proxies that we trust stand between (AT-96).
struct SourceAddress {
  base::IpAddress address;
  bool peer_trusted = false;  // the peer is a trusted proxy: its X-Forwarded-* and Forwarded may be kept
  bool malformed = false;     // a trusted proxy vouched for no address, or in two headers at once: refuse
};

/// Walks X-Forwarded-For (else Forwarded's `for`, RFC 7239) from its right end: as long as the address at hand is a
/// trusted proxy's, the one before it is believed. Without trusted proxies the peer is the answer, whatever a header
/// says.
SourceAddress source_address(const base::IpAddress& peer, const http::Headers& headers,
                             const std::vector<base::IpNetwork>& trusted);

}  // namespace gatehouse::gateway
