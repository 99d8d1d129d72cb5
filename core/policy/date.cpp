#include "policy/date.hpp"

#include <chrono>

#include "base/text.hpp"

namespace gatehouse::policy {
namespace {

/// Takes exactly `digits` digits off the front of `text`.
bool take(std::string_view& text, std::size_t digits, unsigned& value) noexcept {
  if (text.size() < digits) return false;
  value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!base::is_digit(text[i])) return false;
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char c) noexcept {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

/// `Z` or `+hh:mm`, all that is left of `text`; seconds east of Greenwich.
bool zone(std::string_view text, std::int64_t& seconds) noexcept {
  if (text == "Z") return true;
  const bool west = !text.empty() && text[0] == '-';
  unsigned hours = 0, minutes = 0;
  if (!take(text, west ? '-' : '+') || !take(text, 2, hours) || !take(text, ':') || !take(text, 2, minutes))
    return false;
  if (!text.empty() || hours > 23 || minutes > 59) return false;
  seconds = (west ? -1 : 1) * static_cast<std::int64_t>(hours * 3600 + minutes * 60);
  return true;
}

}  // namespace

std::optional<Instant> parse_date(std::string_view text) noexcept {
  if (text.size() != 4 && text.find_first_not_of("0123456789") == std::string_view::npos) {
    const auto seconds = base::parse_integer<std::int64_t>(text);
    if (!seconds) return std::nullopt;
    return Instant{*seconds, 0};
  }
  unsigned year = 0, month = 1, day = 1, hours = 0, minutes = 0, seconds = 0;
  if (!take(text, 4, year)) return std::nullopt;
  if (!text.empty() && (!take(text, '-') || !take(text, 2, month))) return std::nullopt;
  const bool to_the_month = text.empty();
  if (!to_the_month && (!take(text, '-') || !take(text, 2, day))) return std::nullopt;
  Instant out;
  std::int64_t east = 0;
  if (!text.empty()) {
    if (!take(text, 'T') || !take(text, 2, hours) || !take(text, ':') || !take(text, 2, minutes)) return std::nullopt;
    if (take(text, ':')) {
      if (!take(text, 2, seconds)) return std::nullopt;
      if (take(text, '.')) {
        std::uint32_t unit = 100'000'000;
        if (text.empty() || !base::is_digit(text[0])) return std::nullopt;
        for (; !text.empty() && base::is_digit(text[0]); text.remove_prefix(1), unit /= 10)
          out.nanoseconds += unit * static_cast<std::uint32_t>(text[0] - '0');
      }
    }
    if (!zone(text, east)) return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok() || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  out.unix_seconds = static_cast<std::int64_t>(days) * 86400 + hours * 3600 + minutes * 60 + seconds - east;
  return out;
}

}  // namespace gatehouse::policy
