#pragma once
#include <array>
#include <bit>
#include <string_view>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Finding the first byte that does not belong, sixteen at a time where the machine can. This room's own.
namespace gatehouse::http::scan {

/// RFC 9110, 5.6.2.
inline constexpr auto kTokenBytes = [] {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();
constexpr bool is_token_byte(char c) noexcept {
  return kTokenBytes[static_cast<unsigned char>(c)];
}
constexpr bool is_token(std::string_view text) noexcept {
  for (const char c : text)
    if (!is_token_byte(c)) return false;
  return !text.empty();
}

/// A byte that no field value and no reason phrase holds: a control byte other than HTAB.
constexpr bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7F;
}
/// A byte that a request target may hold. A fragment is not part of one, so neither is `#`.
constexpr bool is_target_byte(char c) noexcept {
  return c > 0x20 && c < 0x7F && c != '#';
}

inline const char* find_not_token(const char* at, const char* end) noexcept {
  while (end - at >= 4) {
    if (!is_token_byte(at[0])) return at;
    if (!is_token_byte(at[1])) return at + 1;
    if (!is_token_byte(at[2])) return at + 2;
    if (!is_token_byte(at[3])) return at + 3;
    at += 4;
  }
  while (at != end && is_token_byte(*at)) ++at;
  return at;
}

inline const char* find_control(const char* at, const char* end) noexcept {
#if defined(__SSE2__)
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    const __m128i bad = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')), low),
                                     _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F)));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(bad));
    if (mask != 0) return at + std::countr_zero(mask);
    at += 16;
  }
#endif
  while (at != end && !is_control(*at)) ++at;
  return at;
}

inline const char* find_not_target(const char* at, const char* end) noexcept {
#if defined(__SSE2__)
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // Signed: 0x80 and above are below 0x21, too.
    const __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x21));
    const __m128i bad = _mm_or_si128(
        low, _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F)), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('#'))));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(bad));
    if (mask != 0) return at + std::countr_zero(mask);
    at += 16;
  }
#endif
  while (at != end && is_target_byte(*at)) ++at;
  return at;
}

}  // namespace gatehouse::http::scan
