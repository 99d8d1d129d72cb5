#pragma once
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Small things about texts that several rooms need. ASCII only, no locale, no allocation unless a string is returned.
namespace gatehouse::base {

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// What a hexadecimal digit stands for; -1 when it is none.
constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char letter = to_lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// Equal but for the case of ASCII letters.
constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  return true;
}
std::string lower(std::string_view text);

/// Without blanks and tabs at either end.
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// A whole decimal number without sign, blank or leading plus; nothing when it is not one or does not fit.
template <class Integer>
std::optional<Integer> parse_integer(std::string_view text) noexcept {
  Integer value{};
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || at != end || text.empty()) return std::nullopt;
  return value;
}

/// True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
bool is_utf8(std::string_view text) noexcept;

/// The length of the well-formed UTF-8 sequence that starts at `at` (below text.size()), or 0.
std::size_t utf8_sequence(std::string_view text, std::size_t at) noexcept;

/// Takes off the front of `text` (not empty) as much as stands in a JSON string as it is, or else one byte, and gives
/// what to write for it: a view of `text`, of `escape`, or a constant. Bytes that are not UTF-8 become U+FFFD, one
/// each. For who writes JSON into memory of its own. [any]
std::string_view next_json_piece(std::string_view& text, std::array<char, 8>& escape) noexcept;

/// Appends `text` as the inside of a JSON string (RFC 8259, section 7). Bytes that are not UTF-8 become U+FFFD, so
/// that a log line is valid whatever a client sent.
void append_json_escaped(std::string& out, std::string_view text);
/// The same with quotes around it.
void append_json_string(std::string& out, std::string_view text);

/// The candidate nearest to `word` (edit distance at most 2), for "did you mean"; empty when none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

std::string hex(std::string_view bytes);

}  // namespace gatehouse::base
