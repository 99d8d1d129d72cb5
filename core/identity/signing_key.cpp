#include "identity/signing_key.hpp"

#include <gatehouse/kit/sigv4/canonical.hpp>

namespace gatehouse::identity {

bool derive_signing_key(std::string_view secret, std::string_view date, std::string_view region,
                        std::string_view service, SigningKey& out) noexcept try {
  kit::sigv4::Hasher hasher;
  out = kit::sigv4::signing_key(hasher, secret, date, region, service);
  return true;
} catch (...) {
  return false;
}

}  // namespace gatehouse::identity
