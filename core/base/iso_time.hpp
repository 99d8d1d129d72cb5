#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::base {

/// `2026-01-15T10:15:30Z`, written into `room`. Times before 1970 and behind 9999 become the nearest of those. [any]
std::string_view iso_time(std::int64_t unix_seconds, std::array<char, 20>& room) noexcept;
/// The same as a text of its own.
std::string iso_time(std::int64_t unix_seconds);

}  // namespace gatehouse::base
