#include "access/chain.hpp"

#include <algorithm>
#include <cassert>

#include "access/policy_context.hpp"
#include "access/policy_kind.hpp"
#include "access/policy_trace.hpp"

namespace gatehouse::access {
namespace {

constexpr std::int64_t kLongestTimeoutMs = 86'400'000;

std::int64_t timeout_of(const Step& step) noexcept {
  return std::clamp<std::int64_t>(step.timeout_ms, 1, kLongestTimeoutMs);
}

base::Step step_of(Category category) noexcept {
  return category == Category::Network    ? base::Step::Network
         : category == Category::Resource ? base::Step::Resource
                                          : base::Step::Identity;
}

base::Outcome outcome_of(AnswerKind kind) noexcept {
  switch (kind) {
    case AnswerKind::Allow:
      return base::Outcome::Allowed;
    case AnswerKind::Deny:
      return base::Outcome::Denied;
    case AnswerKind::Unauthorized:
      return base::Outcome::Unauthorized;
    case AnswerKind::Abstain:
      return base::Outcome::Abstained;
    case AnswerKind::Failed:
      break;
  }
  return base::Outcome::Failed;
}

}  // namespace

/// The Question of one call, in the request's arena: it outlives the step, so that an authorizer that speaks too late
/// or twice is recognised, and the chain, so that it can unpin the exchange it pinned.
class AccessChain::Ask final : public Question {
 public:
  Ask(AccessChain& chain, http::Exchange& exchange, std::uint32_t serial) noexcept
      : chain_(chain), exchange_(exchange), serial_(serial) {}
  void answered(const Answer& answer) override { chain_.answered(serial_, answer); }
  base::Arena& arena() noexcept override { return exchange_.arena; }
  void pin() noexcept override { exchange_.pin(); }
  void unpin() noexcept override { exchange_.unpin(); }
  RequestBody* body() noexcept override { return chain_.body(serial_); }

 private:
  AccessChain& chain_;
  http::Exchange& exchange_;
  const std::uint32_t serial_;
};

void AccessChain::start(const AccessPlan& plan, Facts& facts, http::Exchange& exchange, base::Trace& trace,
                        std::int64_t now_ns, Owner& owner, bool explain) {
  assert(!pending_ && early_ == nullptr);
  plan_ = &plan;
  facts_ = &facts;
  exchange_ = &exchange;
  trace_ = &trace;
  owner_ = &owner;
  now_ns_ = now_ns;
  at_ = 0;
  if (used_) evaluation_ = {};
  used_ = true;
  if (explain) trace.move_to(exchange.arena.array<base::TraceRecord>(kExplainedRecords));
  evaluation_.begin(plan.style, plan.require_authorizer_allow, facts, exchange.arena, explain ? &trace : nullptr);
  advance();
}

void AccessChain::advance() {
  for (; at_ < plan_->steps.size(); ++at_) {
    const Step& step = plan_->steps[at_];
    Answer answer;
    if (ask(step, answer) != Asked::Answered) return;
    if (take(step, answer)) break;
  }
  finish();
}

AccessChain::Asked AccessChain::ask(const Step& step, Answer& answer) {
  base::Arena& arena = exchange_->arena;
  const auto values = arena.array<IdentityValue>(step.identity_sources.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = step.identity_sources[i].resolve(*facts_, arena);
    // LA-21: which of several a REST API takes is not known, and the upstream may take another.
    if (!values[i].repeated && (values[i].present || !step.require_identity_sources)) continue;
    answer.kind = AnswerKind::Unauthorized;
    answer.code = values[i].repeated ? "identity_source_repeated" : "identity_source_absent";
    answer.reason = values[i].source;
    return Asked::Answered;
  }
  if (step.validation != nullptr && !step.validation->matches(values.empty() ? std::string_view() : values[0].value)) {
    answer.kind = AnswerKind::Unauthorized;
    answer.code = "identity_source_mismatch";
    answer.reason = values.empty() ? std::string_view() : values[0].source;
    return Asked::Answered;
  }
  facts_->identity = values;

  const std::uint32_t serial = ++serial_;
  Ask* const question = arena.make<Ask>(*this, *exchange_, serial);
  const std::int64_t timeout_ms = timeout_of(step);
  early_ = &answer;
  early_given_ = false;
  step.authorizer->authorize(*facts_, now_ns_ + timeout_ms * 1'000'000, *question);
  early_ = nullptr;
  if (serial != serial_) {
    if (!early_given_) step.authorizer->cancel(*question);
    return Asked::Cancelled;
  }
  if (early_given_) {
    ++serial_;
    return Asked::Answered;
  }
  question_ = question;
  pending_ = true;
  owner_->wait(timeout_ms);
  return Asked::Pending;
}

RequestBody* AccessChain::body(std::uint32_t serial) const noexcept {
  return serial == serial_ ? facts_->body : nullptr;
}

void AccessChain::answered(std::uint32_t serial, const Answer& answer) {
  if (serial != serial_) return;
  if (early_ != nullptr) {
    *early_ = early_given_ ? Answer::failed("answered_twice", "the authorizer answered twice") : answer;
    early_given_ = true;
    return;
  }
  if (pending_) resume(answer);
}

void AccessChain::resume(const Answer& answer) {
  ++serial_;
  pending_ = false;
  question_ = nullptr;
  const Step& step = plan_->steps[at_];
  const std::int64_t now_ns = owner_->now_ns();
  now_ns_ = now_ns != 0 ? now_ns : now_ns_ + timeout_of(step) * 1'000'000;
  if (take(step, answer)) {
    finish();
    return;
  }
  ++at_;
  advance();
}

void AccessChain::expire() {
  if (!pending_) return;
  ++serial_;
  plan_->steps[at_].authorizer->cancel(*question_);
  resume(Answer::failed("deadline", "no answer within the authorizer's timeout"));
}

void AccessChain::cancel() noexcept {
  ++serial_;
  if (!pending_) return;
  pending_ = false;
  plan_->steps[at_].authorizer->cancel(*question_);
  question_ = nullptr;
}

bool AccessChain::take(const Step& step, const Answer& answer) {
  trace_->add(step_of(step.authorizer->category()), outcome_of(answer.kind), step.authorizer->name(),
              answer.code.empty() ? name(answer.kind) : answer.code, answer.reason);
  if (answer.slashes_collapsed && answer.kind == AnswerKind::Allow && !owner_->collapse_slashes()) {
    Answer elsewhere;
    elsewhere.kind = AnswerKind::Deny;
    elsewhere.code = "path_form";
    elsewhere.reason = "the path that was signed has its slashes one each, and is another route";
    return evaluation_.add(*step.authorizer, elsewhere);
  }
  if (answer.policies.empty()) return evaluation_.add(*step.authorizer, answer);
  Answer found = answer;
  resolve(step, found);
  return evaluation_.add(*step.authorizer, found);
}

// Handles become the policies that the route compiled them to; when one cannot, the answer a failure that says why.
void AccessChain::resolve(const Step& step, Answer& answer) {
  const std::span<AnswerPolicy> all = exchange_->arena.array<AnswerPolicy>(answer.policies.size());
  const auto fails = [&](std::string_view code, std::string_view why) { answer = Answer::failed(code, why); };
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = answer.policies[i];
    if (all[i].handle == 0) continue;
    all[i].policy = nullptr;
    for (const auto& [handle, compiled] : step.policies)
      if (handle == all[i].handle) all[i].policy = compiled.get();
    if (all[i].policy == nullptr) return fails("unknown_policy", "the answer names a policy that there is not");
    if (all[i].policy->kind() != kind_of(all[i].role))
      return fails("policy_role", "the answer names a policy by another role than it was compiled for");
  }
  answer.policies = all;
}

void AccessChain::finish() {
  const Decision& decision = evaluation_.conclude(plan_->has_identity);
  if (decision.finding.statement != nullptr && decision.verdict != Verdict::Allowed && decision.by != nullptr) {
    const PolicyContext context(*facts_, exchange_->arena, decision.identity.caller);
    trace_->add(step_of(decision.by->category()), base::Outcome::Denied, decision.by->name(), "statement",
                describe(*decision.finding.statement, nullptr, context, exchange_->arena));
  }
  owner_->decided(decision);
}

}  // namespace gatehouse::access
