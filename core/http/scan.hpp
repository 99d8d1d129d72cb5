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
/// What names are made of: letters, digits and '-'.
constexpr bool is_plain_byte(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
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

/// `plain` becomes false when a byte passed is none of letters, digits and '-'.
inline const char* find_not_token(const char* at, const char* end, bool& plain) noexcept {
#if defined(__SSE2__)
  // Letters, digits and '-' are what names are made of; a rarer byte is left to the table.
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i letter = _mm_sub_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    const __m128i digit = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    const __m128i good = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter),
                                                   _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit)),
                                      _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-')));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(good)) ^ 0xFFFFU;
    if (mask == 0) {
      at += 16;
      continue;
    }
    at += std::countr_zero(mask);
    if (!is_token_byte(*at)) return at;
    plain = false;
    ++at;
  }
#endif
  for (; at != end && is_token_byte(*at); ++at) plain = plain && is_plain_byte(*at);
  return at;
}

/// `floor`: bytes from here on may be read, so that the last few before `end` need no loop of their own.
inline const char* find_control(const char* at, const char* end, [[maybe_unused]] const char* floor) noexcept {
#if defined(__SSE2__)
  const auto stops = [](const char* from) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F)))));
  };
  while (end - at >= 16) {
    const unsigned mask = stops(at);
    if (mask == 0) {
      at += 16;
      continue;
    }
    at += std::countr_zero(mask);
    if (*at != '\t') return at;
    ++at;
  }
  if (end - floor >= 16) {
    for (unsigned mask = stops(end - 16) >> (16 - (end - at)); mask != 0; mask = mask >> 1) {
      const int skip = std::countr_zero(mask);
      at += skip;
      if (*at != '\t') return at;
      mask >>= skip;
      ++at;
    }
    return end;
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
