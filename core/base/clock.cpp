#include "base/clock.hpp"

#include <ctime>

namespace gatehouse::base {
namespace {

std::int64_t read(clockid_t id) noexcept {
  timespec now{};
  ::clock_gettime(id, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

class SystemClock final : public Clock {
 public:
  std::int64_t monotonic_ns() const noexcept override { return read(CLOCK_MONOTONIC); }
  std::int64_t unix_ms() const noexcept override { return read(CLOCK_REALTIME) / 1'000'000; }
};

}  // namespace

const Clock& system_clock() noexcept {
  static const SystemClock clock;
  return clock;
}

}  // namespace gatehouse::base
