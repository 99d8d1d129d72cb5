#pragma once
#include <gatehouse/kit/jose/algorithm.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::kit::jose {

/// A private key that signs tokens: for demos, for tests and for `gatehouse token issue`. The gateway verifies and
/// never signs. Keys that Key::parse() would not verify with are refused here, too. Immutable, copies share it; OpenSSL
/// wipes it. [any]
class SigningKey {
 public:
  enum class Kind : std::uint8_t { Rsa, P256, P384, P521, Ed25519 };

  /// A new one; RSA of 3,072 bits. Nothing, and `fault` says why, when OpenSSL cannot.
  static std::optional<SigningKey> make(Kind kind, std::string& fault);
  /// Of a PEM text with one private key that is not encrypted (PKCS#8, PKCS#1, SEC 1), at most kMaxPemBytes. `fault`
  /// never quotes the text.
  static std::optional<SigningKey> read(std::string_view pem, std::string& fault);
  static constexpr std::size_t kMaxPemBytes = 16'384;

  /// `RSA 3072`, `EC P-256`, `OKP Ed25519`; RFC 7638; the members of the public JWK, without braces, `kid`, `use`,
  /// `alg`.
  const std::string& kind() const noexcept { return kind_; }
  const std::string& thumbprint() const noexcept { return thumbprint_; }
  const std::string& jwk_members() const noexcept { return members_; }
  bool fits(Algorithm algorithm) const noexcept;
  /// RS256 for RSA; of the others there is only one.
  Algorithm usual_algorithm() const noexcept;

  /// PKCS#8, not encrypted: the key itself. Whoever takes it wipes it. Empty when OpenSSL cannot.
  std::string pem() const;
  /// As RFC 7518 and RFC 8037 have it, tried with the public key before it is given. Nothing when the algorithm does
  /// not fit, when OpenSSL cannot, and when the two halves of the key do not belong together.
  std::optional<std::string> sign(Algorithm algorithm, std::string_view bytes) const;
  /// HEADER.PAYLOAD.SIGNATURE of two JSON texts, which are signed as they are.
  std::optional<std::string> token(Algorithm algorithm, std::string_view header, std::string_view payload) const;

 private:
  struct Pair;
  SigningKey() = default;
  std::string kind_, thumbprint_, members_;
  std::shared_ptr<const Pair> pair_;

  friend class SigningKeyReader;
};

}  // namespace gatehouse::kit::jose
