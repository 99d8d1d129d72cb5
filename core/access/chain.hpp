#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "access/decision.hpp"
#include "access/identity_source.hpp"
#include "base/trace.hpp"
#include "http/exchange.hpp"

namespace gatehouse::access {

/// One authorizer as a route uses it.
struct Step {
  const Authorizer* authorizer = nullptr;      // owned by the Gateway
  std::vector<IdentitySource> identity_sources;
  /// What an absent identity source means: Unauthorized without asking (LA-23, LA-24, LA-26), or ask (LA-25, LA-27).
  bool require_identity_sources = false;
  std::int64_t timeout_ms = 10'000;
};

/// The compiled order of a route: network authorizers, resource authorizer, at most one identity authorizer. Immutable.
struct AccessPlan {
  std::vector<Step> steps;                     // already in order
  bool has_identity = false;
};

/// Asks the authorizers of a plan, one after the other; stops at the first final answer; resumable while one is
/// pending. One per request, part of the request's context; reusable. [loop]
class AccessChain final : private Question {
 public:
  /// Told the decision: exactly once per start(), inside start() when nobody had to wait, unless cancelled.
  class Owner {
   public:
    virtual void decided(const Decision& decision) = 0;
    /// An authorizer did not answer at once: call expire() in `ms` unless decided() or cancel() came first. A later
    /// wait() replaces an earlier one.
    virtual void wait(std::int64_t ms) = 0;

   protected:
    ~Owner() = default;
  };
  /// `facts` stays until decided() or cancel(); facts.identity is set by the chain for each step. `now_ns` monotonic.
  void start(const AccessPlan& plan, Facts& facts, http::Exchange& exchange, base::Trace& trace, std::int64_t now_ns,
             Owner& owner);
  /// The deadline that wait() named has come: the pending answer is Failed (`deadline`).
  void expire();
  /// Nobody waits any more.
  void cancel() noexcept;
  bool pending() const noexcept { return pending_; }

 private:
  void answered(const Answer& answer) override;
  base::Arena& arena() noexcept override;
  void pin() noexcept override;
  void unpin() noexcept override;
  void advance();

  const AccessPlan* plan_ = nullptr;
  Facts* facts_ = nullptr;
  http::Exchange* exchange_ = nullptr;
  base::Trace* trace_ = nullptr;
  Owner* owner_ = nullptr;
  std::int64_t now_ns_ = 0;
  std::size_t at_ = 0;
  bool pending_ = false;
  bool asking_ = false;
  std::optional<Answer> early_;
  Decision decision_;
};

}  // namespace gatehouse::access
