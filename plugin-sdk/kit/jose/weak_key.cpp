#include "weak_key.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace gatehouse::kit::jose {

bool is_roca(const BIGNUM* modulus) noexcept {
  // The primes of RSALib are powers of 65537 modulo each of these, and so is what they make together.
  constexpr std::uint32_t kPrimes[] = {11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157};
  return std::all_of(std::begin(kPrimes), std::end(kPrimes), [&](std::uint32_t prime) {
    const BN_ULONG rest = BN_mod_word(modulus, prime);
    std::uint32_t power = 1;
    do {
      if (power == rest) return true;
      power = power * (65537 % prime) % prime;
    } while (power != 1);
    return false;
  });
}

bool is_small_order_ed25519(std::string_view x) noexcept {
  using namespace std::string_view_literals;
  if (x.size() != 32) return false;
  const auto is = [&](unsigned char first, unsigned char middle, unsigned char last) {
    return static_cast<unsigned char>(x[0]) == first && (static_cast<unsigned char>(x[31]) & 0x7f) == last &&
           std::all_of(x.begin() + 1, x.begin() + 31, [&](char c) { return static_cast<unsigned char>(c) == middle; });
  };
  // y is 0, 1, p - 1, p, p + 1; the sign of x is the highest bit, whatever it says.
  if (is(0, 0, 0) || is(1, 0, 0) || is(0xec, 0xff, 0x7f) || is(0xed, 0xff, 0x7f) || is(0xee, 0xff, 0x7f)) return true;
  // Order 8.
  constexpr std::string_view kEight[] = {
      "\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0"
      "\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05"sv,
      "\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f"
      "\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a"sv};
  return std::any_of(std::begin(kEight), std::end(kEight), [&](std::string_view point) {
    return x.substr(0, 31) == point.substr(0, 31) && (x[31] & 0x7f) == point[31];
  });
}

}  // namespace gatehouse::kit::jose
