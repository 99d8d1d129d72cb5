#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::base {

/// An IP address as 16 bytes; an IPv4 address stands in its IPv4-mapped form (::ffff:a.b.c.d), so that the two
/// spellings of one peer are one value.
struct IpAddress {
  std::array<unsigned char, 16> bytes{};

  bool is_v4() const noexcept;
  bool is_loopback() const noexcept;
  /// Dotted quad or RFC 5952 text.
  std::string text() const;
  /// RFC 4291 or dotted-quad text; nothing for anything else (octal, short forms, zones).
  static std::optional<IpAddress> parse(std::string_view text);
  static IpAddress v4(std::uint32_t host_order) noexcept;
  auto operator<=>(const IpAddress&) const = default;
};

/// A block of addresses. An IPv4 block's prefix counts from the IPv4 address; inside it is 96 more.
class IpNetwork {
 public:
  /// Bits behind the prefix: refused, since a typo must not widen a rule, or of no account.
  enum class HostBits : std::uint8_t { Refused, Ignored };
  /// `10.0.0.0/8`, `2001:db8::/32`, or one address.
  static std::optional<IpNetwork> parse(std::string_view text, HostBits host_bits = HostBits::Refused);
  bool contains(const IpAddress& address) const noexcept;
  /// Whether it holds IPv4 addresses only.
  bool is_v4() const noexcept { return bits_ >= 96 && base_.is_v4(); }

 private:
  IpAddress base_;
  int bits_ = 128;
};

}  // namespace gatehouse::base
