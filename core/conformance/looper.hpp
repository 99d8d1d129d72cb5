#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace gatehouse::conformance {

/// Threads that run what they are given, in order of time: one for a worker's loop, several for an executor.
class Looper {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Looper(unsigned threads = 1);
  /// Runs nothing that is not due, and ends.
  ~Looper();
  Looper(const Looper&) = delete;
  Looper& operator=(const Looper&) = delete;

  using Ticket = std::pair<Clock::time_point, std::uint64_t>;
  /// [any]
  Ticket post(std::function<void()> work, std::chrono::milliseconds delay = {});
  /// [any] What has not begun is not run any more, and its memory is given back.
  void withdraw(const Ticket& ticket);
  /// [any] Until everything that was due when this was called has run. Not from a thread of its own.
  void drain();

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Ticket, std::function<void()>> due_;
  std::uint64_t posted_ = 0;
  std::multiset<Clock::time_point> running_;  // when what is being run was due
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace gatehouse::conformance
