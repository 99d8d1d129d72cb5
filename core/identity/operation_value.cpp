#include "identity/operation_value.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace gatehouse::identity {

std::string iso_time(std::int64_t unix_seconds) {
  constexpr std::int64_t kLast = 253'402'300'799;  // 9999-12-31T23:59:59Z
  const std::int64_t seconds = std::clamp<std::int64_t>(unix_seconds, 0, kLast);
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{static_cast<int>(seconds / 86'400)}}};
  const auto of_day = static_cast<int>(seconds % 86'400);
  char room[80];
  std::snprintf(room, sizeof room, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), of_day / 3'600,
                of_day / 60 % 60, of_day % 60);
  return room;
}

}  // namespace gatehouse::identity
