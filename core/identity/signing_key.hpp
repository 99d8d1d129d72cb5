#pragma once
#include <gatehouse/kit/sigv4/digest.hpp>
#include <string_view>

namespace gatehouse::identity {

using SigningKey = kit::sigv4::Digest;

/// kit::sigv4::signing_key() for who must not throw: false when OpenSSL failed. [any]
bool derive_signing_key(std::string_view secret, std::string_view date, std::string_view region,
                        std::string_view service, SigningKey& out) noexcept;

}  // namespace gatehouse::identity
