#pragma once
#include <cstdint>
#include <optional>

#include "gatehouse/kit/json.hpp"

namespace gatehouse::kit::jose {

/// A NumericDate (RFC 7519, section 2) as the first millisecond since 1970 that is not before it, so that comparisons
/// with a clock of milliseconds are exact. Read digit by digit, never through a double. Nothing unless it is a number
/// without a sign and not above 2^53 - 1 seconds, up to which all readers of JSON agree (RFC 7493, section 2.2; JW-23).
std::optional<std::int64_t> numeric_date_ms(const Json& value) noexcept;

}  // namespace gatehouse::kit::jose
