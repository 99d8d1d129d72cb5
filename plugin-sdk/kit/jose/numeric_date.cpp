#include "numeric_date.hpp"

#include <algorithm>
#include <string_view>

namespace gatehouse::kit::jose {

std::optional<std::int64_t> numeric_date_ms(const Json& value) noexcept {
  if (value.kind != Json::Kind::Number) return std::nullopt;
  constexpr std::int64_t kMost = ((std::int64_t{1} << 53) - 1) * 1000;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string_view text = value.text;
  const std::size_t mantissa = std::min(text.find_first_of("eE"), text.size());

  std::int64_t exponent = 0;
  if (mantissa < text.size()) {
    std::size_t i = mantissa + 1;
    const bool minus = i < text.size() && text[i] == '-';
    if (minus || (i < text.size() && text[i] == '+')) ++i;
    if (i == text.size()) return std::nullopt;
    constexpr std::int64_t kBeyond = 1'000'000'000;  // more than any text of digits can make up for
    for (; i < text.size(); ++i) {
      if (!is_digit(text[i])) return std::nullopt;
      exponent = std::min(exponent * 10 + (text[i] - '0'), kBeyond);
    }
    if (minus) exponent = -exponent;
  }

  const std::size_t point = std::min(text.find('.'), mantissa);
  if (point == 0) return std::nullopt;
  // Digits that stand before the point when the number counts milliseconds.
  const std::int64_t whole = static_cast<std::int64_t>(point) + exponent + 3;
  std::int64_t ms = 0, place = 0;
  bool more = false;
  for (std::size_t i = 0; i < mantissa; ++i) {
    if (i == point) continue;
    if (!is_digit(text[i])) return std::nullopt;
    const int digit = text[i] - '0';
    if (place++ >= whole) {
      more |= digit != 0;
      continue;
    }
    if (ms > (kMost - digit) / 10) return std::nullopt;
    ms = ms * 10 + digit;
  }
  for (; place < whole && ms != 0; ++place) {
    if (ms > kMost / 10) return std::nullopt;
    ms *= 10;
  }
  if (more && ++ms > kMost) return std::nullopt;
  return ms;
}

}  // namespace gatehouse::kit::jose
