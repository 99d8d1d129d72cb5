#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/answer.hpp"
#include "policy/context.hpp"
#include "policy/policy.hpp"
#include "policy/principal.hpp"

namespace gatehouse::access {

/// A condition key that a caller brings: `aws:PrincipalTag/team`, `aws:TokenIssueTime`. Never one that the gateway
/// itself knows of a request (policy::KnownKey), but for those about the principal.
struct CallerKey {
  std::string lower;  // the name as it is compared
  std::vector<std::string> values;
  std::vector<std::string_view> views;  // of `values`
  bool multi = false;
};

/// A caller whom the store of identities knows, once authenticated (spec iam-policy sections 5 and 7.1): all that
/// policies, integrations and the log may ask about him. Made by the identity room; immutable, shared by requests of
/// one worker. [any]
struct KnownCaller {
  policy::Caller::Kind kind = policy::Caller::Kind::User;
  std::string arn;            // of a role session the session's
  std::string principal_arn;  // aws:PrincipalArn: of a session the role's, with its path
  std::string principal_id;   // unique: AIDA..., AROA...; the account of its root
  std::string user_id;        // aws:userid: `AROA...:name` of a session
  std::string account;
  std::string access_key_id;
  std::string name;                 // of the user; of the role
  std::string session_name;         // of a role session
  std::int64_t issued = 0;          // seconds; 0: a long-term key
  std::int64_t expires = 0;         // seconds; 0: never
  bool from_session_token = false;  // GetSessionToken: STS permits two actions only
  bool mfa = false;
  std::int64_t mfa_at = 0;
  std::string source_identity;
  std::vector<std::pair<std::string, std::string>> tags;  // with the session's, those before the role's
  std::vector<std::string> transitive_tag_keys;

  // Of an identity pool's session; empty otherwise.
  std::string cognito_identity_id, cognito_identity_pool_id, cognito_provider;
  bool cognito_authenticated = false;
  std::vector<std::string> cognito_amr;

  std::vector<CallerKey> keys;  // sorted by `lower`
  /// What is weighed for him. A policy that could not be compiled is not here: `sound` is false then, and he is refused
  /// everything.
  std::vector<AnswerPolicy> policies;
  std::vector<std::shared_ptr<const policy::Policy>> held;  // what `policies` points to
  bool has_session_policy = false;
  bool sound = true;
  std::string unsound_why;  // which policy, for the log
  /// When the use of the key was noted last, in seconds: the identity room's.
  mutable std::atomic<std::int64_t> noted{0};

  /// aws:PrincipalType: `User`, `AssumedRole`, ...
  std::string_view type() const noexcept;
  /// As policies' principals know him. Views of this.
  policy::Caller as_principal() const noexcept;
  const CallerKey* find(std::string_view lower) const noexcept;
  /// Sorts `keys` and makes their views: before anybody looks.
  void settle();
};

}  // namespace gatehouse::access
