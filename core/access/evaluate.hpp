#pragma once
#include <optional>

#include "access/decision.hpp"

namespace gatehouse::access {

/// What one answer means where it stands: how it refuses, or nothing when it is no objection. [any]
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

/// Turns the answers of a route's authorizers into one decision, one after the other. The first objection decides.
/// Without one the request is allowed
/// - where an identity authorizer is: if it allowed;
/// - else where resource authorizers are: if one of them allowed (AT-03: a resource policy alone still needs an Allow);
/// - else, the route's `authorizer: none`: always.
/// Network authorizers can only object. [any] Pure, no allocation.
class Evaluation {
 public:
  /// True when this answer decides: ask nobody else. Not to be called after that.
  bool add(const Authorizer& by, const Answer& answer) noexcept;
  /// The decision, once an answer decided or all were added; good as long as this is. `identity_expected`: the route
  /// has an identity authorizer; if none was added, nobody allowed.
  const Decision& conclude(bool identity_expected) noexcept;

 private:
  bool objected_ = false;
  bool resource_asked_ = false;
  bool identity_asked_ = false;
  const Authorizer* resource_allowed_ = nullptr;
  Decision decision_;
};

}  // namespace gatehouse::access
