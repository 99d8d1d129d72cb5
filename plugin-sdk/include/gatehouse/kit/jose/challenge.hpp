#pragma once
#include <gatehouse/kit/jose/token.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::kit::jose {

/// What the client of an HTTP API is told of a refusal: never anything of the token (JW-30..39, JW-3D). [any]
std::string_view description(Refusal refusal) noexcept;

/// WWW-Authenticate. `scopes`: those of the route, for Refusal::Scope. `commas`: as RFC 6750 has it, not as AWS does
/// (JW-3A). [any]
std::string challenge(Refusal refusal, const std::vector<std::string_view>& scopes, bool commas);

}  // namespace gatehouse::kit::jose
