#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::policy {

struct Instant {
  std::int64_t unix_seconds = 0;
  std::uint32_t nanoseconds = 0;
  auto operator<=>(const Instant&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 sees a 0 in it
};

/// A date of a policy or a request: the W3C profile of ISO 8601 (`2026`, `2026-11`, `2026-11-26`,
/// `2026-11-26T09:30Z`, `2026-11-26T09:30:00.5+02:00`) or Unix seconds, digits only; four digits are a year. Digits of
/// the fraction behind the ninth are dropped. Nothing for anything else, days that no calendar has among it.
/// [any] No allocation. Source: spec iam-policy 4.2.
std::optional<Instant> parse_date(std::string_view text) noexcept;

}  // namespace gatehouse::policy
