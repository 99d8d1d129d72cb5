#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/error.hpp"

namespace gatehouse::net {

/// Threads for work that may block: name look-ups, authorizers that are not NONBLOCKING. Bounded in threads and queue.
class Executor {
 public:
  /// A part of the executor that one user (one plugin) may occupy: so many threads at once, so long a queue.
  class Share {
   public:
    virtual ~Share() = default;
    /// [any] 0 when the queue is full or the executor is gone: the caller treats the work as failed. Otherwise a
    /// number by which take_back() knows the task.
    virtual std::uint64_t run(std::function<void()> task) = 0;
    /// [any] The same however long the queue is, and without a place in it: for work that must come, which the caller
    /// bounds otherwise. False when the executor is gone.
    virtual bool run_anyway(std::function<void()> task) = 0;
    /// [any] Drops a task of run() that still waits, and makes room for another. False when it runs or is over.
    /// Linear in what waits.
    virtual bool take_back(std::uint64_t task) = 0;
    /// Tasks running now, and waiting.
    virtual std::size_t running() const noexcept = 0;
    virtual std::size_t queued() const noexcept = 0;
  };

  explicit Executor(std::size_t threads, std::string name = "executor");
  /// Waits for running tasks; drops waiting ones.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// [any] `threads`: most that run at once; `queue`: most that wait beside those. The share may be dropped while tasks
  /// run; tasks of it that still wait are dropped with it. Shares with work take turns; a share's own tasks start in
  /// their order. A task that throws is logged and over.
  std::shared_ptr<Share> share(std::string name, std::size_t threads, std::size_t queue);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace gatehouse::net
