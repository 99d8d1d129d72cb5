#pragma once
#include <optional>
#include <string_view>

#include "base/ip.hpp"

namespace gatehouse::policy {

/// An address of a request: IPv4-mapped IPv6 is IPv4, a zone id is dropped. [any] Source: spec iam-policy 4.2.
std::optional<base::IpAddress> parse_address(std::string_view text) noexcept;

/// A block of addresses as policies write it: host bits may be set and do not count, one address alone is a block of
/// one. Blocks of one family have no members of the other, `::/0` none of IPv4.
class IpRange {
 public:
  static std::optional<IpRange> parse(std::string_view text);
  bool contains(const base::IpAddress& address) const noexcept;

 private:
  explicit IpRange(const base::IpNetwork& network) : network_(network), v4_(network.is_v4()) {}
  base::IpNetwork network_;
  bool v4_;
};

}  // namespace gatehouse::policy
