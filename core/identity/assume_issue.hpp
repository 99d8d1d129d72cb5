#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/secret.hpp"
#include "identity/fault.hpp"
#include "identity/records.hpp"
#include "identity/session.hpp"
#include "identity/store.hpp"

/// What all ways to a role session share: the role, the session policies, the credentials.
namespace gatehouse::identity {

struct TemporaryCredentials {
  std::string access_key_id;
  base::Secret secret;
  base::Secret session_token;
  std::int64_t expires = 0;
};

struct Assumed {
  TemporaryCredentials credentials;
  std::string role_id;  // `AROA...:job1`
  std::string arn;      // arn:aws:sts::{account}:assumed-role/{role}/{session}
  std::optional<int> packed_percent;
  std::string source_identity;
};

/// A role by its ARN, and the policies that a session is to be limited by. Both may be absent.
struct RoleLookup {
  std::optional<Role> role;
  std::vector<std::optional<ManagedPolicy>> policies;  // one for each ARN
};

/// The account of `arn:aws:iam::111122223333:role/path/name`. Faults: ValidationError when it is no role's ARN.
Outcome<std::string> role_account(std::string_view arn);
/// In one state of the store. A role is found by exactly the ARN that it has: policies compare ARNs letter by letter.
Outcome<RoleLookup> look_up_role(Store& store, std::string_view arn, const std::vector<std::string>& policy_arns);

/// Puts session policies into the session, the document without white space. Faults: MalformedPolicyDocument,
/// ValidationError (no such policy).
Outcome<void> limit_session(Session& session, const std::optional<std::string>& policy,
                            const std::vector<std::string>& policy_arns,
                            const std::vector<std::optional<ManagedPolicy>>& found);

/// Fresh keys for a session that lacks nothing else; `secret` and `access_key_id` are filled in. Faults:
/// PackedPolicyTooLarge.
Outcome<TemporaryCredentials> issue(Session session, const KeyRing& ring, base::Random& random);
/// The same for a session of a role.
Outcome<Assumed> issue_for(const Role& role, Session session, const KeyRing& ring, base::Random& random);

}  // namespace gatehouse::identity
