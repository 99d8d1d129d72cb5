#include "access/caller_variable.hpp"

#include <array>

namespace gatehouse::access {
namespace {

struct Row {
  std::string_view name;
  CallerVariable variable;
};
constexpr auto kRows = std::to_array<Row>({
    {"identity.accessKey", CallerVariable::AccessKey},
    {"identity.accountId", CallerVariable::AccountId},
    {"identity.caller", CallerVariable::Caller},
    {"identity.cognitoAuthenticationProvider", CallerVariable::CognitoAuthenticationProvider},
    {"identity.cognitoAuthenticationType", CallerVariable::CognitoAuthenticationType},
    {"identity.cognitoIdentityId", CallerVariable::CognitoIdentityId},
    {"identity.cognitoIdentityPoolId", CallerVariable::CognitoIdentityPoolId},
    {"identity.principalOrgId", CallerVariable::PrincipalOrgId},
    {"identity.user", CallerVariable::User},
    {"identity.userArn", CallerVariable::UserArn},
});

}  // namespace

std::optional<CallerVariable> find_caller_variable(std::string_view name) noexcept {
  for (const Row& row : kRows)
    if (row.name == name) return row.variable;
  return std::nullopt;
}

std::string_view value_of(CallerVariable variable, const KnownCaller* caller) noexcept {
  if (caller == nullptr) return {};
  switch (variable) {
    case CallerVariable::AccessKey:
      return caller->access_key_id;
    case CallerVariable::AccountId:
      return caller->account;
    case CallerVariable::Caller:
    case CallerVariable::User:
      return caller->user_id;
    case CallerVariable::CognitoAuthenticationProvider:
      return caller->cognito_provider;
    case CallerVariable::CognitoAuthenticationType:
      return caller->cognito_identity_id.empty() ? std::string_view()
             : caller->cognito_authenticated     ? "authenticated"
                                                 : "unauthenticated";
    case CallerVariable::CognitoIdentityId:
      return caller->cognito_identity_id;
    case CallerVariable::CognitoIdentityPoolId:
      return caller->cognito_identity_pool_id;
    case CallerVariable::PrincipalOrgId:
      return {};
    case CallerVariable::UserArn:
      return caller->arn;
  }
  return {};
}

}  // namespace gatehouse::access
