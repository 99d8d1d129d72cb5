#pragma once
#include <gatehouse/kit/jose/token.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::jwt {

/// What the client is told of a refusal: never anything of the token (JW-30..39, JW-3D).
std::string_view description(kit::jose::Refusal refusal) noexcept;

/// WWW-Authenticate. `scopes`: those of the route, for Refusal::Scope.
std::string challenge(kit::jose::Refusal refusal, const std::vector<std::string_view>& scopes, bool commas);

}  // namespace gatehouse::jwt
