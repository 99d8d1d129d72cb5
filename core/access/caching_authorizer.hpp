#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "access/authorizer.hpp"
#include "access/result_cache.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/siphash.hpp"

namespace gatehouse::access {

/// The way to the workers' loops.
class WorkerPosts {
 public:
  virtual ~WorkerPosts() = default;
  /// Runs `task` on that worker's loop, later. False (and the task is dropped) when that loop is closed. [any]
  virtual bool post(std::uint32_t worker, std::function<void()> task) = 0;
};

/// An identity authorizer whose answers are used again (spec lambda-authorizers section 14): asks the one behind it
/// only when nothing good is kept under the request's identity sources.
///
/// - A hit in the worker's own table takes no lock and no memory but the arena's; one in the shared cache a short lock.
/// - Allow and deny are kept (LA-A5) for the shortest of the configured time, the answer's own and its `valid_until`,
///   from when they came (LA-A7); nothing else is (LA-A6).
/// - Requests of one key that miss together share one call. Kept answers and refusals are for all of them; an allow or
///   deny that must not be kept is for its caller alone, and the others each ask. When the leading request's client
///   goes away, whoever waited longest asks anew; when its deadline passes, all fail. Each waits no longer than its own
///   deadline.
/// - The trace says `cached` for a hit, `shared` for one that waited.
class CachingAuthorizer final : public Authorizer, public std::enable_shared_from_this<CachingAuthorizer> {
 public:
  struct Settings {
    std::int64_t ttl_seconds = 300;  // above 0
    ResultCache::Limits limits;
    std::uint32_t workers = 1;
    std::shared_ptr<WorkerPosts> posts;  // null: nobody can wait for another, each asks
    const base::Clock* clock = &base::system_clock();
    base::Registry* registry = nullptr;  // null: not counted
  };
  /// [setup] `inner` must be an identity authorizer.
  static std::shared_ptr<CachingAuthorizer> make(std::shared_ptr<Authorizer> inner, Settings settings);
  ~CachingAuthorizer() override;

  std::string_view name() const noexcept override { return inner_->name(); }
  Category category() const noexcept override { return inner_->category(); }
  std::span<const DeclaredPolicy> policies() const noexcept override { return inner_->policies(); }
  void authorize(const Facts& facts, std::int64_t deadline_ns, Question& question) noexcept override;
  void cancel(Question& question) noexcept override;

  const std::shared_ptr<Authorizer>& inner() const noexcept { return inner_; }
  /// [any] Drops what is kept: all, or one stage's. Says how much it was.
  std::size_t purge();
  std::size_t purge(std::string_view api_id, std::string_view stage);
  ResultCache::Size size() const { return cache_.size(); }

 private:
  struct Call;
  struct PerWorker;
  class Relay;
  CachingAuthorizer(std::shared_ptr<Authorizer> inner, Settings settings);

  bool ask(const Facts& facts, std::int64_t deadline_ns, Question& question);
  void ask_inner(Call& call);
  void answered(Call& call, const Answer& answer);
  void end_flight(Call& call, const Answer& answer) noexcept;
  std::int64_t keep_until_ns(const Answer& answer) const noexcept;
  void share(const std::vector<std::shared_ptr<ResultCache::Caller>>& waiting, const Answer& answer,
             const std::shared_ptr<const KeptAnswer>& kept);
  void hand_over(const std::shared_ptr<ResultCache::Flight>& flight);
  static std::shared_ptr<Call> take(Question& question) noexcept;
  static void deliver(const KeptAnswer& kept, std::string_view code, Question& question) noexcept;

  const std::shared_ptr<Authorizer> inner_;
  const Settings settings_;
  base::SipKey sip_;
  ResultCache cache_;
  std::vector<std::unique_ptr<PerWorker>> per_worker_;
};

}  // namespace gatehouse::access
