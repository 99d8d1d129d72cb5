#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::kit::jose {

/// What an OpenID configuration says (OpenID Connect Discovery 1.0, section 4.3): where the keys are.
struct Discovery {
  std::string issuer;
  std::string jwks_uri;  // an absolute http or https URL without user information or fragment
};

/// Nothing, and `fault` says why, when the document is not one or is larger than `max_bytes`. Whether its issuer is the
/// one that was asked is for the caller to see (JW-51). [any]
std::optional<Discovery> parse_discovery(std::string_view json, std::string& fault, std::size_t max_bytes = 150'000);

/// Issuer without its trailing slash, and the well-known path (JW-50). [any]
std::string discovery_url(std::string_view issuer);

}  // namespace gatehouse::kit::jose
