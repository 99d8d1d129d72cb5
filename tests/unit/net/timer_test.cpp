#include "net/timer.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace gatehouse::net {
namespace {

struct Alarm {
  explicit Alarm(TimerWheel& w) : wheel(w) {}
  static void ring(void* self) {
    auto& alarm = *static_cast<Alarm*>(self);
    ++alarm.rung;
    alarm.at = alarm.wheel.now_ms();
  }
  TimerWheel& wheel;
  int rung = 0;
  std::int64_t at = -1;
  Timer timer{ring, this};
};

TEST(TimerWheel, FiresOnceAndNotBefore) {
  for (const std::int64_t delay : {1, 2, 63, 64, 65, 4095, 4096, 4097, 262143, 262144, 310'000, 20'000'000}) {
    TimerWheel wheel;
    wheel.advance(123'457);
    Alarm alarm(wheel);
    wheel.arm(alarm.timer, delay);
    wheel.advance(123'457 + delay - 1);
    EXPECT_EQ(alarm.rung, 0) << delay;
    wheel.advance(123'457 + delay);
    EXPECT_EQ(alarm.rung, 1) << delay;
    EXPECT_FALSE(alarm.timer.armed());
    wheel.advance(123'457 + delay * 3);
    EXPECT_EQ(alarm.rung, 1) << delay;
  }
}

TEST(TimerWheel, MovingLaterAndEarlier) {
  TimerWheel wheel;
  Alarm alarm(wheel);
  wheel.arm(alarm.timer, 100);
  wheel.advance(50);
  wheel.arm(alarm.timer, 100);
  wheel.advance(149);
  EXPECT_EQ(alarm.rung, 0);
  wheel.arm(alarm.timer, 10'000);
  wheel.arm(alarm.timer, 1);
  wheel.advance(150);
  EXPECT_EQ(alarm.rung, 1);
  wheel.advance(20'000);
  EXPECT_EQ(alarm.rung, 1);
}

TEST(TimerWheel, DisarmedAndDestroyedStaySilent) {
  TimerWheel wheel;
  Alarm disarmed(wheel);
  auto destroyed = std::make_unique<Alarm>(wheel);
  Alarm other(wheel);
  wheel.arm(disarmed.timer, 10);
  wheel.arm(destroyed->timer, 10);
  wheel.arm(other.timer, 10);
  wheel.disarm(disarmed.timer);
  EXPECT_FALSE(disarmed.timer.armed());
  destroyed.reset();
  wheel.advance(100);
  EXPECT_EQ(disarmed.rung, 0);
  EXPECT_EQ(other.rung, 1);
}

TEST(TimerWheel, CallbackMayRearmItselfAndDestroyNeighbours) {
  TimerWheel wheel;
  struct Killer {
    explicit Killer(TimerWheel& w) : wheel(w) {}
    static void run(void* self) {
      auto& killer = *static_cast<Killer*>(self);
      killer.victim.reset();
      if (++killer.runs < 3) killer.wheel.arm(killer.timer, 0);
    }
    TimerWheel& wheel;
    std::unique_ptr<Alarm> victim;
    int runs = 0;
    Timer timer{run, this};
  } killer(wheel);
  killer.victim = std::make_unique<Alarm>(wheel);
  wheel.arm(killer.timer, 5);
  wheel.arm(killer.victim->timer, 5);
  wheel.advance(5);
  EXPECT_EQ(killer.runs, 1);
  wheel.advance(6);
  wheel.advance(7);
  EXPECT_EQ(killer.runs, 3);
}

TEST(TimerWheel, WaitNeverOversleeps) {
  TimerWheel wheel;
  EXPECT_EQ(wheel.next_wait_ms(0), -1);
  Alarm alarm(wheel);
  wheel.arm(alarm.timer, 310'000);
  std::int64_t now = 0;
  int wakes = 0;
  while (alarm.rung == 0) {
    const int wait = wheel.next_wait_ms(now);
    ASSERT_GE(wait, 0);
    now += wait;
    wheel.advance(now);
    ASSERT_LT(++wakes, 10);
  }
  EXPECT_EQ(now, 310'000);
  EXPECT_EQ(wheel.next_wait_ms(now), -1);
}

TEST(TimerWheel, OutlivedByItsTimers) {
  auto wheel = std::make_unique<TimerWheel>();
  Alarm alarm(*wheel);
  wheel->arm(alarm.timer, 5);
  wheel.reset();
  EXPECT_FALSE(alarm.timer.armed());
}

}  // namespace
}  // namespace gatehouse::net
