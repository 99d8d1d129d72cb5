#pragma once
#include <array>
#include <string_view>

namespace gatehouse::identity {

using SigningKey = std::array<unsigned char, 32>;

/// The key that AWS Signature Version 4 signs with: of a secret, for one date (`20260115`), region and service (spec
/// sigv4 section 4). False when the library failed. [any]
bool derive_signing_key(std::string_view secret, std::string_view date, std::string_view region,
                        std::string_view service, SigningKey& out) noexcept;

}  // namespace gatehouse::identity
