#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What a scalar's text means. Strict: one spelling each, no YAML 1.1 words, no octal, no exponents in counts.
namespace gatehouse::config {

/// What YAML's core schema makes of a plain scalar, with the spellings that people read in two ways set apart.
enum class PlainKind : std::uint8_t { Null, Bool, Number, Text, Doubtful };
/// Number: a JSON number. Doubtful: `True`, `0x1F`, `007`, `+1`, `.5`, `.inf`: the core schema has a meaning for it
/// that another reader may not share.
PlainKind plain_kind(std::string_view text) noexcept;

/// `true` or `false`.
std::optional<bool> parse_bool(std::string_view text) noexcept;
/// Decimal digits without leading zeros; a minus in front.
std::optional<std::int64_t> parse_count(std::string_view text) noexcept;
/// `500ms`, `10s`, `5m`, `2h`: whole numbers, unit written. Milliseconds.
std::optional<std::int64_t> parse_duration_ms(std::string_view text) noexcept;
/// `10485760`, `64KiB`, `10MiB`, `1GiB`. Bytes.
std::optional<std::int64_t> parse_size(std::string_view text) noexcept;

/// The shortest of those spellings that is exact.
std::string duration_text(std::int64_t ms);
std::string size_text(std::int64_t bytes);

}  // namespace gatehouse::config
