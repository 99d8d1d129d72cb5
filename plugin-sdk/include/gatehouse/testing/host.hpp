// gatehouse/testing/host.hpp -- the gateway that a plugin under test talks to: its calls, its queue of callbacks and
// its services, all fakes that a test steers. Part of testing.hpp.
#pragma once
#include <gatehouse/abi.h>
#include <gatehouse/testing/answer.hpp>
#include <gatehouse/testing/identities.hpp>
#include <gatehouse/testing/request.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace gatehouse::testing {

/// One request under way.
struct Question {
  std::uint64_t id = 0;
  std::uint32_t worker = 0;
  std::uint32_t api_type = 0;
  std::unique_ptr<ShownRequest> request;  // gone when it was answered and authorize() has returned
  bool answered = false;                  // by the plugin
  bool over = false;                      // answered, or the deadline passed
  bool inside = true;                     // authorize() has not returned
  bool body_open = false;
  bool key_open = false;                           // a look-up of an access key
  std::shared_ptr<const Identities::Found> found;  // by the last one
  TestAnswer answer;
};

/// Work for the plugin that comes later.
struct Job {
  std::uint64_t call_id = 0;
  std::uint32_t worker = GH_WORKER_NONE;
  bool blocking = false;  // asked of the executor service
  std::function<void(std::int32_t status, std::uint32_t worker)> run;
};

/// Calls and queues: what every fake service stands on. All of it under `mutex`.
class Engine {
 public:
  static constexpr std::uint32_t kWorkers = 16;
  std::mutex mutex;
  std::condition_variable changed;
  bool nonblocking = false;
  std::uint64_t now_ns = 1'000'000'000;
  std::int64_t unix_ms = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
  std::map<std::uint64_t, std::shared_ptr<Question>> calls;
  std::deque<Job> jobs;
  struct Due {
    std::uint64_t at_ns, id;
    std::int32_t status;
    Job job;
  };
  std::vector<Due> dues;
  std::uint64_t next_id = (std::uint64_t{1} << 63) + 1;
  std::uint64_t next_due = 1;
  std::size_t answers = 0;
  bool ending = false;  // the instance: what belongs to no call is over, too
  std::vector<std::string> complaints;

  bool is_over(std::uint64_t call_id) const {
    if (call_id == 0) return ending;
    const auto found = calls.find(call_id);
    return found == calls.end() || found->second->over;
  }
  Question* open_call(std::uint64_t call_id) const {
    const auto found = calls.find(call_id);
    return found == calls.end() || found->second->over ? nullptr : found->second.get();
  }
  Job job(std::uint64_t call_id, std::function<void(std::int32_t, std::uint32_t)> run) const {
    const auto found = calls.find(call_id);
    return Job{call_id,
               !nonblocking           ? GH_WORKER_NONE
               : found != calls.end() ? found->second->worker
                                      : 0u,
               false, std::move(run)};
  }
  void soon(Job job) {
    jobs.push_back(std::move(job));
    changed.notify_all();
  }
  std::uint64_t later(std::uint64_t ms, std::int32_t status, Job job) {
    dues.push_back({now_ns + ms * 1'000'000, next_due, status, std::move(job)});
    return next_due++;
  }
  /// Whoever waits for time for a call that is over waits no more.
  void ended(std::uint64_t call_id) {
    for (std::size_t i = 0; i < dues.size();) {
      if (dues[i].job.call_id != call_id) {
        ++i;
        continue;
      }
      soon(std::move(dues[i].job));
      dues.erase(dues.begin() + static_cast<std::ptrdiff_t>(i));
    }
    changed.notify_all();
  }
  void forget(std::uint64_t call_id) {
    const auto found = calls.find(call_id);
    if (found == calls.end() || !found->second->answered || found->second->inside) return;
    found->second->request.reset();
    calls.erase(found);
  }
  std::int32_t complete(std::uint64_t call_id, const gh_answer* from) {
    const std::lock_guard<std::mutex> hold(mutex);
    const auto found = calls.find(call_id);
    if (found == calls.end() || found->second->answered) {
      const bool ours = call_id > (std::uint64_t{1} << 63) && call_id < next_id;
      complaints.push_back(ours ? "a call was answered twice" : "a call was answered that is not one of this instance");
      if (found != calls.end()) found->second->answer = TestAnswer::failure("twice", "the plugin answered twice");
      return ours ? GH_E_STATE : GH_E_NOTFOUND;
    }
    const std::shared_ptr<Question> q = found->second;
    const bool late = q->over;
    q->answered = true;
    if (!late) {
      q->over = true;
      q->answer = TestAnswer::read(from, q->api_type);
      const std::uint64_t caller = q->answer.caller();
      if (caller != 0 && (q->found == nullptr || q->found->caller != caller))
        q->answer =
            TestAnswer::failure("invalid_answer", "the plugin's answer: `caller` is of no look-up of this call");
      ++answers;
    }
    const bool valid = q->answer.code() != "invalid_answer";
    ended(call_id);
    forget(call_id);
    return late ? GH_E_GONE : valid ? GH_OK : GH_E_INVALID;
  }
  /// Takes the next job for `worker`; kAny takes any.
  static constexpr std::uint32_t kAny = 0xfffffffeu;
  std::optional<Job> take(std::uint32_t worker, bool blocking_too) {
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (jobs[i].blocking ? !blocking_too
                           : worker != kAny && jobs[i].worker != worker && jobs[i].worker != GH_WORKER_NONE)
        continue;
      Job job = std::move(jobs[i]);
      jobs.erase(jobs.begin() + static_cast<std::ptrdiff_t>(i));
      return job;
    }
    return std::nullopt;
  }
  /// Runs one job; `hold` is let go for it. False: there is none.
  bool run_one(std::unique_lock<std::mutex>& hold, std::uint32_t worker, bool blocking_too) {
    std::optional<Job> next = take(worker, blocking_too);
    if (!next) return false;
    const std::int32_t status = is_over(next->call_id) ? GH_E_GONE : GH_OK;
    ++running;
    hold.unlock();
    next->run(status, next->blocking ? GH_WORKER_NONE : next->worker);
    next.reset();
    hold.lock();
    --running;
    changed.notify_all();
    return true;
  }
  std::size_t running = 0;  // jobs that are being run
};

}  // namespace gatehouse::testing
