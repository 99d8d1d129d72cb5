#pragma once
#include <optional>
#include <string_view>

#include "access/caller.hpp"

namespace gatehouse::access {

/// `$context.identity.*` of a caller whom IAM authenticated (spec iam-policy section 5). Without one all are empty.
enum class CallerVariable : unsigned char {
  AccessKey,
  AccountId,
  Caller,
  CognitoAuthenticationProvider,
  CognitoAuthenticationType,
  CognitoIdentityId,
  CognitoIdentityPoolId,
  PrincipalOrgId,  // no organisations are kept: always empty
  User,
  UserArn,
};

/// `identity.userArn`, ... [any]
std::optional<CallerVariable> find_caller_variable(std::string_view name) noexcept;
/// A view of the caller, or a constant; empty when he has none. [any]
std::string_view value_of(CallerVariable variable, const KnownCaller* caller) noexcept;

}  // namespace gatehouse::access
