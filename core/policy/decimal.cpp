#include "policy/decimal.hpp"

namespace gatehouse::policy {

std::optional<Decimal> Decimal::parse(std::string_view text) noexcept {
  Decimal out;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    out.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::size_t point = text.find('.');
  out.whole = text.substr(0, point);
  if (point != std::string_view::npos) out.fraction = text.substr(point + 1);
  if (out.whole.empty() && out.fraction.empty()) return std::nullopt;
  if (out.whole.find_first_not_of("0123456789") != std::string_view::npos ||
      out.fraction.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  while (!out.whole.empty() && out.whole.front() == '0') out.whole.remove_prefix(1);
  while (!out.fraction.empty() && out.fraction.back() == '0') out.fraction.remove_suffix(1);
  if (out.whole.empty() && out.fraction.empty()) out.negative = false;
  return out;
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const noexcept {
  if (negative != other.negative) return negative ? std::strong_ordering::less : std::strong_ordering::greater;
  std::strong_ordering out = whole.size() <=> other.whole.size();
  if (std::is_eq(out)) out = whole <=> other.whole;
  if (std::is_eq(out)) out = fraction <=> other.fraction;  // digits behind the point sort as texts do
  if (!negative || std::is_eq(out)) return out;
  return std::is_lt(out) ? std::strong_ordering::greater : std::strong_ordering::less;
}

}  // namespace gatehouse::policy
