#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/caller.hpp"
#include "identity/records.hpp"
#include "identity/trust_context.hpp"
#include "policy/fault.hpp"
#include "policy/policy.hpp"

/// Who may assume a role (spec sts section 3).
namespace gatehouse::identity {

inline constexpr std::string_view kAssumeRole = "sts:AssumeRole";
inline constexpr std::string_view kAssumeRoleWithWebIdentity = "sts:AssumeRoleWithWebIdentity";
inline constexpr std::string_view kTagSession = "sts:TagSession";
inline constexpr std::string_view kSetSourceIdentity = "sts:SetSourceIdentity";
/// The provider of identity pools' tokens.
inline constexpr std::string_view kCognitoIdentity = "cognito-identity.amazonaws.com";

/// What condition keys of a provider begin with: of `arn:aws:iam::111122223333:oidc-provider/idp.example.com/a` what
/// stands behind the slash, of kCognitoIdentity itself; empty for what is no provider. [any]
std::string_view provider_host(std::string_view principal) noexcept;

/// What a role trust policy must not say, though it parses: everybody without a condition, a web identity provider
/// without a condition on its `aud` or `sub`, providers that nobody verifies. Roles with such a policy are not assumed;
/// refuse to save them. [any]
std::vector<policy::Fault> check_trust(const policy::Policy& trust);

/// Whether a role lets somebody in.
struct TrustAnswer {
  bool allowed = false;
  /// Of a refusal by the caller's own policies, which says nothing about the role: ` with an explicit deny in an
  /// identity-based policy`. Public.
  std::string suffix;
  std::string why;  // for the log
};

/// One role's trust policy, ready to be asked. A role that is not there, or whose policy is unsound, is asked like
/// others and lets nobody in: callers cannot tell the difference.
class Trust {
 public:
  /// `role` may be null; outlives this. `arn`: as the caller spelt it, which is the role's when there is one.
  Trust(const Role* role, std::string_view arn);

  /// A caller known by IAM, with his own policies: same account and cross-account (spec iam-policy 8.2, 8.3).
  TrustAnswer ask(const access::KnownCaller& caller, std::string_view action, const TrustContext& context) const;
  /// Somebody whom a provider vouches for, by the principal that policies name it by.
  TrustAnswer ask_for_provider(std::string_view provider, std::string_view action, const TrustContext& context) const;

 private:
  bool binding_is_stale(const policy::Caller& caller, std::string_view principal_id) const;

  const Role* role_;
  std::string arn_;
  std::string_view account_;
  std::optional<policy::Policy> policy_;
  std::string unsound_;  // why nobody gets in; empty: judge
};

}  // namespace gatehouse::identity
