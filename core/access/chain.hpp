#pragma once
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "access/decision.hpp"
#include "access/evaluate.hpp"
#include "access/identity_source.hpp"
#include "access/validation_expression.hpp"
#include "base/trace.hpp"
#include "http/exchange.hpp"

namespace gatehouse::access {

/// One authorizer as a route uses it.
struct Step {
  Authorizer* authorizer = nullptr;  // owned by the Gateway
  std::vector<IdentitySource> identity_sources;
  /// What an absent identity source means: Unauthorized without asking (LA-23, LA-24, LA-26), or ask (LA-25, LA-27).
  bool require_identity_sources = false;
  /// Of `type: token`: what the first source's value must match, else Unauthorized without asking (LA-30).
  std::shared_ptr<const ValidationExpression> validation;
  std::int64_t timeout_ms = 10'000;  // at least 1
  /// What the handles in its answers stand for, compiled for the route's API.
  std::vector<std::pair<std::uint64_t, std::shared_ptr<const policy::Policy>>> policies;
};

/// The compiled order of a route: network authorizers, then the resource authorizer and at most one identity
/// authorizer, these two as resource_policy_first() has it. Immutable.
struct AccessPlan {
  std::vector<Step> steps;    // already in order
  bool has_identity = false;  // without an identity step in `steps`, nobody allows
  IdentityStyle style = IdentityStyle::Lambda;
  bool require_authorizer_allow = false;  // 9.3: a silent authorizer policy is not made up for by the resource policy
};

/// Asks the authorizers of a plan, one after the other; stops at the first objection (access/evaluate.hpp); resumable
/// while one is pending. One per request, part of the request's context; reusable. [loop]
///
/// Writes a trace record for each authorizer: its answer's code and reason. `identity_source_absent` (ref: the source)
/// stands for one that was not asked for want of an identity source, `identity_source_repeated` for one whose source
/// has several values of which it would be told one (LA-21), `identity_source_mismatch` for one whose token does not
/// match. A refusal by a statement of a policy has a record `statement` that says which, with its conditions and what
/// the request has. The decision's own record is the owner's.
class AccessChain final {
 public:
  /// Told the decision: exactly once per start(), inside start() when nobody had to wait, unless cancelled.
  class Owner {
   public:
    /// `decision` is good until the chain is started again or destroyed, which may happen in this call; its texts as
    /// long as the exchange.
    virtual void decided(const Decision& decision) = 0;
    /// An authorizer did not answer at once: call expire() in `ms` unless decided() or cancel() came first. A later
    /// wait() replaces an earlier one.
    virtual void wait(std::int64_t ms) = 0;
    /// The time now, monotonic, asked after a wait only. 0: not known, and an authorizer asked after one that was
    /// waited for is told a deadline as if that one had taken all its time.
    virtual std::int64_t now_ns() noexcept { return 0; }
    /// The caller signed the path with its slashes one each (spec sigv4 3.2): that path is matched, judged and
    /// forwarded from here on. False, and nothing changes, when it is another route's, or nobody's.
    virtual bool collapse_slashes() { return false; }

   protected:
    ~Owner() = default;
  };
  AccessChain() = default;
  AccessChain(const AccessChain&) = delete;
  AccessChain& operator=(const AccessChain&) = delete;

  /// Not while pending(). `plan`, `trace` and `facts` stay until decided() or cancel(); facts.identity is set by the
  /// chain for each step, into the exchange's arena. `now_ns` monotonic. `explain`: the trace also says what became of
  /// each policy statement.
  void start(const AccessPlan& plan, Facts& facts, http::Exchange& exchange, base::Trace& trace, std::int64_t now_ns,
             Owner& owner, bool explain = false);
  /// The deadline that wait() named has come: the pending answer is Failed (`deadline`). Nothing when none is pending.
  void expire();
  /// Nobody waits any more: decided() will not be called.
  void cancel() noexcept;
  bool pending() const noexcept { return pending_; }

 private:
  class Ask;
  enum class Asked : std::uint8_t { Answered, Pending, Cancelled };
  void answered(std::uint32_t serial, const Answer& answer);
  RequestBody* body(std::uint32_t serial) const noexcept;
  void resume(const Answer& answer);
  void advance();
  Asked ask(const Step& step, Answer& answer);
  bool take(const Step& step, const Answer& answer);
  void resolve(const Step& step, Answer& answer);
  void finish();

  const AccessPlan* plan_ = nullptr;
  Facts* facts_ = nullptr;
  http::Exchange* exchange_ = nullptr;
  base::Trace* trace_ = nullptr;
  Owner* owner_ = nullptr;
  std::int64_t now_ns_ = 0;
  std::size_t at_ = 0;
  /// INVARIANT: an Ask with another serial is over: nothing it says is heard.
  std::uint32_t serial_ = 0;
  Question* question_ = nullptr;
  bool pending_ = false;
  bool early_given_ = false;
  bool used_ = false;
  Answer* early_ = nullptr;  // where an answer goes that comes while authorize() runs
  Evaluation evaluation_;
};

}  // namespace gatehouse::access
