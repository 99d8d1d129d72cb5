// Look-ups and bodies that come later, while the worker verifies other requests.
#include <gtest/gtest.h>

#include "signed.hpp"

namespace gatehouse::iam::test {
namespace {

TEST(IamWaiting, OthersMayComeBetween) {
  Gate g;
  g.h.access_key(access_key("AKIAOTHER"));
  g.h.lookups_wait();
  std::vector<gt::Harness::Pending> waiting;
  for (int i = 0; i < 20; ++i) {
    Asked asked;
    asked.path = "/prod/" + std::to_string(i);
    asked.key.id = i % 2 == 0 ? kKeyId : "AKIAOTHER";
    asked.presigned = i % 3 == 0;
    asked.method = i % 4 < 2 ? "POST" : "GET";
    if (asked.method == "POST") asked.body = "body " + std::to_string(i);
    if (i % 5 == 0) asked.key.secret = "wrong";
    waiting.push_back(g.h.begin(asked.sent()));
  }
  for (int i = 0; i < 20; ++i) {
    const auto a = g.h.wait(waiting[static_cast<std::size_t>(i)]);
    EXPECT_EQ(a.allowed(), i % 5 != 0) << i << a.reason();
    EXPECT_EQ(a.denied(), i % 5 == 0) << i << a.reason();
  }
  EXPECT_EQ(g.count("verified"), 16u);
  EXPECT_EQ(g.count("mismatch"), 4u);
}

TEST(IamWaiting, TheClockIsThatOfTheRequest) {
  Gate g;
  g.h.lookups_wait();
  Asked asked;
  asked.time_s = kNow - 299;
  const auto waiting = g.h.begin(asked.sent());
  g.h.set_time((kNow + 60) * 1000);
  EXPECT_TRUE(g.h.wait(waiting).allowed());
}

TEST(IamWaiting, WithoutTheStoreTheCallFails) {
  Gate g;
  g.h.fail_service(GH_SVC_IDENTITY);
  EXPECT_EQ(g.ask(Asked()).reason(), "a limit is reached");
  g.h.fail_service(GH_SVC_IDENTITY, GH_OK).lookups_wait(GH_E_FAILED);
  const auto a = g.ask(Asked());
  EXPECT_TRUE(a.failed());
  EXPECT_EQ(g.count("failed"), 2u);
}

TEST(IamWaiting, ClientsThatLeave) {
  Gate g;
  g.h.lookups_wait();
  for (int i = 0; i < 3; ++i) {
    const auto waiting = g.h.begin(Asked().sent());
    g.h.cancel(waiting);
  }
  EXPECT_TRUE(g.ask(Asked()).allowed());
}

TEST(IamWaiting, UnknownKeysGoThroughTheSameMotions) {
  Gate g;
  Asked asked;
  asked.key.id = "AKIANOBODY";
  asked.method = "POST";
  asked.body = "hello";
  gt::TestRequest request = asked.sent();
  request.body_fails(GH_E_CONNECT);
  EXPECT_TRUE(g.h.authorize(request).failed()) << "its body is asked for as that of others is";
}

TEST(IamWaiting, ManyThreadsOnManyWorkers) {
  Gate g;
  std::vector<gt::TestRequest> requests;
  for (int i = 0; i < 64; ++i) {
    Asked asked;
    asked.path = "/prod/" + std::to_string(i);
    if (i % 2 == 1) {
      asked.method = "POST";
      asked.body = std::to_string(i);
    }
    requests.push_back(asked.sent());
  }
  const auto tally = g.h.threads(8).repeat(
      200, [&](std::size_t thread, std::size_t round) { return requests[(thread * 7 + round) % requests.size()]; });
  EXPECT_EQ(tally.allowed, 1600u);
  EXPECT_EQ(g.count("verified"), 1600u);
}

}  // namespace
}  // namespace gatehouse::iam::test
