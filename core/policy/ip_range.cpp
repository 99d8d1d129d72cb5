#include "policy/ip_range.hpp"

namespace gatehouse::policy {

std::optional<base::IpAddress> parse_address(std::string_view text) noexcept {
  const std::size_t zone = text.find('%');
  if (zone != std::string_view::npos && text.find(':') < zone) text = text.substr(0, zone);
  return base::IpAddress::parse(text);
}

std::optional<IpRange> IpRange::parse(std::string_view text) {
  const auto network = base::IpNetwork::parse(text, base::IpNetwork::HostBits::Ignored);
  return network ? std::optional(IpRange(*network)) : std::nullopt;
}

bool IpRange::contains(const base::IpAddress& address) const noexcept {
  return v4_ == address.is_v4() && network_.contains(address);
}

}  // namespace gatehouse::policy
