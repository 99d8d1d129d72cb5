#include "net/loop.hpp"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

namespace gatehouse::net {
namespace {

struct Pair {
  Pair() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0); }
  ~Pair() {
    ::close(fds[0]);
    ::close(fds[1]);
  }
  void send() { EXPECT_EQ(::send(fds[1], "x", 1, MSG_NOSIGNAL), 1); }
  std::array<int, 2> fds{};
};

struct Recorder final : Watcher {
  void on_events(std::uint32_t events) override {
    ++calls;
    seen |= events;
    if (then) then();
  }
  int calls = 0;
  std::uint32_t seen = 0;
  std::function<void()> then;
};

TEST(Loop, TellsEachEdgeOnce) {
  Loop loop;
  Pair pair;
  Recorder watcher;
  ASSERT_TRUE(loop.add(pair.fds[0], watcher));
  loop.turn(0);
  EXPECT_EQ(watcher.calls, 1);
  EXPECT_EQ(watcher.seen & (EPOLLIN | EPOLLOUT), std::uint32_t{EPOLLOUT});
  pair.send();
  loop.turn(0);
  EXPECT_EQ(watcher.calls, 2);
  EXPECT_NE(watcher.seen & EPOLLIN, 0u);
  loop.turn(0);
  EXPECT_EQ(watcher.calls, 2);
  loop.remove(pair.fds[0], watcher);
  pair.send();
  loop.turn(0);
  EXPECT_EQ(watcher.calls, 2);
}

TEST(Loop, SkipsEventsOfAWatcherRemovedInTheSameTurn) {
  Loop loop;
  Pair a, b;
  Recorder first, second;
  ASSERT_TRUE(loop.add(a.fds[0], first));
  ASSERT_TRUE(loop.add(b.fds[0], second));
  first.then = [&] { loop.remove(b.fds[0], second); };
  second.then = [&] { loop.remove(a.fds[0], first); };
  loop.turn(0);
  EXPECT_EQ(first.calls + second.calls, 1);
}

TEST(Loop, TheFirstRankComesBeforeASmallBatchOfTheOthers) {
  Loop loop;
  constexpr std::size_t kEach = 300;
  std::vector<Pair> ordinary(kEach), first(kEach);
  std::vector<Recorder> watchers(2 * kEach);
  std::size_t ordinary_told = 0, first_told = 0, first_behind_a_batch = 0;
  for (std::size_t i = 0; i < kEach; ++i) {
    ASSERT_TRUE(loop.add(ordinary[i].fds[0], watchers[i]));
    watchers[i].then = [&] { ++ordinary_told; };
  }
  for (std::size_t i = 0; i < kEach; ++i) {
    ASSERT_TRUE(loop.add(first[i].fds[0], watchers[kEach + i], Rank::First));
    watchers[kEach + i].then = [&] {
      ++first_told;
      first_behind_a_batch = std::max(first_behind_a_batch, ordinary_told);
    };
  }
  for (int turns = 0; ordinary_told < kEach && turns < 1000; ++turns) loop.turn(0);
  EXPECT_EQ(ordinary_told, kEach);
  EXPECT_EQ(first_told, kEach);
  EXPECT_LT(first_behind_a_batch, kEach / 2) << "the first rank waited for most of the others";
  for (std::size_t i = 0; i < kEach; ++i) {
    loop.remove(ordinary[i].fds[0], watchers[i]);
    loop.remove(first[i].fds[0], watchers[kEach + i], Rank::First);
  }
}

TEST(Loop, TheFirstRankWakesAWaitingLoop) {
  Loop loop;
  Pair pair;
  Recorder watcher;
  ASSERT_TRUE(loop.add(pair.fds[0], watcher, Rank::First));
  loop.turn(0);
  EXPECT_EQ(watcher.calls, 1);
  std::thread sender([&] { pair.send(); });
  loop.turn(10'000);
  sender.join();
  EXPECT_EQ(watcher.calls, 2);
  loop.turn(0);
  EXPECT_EQ(watcher.calls, 2);
  loop.remove(pair.fds[0], watcher, Rank::First);
  pair.send();
  loop.turn(0);
  EXPECT_EQ(watcher.calls, 2);
}

TEST(Loop, AnEventOfTheFirstRankMayRemoveAnyWatcher) {
  Loop loop;
  Pair a, b, c;
  Recorder first, other, ordinary;
  ASSERT_TRUE(loop.add(c.fds[0], ordinary));
  ASSERT_TRUE(loop.add(a.fds[0], first, Rank::First));
  ASSERT_TRUE(loop.add(b.fds[0], other, Rank::First));
  first.then = [&] {
    loop.remove(b.fds[0], other, Rank::First);
    loop.remove(c.fds[0], ordinary);
  };
  other.then = [&] {
    loop.remove(a.fds[0], first, Rank::First);
    loop.remove(c.fds[0], ordinary);
  };
  loop.turn(0);
  EXPECT_EQ(first.calls + other.calls, 1);
  EXPECT_EQ(ordinary.calls, 0);
}

TEST(Loop, RefusesWhatCannotBeWatched) {
  Loop loop;
  Recorder watcher;
  const auto added = loop.add(-1, watcher);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Code::Io);
}

TEST(Loop, PostsRunInOrderOnTheLoopsThread) {
  Loop loop;
  constexpr int kThreads = 4, kPosts = 2000;
  std::array<int, kThreads> last{};
  int total = 0;
  std::array<std::thread, kThreads> threads;
  for (int t = 0; t < kThreads; ++t)
    threads[static_cast<std::size_t>(t)] = std::thread([&, t] {
      for (int i = 1; i <= kPosts; ++i)
        EXPECT_TRUE(loop.post([&, t, i] {
          EXPECT_TRUE(loop.is_current());
          EXPECT_EQ(last[static_cast<std::size_t>(t)], i - 1);
          last[static_cast<std::size_t>(t)] = i;
          if (++total == kThreads * kPosts) loop.stop();
        }));
    });
  loop.run();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(total, kThreads * kPosts);
  std::thread([&] { EXPECT_FALSE(loop.is_current()); }).join();
}

TEST(Loop, PostAfterCloseIsRefusedAlsoWhenTheLoopIsGone) {
  std::shared_ptr<Mailbox> mailbox;
  bool ran = false;
  {
    Loop loop;
    mailbox = loop.mailbox();
    EXPECT_TRUE(loop.post([&] { ran = true; }));
    loop.close();
    EXPECT_FALSE(loop.post([] {}));
    loop.turn(0);
  }
  EXPECT_FALSE(mailbox->post([] {}));
  EXPECT_FALSE(ran);
}

TEST(Loop, DeferredRunsAtTheEndOfTheTurn) {
  base::FixedClock clock(0);
  Loop loop(clock);
  std::string order;
  Timer timer([](void* text) { *static_cast<std::string*>(text) += 't'; }, &order);
  loop.timers().arm(timer, 1);
  clock.advance_ms(1);
  loop.post([&] {
    order += 'p';
    loop.defer([&] {
      order += 'd';
      loop.defer([&] { order += 'n'; });
    });
  });
  loop.turn(0);
  EXPECT_EQ(order, "ptd");
  loop.turn(-1);  // does not wait: something is deferred
  EXPECT_EQ(order, "ptdn");
}

TEST(Loop, ChoresRunOnceAndCanBeCancelled) {
  Loop loop;
  struct Worker {
    explicit Worker(Loop& l) : loop(l) {}
    static void run(void* self) {
      auto& worker = *static_cast<Worker*>(self);
      if (++worker.runs < worker.wanted) worker.loop.defer(worker.chore);
      if (worker.other != nullptr) worker.other->chore.cancel();
    }
    Loop& loop;
    int runs = 0;
    int wanted = 1;
    Worker* other = nullptr;
    Chore chore{run, this};
  } first(loop), second(loop);
  first.wanted = 2;
  first.other = &second;
  loop.defer(first.chore);
  loop.defer(first.chore);
  loop.defer(second.chore);
  loop.turn(-1);
  EXPECT_EQ(first.runs, 1);
  EXPECT_EQ(second.runs, 0);
  loop.turn(-1);
  EXPECT_EQ(first.runs, 2);
  EXPECT_FALSE(first.chore.pending());
}

TEST(Loop, DestroyLaterWaitsForTheEndOfTheTurn) {
  Loop loop;
  struct Flag {
    explicit Flag(bool& f) : flag(f) {}
    ~Flag() { flag = true; }
    bool& flag;
  };
  bool gone = false;
  loop.post([&] {
    loop.destroy_later(std::make_unique<Flag>(gone));
    EXPECT_FALSE(gone);
  });
  loop.turn(0);
  EXPECT_TRUE(gone);
}

TEST(Loop, TimersAreRunByTheLoopsClock) {
  base::FixedClock clock(1'700'000'000'000);
  Loop loop(clock);
  int fired = 0;
  Timer timer([](void* n) { ++*static_cast<int*>(n); }, &fired);
  loop.timers().arm(timer, 1000);
  clock.advance_ms(999);
  loop.turn(0);
  EXPECT_EQ(fired, 0);
  clock.advance_ms(1);
  loop.turn(0);
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(loop.now_unix_ms(), 1'700'000'001'000);
}

// A connection that came after ten idle seconds was closed at once: its deadline counted from the turn before the wait.
TEST(Loop, ATimerArmedByAnEventCountsFromThatEvent) {
  base::FixedClock clock(1'700'000'000'000);
  Loop loop(clock);
  Pair pair;
  int fired = 0;
  Timer timer([](void* n) { ++*static_cast<int*>(n); }, &fired);
  Recorder watcher;
  ASSERT_TRUE(loop.add(pair.fds[0], watcher));
  loop.turn(0);
  watcher.then = [&] { loop.timers().arm(timer, 1000); };
  clock.advance_ms(5000);
  pair.send();
  loop.turn(0);
  EXPECT_EQ(fired, 0);
  clock.advance_ms(999);
  loop.turn(0);
  EXPECT_EQ(fired, 0);
  clock.advance_ms(1);
  loop.turn(0);
  EXPECT_EQ(fired, 1);
  loop.remove(pair.fds[0], watcher);
}

TEST(Loop, StopFromAnotherThreadEndsTheWait) {
  Loop loop;
  std::thread stopper([&] { loop.stop(); });
  loop.run();
  stopper.join();
}

}  // namespace
}  // namespace gatehouse::net
