#include "conformance/looper.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>

namespace gatehouse::conformance {
namespace {

TEST(Looper, WhatIsWithdrawnIsNotRunAndLeavesNothingBehind) {
  Looper looper;
  const auto held = std::make_shared<std::atomic<int>>(0);
  const Looper::Ticket hour = looper.post([held] { ++*held; }, std::chrono::hours(1));
  EXPECT_EQ(held.use_count(), 2);
  looper.withdraw(hour);
  EXPECT_EQ(held.use_count(), 1);
  looper.withdraw(hour);
  looper.post([held] { *held += 10; });
  looper.drain();
  EXPECT_EQ(*held, 10);
}

TEST(Looper, TwoOfOneMomentAreTwo) {
  Looper looper;
  std::atomic<int> ran{0};
  for (int i = 0; i < 100; ++i) looper.post([&] { ++ran; });
  looper.drain();
  EXPECT_EQ(ran, 100);
}

}  // namespace
}  // namespace gatehouse::conformance
