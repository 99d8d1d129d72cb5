#include "app/token_time.hpp"

#include <gatehouse/kit/jose/claims.hpp>

#include <cstdio>
#include <ctime>

#include "base/text.hpp"
#include "policy/date.hpp"

namespace gatehouse::app {
namespace {

constexpr std::int64_t kYear10000 = 253'402'300'800;

}  // namespace

std::optional<std::int64_t> parse_now(std::string_view text) noexcept {
  std::optional<std::int64_t> seconds, ms = 0;
  const std::size_t point = text.find('.');
  if (text.find('T') != std::string_view::npos) {
    const auto instant = policy::parse_date(text);
    if (!instant) return std::nullopt;
    seconds = instant->unix_seconds;
    ms = instant->nanoseconds / 1'000'000;
  } else {
    seconds = base::parse_integer<std::int64_t>(text.substr(0, point));
    if (point != std::string_view::npos) {
      const std::string_view fraction = text.substr(point + 1);
      ms = fraction.size() <= 3 ? base::parse_integer<std::int64_t>(fraction) : std::nullopt;
      for (std::size_t digits = fraction.size(); ms && digits < 3; ++digits) *ms *= 10;
    }
  }
  if (!seconds || !ms || *seconds < 0 || *ms < 0 || *seconds >= kYear10000) return std::nullopt;
  return *seconds * 1000 + *ms;
}

std::optional<std::int64_t> parse_span(std::string_view text) noexcept {
  std::int64_t unit = 1;
  if (!text.empty() && !base::is_digit(text.back())) {
    switch (text.back()) {
      case 's':
        break;
      case 'm':
        unit = 60;
        break;
      case 'h':
        unit = 3600;
        break;
      case 'd':
        unit = 86'400;
        break;
      default:
        return std::nullopt;
    }
    text.remove_suffix(1);
  }
  constexpr std::int64_t kMost = 100LL * 366 * 86'400;
  const auto count = base::parse_integer<std::int64_t>(text);
  if (!count || *count < 1 || *count > kMost / unit) return std::nullopt;
  return *count * unit;
}

std::optional<std::int64_t> time_of(const kit::Json& value) {
  kit::Json claims;
  claims.kind = kit::Json::Kind::Object;
  claims.names = {"exp"};
  claims.children = {value};
  // Every time is later than one before 1970.
  if (!kit::jose::check_times(claims, -1, 0)) return std::nullopt;
  return kit::jose::expiry_ms(claims, 0);
}

std::string utc(std::int64_t ms) {
  if (ms < 0) return "before 1970";
  const std::int64_t seconds = ms / 1000;
  if (seconds >= kYear10000) return "after the year 9999";
  const std::time_t time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char room[64];
  std::size_t size = std::strftime(room, sizeof room, "%Y-%m-%dT%H:%M:%S", &parts);
  if (ms % 1000 != 0)
    size += static_cast<std::size_t>(std::snprintf(room + size, 8, ".%03d", static_cast<int>(ms % 1000)));
  return std::string(room, size) + "Z";
}

std::string span(std::int64_t ms) {
  const std::int64_t s = ms / 1000;
  const auto text = [](std::int64_t n, const char* unit) { return std::to_string(n) + " " + unit; };
  if (ms < 1000) return text(ms, "ms");
  if (s < 120) return text(s, "s");
  if (s < 120 * 60) return text(s / 60, "min");
  if (s < 48 * 3600) return text(s / 3600, "h");
  if (s < 730LL * 86'400) return text(s / 86'400, "d");
  return text(s / (365LL * 86'400 + 6 * 3600), "y");
}

std::string distance(std::int64_t ms, std::int64_t now_ms) {
  if (ms == now_ms) return "now";
  return ms < now_ms ? span(now_ms - ms) + " ago" : "in " + span(ms - now_ms);
}

}  // namespace gatehouse::app
