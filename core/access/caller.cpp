#include "access/caller.hpp"

#include <algorithm>

namespace gatehouse::access {

std::string_view KnownCaller::type() const noexcept {
  switch (kind) {
    case policy::Caller::Kind::Root:
      return "Account";
    case policy::Caller::Kind::User:
      return "User";
    case policy::Caller::Kind::RoleSession:
      return "AssumedRole";
    case policy::Caller::Kind::FederatedUser:
      return "FederatedUser";
    case policy::Caller::Kind::Anonymous:
      break;
  }
  return {};
}

policy::Caller KnownCaller::as_principal() const noexcept {
  policy::Caller out;
  out.kind = kind;
  out.arn = arn;
  out.account = account;
  if (kind == policy::Caller::Kind::RoleSession) {
    out.role_name = name;
    out.role_arn = principal_arn;
  }
  return out;
}

const CallerKey* KnownCaller::find(std::string_view lower) const noexcept {
  const auto at = std::lower_bound(keys.begin(), keys.end(), lower,
                                   [](const CallerKey& key, std::string_view asked) { return key.lower < asked; });
  return at != keys.end() && at->lower == lower ? &*at : nullptr;
}

void KnownCaller::settle() {
  std::sort(keys.begin(), keys.end(), [](const CallerKey& a, const CallerKey& b) { return a.lower < b.lower; });
  for (CallerKey& key : keys) key.views.assign(key.values.begin(), key.values.end());
}

}  // namespace gatehouse::access
