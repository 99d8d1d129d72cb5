#include "client/health.hpp"

#include <gtest/gtest.h>

namespace gatehouse::client {
namespace {

TEST(Health, EjectsAfterFailuresInARow) {
  Health health(3, 1000);
  EXPECT_FALSE(health.failed(0, false));
  EXPECT_FALSE(health.failed(1, false));
  EXPECT_TRUE(health.available(1));
  EXPECT_TRUE(health.failed(2, false));
  EXPECT_TRUE(health.ejected());
  EXPECT_FALSE(health.available(1001));
  EXPECT_TRUE(health.available(1002));
}

TEST(Health, ASuccessBreaksTheRow) {
  Health health(2, 1000);
  EXPECT_FALSE(health.failed(0, false));
  health.succeeded();
  EXPECT_FALSE(health.failed(0, false));
  EXPECT_TRUE(health.available(0));
}

TEST(Health, LetsOneProbeThrough) {
  Health health(1, 1000);
  EXPECT_TRUE(health.failed(0, false));
  EXPECT_FALSE(health.chosen(999));
  EXPECT_TRUE(health.chosen(1000));
  EXPECT_FALSE(health.available(1000));
  EXPECT_FALSE(health.chosen(1000));
  health.abandoned();
  EXPECT_TRUE(health.chosen(1000));
  health.succeeded();
  EXPECT_TRUE(health.available(1000));
  EXPECT_FALSE(health.ejected());
}

TEST(Health, ReturnsExponentiallyUpToSixteenTimes) {
  Health health(1, 1000);
  std::int64_t now = 0;
  EXPECT_TRUE(health.failed(now, false));
  for (const std::int64_t factor : {2, 4, 8, 16, 16}) {
    now = health.until_ms();
    ASSERT_TRUE(health.chosen(now));
    EXPECT_TRUE(health.failed(now, true));
    EXPECT_EQ(health.until_ms(), now + 1000 * factor);
  }
  now = health.until_ms();
  ASSERT_TRUE(health.chosen(now));
  health.succeeded();
  EXPECT_TRUE(health.failed(now, false));
  EXPECT_EQ(health.until_ms(), now + 1000) << "a success takes the doubling back";
}

TEST(Health, LateFailuresChangeNothing) {
  Health health(1, 1000);
  EXPECT_TRUE(health.failed(0, false));
  EXPECT_FALSE(health.failed(500, false));
  EXPECT_EQ(health.until_ms(), 1000);
}

TEST(Health, ZeroNeverEjects) {
  Health health(0, 1000);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(health.failed(i, false));
  EXPECT_TRUE(health.available(0));
}

}  // namespace
}  // namespace gatehouse::client
