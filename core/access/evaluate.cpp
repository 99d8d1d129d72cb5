#include "access/evaluate.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "access/caller.hpp"
#include "access/policy_context.hpp"
#include "access/policy_flip.hpp"
#include "access/policy_trace.hpp"

namespace gatehouse::access {
namespace {

using policy::Effect;
using policy::Layer;

// More than any caller has: ten managed and some inline policies, each of his groups' too.
constexpr std::size_t kMostPolicies = 64;

/// Policies of an answer in the sets that policy::combine takes.
struct CallersPolicies {
  std::array<const policy::Policy*, kMostPolicies> identity, session;
  std::size_t identities = 0, sessions = 0;
  const policy::Policy* boundary = nullptr;
  bool sound = true;

  explicit CallersPolicies(std::span<const AnswerPolicy> all) noexcept {
    sound = all.size() <= kMostPolicies;
    if (!sound) return;
    for (const AnswerPolicy& one : all) {
      sound = sound && one.policy != nullptr;
      switch (one.role) {
        case PolicyRole::Identity:
          identity[identities++] = one.policy;
          break;
        case PolicyRole::Session:
          session[sessions++] = one.policy;
          break;
        case PolicyRole::Boundary:
          sound = sound && boundary == nullptr;
          boundary = one.policy;
          break;
        default:  // not a caller's
          sound = false;
      }
    }
  }

  policy::Sets sets() const noexcept {
    policy::Sets out;
    out.identity = {identity.data(), identities};
    out.boundary = boundary;
    out.session = {session.data(), sessions};
    return out;
  }
};

}  // namespace

std::optional<Verdict> objection(Category category, AnswerKind kind) noexcept {
  const bool identity = category == Category::Identity;
  if (!identity && category != Category::Network && category != Category::Resource) return Verdict::Failed;
  switch (kind) {
    case AnswerKind::Failed:
      return Verdict::Failed;
    case AnswerKind::Allow:
      return std::nullopt;
    case AnswerKind::Deny:
      return Verdict::Denied;
    case AnswerKind::Unauthorized:
      return identity ? Verdict::Unauthorized : Verdict::Denied;
    case AnswerKind::Abstain:
      return identity ? std::optional(Verdict::NotAllowed) : std::nullopt;
  }
  return Verdict::Failed;
}

bool Evaluation::refuse(const Authorizer& by, Verdict verdict, const Answer& decisive) noexcept {
  objected_ = true;
  decision_.verdict = verdict;
  decision_.by = &by;
  decision_.decisive = decisive;
  switch (by.category()) {
    case Category::Network:
      decision_.denial = Denial::Plain;
      break;
    case Category::Resource:
      decision_.denial = Denial::Anonymous;
      decision_.layer = Layer::Resource;
      break;
    case Category::Identity:
      decision_.denial = Denial::Lambda;
      decision_.layer = Layer::Identity;
      break;
  }
  return true;
}

bool Evaluation::fail(const Authorizer& by, std::string_view code, std::string_view why) noexcept {
  return refuse(by, Verdict::Failed, Answer::failed(code, why));
}

bool Evaluation::add(const Authorizer& by, const Answer& answer) {
  assert(!objected_);
  const Category category = by.category();
  if (category == Category::Identity) {
    identity_ = &by;
    decision_.identity = answer;
    decision_.by = &by;
  }
  if (const std::optional<Verdict> refused = objection(category, answer.kind)) return refuse(by, *refused, answer);
  if (category == Category::Resource) return take_resource(by, answer);
  if (!answer.policies.empty() && category == Category::Network)
    return fail(by, "policy_role", "a network authorizer has no policy that is weighed");
  return false;
}

bool Evaluation::take_resource(const Authorizer& by, const Answer& answer) {
  resource_ = &by;
  if (answer.policies.empty()) {
    if (answer.kind == AnswerKind::Allow && resource_allowed_ == nullptr) resource_allowed_ = &by;
    return false;
  }
  const AnswerPolicy& given = answer.policies.front();
  if (answer.policies.size() != 1 || given.role != PolicyRole::Resource || given.policy == nullptr ||
      resource_policy_ != nullptr || facts_ == nullptr)
    return fail(by, "policy_role", "a resource authorizer gives one policy, of role resource");
  resource_policy_ = given.policy;
  resource_allowed_ = nullptr;
  if (style_ == IdentityStyle::Iam) return false;  // weighed together with what the caller brings
  resource_finding_ = weigh(by, answer);
  if (resource_finding_.effect == Effect::Allow) resource_allowed_ = &by;
  if (resource_finding_.effect != Effect::Deny) return false;
  decision_.finding = resource_finding_;
  return refuse(by, Verdict::Denied, answer);
}

policy::Finding Evaluation::weigh(const Authorizer& by, const Answer& answer) {
  const PolicyQuestion question(*facts_, *arena_);
  std::array<const policy::Policy*, kMostPolicies> all;
  for (std::size_t i = 0; i < answer.policies.size(); ++i) all[i] = answer.policies[i].policy;
  const std::span<const policy::Policy* const> set(all.data(), answer.policies.size());
  if (explain_ == nullptr) return policy::weigh(set, question.get());
  PolicyTrace trace(*explain_, by.category() == Category::Resource ? base::Step::Resource : base::Step::Identity,
                    by.name(), question.get().context, *arena_);
  const policy::Finding found = policy::weigh(set, question.get(), &trace);
  trace.end();
  return found;
}

// The resource policy itself decides.
void Evaluation::by_resource_policy(Verdict verdict) noexcept {
  decision_.verdict = verdict;
  decision_.by = resource_;
  decision_.denial = Denial::Anonymous;
  decision_.layer = Layer::Resource;
  decision_.finding = resource_finding_;
}

void Evaluation::conclude_none() noexcept {
  if (resource_ == nullptr) {
    decision_.verdict = Verdict::Allowed;
  } else {
    by_resource_policy(resource_allowed_ != nullptr ? Verdict::Allowed : Verdict::NotAllowed);
    if (resource_allowed_ != nullptr) decision_.by = resource_allowed_;
  }
}

void Evaluation::conclude_lambda() {
  const Answer& answer = decision_.identity;
  decision_.verdict = Verdict::Allowed;
  if (answer.caller != nullptr) {
    fail(*identity_, "caller", "callers of the store of identities are for `type: iam`");
    return;
  }
  if (answer.policies.empty()) return;
  const CallersPolicies sound(answer.policies);
  if (facts_ == nullptr || !sound.sound || sound.identities != answer.policies.size()) {
    fail(*identity_, "policy_role", "an answer of this kind brings policies of role identity only");
    return;
  }
  decision_.finding = weigh(*identity_, answer);
  decision_.denial = Denial::Lambda;
  decision_.layer = Layer::Identity;
  switch (decision_.finding.effect) {
    case Effect::Allow:
      return;
    case Effect::Deny:
      decision_.verdict = Verdict::Denied;
      return;
    case Effect::None:
      break;
  }
  if (resource_finding_.effect == Effect::Allow && !require_authorizer_allow_) {
    decision_.by = resource_;
    decision_.finding = resource_finding_;
    return;
  }
  decision_.verdict = Verdict::NotAllowed;
}

void Evaluation::conclude_cognito() noexcept {
  if (!decision_.identity.policies.empty() || decision_.identity.caller != nullptr) {
    fail(*identity_, "policy_role", "an answer of this kind brings no policies");
    return;
  }
  decision_.verdict = Verdict::Allowed;
  if (resource_policy_ != nullptr && resource_finding_.effect != Effect::Allow) by_resource_policy(Verdict::NotAllowed);
}

void Evaluation::conclude_iam() {
  const KnownCaller* const caller = decision_.identity.caller;
  const CallersPolicies own(caller != nullptr ? caller->policies : std::span<const AnswerPolicy>());
  if (facts_ == nullptr || caller == nullptr || !decision_.identity.policies.empty()) {
    fail(*identity_, "caller", "the answer names no caller whom the store of identities knows");
    return;
  }
  decision_.denial = Denial::Caller;
  decision_.caller = caller->arn;
  decision_.cross_account = caller->account != facts_->account_id;
  decision_.layer = Layer::Identity;
  if (!caller->sound || !own.sound) {
    // A row of the store that cannot be weighed refuses whom it belongs to, and nobody else.
    decision_.verdict = Verdict::NotAllowed;
    decision_.decisive = decision_.identity;
    decision_.decisive.code = "unsound_policy";
    decision_.decisive.reason = caller->sound ? std::string_view("more policies than can be weighed, or two boundaries")
                                              : std::string_view(caller->unsound_why);
    return;
  }
  policy::Sets sets = own.sets();
  sets.resource = resource_policy_;
  sets.has_session = caller->has_session_policy;
  const PolicyQuestion question(*facts_, *arena_, caller);
  policy::Verdict said;
  if (explain_ == nullptr) {
    said = policy::combine(sets, question.get(), facts_->account_id);
  } else {
    PolicyTrace trace(*explain_, base::Step::Evaluate, identity_->name(), question.get().context, *arena_);
    said = policy::combine(sets, question.get(), facts_->account_id, &trace);
    trace.end();
  }
  decision_.layer = said.layer;
  decision_.finding = said.finding;
  decision_.verdict = said.outcome == policy::Outcome::Allowed            ? Verdict::Allowed
                      : said.outcome == policy::Outcome::ExplicitlyDenied ? Verdict::Denied
                                                                          : Verdict::NotAllowed;
  if (said.layer == Layer::Resource && resource_ != nullptr) decision_.by = resource_;
}

void Evaluation::conclude_service() noexcept {
  decision_.verdict = Verdict::Allowed;
  if (resource_ != nullptr || !decision_.identity.policies.empty())
    fail(*identity_, "policy_role", "a service of the gateway's own has no policies in front of it");
}

// Only where policies decided: an authorizer's own objection, or its failure, none of them turns round.
void Evaluation::explain_flip() const {
  if (facts_ == nullptr || (objected_ && decision_.finding.statement == nullptr)) return;
  Weighed weighed{style_, require_authorizer_allow_, false, false, {}, facts_->account_id};
  const bool iam = style_ == IdentityStyle::Iam;
  const KnownCaller* const caller = iam && identity_ != nullptr ? decision_.identity.caller : nullptr;
  if (style_ == IdentityStyle::Service || (iam && (caller == nullptr || !caller->sound))) return;
  const std::span<const AnswerPolicy> brought = caller != nullptr      ? std::span(caller->policies)
                                                : identity_ != nullptr ? decision_.identity.policies
                                                                       : std::span<const AnswerPolicy>();
  const CallersPolicies own(brought);
  if (!own.sound) return;
  weighed.identity_answered = identity_ != nullptr;
  weighed.identity_brought = !brought.empty();
  weighed.sets = own.sets();
  weighed.sets.resource = resource_policy_;
  weighed.sets.has_session = caller != nullptr && caller->has_session_policy;
  if (!iam && resource_policy_ == nullptr && !weighed.identity_brought) return;
  const PolicyQuestion question(*facts_, *arena_, caller);
  trace_flip(weighed, question.get(), decision_.verdict == Verdict::Allowed, *explain_,
             decision_.by != nullptr ? decision_.by->name() : std::string_view(), *arena_);
}

const Decision& Evaluation::conclude(bool identity_expected) {
  if (concluded_) return decision_;
  concluded_ = true;
  settle(identity_expected);
  if (explain_ != nullptr) explain_flip();
  return decision_;
}

void Evaluation::settle(bool identity_expected) {
  if (objected_) return;
  if (identity_ == nullptr && identity_expected) {
    decision_.verdict = Verdict::NotAllowed;
    decision_.denial = Denial::Lambda;
    decision_.layer = Layer::Identity;
  } else if (identity_ == nullptr) {
    conclude_none();
  } else {
    switch (style_) {
      case IdentityStyle::None:
        // An identity authorizer on a route that is said to have none: nothing is known of how to treat it.
        fail(*identity_, "identity_style", "the route has no place for an identity authorizer");
        break;
      case IdentityStyle::Lambda:
        conclude_lambda();
        break;
      case IdentityStyle::Cognito:
        conclude_cognito();
        break;
      case IdentityStyle::Iam:
        conclude_iam();
        break;
      case IdentityStyle::Service:
        conclude_service();
        break;
    }
  }
}

}  // namespace gatehouse::access
