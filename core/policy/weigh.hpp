#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "policy/policy.hpp"

namespace gatehouse::policy {

/// What is asked of policies: may this caller do this to that. Views; everything outlives the answer.
struct Question {
  Caller caller;
  Action action;
  /// The resource, and the other names it goes by (`$default` routes, `@connections`): a Deny on any denies, an Allow
  /// on any allows, an Allow that leaves out (NotResource) any of them does not. All of one API.
  std::span<const Arn> resources;
  const Context& context;
  /// The resource as others may read the request's path (`a%24b`, `a//b`, `a;x`, `a/`). They never allow: a Deny on any
  /// denies, an Allow that leaves out any of them does not allow.
  std::span<const Arn> spellings = {};
};

/// Why a statement does not apply.
enum class Miss : std::uint8_t { None, Action, Resource, Principal, Condition };
std::string_view name(Miss miss) noexcept;

/// Told of every statement that is looked at: for explanations. With an observer all statements are looked at.
class Observer {
 public:
  /// `condition`: of a Miss::Condition the first that does not hold.
  virtual void weighed(const Policy& policy, const Statement& statement, Miss miss, const Condition* condition) = 0;

 protected:
  ~Observer() = default;
};

/// An element of a statement that keeps it from applying.
struct Missed {
  Miss element = Miss::None;
  const Condition* condition = nullptr;  // of a Miss::Condition
};
/// All of them, not only the first; empty when the statement applies. For explanations. [any]
std::vector<Missed> all_missed(const Statement& statement, const Question& question);

/// What a document says.
struct Finding {
  Effect effect = Effect::None;
  Grant grant = Grant::None;             // of an Allow in a document with principals: the closest
  const Policy* policy = nullptr;        // that decided, and
  const Statement* statement = nullptr;  // its statement: of a Deny the first, of an Allow the first of the closest
};

/// Deny when a Deny applies, else Allow when an Allow applies, else nothing (spec iam-policy 8.1). The order of
/// statements never matters. [any] Allocates for long variables only.
Finding weigh(const Policy& policy, const Question& question, Observer* observer = nullptr);
/// Of several documents that are one set.
Finding weigh(std::span<const Policy* const> set, const Question& question, Observer* observer = nullptr);

}  // namespace gatehouse::policy
