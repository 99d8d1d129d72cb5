#include "config/scalar.hpp"

#include <array>
#include <limits>
#include <utility>

#include "base/text.hpp"

namespace gatehouse::config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};
constexpr std::array<Unit, 4> kDurations{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 4> kSizes{{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}}};

std::size_t digits(std::string_view text, std::size_t at) noexcept {
  const std::size_t from = at;
  while (at < text.size() && base::is_digit(text[at])) ++at;
  return at - from;
}

bool is_json_number(std::string_view text) noexcept {
  std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  const std::size_t whole = digits(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return false;
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = digits(text, at + 1);
    if (fraction == 0) return false;
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = digits(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return at == text.size();
}

bool is_core_number(std::string_view text) noexcept {
  if (text.starts_with("0x"))
    return text.size() > 2 && text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
  if (text.starts_with("0o")) return text.size() > 2 && text.find_first_not_of("01234567", 2) == std::string_view::npos;
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const std::string_view rest = text.substr(at);
  if (rest == ".inf" || rest == ".Inf" || rest == ".INF") return true;
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  const std::size_t whole = digits(text, at);
  at += whole;
  std::size_t fraction = 0;
  if (at < text.size() && text[at] == '.') {
    fraction = digits(text, at + 1);
    at += 1 + fraction;
  }
  if (whole + fraction == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = digits(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return at == text.size();
}

template <std::size_t N>
std::optional<std::int64_t> parse_with_unit(std::string_view text, const std::array<Unit, N>& units) noexcept {
  const std::size_t n = digits(text, 0);
  const auto value = parse_count(text.substr(0, n));
  if (!value) return std::nullopt;
  for (const Unit& unit : units) {
    if (text.substr(n) != unit.name) continue;
    if (*value > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
    return *value * unit.factor;
  }
  return std::nullopt;
}

template <std::size_t N>
std::string with_unit(std::int64_t value, const std::array<Unit, N>& units) {
  for (const Unit& unit : units)
    if (value != 0 && value % unit.factor == 0) return std::to_string(value / unit.factor).append(unit.name);
  return std::to_string(value).append(units.back().name);
}

}  // namespace

PlainKind plain_kind(std::string_view text) noexcept {
  if (text.empty() || text == "~" || text == "null") return PlainKind::Null;
  if (text == "true" || text == "false") return PlainKind::Bool;
  if (is_json_number(text)) return PlainKind::Number;
  for (const std::string_view word : {"Null", "NULL", "True", "TRUE", "False", "FALSE"})
    if (text == word) return PlainKind::Doubtful;
  return is_core_number(text) ? PlainKind::Doubtful : PlainKind::Text;
}

std::optional<bool> parse_bool(std::string_view text) noexcept {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_count(std::string_view text) noexcept {
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.size() > sign + 1 && text[sign] == '0') return std::nullopt;
  return base::parse_integer<std::int64_t>(text);
}

std::optional<std::int64_t> parse_duration_ms(std::string_view text) noexcept {
  return parse_with_unit(text, kDurations);
}

std::optional<std::int64_t> parse_size(std::string_view text) noexcept {
  return parse_with_unit(text, kSizes);
}

std::string duration_text(std::int64_t ms) {
  return with_unit(ms, kDurations);
}

std::string size_text(std::int64_t bytes) {
  return with_unit(bytes, kSizes);
}

}  // namespace gatehouse::config
