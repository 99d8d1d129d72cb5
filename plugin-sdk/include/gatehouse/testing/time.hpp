// gatehouse/testing/time.hpp -- the clocks, which stand still until a test moves them. Part of testing.hpp.
#pragma once
#include <gatehouse/testing/instance.hpp>

#include <cstdint>
#include <cstdio>
#include <mutex>
#include <utility>

namespace gatehouse::testing {

class TimedInstance : public Instance {
 public:
  using Instance::Instance;

  void set_time(std::int64_t unix_ms) {
    const Hold hold(fakes_.mutex);
    fakes_.unix_ms = unix_ms;
  }
  /// `2026-01-01T00:00:00Z`
  void set_time(const char* iso) {
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    char z = 0;
    if (std::sscanf(iso, "%4d-%2d-%2dT%2d:%2d:%2d%c", &y, &mo, &d, &h, &mi, &s, &z) != 7 || z != 'Z' || mo < 1 ||
        mo > 12)
      throw Error("set_time wants 2026-01-01T00:00:00Z");
    const std::int64_t year = mo <= 2 ? y - 1 : y, era = year / 400, of_era = year - era * 400;
    const std::int64_t day = (153 * (mo + (mo > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    const std::int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day - 719468;
    set_time(((days * 24 + h) * 60 + mi) * 60'000 + s * 1000LL);
  }
  std::int64_t unix_ms() const {
    return locked([&] { return fakes_.unix_ms; });
  }
  /// Lets `ms` pass on both clocks and runs the callbacks that become due, in their order.
  void advance(std::uint64_t ms) {
    std::unique_lock<std::mutex> hold(fakes_.mutex);
    const std::uint64_t end = fakes_.now_ns + ms * 1'000'000;
    const auto go = [&](std::uint64_t to) {
      fakes_.unix_ms += static_cast<std::int64_t>((to - fakes_.now_ns) / 1'000'000);
      fakes_.now_ns = to;
    };
    drain(hold);
    for (;;) {
      auto next = fakes_.dues.end();
      for (auto due = fakes_.dues.begin(); due != fakes_.dues.end(); ++due)
        if (due->at_ns <= end && (next == fakes_.dues.end() || due->at_ns < next->at_ns)) next = due;
      if (next == fakes_.dues.end()) break;
      go(next->at_ns > fakes_.now_ns ? next->at_ns : fakes_.now_ns);
      Job job = std::move(next->job);
      fakes_.dues.erase(next);
      fakes_.soon(std::move(job));
      drain(hold);
    }
    go(end);
  }
};

}  // namespace gatehouse::testing
