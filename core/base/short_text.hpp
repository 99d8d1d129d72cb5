#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/arena.hpp"

/// Short texts without a call or a loop over bytes: names and values of a few letters, as headers and plugins have
/// them.
namespace gatehouse::base {

inline std::uint64_t load8(const char* at) noexcept {
  std::uint64_t word;
  std::memcpy(&word, at, 8);
  return word;
}
inline std::uint64_t load4(const char* at) noexcept {
  std::uint32_t word;
  std::memcpy(&word, at, 4);
  return word;
}
/// All bytes of a text of 1 to 8, some of them twice: for tests that hold of each byte.
inline std::uint64_t load_up_to_8(const char* at, std::size_t n) noexcept {
  if (n >= 4) return load4(at) | load4(at + n - 4) << 32;
  const auto byte = [at](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(at[i])}; };
  const std::uint64_t three = byte(0) | byte(n / 2) << 8 | byte(n - 1) << 16;
  return three | three << 32 | byte(0) << 24 | byte(0) << 56;
}

/// True when every byte is printable ASCII (0x20 to 0x7e).
inline bool is_plain(std::string_view text) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  // A byte below 0x20, 0x7f, or above sets a top bit; a borrow or carry comes only from a byte that has set one.
  const auto strange = [](std::uint64_t w) { return (((w - kOnes * 0x20) | (w + kOnes) | w) & (kOnes * 0x80)) != 0; };
  const char* at = text.data();
  std::size_t left = text.size();
  if (left == 0) return true;
  if (left < 8) return !strange(load_up_to_8(at, left));
  for (; left > 8; left -= 8, at += 8)
    if (strange(load8(at))) return false;
  return !strange(load8(at + left - 8));  // the last eight, some of them again
}

/// The bytes with the letters A to Z in lower case.
inline std::uint64_t lower8(std::uint64_t word) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  const std::uint64_t seven = word & (kOnes * 0x7f);
  const std::uint64_t upper = (seven + kOnes * (0x80 - 'A')) & ~(seven + kOnes * (0x7f - 'Z')) & ~word & (kOnes * 0x80);
  return word | upper >> 2;
}

/// True when `text` is `lower` but for upper-case letters. Both of one size, not empty.
inline bool equals_lower(const char* text, const char* lower, std::size_t n) noexcept {
  if (n < 8) return lower8(load_up_to_8(text, n)) == load_up_to_8(lower, n);
  for (; n > 8; n -= 8, text += 8, lower += 8)
    if (lower8(load8(text)) != load8(lower)) return false;
  return lower8(load8(text + n - 8)) == load8(lower + n - 8);
}

/// A copy in the arena.
inline std::string_view keep(Arena& arena, std::string_view text) {
  const std::size_t n = text.size();
  if (n < 4 || n > 16) return arena.copy(text);
  char* to = static_cast<char*>(arena.allocate(n, 1));
  if (n >= 8) {
    const std::uint64_t first = load8(text.data()), last = load8(text.data() + n - 8);
    std::memcpy(to, &first, 8);
    std::memcpy(to + n - 8, &last, 8);
  } else {
    const std::uint64_t both = load_up_to_8(text.data(), n);
    std::memcpy(to, &both, 4);
    const std::uint32_t last = static_cast<std::uint32_t>(both >> 32);
    std::memcpy(to + n - 4, &last, 4);
  }
  return {to, n};
}

}  // namespace gatehouse::base
