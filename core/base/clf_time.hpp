#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::base {

/// `22/Nov/2026:09:30:00 +0000`, the time of the common log format, written into `room`. Years of four digits. [any]
std::string_view clf_time(std::int64_t unix_seconds, std::array<char, 26>& room) noexcept;

}  // namespace gatehouse::base
