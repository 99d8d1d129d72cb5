#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

/// JSON Web Signatures with public keys, keys from an identity provider and the claims of a token: Gatehouse::kit_jose.
/// C++17 to C++23; of the compiler and C++ library that the SDK was built with; needs OpenSSL 3.
namespace gatehouse::kit::jose {

/// Signatures that can be verified with a public key. There is no `none` and no HMAC: nothing can enable them (RFC 8725
/// 3.1, 3.2; spec JW-60).
enum class Algorithm : std::uint8_t { RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA };

/// As RFC 7518 and RFC 8037 spell them, letter by letter; `Ed25519` (RFC 9864) is EdDSA. Nothing for every other. [any]
std::optional<Algorithm> algorithm_of(std::string_view name) noexcept;
/// `RS256`; of EdDSA that name. [any]
std::string_view name(Algorithm algorithm) noexcept;

/// A set of them.
class Algorithms {
 public:
  constexpr Algorithms() = default;
  constexpr Algorithms(std::initializer_list<Algorithm> all) {
    for (const Algorithm a : all) bits_ = static_cast<std::uint16_t>(bits_ | bit(a));
  }
  constexpr void add(Algorithm a) noexcept { bits_ = static_cast<std::uint16_t>(bits_ | bit(a)); }
  constexpr bool has(Algorithm a) const noexcept { return (bits_ & bit(a)) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }

 private:
  static constexpr std::uint16_t bit(Algorithm a) noexcept {
    const unsigned at = static_cast<unsigned>(a);
    return at < 16 ? static_cast<std::uint16_t>(1u << at) : std::uint16_t{0};  // what is none is in no set
  }
  std::uint16_t bits_ = 0;
};

/// What AWS takes (JW-12).
inline constexpr Algorithms kAwsAlgorithms{Algorithm::RS256, Algorithm::RS384, Algorithm::RS512};
/// All that can be enabled (JW-60).
inline constexpr Algorithms kAllAlgorithms{Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256,
                                           Algorithm::PS384, Algorithm::PS512, Algorithm::ES256, Algorithm::ES384,
                                           Algorithm::ES512, Algorithm::EdDSA};

}  // namespace gatehouse::kit::jose
