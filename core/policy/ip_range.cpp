#include "policy/ip_range.hpp"

#include <cstring>

#include "base/text.hpp"

namespace gatehouse::policy {

std::optional<base::IpAddress> parse_address(std::string_view text) noexcept {
  const std::size_t zone = text.find('%');
  if (zone != std::string_view::npos && text.find(':') < zone) text = text.substr(0, zone);
  return base::IpAddress::parse(text);
}

std::optional<IpRange> IpRange::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = base::IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  IpRange out;
  out.base_ = *address;
  if (slash != std::string_view::npos) {
    const bool dotted = text.substr(0, slash).find(':') == std::string_view::npos;
    const std::string_view digits = text.substr(slash + 1);
    const auto bits = base::parse_integer<unsigned>(digits);
    if (!bits || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0') || *bits > (dotted ? 32u : 128u))
      return std::nullopt;
    out.bits_ = static_cast<int>(*bits) + (dotted ? 96 : 0);
  }
  out.v4_ = address->is_v4() && out.bits_ >= 96;
  return out;
}

bool IpRange::contains(const base::IpAddress& address) const noexcept {
  if (address.is_v4() != v4_) return false;
  const auto whole = static_cast<std::size_t>(bits_ / 8);
  if (std::memcmp(address.bytes.data(), base_.bytes.data(), whole) != 0) return false;
  if (bits_ % 8 == 0) return true;
  const auto mask = static_cast<unsigned char>(0xff << (8 - bits_ % 8));
  return (address.bytes[whole] & mask) == (base_.bytes[whole] & mask);
}

}  // namespace gatehouse::policy
