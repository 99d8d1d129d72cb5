#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace gatehouse::conformance {

/// A thread that runs what it is given, in order of time: a worker's loop, or a thread of the executor.
class Looper {
 public:
  using Clock = std::chrono::steady_clock;
  Looper();
  /// Runs nothing that is not due, and ends.
  ~Looper();
  Looper(const Looper&) = delete;
  Looper& operator=(const Looper&) = delete;

  /// [any]
  void post(std::function<void()> work, std::chrono::milliseconds delay = {});
  /// [any] Until everything that was due when this was called has run. Not from its own thread.
  void drain();

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Clock::time_point, std::function<void()>> due_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace gatehouse::conformance
