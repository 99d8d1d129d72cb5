#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "access/decision.hpp"
#include "access/facts.hpp"
#include "base/arena.hpp"
#include "base/trace.hpp"

namespace gatehouse::access {

/// How a route's identity authorizer and the resource policy come to one decision (spec iam-policy section 9).
enum class IdentityStyle : std::uint8_t {
  None,     // 9.1: `authorizer: none`
  Lambda,   // 9.3: an answer, or the policy in it, about a caller whom policies do not know
  Cognito,  // 9.4: authenticated first, and the resource policy must allow
  Iam,      // 9.2: authenticated first; a caller whom the store of identities knows, with policies of his own
  /// A service of the gateway's own that judges its callers itself (sts, iam_api): who is authenticated is let through,
  /// and so is who comes without a signature where the authorizer says so.
  Service,
};

/// True where the resource policy is asked before the caller is authenticated, so that its Deny ends it: nobody is
/// asked for an identity then. [any]
constexpr bool resource_policy_first(IdentityStyle style) noexcept {
  return style == IdentityStyle::None || style == IdentityStyle::Lambda;
}

/// What one answer means where it stands, policies aside: how it refuses, or nothing when it is no objection. [any]
///
///                 network, resource   identity
///   allow         -                   -
///   abstain       -                   NotAllowed: silence never opens
///   deny          Denied              Denied
///   unauthorized  Denied              Unauthorized
///   failed        Failed              Failed
///
/// A kind or category that is none of ours is Failed.
std::optional<Verdict> objection(Category category, AnswerKind kind) noexcept;

/// Turns the answers of a route's authorizers, and the policies in them, into one decision, one after the other. The
/// first objection decides. Without one, RP being what the resource policy says:
///
///   None     no resource authorizer: allowed. Else RP must allow (or the authorizer itself, AT-03)
///   Lambda   the identity's answer without a policy is ALLOW; with one, what that says of this method's ARN. ALLOW is
///            allowed, NONE is when RP allows (unless `require_authorizer_allow`), DENY never. A Deny of RP is an
///            objection
///   Cognito  the identity allowed; RP, if there is one, must allow
///   Iam      policy::combine of the caller's policies and RP: same account and cross account
///   Service  the identity allowed; no RP
///
/// Network authorizers can only object, and a resource authorizer's own `allow` or `abstain` is no objection: beside an
/// identity authorizer only a policy grants. What cannot be weighed is Failed. [loop]
class Evaluation {
 public:
  /// Before the first answer, of a route whose answers may bring policies. `explain`: where to write what became of
  /// each statement, and what would turn the decision round; null: nowhere.
  void begin(IdentityStyle style, bool require_authorizer_allow, const Facts& facts, base::Arena& arena,
             base::Trace* explain) noexcept {
    style_ = style;
    require_authorizer_allow_ = require_authorizer_allow;
    facts_ = &facts;
    arena_ = &arena;
    explain_ = explain;
  }
  /// True when this answer decides: ask nobody else. Not to be called after that. Policies named by handle must have
  /// been found.
  bool add(const Authorizer& by, const Answer& answer);
  /// The decision, once an answer decided or all were added; good as long as this is. `identity_expected`: the route
  /// has an identity authorizer; if none was added, nobody allowed.
  const Decision& conclude(bool identity_expected);

 private:
  bool refuse(const Authorizer& by, Verdict verdict, const Answer& decisive) noexcept;
  bool fail(const Authorizer& by, std::string_view code, std::string_view why) noexcept;
  bool take_resource(const Authorizer& by, const Answer& answer);
  policy::Finding weigh(const Authorizer& by, const Answer& answer);
  void conclude_none() noexcept;
  void conclude_lambda();
  void conclude_cognito() noexcept;
  void conclude_iam();
  void conclude_service() noexcept;
  void by_resource_policy(Verdict verdict) noexcept;
  void settle(bool identity_expected);
  void explain_flip() const;

  IdentityStyle style_ = IdentityStyle::Lambda;
  bool require_authorizer_allow_ = false;
  const Facts* facts_ = nullptr;
  base::Arena* arena_ = nullptr;
  base::Trace* explain_ = nullptr;

  bool objected_ = false;
  bool concluded_ = false;
  const Authorizer* resource_ = nullptr;          // the one that was asked last
  const Authorizer* resource_allowed_ = nullptr;  // said so itself, or its policy did
  const Authorizer* identity_ = nullptr;
  const policy::Policy* resource_policy_ = nullptr;
  policy::Finding resource_finding_;
  Decision decision_;
};

}  // namespace gatehouse::access
