#include "net/executor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace gatehouse::net {
namespace {

/// A door that tasks wait behind until the test opens it. Declared ahead of the executor, whose end waits for them.
class Gate {
 public:
  void pass() {
    std::unique_lock guard(lock_);
    ++waiting_;
    change_.notify_all();
    change_.wait(guard, [this] { return open_; });
  }
  void open() {
    const std::lock_guard guard(lock_);
    open_ = true;
    change_.notify_all();
  }
  void await_waiting(int n) {
    std::unique_lock guard(lock_);
    change_.wait(guard, [&] { return waiting_ >= n; });
  }

 private:
  std::mutex lock_;
  std::condition_variable change_;
  int waiting_ = 0;
  bool open_ = false;
};

TEST(Executor, RunsAShareInItsOrder) {
  std::string order;
  {
    Gate gate;
    Executor executor(4);
    const auto share = executor.share("one", 1, 100);
    std::atomic<int> left{26};
    ASSERT_TRUE(share->run([&] { gate.pass(); }));
    for (char c = 'a'; c <= 'z'; ++c)
      ASSERT_TRUE(share->run([&order, &left, c] {
        order += c;
        if (--left == 0) left.notify_all();
      }));
    gate.open();
    for (int seen = left; seen != 0; seen = left) left.wait(seen);
  }
  EXPECT_EQ(order, "abcdefghijklmnopqrstuvwxyz");
}

TEST(Executor, ShareKeepsToItsThreadsAndItsQueue) {
  Gate gate;
  Executor executor(4);
  const auto share = executor.share("two", 2, 3);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(share->run([&] { gate.pass(); }));
  gate.await_waiting(2);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(share->run([] {}));
  EXPECT_EQ(share->running(), 2u);
  EXPECT_EQ(share->queued(), 3u);
  EXPECT_FALSE(share->run([] {})) << "the queue is full";
  gate.open();
}

TEST(Executor, WhatMustComeTakesNoPlace) {
  Gate gate;
  Executor executor(4);
  const auto share = executor.share("one", 1, 2);
  std::atomic<int> left{5};
  const auto one = [&] {
    if (--left == 0) left.notify_all();
  };
  ASSERT_TRUE(share->run([&] { gate.pass(); }));
  gate.await_waiting(1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(share->run_anyway(one));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(share->run(one)) << i;
  EXPECT_FALSE(share->run([] {})) << "the queue is full of its own";
  EXPECT_EQ(share->queued(), 5u);
  gate.open();
  for (int seen = left; seen != 0; seen = left) left.wait(seen);
  while (share->running() != 0) std::this_thread::yield();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(share->run([] {})) << "every place was given back";
}

TEST(Executor, ATaskThatWaitsCanBeTakenBack) {
  Gate gate;
  auto token = std::make_shared<int>(0);
  std::atomic<int> ran{0};
  Executor executor(2);
  const auto share = executor.share("one", 1, 2);
  const std::uint64_t running = share->run([&] { gate.pass(); });
  gate.await_waiting(1);
  const std::uint64_t first = share->run([&, token] { ran += 1; }), second = share->run([&] { ran += 10; });
  ASSERT_TRUE(running != 0 && first != 0 && second != 0);
  EXPECT_EQ(token.use_count(), 2);
  EXPECT_TRUE(share->take_back(first));
  EXPECT_EQ(token.use_count(), 1) << "it is dropped";
  EXPECT_FALSE(share->take_back(first)) << "once";
  EXPECT_FALSE(share->take_back(running)) << "it runs";
  EXPECT_FALSE(share->take_back(0));
  EXPECT_TRUE(share->run_anyway([&] { ran += 100; }));
  EXPECT_FALSE(share->take_back(0)) << "and is not what run_anyway() has given";
  EXPECT_TRUE(share->run([&] { ran += 1000; })) << "its place is free";
  EXPECT_FALSE(share->run([] {}));
  gate.open();
  while (share->running() + share->queued() != 0) std::this_thread::yield();
  EXPECT_EQ(ran, 1110);
  EXPECT_FALSE(share->take_back(second)) << "it is over";
}

TEST(Executor, TheLastTaskOfATurnMayBeTakenBack) {
  Gate gate;
  std::atomic<int> ran{0};
  Executor executor(1);
  const auto blocker = executor.share("blocker", 1, 1), share = executor.share("one", 1, 2);
  ASSERT_TRUE(blocker->run([&] { gate.pass(); }));
  gate.await_waiting(1);
  EXPECT_TRUE(share->take_back(share->run([&] { ran += 1; })));  // it stood in turn
  EXPECT_TRUE(share->run([&] { ran += 10; }));
  gate.open();
  while (share->running() + share->queued() != 0) std::this_thread::yield();
  EXPECT_EQ(ran, 10);
}

TEST(Executor, AFullShareDoesNotHoldBackAnother) {
  Gate gate, done;
  Executor executor(2);
  const auto slow = executor.share("slow", 1, 10);
  const auto quick = executor.share("quick", 1, 10);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(slow->run([&] { gate.pass(); }));
  gate.await_waiting(1);
  ASSERT_TRUE(quick->run([&] { done.pass(); }));
  done.await_waiting(1);
  done.open();
  gate.open();
}

TEST(Executor, SharesTakeTurns) {
  std::string order;
  std::atomic<int> left{20};
  Gate gate;
  Executor executor(1);
  const auto blocker = executor.share("blocker", 1, 1);
  const auto a = executor.share("a", 1, 10);
  const auto b = executor.share("b", 1, 10);
  ASSERT_TRUE(blocker->run([&] { gate.pass(); }));
  gate.await_waiting(1);
  const auto note = [&](char c) {
    order += c;
    if (--left == 0) left.notify_all();
  };
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(a->run([&] { note('a'); }));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(b->run([&] { note('b'); }));
  gate.open();
  for (int seen = left; seen != 0; seen = left) left.wait(seen);
  EXPECT_EQ(order, "abababababababababab");
}

TEST(Executor, UsesItsThreadsForOneShareWithManyTasks) {
  Gate gate;
  Executor executor(3);
  const auto share = executor.share("wide", 3, 10);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(share->run([&] { gate.pass(); }));
  gate.await_waiting(3);  // hangs unless all three run at once
  gate.open();
}

TEST(Executor, ABurstWakesAsManyThreadsAsItCanUse) {
  for (int i = 0; i < 100; ++i) {
    Gate warm, gate;
    Executor executor(2);
    const auto share = executor.share("burst", 2, 10);
    warm.open();
    ASSERT_TRUE(share->run([&] { warm.pass(); }));
    while (share->running() + share->queued() != 0) std::this_thread::yield();
    // One thread sleeps; both tasks are there before it has woken.
    for (int n = 0; n < 2; ++n) ASSERT_TRUE(share->run([&] { gate.pass(); }));
    gate.await_waiting(2);
    gate.open();
  }
}

TEST(Executor, WaitsForRunningAndDropsWaiting) {
  std::atomic<bool> finished{false};
  std::atomic<bool> second_ran{false};
  std::shared_ptr<Executor::Share> share;
  auto token = std::make_shared<int>(0);
  {
    Gate gate;
    Executor executor(1);
    share = executor.share("one", 1, 10);
    ASSERT_TRUE(share->run([&] {
      gate.pass();
      finished = true;
    }));
    ASSERT_TRUE(share->run([&, token] { second_ran = true; }));
    gate.await_waiting(1);
    gate.open();
    // The destructor may come before or after the second task begins; never in the middle of the first.
  }
  EXPECT_TRUE(finished);
  EXPECT_EQ(token.use_count(), 1) << "a dropped task is destroyed, too";
  EXPECT_FALSE(share->run([] {}));
}

TEST(Executor, DroppedShareDropsWhatWaits) {
  Gate gate;
  Executor executor(1);
  auto token = std::make_shared<int>(0);
  auto share = executor.share("one", 1, 10);
  ASSERT_TRUE(share->run([&] { gate.pass(); }));
  gate.await_waiting(1);
  ASSERT_TRUE(share->run([token] { FAIL(); }));
  share.reset();
  EXPECT_EQ(token.use_count(), 1);
  gate.open();
}

TEST(Executor, SurvivesATaskThatThrows) {
  Gate gate;
  Executor executor(1);
  const auto share = executor.share("thrower", 1, 10);
  ASSERT_TRUE(share->run([] { throw std::runtime_error("as the test wants it"); }));
  ASSERT_TRUE(share->run([] { throw 7; }));
  ASSERT_TRUE(share->run([&] { gate.pass(); }));
  gate.await_waiting(1);
  gate.open();
}

}  // namespace
}  // namespace gatehouse::net
