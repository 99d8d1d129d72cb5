#pragma once
#include <gatehouse/kit/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "identity/assume_issue.hpp"
#include "identity/fault.hpp"
#include "identity/records.hpp"
#include "identity/store.hpp"
#include "identity/trust_context.hpp"
#include "identity/web_identity.hpp"

/// Identity pools (spec sts section 8). Faults have the names of that API: `NotAuthorizedException` and so on.
namespace gatehouse::identity {

/// One entry of `Logins` whose token was verified.
struct Login {
  std::string provider;  // its key
  std::string subject;
  kit::Json claims;
};

/// Asked before an identity is made: false when there were too many lately.
using MayCreate = std::function<bool()>;

/// Faults: ResourceNotFoundException.
Outcome<IdentityPool> pool_by_id(Store& store, std::string_view pool_id);
Outcome<IdentityPool> pool_of_identity(Store& store, std::string_view identity_id);

/// The identity that these logins are, or a new one; without logins a new guest. Logins that are new to it are kept.
/// Faults: NotAuthorizedException (no guests), ResourceConflictException (they are different identities, or the
/// identity has another login of that provider), TooManyRequestsException.
Outcome<std::string> identity_for(Store& store, const IdentityPool& pool, const std::vector<Login>& logins,
                                  base::Random& random, std::int64_t now, const MayCreate& may_create);
/// Whether these logins are that identity: at least one is known to be, or it is a guest who logs in. Without logins it
/// has to be a guest.
Outcome<void> admit(Store& store, const IdentityPool& pool, std::string_view identity_id,
                    const std::vector<Login>& logins);

/// Whom the pool vouches for, as STS sees him. `login`: null for a guest.
Outcome<WebIdentity> pool_identity(const IdentityPool& pool, std::string_view identity_id, const Login* login);
/// The login that decides on the role: the first in the pool's order of providers.
const Login* deciding_login(const IdentityPool& pool, const std::vector<Login>& logins) noexcept;

/// The ARN of the role that somebody gets. `login`: null for a guest. Faults:
/// InvalidIdentityPoolConfigurationException, NotAuthorizedException, InvalidParameterException.
Outcome<std::string> choose_role(const IdentityPool& pool, const Login* login,
                                 const std::optional<std::string>& custom_role_arn);

/// Credentials of the enhanced flow: the role's trust policy is asked, guests are confined to invoking APIs.
Outcome<TemporaryCredentials> pool_credentials(Store& store, base::Random& random, const StsFacts& facts,
                                               std::string_view role_arn, const WebIdentity& who, std::string& log);

}  // namespace gatehouse::identity
