#pragma once
#include <openssl/bn.h>

#include <string_view>

// Public keys that are well formed and whose private key anybody has or can find.
namespace gatehouse::kit::jose {

/// Whether the modulus has the shape of Infineon's RSALib (ROCA, CVE-2017-15361): of others one in 2^27.
bool is_roca(const BIGNUM* modulus) noexcept;

/// The encodings of the points of order 1, 2, 4 and 8, canonical or not. Zeros are one: a place holder that was never
/// filled.
bool is_small_order_ed25519(std::string_view x) noexcept;

}  // namespace gatehouse::kit::jose
