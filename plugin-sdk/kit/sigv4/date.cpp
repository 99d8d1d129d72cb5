#include <gatehouse/kit/sigv4/date.hpp>

#include <cstdio>

namespace gatehouse::kit::sigv4 {

namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view kDays = "ThuFriSatSunMonTueWed";  // 1970 began on a Thursday

/// Digits only; -1 otherwise.
int number(std::string_view text, std::size_t at, std::size_t size) noexcept {
  int out = 0;
  for (std::size_t i = at; i < at + size; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    out = out * 10 + (text[i] - '0');
  }
  return out;
}

/// Days from 1970-01-01 of the Gregorian calendar.
std::int64_t days_of(int year, int month, int day) noexcept {
  const std::int64_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

std::optional<std::int64_t> moment(int year, int month, int day, int hour, int minute, int second) noexcept {
  if (year < 1 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 59)
    return std::nullopt;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const int last = month == 2 ? (leap ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  if (day > last) return std::nullopt;
  return days_of(year, month, day) * 86'400 + hour * 3'600 + minute * 60 + second;
}

}  // namespace

std::optional<std::int64_t> parse_basic(std::string_view t) noexcept {
  if (t.size() != 16 || t[8] != 'T' || t[15] != 'Z') return std::nullopt;
  return moment(number(t, 0, 4), number(t, 4, 2), number(t, 6, 2), number(t, 9, 2), number(t, 11, 2), number(t, 13, 2));
}

std::optional<std::int64_t> parse_http_date(std::string_view t) noexcept {
  if (t.size() != 29 || t.substr(3, 2) != ", " || t[7] != ' ' || t[11] != ' ' || t[16] != ' ' || t[19] != ':' ||
      t[22] != ':' || t.substr(25) != " GMT")
    return std::nullopt;
  const std::size_t month = kMonths.find(t.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const auto out = moment(number(t, 12, 4), static_cast<int>(month / 3) + 1, number(t, 5, 2), number(t, 17, 2),
                          number(t, 20, 2), number(t, 23, 2));
  if (!out) return out;
  const std::int64_t days = *out >= 0 ? *out / 86'400 : (*out - 86'399) / 86'400;
  const auto weekday = static_cast<std::size_t>((days % 7 + 7) % 7);
  return kDays.substr(weekday * 3, 3) == t.substr(0, 3) ? out : std::nullopt;
}

std::string basic(std::int64_t unix_s) {
  const std::int64_t days = unix_s >= 0 ? unix_s / 86'400 : (unix_s - 86'399) / 86'400;
  const std::int64_t rest = unix_s - days * 86'400;
  const std::int64_t z = days + 719'468, era = (z >= 0 ? z : z - 146'096) / 146'097, of_era = z - era * 146'097;
  const std::int64_t year_of_era = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * of_year + 2) / 153, day = of_year - (153 * shifted + 2) / 5 + 1;
  const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  char room[64];
  const int size =
      std::snprintf(room, sizeof room, "%04lld%02lld%02lldT%02lld%02lld%02lldZ", static_cast<long long>(year),
                    static_cast<long long>(month), static_cast<long long>(day), static_cast<long long>(rest / 3'600),
                    static_cast<long long>(rest / 60 % 60), static_cast<long long>(rest % 60));
  return {room, static_cast<std::size_t>(size)};
}

}  // namespace gatehouse::kit::sigv4
