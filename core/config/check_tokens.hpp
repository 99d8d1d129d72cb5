#pragma once
#include <string>

#include "config/config.hpp"
#include "config/diagnostics.hpp"

namespace gatehouse::config {

/// The rules of `type: jwt` and `type: cognito` by themselves (JW-03, JW-05, CG section 1). `name`: the authorizer's,
/// in backticks.
void check_token_verifier(const Authorizer& authorizer, const std::string& name, Diagnostics& out);

/// Of a route, with its authorizer (null: `none`): which API may have it (spec parity), which routes may have scopes.
void check_route_tokens(const Api& api, const Route& route, const Authorizer* authorizer, const std::string& name,
                        bool extended, Diagnostics& out);

/// JW-2G: of an API's routes with JWT authorizers and no scopes.
void warn_of_id_tokens(const Api& api, const Authorizer& authorizer, const std::string& name, Diagnostics& out);

}  // namespace gatehouse::config
