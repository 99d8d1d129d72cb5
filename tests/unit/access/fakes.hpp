#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "access/chain.hpp"

namespace gatehouse::access {

/// An exchange without a connection behind it.
class FakeExchange final : public http::Exchange {
 public:
  http::BodySource& body() noexcept override { std::abort(); }
  void respond(const http::ResponseHead&, http::BodySource*) override { std::abort(); }
  void abort() noexcept override {}
  void close_after() noexcept override {}
  bool responded() const noexcept override { return false; }
  int unpinned_calls = 0;

 private:
  void unpinned() noexcept override { ++unpinned_calls; }
};

inline Answer say(AnswerKind kind, std::string_view code = {}) {
  Answer out;
  out.kind = kind;
  out.code = code;
  return out;
}

/// Answers as it is told: at once, when the test calls answer(), or never.
class FakeAuthorizer final : public Authorizer {
 public:
  FakeAuthorizer(std::string name, Category category) : name_(std::move(name)), category_(category) {}
  FakeAuthorizer(std::string name, Category category, Answer at_once) : FakeAuthorizer(std::move(name), category) {
    at_once_ = {at_once};
  }
  std::string_view name() const noexcept override { return name_; }
  Category category() const noexcept override { return category_; }
  std::span<const DeclaredPolicy> policies() const noexcept override { return declared; }
  void authorize(const Facts& facts, std::int64_t deadline_ns, Question& question) noexcept override {
    ++asked;
    deadline = deadline_ns;
    questions.push_back(&question);
    identity.assign(facts.identity.begin(), facts.identity.end());
    if (inside) inside(question);
    for (const Answer& answer : at_once_) question.answered(answer);
  }
  void cancel(Question& question) noexcept override {
    cancelled.push_back(&question);
    if (on_cancel) on_cancel(question);
  }
  void answer(const Answer& answer) { questions.back()->answered(answer); }
  void answers_at_once(std::vector<Answer> answers) { at_once_ = std::move(answers); }

  std::vector<DeclaredPolicy> declared;
  int asked = 0;
  std::int64_t deadline = 0;
  std::vector<Question*> questions, cancelled;
  std::vector<IdentityValue> identity;
  std::function<void(Question&)> inside, on_cancel;

 private:
  std::string name_;
  Category category_;
  std::vector<Answer> at_once_;
};

/// A request with a chain, and an owner that writes down what it is told.
class Request final : public AccessChain::Owner {
 public:
  Request() {
    facts.request = &exchange.request;
    facts.target = &target;
  }
  void decided(const Decision& decision) override {
    ++decisions;
    last = decision;
    if (on_decided) on_decided();
  }
  void wait(std::int64_t ms) override { waits.push_back(ms); }
  std::int64_t now_ns() noexcept override { return now; }

  void start(AccessPlan steps) {
    plan = std::move(steps);
    last.reset();
    chain.start(plan, facts, exchange, trace, 1'000, *this);
  }
  /// The trace, a record a line: `identity unauthorized gate code ref`.
  std::string traced() const {
    std::string out;
    for (const base::TraceRecord& r : trace.records()) {
      out += std::string(base::name(r.step)) + " " + std::string(base::name(r.outcome)) + " " + std::string(r.who) +
             " " + std::string(r.code);
      if (!r.ref.empty()) out += " " + std::string(r.ref);
      out += "\n";
    }
    return out;
  }

  FakeExchange exchange;
  http::Target target;
  Facts facts;
  base::Trace trace;
  AccessPlan plan;
  AccessChain chain;
  int decisions = 0;
  std::int64_t now = 0;
  std::optional<Decision> last;
  std::vector<std::int64_t> waits;
  std::function<void()> on_decided;
};

inline AccessPlan plan_of(std::initializer_list<FakeAuthorizer*> authorizers) {
  AccessPlan plan;
  for (FakeAuthorizer* a : authorizers) {
    Step step;
    step.authorizer = a;
    plan.steps.push_back(std::move(step));
    plan.has_identity = plan.has_identity || a->category() == Category::Identity;
  }
  return plan;
}

}  // namespace gatehouse::access
