#pragma once
#include <cstdint>

namespace gatehouse::net {

class TimerWheel;

/// A deadline that may be set, moved and cleared at no cost worth mentioning: part of the object it watches, linked
/// into the wheel without allocation. Moving it later only stores the new deadline. Destroying it clears it. [loop]
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
  TimerWheel* wheel_ = nullptr;
  Timer* previous_ = nullptr;      // in the slot that will look at it next
  Timer* next_ = nullptr;
  std::int64_t slot_ms_ = -1;
};

/// A hashed, hierarchical timer wheel in milliseconds of the monotonic clock.
class TimerWheel {
 public:
  TimerWheel();
  ~TimerWheel();
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  /// Fires once, `delay_ms` from the wheel's now, not before. A timer already armed is moved.
  void arm(Timer& timer, std::int64_t delay_ms) noexcept;
  void disarm(Timer& timer) noexcept;
  /// Runs what is due. Callbacks may arm and disarm any timer, and destroy their own.
  void advance(std::int64_t now_ms);
  /// Milliseconds until something may be due: an upper bound for the loop's wait; -1 when nothing is armed.
  int next_wait_ms() const noexcept;
  std::int64_t now_ms() const noexcept { return now_ms_; }

 private:
  friend class Timer;
  struct Slots;
  Slots* slots_;
  std::int64_t now_ms_ = 0;
};

}  // namespace gatehouse::net
