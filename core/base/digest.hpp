#pragma once
#include <array>
#include <string>
#include <string_view>

/// The door to OpenSSL's digests for rooms that have no other business with it.
namespace gatehouse::base {

using Sha256 = std::array<unsigned char, 32>;

/// [any] One shot.
Sha256 sha256(std::string_view bytes) noexcept;
/// RFC 4648, section 4, padded.
std::string base64(std::string_view bytes);

}  // namespace gatehouse::base
