#pragma once
#include <cstdint>

namespace gatehouse::net {

class TimerWheel;

/// A deadline that may be set, moved and cleared at no cost worth mentioning: part of the object it watches, linked
/// into the wheel without allocation. Moving it later, and clearing it, only store. Destroying it clears it. [loop]
class Timer {
 public:
  using Callback = void (*)(void* user);
  Timer(Callback callback, void* user) noexcept : callback_(callback), user_(user) {}
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  bool armed() const noexcept { return deadline_ms_ >= 0; }

 private:
  friend class TimerWheel;
  Callback callback_;
  void* user_;
  std::int64_t deadline_ms_ = -1;  // what the owner wants; -1: nothing
  Timer* previous_ = nullptr;      // in the ring of the slot that will look at it next; null: in none
  Timer* next_ = nullptr;
  std::int64_t slot_ms_ = -1;  // when that slot will look
};
static_assert(sizeof(Timer) <= 48);

/// A hierarchical timer wheel in milliseconds of the monotonic clock: six levels of 64 slots. Arming and firing cost
/// the same however many timers there are.
class TimerWheel {
 public:
  TimerWheel();
  ~TimerWheel();
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  /// Fires once, `delay_ms` from the wheel's now, not before. A timer already armed is moved.
  void arm(Timer& timer, std::int64_t delay_ms) noexcept;
  void disarm(Timer& timer) noexcept;
  /// Sets the wheel's now and runs nothing: arm() counts from it. Time never goes back.
  void set_now(std::int64_t now_ms) noexcept {
    if (now_ms > now_ms_) now_ms_ = now_ms;
  }
  /// Sets the wheel's now and runs what is due, in the order of the deadlines. Callbacks may arm and disarm any timer,
  /// and destroy their own.
  void advance(std::int64_t now_ms);
  /// Milliseconds from `now_ms` until the wheel wants to look again: how long the loop may wait. May be early (a timer
  /// that was cleared or moved is still looked at once), never late; -1 when no slot holds a timer.
  int next_wait_ms(std::int64_t now_ms) const noexcept;
  std::int64_t now_ms() const noexcept { return now_ms_; }

 private:
  friend class Timer;
  struct Slots;
  Slots* slots_;
  std::int64_t now_ms_ = 0;
};

}  // namespace gatehouse::net
