#include "base/iso_time.hpp"

#include <algorithm>
#include <chrono>

namespace gatehouse::base {

std::string_view iso_time(std::int64_t unix_seconds, std::array<char, 20>& room) noexcept {
  constexpr std::int64_t kLast = 253'402'300'799, kDay = 86'400;  // 9999-12-31T23:59:59Z
  const std::int64_t seconds = std::clamp<std::int64_t>(unix_seconds, 0, kLast);
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{static_cast<int>(seconds / kDay)}}};
  const auto of_day = static_cast<unsigned>(seconds % kDay);
  char* at = room.data();
  const auto put = [&](unsigned value, unsigned digits, char behind) {
    for (unsigned i = digits; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
    at[digits] = behind;
    at += digits + 1;
  };
  put(static_cast<unsigned>(static_cast<int>(date.year())), 4, '-');
  put(static_cast<unsigned>(date.month()), 2, '-');
  put(static_cast<unsigned>(date.day()), 2, 'T');
  put(of_day / 3'600, 2, ':');
  put(of_day / 60 % 60, 2, ':');
  put(of_day % 60, 2, 'Z');
  return {room.data(), room.size()};
}

std::string iso_time(std::int64_t unix_seconds) {
  std::array<char, 20> room;
  return std::string(iso_time(unix_seconds, room));
}

}  // namespace gatehouse::base
