#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::kit::jose {

/// RFC 4648 section 5 without padding, strictly (RFC 7515 section 2; JW-65): no `=`, `+`, `/` or white space, no length
/// of 1 modulo 4, and the bits that belong to no byte are zero. Nothing when it is not that. The empty text is no
/// bytes. [any]
std::optional<std::string> decode_base64url(std::string_view text);
std::string encode_base64url(std::string_view bytes);

}  // namespace gatehouse::kit::jose
