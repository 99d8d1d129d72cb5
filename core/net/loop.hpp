#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/timer.hpp"

namespace gatehouse::net {

/// Told of what the kernel says about one descriptor. [loop]
class Watcher {
 public:
  /// `events` as epoll has them (EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR), edge-triggered.
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~Watcher() = default;
};

/// Work for the end of a turn that costs no allocation: part of the object that does it. Destroying it cancels. [loop]
class Chore {
 public:
  using Callback = void (*)(void* user);
  Chore(Callback callback, void* user) noexcept : callback_(callback), user_(user) {}
  ~Chore() { cancel(); }
  Chore(const Chore&) = delete;
  Chore& operator=(const Chore&) = delete;
  bool pending() const noexcept { return next_ != nullptr; }
  void cancel() noexcept {
    if (next_ == nullptr) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = nullptr;
  }

 private:
  friend class Loop;
  Callback callback_;
  void* user_;
  Chore* previous_ = nullptr;  // in the loop's ring; null: in none
  Chore* next_ = nullptr;
};

/// The way into a loop from other threads. Outlives the loop: who holds one may post for ever and is told. [any]
class Mailbox {
 public:
  virtual ~Mailbox() = default;
  /// Runs `task` on the loop's thread, in the order of posting. False (and the task is dropped) once the loop is
  /// closed.
  virtual bool post(std::function<void()> task) = 0;
  /// True on the loop's own thread, as long as the loop is not closed: then the loop itself may be used.
  virtual bool is_current() const noexcept = 0;
};

/// Whose events a turn handles first. What has begun is finished before more is begun: a proxy that reads its
/// upstreams' answers first has a few dozen requests under way where it would have hundreds, and their memory stays in
/// the caches.
enum class Rank : std::uint8_t { Ordinary, First };

/// One edge-triggered epoll loop, one thread. Everything tagged [loop] is called by that thread only.
///
/// A turn: wait; events to their watchers, those of Rank::First before a small batch of the others; the mailbox; timers
/// that are due; what was deferred. A watcher that is removed during a turn is not told of events that were already
/// fetched for it.
class Loop {
 public:
  explicit Loop(const base::Clock& clock = base::system_clock());
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Turns until stop(). [setup, then loop]
  void run();
  /// One turn that waits at most `wait_ms` (0: not at all; -1: until something happens). For tests and for draining.
  void turn(int wait_ms);
  /// [any] run() returns after the turn at hand; called before run(), run() returns after one turn.
  void stop();
  /// No more posts; what waits in the mailbox is dropped. The destructor does the same. [loop]
  void close();

  /// Watches a descriptor for everything, edge-triggered, once and for all (no later epoll_ctl). [loop]
  Result<void> add(int fd, Watcher& watcher, Rank rank = Rank::Ordinary);
  /// Watches a listening descriptor that several loops share: one of them is woken for a connection. [loop]
  Result<void> add_shared_listener(int fd, Watcher& watcher);
  /// Before the descriptor is closed and the watcher destroyed; `rank` as in add(). [loop]
  void remove(int fd, Watcher& watcher, Rank rank = Rank::Ordinary) noexcept;

  /// [any] Runs `task` on the loop's thread, in the order of posting. False (and the task is dropped) after close().
  bool post(std::function<void()> task);
  /// [any] For threads that may outlive the loop.
  const std::shared_ptr<Mailbox>& mailbox() const noexcept;
  /// [loop] Runs `task` at the end of this turn: for work that must not happen inside the caller. What a deferred task
  /// defers runs at the end of the next turn, which then does not wait.
  void defer(std::function<void()> task);
  /// [loop] The same for a chore; one that is pending already stays where it is. Chores run behind deferred tasks.
  void defer(Chore& chore) noexcept;
  /// [loop] Destroys `object` at the end of this turn, when no event of the turn can reach it any more.
  template <class T>
  void destroy_later(std::unique_ptr<T> object) {
    defer([held = std::shared_ptr<T>(std::move(object))]() mutable { held.reset(); });
  }

  TimerWheel& timers() noexcept { return timers_; }
  /// What it reads the time from. [any]
  const base::Clock& clock() const noexcept;
  /// The clock as read at the start of this turn. [loop]
  std::int64_t now_ns() const noexcept { return now_ns_; }
  std::int64_t now_unix_ms() const noexcept { return now_unix_ms_; }
  /// True on the loop's own thread.
  bool is_current() const noexcept;

 private:
  struct Impl;
  void handle_first();
  void run_deferred();
  void run_chores();
  std::unique_ptr<Impl> impl_;
  TimerWheel timers_;
  Chore chores_{nullptr, nullptr};  // the ring's head
  std::int64_t now_ns_ = 0;
  std::int64_t now_unix_ms_ = 0;
};

}  // namespace gatehouse::net
