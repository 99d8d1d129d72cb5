#pragma once
#include <cstdint>

namespace gatehouse::base {

/// The two clocks. Passed in wherever time matters, so that tests decide what time it is.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Nanoseconds that only ever grow; for deadlines and durations. [any]
  virtual std::int64_t monotonic_ns() const noexcept = 0;
  /// Milliseconds since 1970-01-01T00:00:00Z; for logs, tokens, signatures. [any]
  virtual std::int64_t unix_ms() const noexcept = 0;
};

/// The machine's clocks. Lives for ever. [any]
const Clock& system_clock() noexcept;

/// A clock that stands still until it is told otherwise; for tests and `explain --at`. One thread.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(std::int64_t unix_ms) noexcept : unix_ms_(unix_ms) {}
  std::int64_t monotonic_ns() const noexcept override { return monotonic_ns_; }
  std::int64_t unix_ms() const noexcept override { return unix_ms_; }
  void advance_ms(std::int64_t ms) noexcept {
    unix_ms_ += ms;
    monotonic_ns_ += ms * 1'000'000;
  }

 private:
  std::int64_t monotonic_ns_ = 1'000'000'000;
  std::int64_t unix_ms_;
};

}  // namespace gatehouse::base
