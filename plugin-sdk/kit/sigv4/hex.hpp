#pragma once
#include <array>
#include <string>
#include <string_view>

namespace gatehouse::kit::sigv4 {

/// What is never percent-encoded (RFC 3986, section 2.3).
inline constexpr std::array<bool, 256> kUnreserved = [] {
  std::array<bool, 256> out{};
  for (unsigned c = 'a'; c <= 'z'; ++c) out[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) out[c] = true;
  for (unsigned c = '0'; c <= '9'; ++c) out[c] = true;
  for (const unsigned char c : {'-', '.', '_', '~'}) out[c] = true;
  return out;
}();
inline bool is_unreserved(char c) noexcept {
  return kUnreserved[static_cast<unsigned char>(c)];
}

/// -1: none.
inline int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/// The byte of the escape at `at`, which is well-formed.
inline char escaped_byte(std::string_view text, std::size_t at) noexcept {
  const auto digit = [&](std::size_t i) { return static_cast<unsigned>(hex_digit(text[i])); };
  return static_cast<char>(digit(at + 1) << 4 | digit(at + 2));
}

inline void append_escape(std::string& out, char c) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  const char escape[3] = {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  out.append(escape, sizeof escape);
}

}  // namespace gatehouse::kit::sigv4
