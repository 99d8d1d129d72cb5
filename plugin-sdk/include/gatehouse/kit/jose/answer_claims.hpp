#pragma once
#include <gatehouse/authorizer.hpp>
#include <gatehouse/kit/json.hpp>

namespace gatehouse::kit::jose {

/// Hands all claims over in their types: the gateway shapes them for the API and its integrations (JW-40..48,
/// CG-40..46).
void put_claims(Answer& answer, const Json& claims);

}  // namespace gatehouse::kit::jose
