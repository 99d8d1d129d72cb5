#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "identity/key_ring.hpp"
#include "identity/records.hpp"

namespace gatehouse::identity {

/// Temporary credentials and whom they speak for: what a session token holds (spec sts sections 4 and 6). Policies of
/// the principal are not in it: they are looked up at each use.
struct Session {
  enum class Kind : std::uint8_t {
    Role,         // AssumeRole
    WebIdentity,  // AssumeRoleWithWebIdentity, identity pools
    User,         // GetSessionToken of a user: the user stays the principal
    Root,         // GetSessionToken of an account's root
  };
  Kind kind = Kind::Role;
  std::string access_key_id;  // ASIA...
  base::Secret secret;
  std::string account;
  std::string principal_id;  // AROA..., AIDA...; the account of Root
  std::string name;          // of a role session
  std::int64_t issued = 0, expires = 0;
  bool mfa = false;
  std::int64_t mfa_at = 0;
  bool chained = false;  // assumed by a role session
  std::string source_identity;
  std::vector<Tag> tags;
  std::vector<std::string> transitive_tag_keys;
  std::string policy;                    // JSON of the session policy; empty: none
  std::vector<std::string> policy_arns;  // managed policies as session policies
  std::string provider;  // of WebIdentity: `arn:...:oidc-provider/...` or `cognito-identity.amazonaws.com`
  /// Facts of the provider's that stay condition keys: `idp.example.com:sub` -> values; `:amr` is multi-valued.
  std::vector<std::pair<std::string, std::vector<std::string>>> provider_keys;
  // Of an identity pool's session, for $context.identity.cognito*.
  std::string cognito_identity_id, cognito_identity_pool_id, cognito_provider;
  bool cognito_authenticated = false;
};

/// Fresh ids: `ASIA`, `AKIA`, `AIDA`, `AROA`, `AGPA`, `ANPA` and 16 (17 for the last four) of [A-Z2-7]. Forty
/// characters of base64 for a secret.
std::string new_id(std::string_view prefix, base::Random& random);
base::Secret new_secret(base::Random& random);

/// The largest session token, as text. A session that does not fit is refused as PackedPolicyTooLarge.
inline constexpr std::size_t kMaxTokenBytes = 4096;

/// The session token: base64 text that only gateways with the same key ring can read, bound to its access key id.
/// Errors: Limit.
Result<std::string> seal_session(const Session& session, const KeyRing& ring, base::Random& random);
/// Errors: Invalid (not ours, changed, of another access key), NotFound (sealed with a key that is not there any more).
/// Whether it has expired is the caller's to judge.
Result<Session> open_session(std::string_view token, std::string_view access_key_id, const KeyRing& ring);

}  // namespace gatehouse::identity
