#include "policy/weigh.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::policy {
namespace {

/// What a question's ARNs begin with, matched once for all statements that write it alike. Of one policy.
class Fronts {
 public:
  explicit Fronts(const Question& q) noexcept {
    const auto like_first = [&](const Arn& r) {
      return std::equal(r.parts.begin(), r.parts.begin() + 5, q.resources[0].parts.begin());
    };
    for (std::size_t i = 1; i < q.resources.size(); ++i) alike_ = alike_ && like_first(q.resources[i]);
    if (!q.resources.empty()) alike_ = alike_ && std::all_of(q.spellings.begin(), q.spellings.end(), like_first);
  }
  bool match(const ResourcePattern& r, const Arn& arn) noexcept {
    if (!alike_ || r.front >= 64) return r.pattern.match_front(arn);
    const std::uint64_t bit = std::uint64_t{1} << r.front;
    if ((known_ & bit) == 0) {
      known_ |= bit;
      if (r.pattern.match_front(arn)) matching_ |= bit;
    }
    return (matching_ & bit) != 0;
  }

 private:
  bool alike_ = true;
  std::uint64_t known_ = 0, matching_ = 0;
};

/// What a request has under the keys that the gateway knows, looked up once for all conditions.
class Keys {
 public:
  explicit Keys(const Context& context) noexcept : context_(context) {}
  bool satisfy(const Condition& c) {
    const auto at = static_cast<std::size_t>(c.key().known);
    if (at == static_cast<std::size_t>(KnownKey::None)) return c.holds(context_);
    if ((known_ >> at & 1u) == 0) {
      known_ |= 1u << at;
      values_[at] = context_.find(c.key());
    }
    return c.holds(values_[at], context_);
  }

 private:
  const Context& context_;
  std::uint32_t known_ = 0;
  std::array<Values, kKnownKeys> values_;
};

/// What one weighing finds out once.
struct Once {
  explicit Once(const Question& q) noexcept : fronts(q), keys(q.context) {}
  Fronts fronts;
  Keys keys;
};

Pattern::Match match(const ResourcePattern& r, const Arn& arn, const Context& context, Fronts& fronts) {
  if (r.pattern.is_everything()) return Pattern::Match::Yes;
  if (!r.pattern.can_match() || !arn.whole || !fronts.match(r, arn)) return Pattern::Match::No;
  return r.pattern.match_resource(arn, context);
}

bool covers(const Statement& statement, const Arn& resource, const Context& context, Fronts& fronts) {
  if (!statement.has_resource) return true;
  bool unresolved = false;
  for (const ResourcePattern& r : statement.resources) {
    const Pattern::Match match = policy::match(r, resource, context, fronts);
    if (match == Pattern::Match::Yes) return !statement.not_resource;
    unresolved = unresolved || match == Pattern::Match::Unresolved;
  }
  if (!statement.not_resource) return false;
  // Nobody knows what an unresolved variable leaves out: a Deny applies, an Allow does not.
  return !unresolved || statement.effect == Effect::Deny;
}

/// Whether the statement is about what is asked for, by whichever name closes more.
bool covers(const Statement& s, const Question& q, Fronts& fronts) {
  const auto about = [&](const Arn& r) { return covers(s, r, q.context, fronts); };
  const auto any = [&](std::span<const Arn> names) { return std::any_of(names.begin(), names.end(), about); };
  if (s.effect == Effect::Deny) return any(q.resources) || any(q.spellings);
  if (!s.not_resource) return any(q.resources);
  return !q.resources.empty() && std::all_of(q.resources.begin(), q.resources.end(), about) &&
         std::all_of(q.spellings.begin(), q.spellings.end(), about);
}

struct Applies {
  Miss miss = Miss::None;
  const Condition* condition = nullptr;
  Grant grant = Grant::None;
};

Applies applies(const Statement& s, const Question& q, Once& once) {
  Applies out;
  const auto missed = [&](Miss miss) {
    out.miss = miss;
    return out;
  };
  if (!s.acts_on(q.action)) return missed(Miss::Action);
  if (!covers(s, q, once.fronts)) return missed(Miss::Resource);
  if (s.principals) {
    if (s.not_principal) {
      if (s.principals->exempts(q.caller)) return missed(Miss::Principal);
    } else {
      out.grant = s.principals->names(q.caller);
      if (out.grant == Grant::None) return missed(Miss::Principal);
    }
  }
  for (const Condition& c : s.conditions) {
    if (once.keys.satisfy(c)) continue;
    out.condition = &c;
    return missed(Miss::Condition);
  }
  return out;
}

void take(Finding& out, const Policy& policy, const Statement& s, const Applies& applied) {
  if (s.effect == Effect::Deny) {
    if (out.effect != Effect::Deny) out = {Effect::Deny, Grant::None, &policy, &s};
  } else if (out.effect == Effect::None || (out.effect == Effect::Allow && applied.grant > out.grant)) {
    out = {Effect::Allow, applied.grant, &policy, &s};
  }
}

Finding weigh_all(const Policy& policy, const Question& question, Observer& observer) {
  Finding out;
  Once once(question);
  for (const Statement& s : policy.statements()) {
    const Applies applied = applies(s, question, once);
    observer.weighed(policy, s, applied.miss, applied.condition);
    if (applied.miss == Miss::None) take(out, policy, s, applied);
  }
  return out;
}

}  // namespace

std::string_view name(Miss miss) noexcept {
  switch (miss) {
    case Miss::None:
      return "applies";
    case Miss::Action:
      return "another action";
    case Miss::Resource:
      return "another resource";
    case Miss::Principal:
      return "another principal";
    case Miss::Condition:
      return "a condition does not hold";
  }
  return "";
}

std::vector<Missed> all_missed(const Statement& s, const Question& q) {
  std::vector<Missed> out;
  Fronts fronts(q);
  if (!s.acts_on(q.action)) out.push_back({Miss::Action});
  if (!covers(s, q, fronts)) out.push_back({Miss::Resource});
  if (s.principals &&
      (s.not_principal ? s.principals->exempts(q.caller) : s.principals->names(q.caller) == Grant::None))
    out.push_back({Miss::Principal});
  for (const Condition& c : s.conditions)
    if (!c.holds(q.context)) out.push_back({Miss::Condition, &c});
  return out;
}

Finding weigh(const Policy& policy, const Question& question, Observer* observer) {
  if (observer != nullptr) return weigh_all(policy, question, *observer);
  Finding out;
  if (question.resources.empty()) return out;
  const std::string_view of = question.resources[0].resource();
  const bool one = question.resources.size() == 1 && question.spellings.empty();
  Once once(question);
  const auto go_through = [&](Effect effect) {
    for (const std::uint32_t i : one ? policy.candidates_for(effect, question.action, of)
                                     : policy.candidates(effect, question.action, head(of))) {
      const Statement& s = policy.statements()[i];
      const Applies applied = applies(s, question, once);
      if (applied.miss != Miss::None) continue;
      take(out, policy, s, applied);
      if (effect == Effect::Deny || !s.principals || out.grant == Grant::Direct) return;
    }
  };
  go_through(Effect::Deny);
  if (out.effect == Effect::None) go_through(Effect::Allow);
  return out;
}

Finding weigh(std::span<const Policy* const> set, const Question& question, Observer* observer) {
  Finding out;
  for (const Policy* policy : set) {
    const Finding found = weigh(*policy, question, observer);
    if (found.effect == Effect::None || out.effect == Effect::Deny) continue;
    if (found.effect == Effect::Deny || out.effect == Effect::None || found.grant > out.grant) out = found;
    if (out.effect == Effect::Deny && observer == nullptr) break;
  }
  return out;
}

}  // namespace gatehouse::policy
