#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <vector>

#include "net/timer.hpp"

namespace gatehouse::net {
namespace {

/// The obvious twin: a deadline a timer, looked through at each step.
class Naive {
 public:
  void arm(int id, std::int64_t delay) { deadlines_[id] = now_ + delay; }
  void disarm(int id) { deadlines_.erase(id); }
  std::vector<int> advance(std::int64_t now) {
    now_ = now;
    std::vector<int> due;
    for (const auto& [id, deadline] : deadlines_)
      if (deadline <= now) due.push_back(id);
    for (const int id : due) deadlines_.erase(id);
    return due;
  }
  std::int64_t earliest() const {
    std::int64_t out = -1;
    for (const auto& [id, deadline] : deadlines_)
      if (out < 0 || deadline < out) out = deadline;
    return out;
  }
  bool armed(int id) const { return deadlines_.count(id) != 0; }

 private:
  std::map<int, std::int64_t> deadlines_;
  std::int64_t now_ = 0;
};

struct Entry {
  Entry(int n, std::vector<int>& out) : id(n), fired(out) {}
  static void fire(void* self) {
    auto& entry = *static_cast<Entry*>(self);
    entry.fired.push_back(entry.id);
  }
  int id;
  std::vector<int>& fired;
  Timer timer{fire, this};
};

TEST(TimerWheelProperty, AgreesWithTheNaiveTwin) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random(seed);
    const auto upto = [&](std::int64_t n) {
      return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n + 1));
    };
    // Delays of every magnitude the levels know.
    const auto delay = [&] { return upto(std::int64_t{1} << upto(31)); };
    TimerWheel wheel;
    Naive naive;
    std::vector<int> fired;
    std::vector<std::unique_ptr<Entry>> entries;
    std::int64_t now = upto(1) == 0 ? 0 : upto(std::int64_t{1} << 40);
    wheel.advance(now);
    naive.advance(now);
    for (int i = 0; i < 40; ++i) entries.push_back(std::make_unique<Entry>(i, fired));
    for (int step = 0; step < 3000; ++step) {
      const int id = static_cast<int>(upto(39));
      auto& entry = entries[static_cast<std::size_t>(id)];
      switch (upto(5)) {
        case 0:
        case 1: {
          // A delay of nothing is due at the next look, which is later by definition.
          const std::int64_t d = std::max<std::int64_t>(delay(), 1);
          wheel.arm(entry->timer, d);
          naive.arm(id, d);
          break;
        }
        case 2:
          wheel.disarm(entry->timer);
          naive.disarm(id);
          break;
        case 3:
          entry = std::make_unique<Entry>(id, fired);
          naive.disarm(id);
          break;
        default: {
          const std::int64_t earliest = naive.earliest();
          if (earliest >= 0) {
            const int wait = wheel.next_wait_ms(now);
            ASSERT_GE(wait, 0);
            ASSERT_LE(now + wait, std::max(earliest, now)) << "oversleeps, seed " << seed;
          }
          now += upto(2) == 0 && earliest > now ? earliest - now - upto(1) : delay();
          wheel.advance(now);
          std::vector<int> expected = naive.advance(now);
          std::sort(fired.begin(), fired.end());
          ASSERT_EQ(fired, expected) << "seed " << seed << " step " << step;
          fired.clear();
        }
      }
      ASSERT_EQ(entry->timer.armed(), naive.armed(id));
    }
  }
}

}  // namespace
}  // namespace gatehouse::net
