#pragma once
#include <gatehouse/kit/jose/algorithm.hpp>
#include <gatehouse/kit/json.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gatehouse::kit::jose {

class Verifier;

/// A public key of a JWK (RFC 7517): immutable, copies share it. [any]
class Key {
 public:
  /// RSA of 2,048 to 8,192 bits with an odd exponent from 3 on, of 64 bits at most; EC on P-256, P-384 or P-521, the
  /// point on the curve; OKP Ed25519 (JW-61..63). A JWK with private members (`d`), with `use` other than `sig`, with
  /// `key_ops` without `verify`, with an `alg` that is unknown or does not fit, or whose private key anybody can find
  /// (ROCA, a point of small order) is no key: nothing, and `fault` says why, without quoting key material.
  static std::optional<Key> parse(const Json& jwk, std::string& fault);

  /// Empty when the JWK has none.
  const std::string& kid() const noexcept { return kid_; }
  /// Of the JWK's `alg`: the only one that it verifies then.
  std::optional<Algorithm> algorithm() const noexcept { return algorithm_; }
  /// RFC 7638 with SHA-256, in base64url: names the key material whatever `kid` says.
  const std::string& thumbprint() const noexcept { return thumbprint_; }
  /// `RSA 2048`, `EC P-256`, `OKP Ed25519`: for people.
  const std::string& kind() const noexcept { return kind_; }

  /// Whether tokens of that algorithm may be verified by it: type, curve and `alg` (JW-61).
  bool fits(Algorithm algorithm) const noexcept;
  /// False when it does not fit, for a signature of another length, and whenever OpenSSL says no (RFC 7518 section 3;
  /// ECDSA as R || S, JW-63). PSS with a salt as long as the hash. [any]
  bool verify(Algorithm algorithm, std::string_view signed_bytes, std::string_view signature) const noexcept;

 private:
  Key() = default;
  std::string kid_, thumbprint_, kind_;
  std::optional<Algorithm> algorithm_;
  Algorithms fits_;
  std::shared_ptr<const Verifier> verifier_;
};

struct KeySetReport {
  std::string fault;                 // why there is no set: not JSON, no `keys`, none of them of use (JW-59)
  std::vector<std::string> ignored;  // `/keys/1: RSA of 1,024 bits ...`: a line for each member that is no key
};

/// A JWK set (RFC 7517 section 5): immutable, shared. Keys without a `kid` are of no use; so are two different keys of
/// one `kid` (JW-69), where the same one twice is one. At most 500 members.
class KeySet {
 public:
  KeySet(const KeySet&) = delete;
  KeySet& operator=(const KeySet&) = delete;

  /// Null and `report.fault` filled when it is not a set, is larger than `max_bytes` (JW-59), or has no key of use.
  static std::shared_ptr<const KeySet> parse(std::string_view json, KeySetReport& report,
                                             std::size_t max_bytes = 150'000);

  /// Null when no key has this id. [any]
  const Key* find(std::string_view kid) const noexcept;
  const std::vector<Key>& keys() const noexcept { return keys_; }
  /// Whether both hold the same keys under the same ids.
  bool same_as(const KeySet& other) const noexcept;

 private:
  KeySet() = default;
  std::vector<Key> keys_;
  std::unordered_map<std::string_view, std::size_t> by_kid_;  // views into keys_
};

}  // namespace gatehouse::kit::jose
