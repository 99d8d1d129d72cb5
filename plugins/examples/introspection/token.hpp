// What a token and the answer of RFC 7662 about it look like.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace introspection {

/// The token of `Bearer TOKEN` (RFC 6750, 2.1); empty when it is anything else.
std::string_view bearer_token(std::string_view header);

/// RFC 6749, appendix B: application/x-www-form-urlencoded.
std::string form_encode(std::string_view text);
std::string base64(std::string_view bytes);
/// 32 bytes, so that no cache holds a token.
std::string sha256(std::string_view bytes);

struct Claims {
  bool active = false;
  std::string subject, username, client_id, issuer;
  std::vector<std::string> scopes, audience;
  std::optional<double> expires_s, not_before_s;
};
/// RFC 7662, 2.2, strictly: an object, `active` a boolean, no member twice, members of their types. Nothing when it is
/// not that.
std::optional<Claims> read_claims(std::string_view json);

}  // namespace introspection
