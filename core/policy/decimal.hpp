#pragma once
#include <compare>
#include <optional>
#include <string_view>

namespace gatehouse::policy {

/// A decimal number by its digits, so that none is rounded: `10` equals `10.0`, and account numbers keep all twelve
/// digits. Views of the text it was read from.
struct Decimal {
  bool negative = false;
  std::string_view whole;     // without leading zeros
  std::string_view fraction;  // without trailing zeros

  /// `12`, `-0.5`, `+3.`; nothing for anything else, exponents among it. [any] No allocation.
  static std::optional<Decimal> parse(std::string_view text) noexcept;
  std::strong_ordering operator<=>(const Decimal& other) const noexcept;
  bool operator==(const Decimal& other) const noexcept { return std::is_eq(*this <=> other); }
};

}  // namespace gatehouse::policy
