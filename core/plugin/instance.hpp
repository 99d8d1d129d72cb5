#pragma once
#include <gatehouse/abi.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "access/authorizer.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"
#include "identity/lookups.hpp"
#include "plugin/cache.hpp"
#include "plugin/call_table.hpp"
#include "plugin/library.hpp"
#include "plugin/metrics.hpp"
#include "plugin/operations.hpp"
#include "plugin/policies.hpp"
#include "plugin/request_view.hpp"
#include "plugin/settings.hpp"
#include "plugin/share.hpp"
#include "plugin/workers.hpp"

namespace gatehouse::plugin {

class BodyOperation;
class KeyOperation;
struct FetchRules;
struct Service;

/// One running gh_authorizer: an access::Authorizer over the C ABI.
///
/// NONBLOCKING ones are called on the loop, others on the plugin's share of the executor. Every call is answered once:
/// a missing, second, late or invalid answer, a negative return and a full queue are Failed, and the log says which
/// plugin it was. complete() inside authorize() only stores; the chain goes on after authorize() has returned. A call
/// whose deadline has passed keeps its request pinned until the plugin's code has come back and has paid what it owes.
///
/// Made by start(); given back by retire(), never destroyed directly.
class Instance final : public access::Authorizer, private Operations::Caller {
 public:
  struct Identity {
    std::string name;  // in the configuration
    access::Category category = access::Category::Identity;
    bool takes_token = false;  // `type: token`
    bool payload_v1 = false;   // `payload_format_version: 1.0`
  };
  /// What its services give, beside the request.
  struct Provisions {
    std::map<std::string, base::Secret> secrets = {};
    config::Grants grants = {};
    base::Registry* registry = nullptr;               // of the plugin's metrics; null: none
    std::shared_ptr<FetchRules> fetch_rules = {};     // null: no grant
    std::shared_ptr<identity::Lookups> lookups = {};  // null: no grant, or no store of identities
  };
  struct Limits {
    std::int64_t start_ms = 30'000;
    std::int64_t retire_ms = 30'000;
  };

  /// [setup] create() and start() on a thread of their own, within limits.start_ms. A plugin that does not come back is
  /// left alone with what it holds, and refused.
  static Result<Instance*> start(Identity identity, Provisions provisions, std::shared_ptr<Library> library,
                                 std::unique_ptr<Settings> settings, std::shared_ptr<Share> share,
                                 std::shared_ptr<const Workers> workers, const base::Clock& clock,
                                 const Limits& limits);

  /// [setup] No call comes any more: waits until no thread is inside, stops, waits for what is owed, destroys, lets go
  /// of the library. What does not end in limits.retire_ms is kept for ever, library and all, and logged; then false.
  /// Not on a loop.
  static bool retire(Instance* instance) noexcept;

  std::string_view name() const noexcept override { return identity_.name; }
  access::Category category() const noexcept override { return identity_.category; }
  std::span<const access::DeclaredPolicy> policies() const noexcept override { return policies_.all(); }
  void authorize(const access::Facts& facts, std::int64_t deadline_ns, access::Question& question) noexcept override;
  void cancel(access::Question& question) noexcept override;

  const Library& library() const noexcept { return *library_; }

  /// See plugin/services.hpp.
  static const Service* find_service(std::string_view id) noexcept;

  // What services are made of.
  static Instance& of(const gh_host* host) noexcept { return *static_cast<Instance*>(host->impl); }
  Operations& operations() noexcept { return *operations_; }
  std::int32_t ask_body(std::uint64_t call_id, std::int64_t max_bytes, gh_bytes_fn done, void* user) noexcept;
  std::int32_t look_up(const gh_key_query& query, gh_key* out, gh_key_fn done, void* user) noexcept;
  const Workers& workers() const noexcept { return *workers_; }
  Share& share() noexcept { return *share_; }
  const Provisions& provisions() const noexcept { return provisions_; }
  Metrics& metrics() noexcept { return metrics_; }
  Cache& cache() noexcept { return cache_; }
  Policies& compiled_policies() noexcept { return policies_; }
  /// [any] Calls `use` here and now. GH_OK, or GH_E_EXCEPTION.
  std::int32_t show(std::string_view bytes, gh_bytes_fn use, void* user) noexcept;

 private:
  friend class BodyOperation;
  friend class KeyOperation;
  struct Frame;
  class Notice;
  class Task;
  struct PerWorker;
  enum class Event : std::uint8_t { Returned, Completed };

  Instance(Identity identity, Provisions provisions, std::shared_ptr<Library> library, std::shared_ptr<Share> share,
           std::shared_ptr<const Workers> workers, const base::Clock& clock, const Limits& limits);
  ~Instance() override;

  static std::int32_t GH_CALL complete(const gh_host* host, std::uint64_t id, const gh_answer* answer) noexcept;
  static const void* GH_CALL service(const gh_host* host, const char* id) noexcept;
  static void GH_CALL write_log(const gh_host* host, std::uint32_t level, std::uint64_t call_id, const gh_str* message,
                                const gh_kvs* fields) noexcept;
  static std::int32_t GH_CALL log_enabled(const gh_host* host, std::uint32_t level) noexcept;
  static std::uint64_t GH_CALL monotonic_ns(const gh_host* host) noexcept;
  static std::int64_t GH_CALL unix_ms(const gh_host* host) noexcept;
  static const gh_log kLog;
  static const gh_clock kClock;
  static thread_local Frame* frame_;

  // Operations::Caller
  void run(Operation& op, std::int32_t status, std::uint32_t worker) noexcept override;
  Call* find(std::uint64_t call_id) noexcept override;
  void call_back(Operation& op, std::int32_t status, std::uint32_t worker) noexcept;
  void end_operations(std::uint64_t word, std::uint64_t id) noexcept;
  bool end_operations() noexcept;

  // The request as the plugin sees it; false when it needs an event that would be too long.
  bool show(const access::Facts& facts, base::Arena& arena, RequestView& view) const;
  bool on_loop() const noexcept { return (flags_ & GH_F_NONBLOCKING) != 0; }
  // True and the answer, or false when it comes later.
  bool call_on_loop(const access::Facts& facts, std::int64_t deadline_ns, access::Question& question,
                    access::Answer& answer);
  bool call_on_executor(const access::Facts& facts, std::int64_t deadline_ns, access::Question& question,
                        access::Answer& answer);
  void run_on_executor(std::uint64_t id, const gh_request* request) noexcept;
  std::int32_t ask(const gh_request* request) noexcept;
  std::int32_t answer_call(std::uint64_t id, const gh_answer* answer) noexcept;
  std::int32_t write_answer(Call& call, std::uint64_t id, const gh_answer* answer, bool inside) noexcept;
  bool name_caller(Call& call, const gh_answer* from, access::Answer& out) noexcept;
  std::int32_t write_in_place(const gh_answer* answer, Frame& frame) noexcept;

  void post(std::uint64_t id, Event event, std::int32_t code) noexcept;
  void on_event(Call& call, std::uint64_t id, Event event, std::int32_t code) noexcept;
  void on_returned(Call& call, std::uint64_t id, std::int32_t code) noexcept;
  void settle(Call& call, std::uint64_t id) noexcept;
  void deliver(Call& call, std::uint64_t id, const access::Answer& answer) noexcept;
  void release(Call& call, std::uint64_t id) noexcept;
  static void lost(PerWorker& where, std::uint64_t id) noexcept;
  void abandon(Call& call, std::uint64_t id) noexcept;
  void wait_for(Call& call, std::uint64_t id, access::Question& question);
  bool too_late(std::int64_t deadline_ns) const noexcept;
  void count(int& of, int change) noexcept;
  void give_up(Call& call, std::uint64_t id) noexcept;
  void hint(std::uint64_t id) noexcept;
  void give_hints() noexcept;
  void tell_gone(std::uint64_t id) noexcept;
  /// A line of the log, at most kComplaints a second: strangers may be able to cause one with each request.
  void complain(std::string_view what) const noexcept;
  static constexpr std::uint32_t kComplaints = 20;
  mutable std::atomic<std::int64_t> complaint_second_{0};
  mutable std::atomic<std::uint32_t> complaints_{0};
  Result<void> create(const Settings& settings);
  void destroy_plugin() noexcept;

  Identity identity_;
  Provisions provisions_;
  Metrics metrics_;
  Policies policies_;
  Cache cache_;
  std::string plugin_id_;
  std::shared_ptr<Library> library_;
  std::shared_ptr<Share> share_;
  std::shared_ptr<const Workers> workers_;
  const base::Clock& clock_;
  const Limits limits_;
  const std::uint32_t flags_;
  const std::uint32_t needs_;
  gh_host host_{};
  const gh_authorizer* api_;
  gh_plugin* plugin_ = nullptr;
  std::vector<std::shared_ptr<PerWorker>> per_worker_;
  std::shared_ptr<Operations> operations_;

  std::mutex hints_mutex_;
  std::vector<std::uint64_t> hints_;  // ids of calls that are given up, to be told
  bool hinting_ = false;              // a task that tells them is on its way

  std::mutex mutex_;
  std::condition_variable quiet_;
  int owed_ = 0;       // calls that wait for an answer or for code to come back
  int executing_ = 0;  // tasks of ours that the executor holds
};

}  // namespace gatehouse::plugin
