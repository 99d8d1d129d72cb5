#include "base/clf_time.hpp"

#include <ctime>

namespace gatehouse::base {

std::string_view clf_time(std::int64_t unix_seconds, std::array<char, 26>& room) noexcept {
  static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t when = unix_seconds;
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  char* at = room.data();
  const auto two = [&at](int v, char behind) {
    *at++ = static_cast<char>('0' + v / 10 % 10);
    *at++ = static_cast<char>('0' + v % 10);
    if (behind != 0) *at++ = behind;
  };
  two(parts.tm_mday, '/');
  for (const char c : kMonths[parts.tm_mon]) *at++ = c;
  *at++ = '/';
  two((parts.tm_year + 1900) / 100, 0);
  two((parts.tm_year + 1900) % 100, ':');
  two(parts.tm_hour, ':');
  two(parts.tm_min, ':');
  two(parts.tm_sec, ' ');
  for (const char c : std::string_view("+0000")) *at++ = c;
  return {room.data(), room.size()};
}

}  // namespace gatehouse::base
