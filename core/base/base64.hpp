#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::base {

/// RFC 4648, section 4, padded. [any]
std::string base64(std::string_view bytes);

/// The bytes of base64 (RFC 4648, section 4), with or without its padding; nothing for any other character, for bits
/// behind the last byte that are not zero and for padding that is wrong. [any]
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace gatehouse::base
