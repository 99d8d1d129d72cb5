#pragma once
#include <gatehouse/kit/jose/signer.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "identity/fault.hpp"
#include "identity/key_ring.hpp"
#include "identity/store.hpp"
#include "identity/web_identity.hpp"

namespace gatehouse::integration {

/// The tokens of GetOpenIdToken, which STS takes (basic flow, spec sts section 8): RS256 with a key that a gateway
/// makes for a day and keeps in memory. Its public half goes with each token, sealed with the key ring: any gateway
/// with the ring knows the key for one of ours, and no table holds it. [any]
class PoolTokens {
 public:
  static constexpr std::int64_t kSeconds = 600;

  explicit PoolTokens(identity::KeyRing ring) : ring_(std::move(ring)) {}
  PoolTokens(const PoolTokens&) = delete;
  PoolTokens& operator=(const PoolTokens&) = delete;

  /// Faults: InternalErrorException. The first call of a day makes the key, which takes a while.
  identity::Outcome<std::string> mint(const identity::WebIdentity& who, std::int64_t unix_ms) const;
  /// Whom such a token speaks for. Faults, of STS: InvalidIdentityToken, ExpiredTokenException; its pool must still be
  /// there with the identity, and have the basic flow on.
  identity::Outcome<identity::WebIdentity> identify(identity::Store& store, std::string_view token,
                                                    std::int64_t unix_ms, std::string& log) const;

 private:
  struct Signer {
    kit::jose::SigningKey key;
    std::string header;  // of all its tokens
    std::int64_t made = 0;
  };
  std::optional<Signer> signer(std::int64_t now) const;

  const identity::KeyRing ring_;
  mutable std::mutex mutex_;
  mutable std::optional<Signer> signer_;
};

}  // namespace gatehouse::integration
