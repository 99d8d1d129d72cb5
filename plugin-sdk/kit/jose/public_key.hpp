#pragma once
#include <memory>
#include <string>

#include "gatehouse/kit/json.hpp"
#include "verifier.hpp"

namespace gatehouse::kit::jose {

/// The key material of a JWK, without what the JWK says of its use.
struct PublicKey {
  std::shared_ptr<const Verifier> verifier;
  std::string kind;        // `RSA 2048`
  std::string thumbprint;  // RFC 7638
};

/// By `kty`. Without a verifier, and with `fault`, when there is no public key that may be used (JW-61..63).
PublicKey read_public_key(const Json& jwk, std::string& fault);

}  // namespace gatehouse::kit::jose
