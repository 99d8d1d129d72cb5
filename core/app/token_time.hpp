#pragma once
#include <cstdint>
#include <gatehouse/kit/json.hpp>
#include <optional>
#include <string>
#include <string_view>

// Times of tokens as people write and read them. Milliseconds since 1970.
namespace gatehouse::app {

/// `--now`: Unix seconds, with up to three digits of a fraction, or RFC 3339 (`2026-11-26T09:30:00Z`). Up to the year
/// 9999.
std::optional<std::int64_t> parse_now(std::string_view text) noexcept;
/// A whole number with `s`, `m`, `h` or `d` behind it, or of seconds: in seconds, from 1 on, of at most 100 years.
std::optional<std::int64_t> parse_span(std::string_view text) noexcept;

/// The time that a claim names, by the reader that the checks use; nothing when it is none.
std::optional<std::int64_t> time_of(const kit::Json& value);

/// `2026-11-26T09:30:00Z`.
std::string utc(std::int64_t ms);
/// `45 s`, `12 min`, `3 h`, `5 d`, `2 y`: no more exact than it has to be.
std::string span(std::int64_t ms);
/// `3 h ago`, `in 3 h`, `now`.
std::string distance(std::int64_t ms, std::int64_t now_ms);

}  // namespace gatehouse::app
