#pragma once
#include <gatehouse/abi.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "conformance/looper.hpp"
#include "conformance/request.hpp"
#include "conformance/script.hpp"

namespace gatehouse::client {
struct FetchRequest;
}
namespace gatehouse::conformance {

/// How the services of a host behave.
enum class Services : std::uint8_t {
  Work,    // as the contract has it; HTTP answers as scripted, any secret is known, no access key is, the body is empty
  Absent,  // null, but for those that the plugin says it cannot do without
  Refuse,  // every function returns an error
  Fail,    // every function that calls back does so with a failure
};

/// A fetch of a plugin's and what came of it, in words.
struct Fetched {
  std::string method, url, answer;
};

/// What became of one call.
struct Outcome {
  std::int32_t code = 0;      // what authorize() returned
  std::uint32_t answers = 0;  // complete() for it, so far
  bool inside = false;        // answered before authorize() had returned
  std::uint32_t kind = 0;     // of the first answer
  std::string invalid;        // why that answer breaks the contract; empty: it does not
  bool threw = false;
  bool late = false;  // neither answered nor given up within the limit
  std::int64_t wall_ns = 0, cpu_ns = 0;
  long waits = 0;  // how often the thread gave its processor away inside authorize()
  bool failed_by_host() const noexcept { return answers == 0 && code < 0; }
};

/// A host for one instance, as the ABI describes it: workers with loops, an executor, services. It takes nothing for
/// granted and keeps account of what an instance does wrong. Calls of a NONBLOCKING plugin and what follows from them
/// run on the worker's thread; others on the executor's threads, as many as a plugin's share of the gateway's.
class Stage {
 public:
  static constexpr std::uint32_t kWorkers = 8;
  static constexpr unsigned kShare = 4;
  Stage(Services services, const gh_plugin_desc& description, Memory::Kind memory = Memory::Kind::Plain);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  const gh_host* c() const noexcept { return host_; }
  /// Who answers fetches, and who is told of each of a kind. Without, they fail. Before the first.
  void answer_fetches(Script script, std::function<void(const Fetched&)> told);
  /// One that got no response, or another than 2xx; empty: none.
  std::string failed_fetch() const;
  /// Asks once and waits, at most until the limit. `worker` below kWorkers; one caller at a time for each.
  Outcome ask(const gh_authorizer& api, gh_plugin* plugin, std::shared_ptr<Request> request, std::uint32_t worker = 0);
  /// The same without waiting; `finished` says how it went. `done` in time: no more than one answer was seen, yet.
  std::uint64_t begin(const gh_authorizer& api, gh_plugin* plugin, std::shared_ptr<Request> request,
                      std::uint32_t worker = 0);
  /// What began last on that worker; waits for its answer until the limit, which counts from when a thread was free.
  Outcome finish(std::uint32_t worker = 0);
  /// Until authorize() has returned for everything that began.
  void settle();
  /// From now on nobody waits for the call that began last: complete() says GH_E_GONE, and cancel is called.
  void cancel(const gh_authorizer& api, gh_plugin* plugin, std::uint32_t worker = 0);
  /// Ends what is open with services that was asked for without a call. Between stop() and destroy().
  void end_operations();
  /// What the instance did wrong that belongs to no call; empty: nothing.
  std::string misdeeds() const;

  std::chrono::milliseconds limit{5'000};
  bool close_memory = false;  // after its answer a request becomes unreadable
  bool judge_answers = true;  // whether an answer's texts are looked at, or its kind only

 private:
  struct Call;
  struct Operation;
  friend struct ServiceTable;

  static std::int32_t GH_CALL complete(const gh_host* host, std::uint64_t id, const gh_answer* answer) noexcept;
  static const void* GH_CALL service(const gh_host* host, const char* id) noexcept;
  void run(Call& call) noexcept;
  void end_call(std::uint64_t id);
  void misdeed(std::string what);
  /// A callback of a service: once, later, with `status` or, when its call or the instance ends before, GH_E_GONE.
  std::uint64_t later(std::uint64_t call_id, std::chrono::milliseconds delay, bool blocking, std::int32_t status,
                      std::function<void(std::int32_t, std::uint32_t)> callback);
  bool cut_short(std::uint64_t operation);
  std::int32_t fetch(const gh_http_request* given, gh_http_fn done, void* user);
  Script::Reply reply_to(const gh_http_request& given, const client::FetchRequest& request);
  void tell(const Fetched& fetched, bool failed);
  std::uint32_t worker_of(std::uint64_t call_id) const noexcept;
  bool on_loop() const noexcept { return (flags_ & GH_F_NONBLOCKING) != 0; }
  Looper& place(std::uint32_t worker, bool blocking);
  std::int32_t refusal() const noexcept { return services_ == Services::Refuse ? GH_E_LIMIT : GH_OK; }

  Services services_;
  std::uint32_t flags_;
  std::vector<std::string> required_;
  Memory memory_;
  gh_host* host_;
  std::vector<std::unique_ptr<Call>> calls_;  // one for each worker
  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::shared_ptr<Operation>> operations_;
  std::uint64_t last_operation_ = 0;
  std::vector<std::string> misdeeds_;
  std::map<std::string, std::string> cache_;
  std::vector<std::string> metrics_;
  Script script_;
  std::function<void(const Fetched&)> told_;
  std::vector<std::string> fetched_;
  std::string failed_fetch_;
  std::vector<std::unique_ptr<Looper>> loops_;  // last: they end before what they use
  std::unique_ptr<Looper> executor_;
};

}  // namespace gatehouse::conformance
