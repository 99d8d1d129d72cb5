#pragma once
#include <string_view>
#include <vector>

#include "identity/fault.hpp"
#include "identity/operation_value.hpp"
#include "identity/records.hpp"

namespace gatehouse::identity::operations {

/// `RoleMappings` of SetIdentityPoolRoles, as Cognito has them: {"provider": {"Type": "Token"|"Rules",
/// "AmbiguousRoleResolution": "AuthenticatedRole"|"Deny", "RulesConfiguration": {"Rules": [{"Claim", "MatchType",
/// "Value", "RoleARN"}]}}}. Strict: an unknown member is refused. Faults: InvalidParameterException, with a JSON
/// pointer.
Outcome<std::vector<PoolRoleMapping>> parse_role_mappings(std::string_view json);
Value describe(const std::vector<PoolRoleMapping>& mappings);

}  // namespace gatehouse::identity::operations
