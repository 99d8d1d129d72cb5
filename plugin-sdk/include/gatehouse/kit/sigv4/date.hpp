#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::kit::sigv4 {

/// `20260115T101530Z`, and nothing else: seconds since 1970. Nothing when it is no such moment.
std::optional<std::int64_t> parse_basic(std::string_view text) noexcept;
/// `Thu, 15 Jan 2026 10:15:30 GMT` (RFC 9110, section 5.6.7, the preferred form), letter by letter.
std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept;
/// Seconds since 1970 as `20260115T101530Z`. Years 1 to 9999.
std::string basic(std::int64_t unix_s);

}  // namespace gatehouse::kit::sigv4
