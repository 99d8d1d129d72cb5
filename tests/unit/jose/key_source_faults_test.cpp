// What a host, a provider and callers must not do, and do.
#include <algorithm>
#include <stdexcept>

#include "keys_fixture.hpp"

namespace gatehouse::kit::jose {
namespace {

constexpr std::int64_t kAnswered = 2 * 1500 + 5000;  // what is not answered by then is not waited for

TEST_F(Keys, JW_57_AnAnswerThatNeverComesIsGivenUp) {
  world_.holds = true;
  make();
  std::vector<Refusal> told;
  source_->find("a", [&](const KeySource::Found& found) { told.push_back(found.refusal); });
  world_.pass(kAnswered - 1);
  EXPECT_TRUE(told.empty());
  world_.pass(1);
  EXPECT_EQ(told, std::vector<Refusal>{Refusal::DiscoveryDown});
  world_.holds = false;
  world_.pass(1000);
  EXPECT_EQ(refusal("a"), Refusal::None) << "it has been tried again";
  EXPECT_EQ(told.size(), 1u);
}

TEST_F(Keys, JW_57_NeitherIsOneThatNobodyTimes) {
  world_.holds = world_.refuses_timers = true;
  make();
  std::vector<Refusal> told;
  source_->find("a", [&](const KeySource::Found& found) { told.push_back(found.refusal); });
  world_.release_one();  // the document; the keys never come
  world_.pass(kAnswered);
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(refusal("a"), Refusal::KeysDown);
  EXPECT_EQ(told, std::vector<Refusal>{Refusal::KeysDown}) << "by who came next";
  world_.holds = false;
  world_.pass(1000);
  EXPECT_EQ(refusal("a"), Refusal::None);
}

TEST_F(Keys, JW_58_AnAnswerToAnEarlierFetchIsNotHeard) {
  rules_.discovery.clear();
  rules_.jwks_uri = kKeys;
  world_.holds = true;
  make();
  source_->start();
  world_.pass(kAnswered + 1000);
  ASSERT_EQ(world_.kept_waiting(), 2u) << "one that was given up, and another";
  std::vector<Refusal> told;
  source_->find("a", [&](const KeySource::Found& found) { told.push_back(found.refusal); });
  world_.pages[kKeys] = ProviderWorld::ok(set_of({"old"}));
  world_.release_one();
  EXPECT_TRUE(told.empty());
  world_.pages[kKeys] = ProviderWorld::ok(set_of({"a"}));
  world_.release_one();
  EXPECT_EQ(told, std::vector<Refusal>{Refusal::None});
  EXPECT_EQ(source_->generation(), 2u);
}

TEST_F(Keys, JW_59_ADoorThatAnswersTwice) {
  KeySource::Doors doors = world_.doors();
  doors.fetch = [this](const std::string& url, std::int64_t, std::size_t,
                       const std::function<void(KeySource::Response)>& done) {
    world_.asked.push_back(url);
    done(world_.pages[url]);
    done(ProviderWorld::status(500));
    return true;
  };
  source_ = std::make_shared<KeySource>(rules_, doors);
  EXPECT_EQ(refusal("a"), Refusal::None);
  EXPECT_EQ(source_->counts().failures, 0u);
}

TEST_F(Keys, JW_57_ADoorThatThrows) {
  bool throws = true;
  KeySource::Doors doors = world_.doors();
  doors.fetch = [&throws, fetch = doors.fetch](const std::string& url, std::int64_t ms, std::size_t bytes,
                                               std::function<void(KeySource::Response)> done) {
    if (throws) throw std::runtime_error("no memory");
    return fetch(url, ms, bytes, std::move(done));
  };
  source_ = std::make_shared<KeySource>(rules_, doors);
  EXPECT_EQ(refusal("a"), Refusal::DiscoveryDown);
  EXPECT_NE(world_.lines.back().find("no memory"), std::string::npos);
  throws = false;
  world_.pass(1000);
  EXPECT_EQ(refusal("a"), Refusal::None);
}

TEST_F(Keys, TimersThatThrowAreTimersThatAreRefused) {
  KeySource::Doors doors = world_.doors();
  doors.after = [](std::int64_t, const std::function<void()>&) -> std::uint64_t { throw std::runtime_error("x"); };
  doors.log = [](bool, const std::string&) { throw std::runtime_error("x"); };
  source_ = std::make_shared<KeySource>(rules_, doors);
  EXPECT_EQ(refusal("a"), Refusal::None);
  const std::size_t before = fetches();
  world_.pass(2 * kHour);
  EXPECT_EQ(refusal("a"), Refusal::None);
  EXPECT_GT(fetches(), before);
}

TEST_F(Keys, JW_59_AHookThatThrowsRefuses) {
  bool throws = false;
  rules_.refuses = [&throws](const KeySet&) -> std::string {
    if (throws) throw 1;
    return {};
  };
  make();
  source_->start();
  throws = true;
  world_.pages[kKeys] = ProviderWorld::ok(set_of({"b"}));
  world_.pass(2 * kHour);
  EXPECT_GT(source_->counts().failures, 0u);
  EXPECT_EQ(refusal("a"), Refusal::None);
  EXPECT_EQ(refusal("b"), Refusal::KeysDown);
  throws = false;
  world_.pass(kMinute);
  EXPECT_EQ(refusal("b"), Refusal::None);
}

TEST_F(Keys, WhoIsToldAtOnceAndThrowsHearsItHimself) {
  make();
  source_->start();
  world_.pass(2 * kHour - kMinute);
  EXPECT_THROW(source_->find("a", [](const KeySource::Found&) { throw std::runtime_error("x"); }), std::runtime_error);
  EXPECT_EQ(refusal("a"), Refusal::None);
  world_.holds = true;
  world_.pass(2 * kHour);
  EXPECT_EQ(refusal("a"), Refusal::None);
}

TEST_F(Keys, JW_52_WhoCausesARefreshIsToldFirst) {
  world_.refuses_timers = true;
  make();
  source_->start();
  world_.pages[kKeys] = ProviderWorld::ok(set_of({"b"}));
  world_.pass(2 * kHour);
  const std::size_t before = fetches();
  const std::uint64_t generation = source_->generation();
  EXPECT_THROW(source_->find("a",
                             [&](const KeySource::Found& found) {
                               EXPECT_EQ(found.refusal, Refusal::None);
                               EXPECT_EQ(source_->generation(), generation);
                               EXPECT_EQ(fetches(), before);
                               throw std::runtime_error("x");
                             }),
               std::runtime_error);
  EXPECT_GT(fetches(), before) << "whatever he does";
  EXPECT_EQ(refusal("a"), Refusal::UnknownKey);
}

TEST_F(Keys, WhoStopsItWhileItIsAboutToFetchIsHeard) {
  world_.refuses_timers = true;
  make();
  source_->start();
  world_.pass(2 * kHour);
  const std::size_t before = fetches();
  source_->find("a", [this](const KeySource::Found&) { source_->stop(); });
  EXPECT_EQ(fetches(), before);
}

TEST_F(Keys, JW_54_WhoAsksAgainAndAgainFromWithin) {
  make();
  int told = 0;
  std::function<void(int)> again = [&](int left) {
    source_->find("x" + std::to_string(left), [&, left](const KeySource::Found& found) {
      ++told;
      EXPECT_EQ(found.refusal, Refusal::UnknownKey);
      if (left > 0) again(left - 1);
    });
  };
  again(500);
  EXPECT_EQ(told, 501);
  EXPECT_EQ(world_.asked, (std::vector<std::string>{kDiscovery, kKeys}));
}

// The set that was under way when a token came may be older than the token's key.
TEST_F(Keys, JW_55_WhoCameDuringAFetchIsNotRememberedAsUnknown) {
  make();
  source_->start();
  world_.holds = true;
  world_.pass(2 * kHour * 8 / 10 + 1);
  ASSERT_EQ(world_.kept_waiting(), 1u);
  Refusal said = Refusal::None;
  source_->find("new", [&](const KeySource::Found& found) { said = found.refusal; });
  world_.release();
  world_.release();
  EXPECT_EQ(said, Refusal::UnknownKey);
  world_.holds = false;
  world_.pages[kKeys] = ProviderWorld::ok(set_of({"a", "new"}));
  world_.pass(10'001);
  EXPECT_EQ(refusal("new"), Refusal::None) << "after the cool-down, not after a minute";
}

TEST_F(Keys, JW_55_EachSetOfKeysClearsTheUnknownOnes) {
  make();
  source_->start();
  world_.pass(11'000);
  EXPECT_EQ(refusal("x"), Refusal::UnknownKey);
  world_.pass(11'000);
  EXPECT_EQ(refusal("y"), Refusal::UnknownKey) << "has the keys fetched";
  world_.pages[kKeys] = ProviderWorld::ok(set_of({"a", "x"}));
  world_.pass(11'000);
  EXPECT_EQ(refusal("x"), Refusal::None) << "asked for, although it was unknown 22 s ago";
}

TEST_F(Keys, JW_55_TheMemoryOfUnknownKeyIdsIsBounded) {
  for (const std::size_t entries : {0u, 1u}) {
    rules_.unknown_entries = entries;
    make();
    source_->start();
    world_.pass(11'000);
    EXPECT_EQ(refusal("x"), Refusal::UnknownKey);
    const std::size_t before = fetches();
    world_.pass(11'000);
    EXPECT_EQ(refusal("x"), Refusal::UnknownKey);
    EXPECT_EQ(fetches(), before + (entries == 0 ? 1 : 0));
    source_->stop();
  }
}

TEST_F(Keys, JW_52_TheFloorIsNoHigherThanTheCeiling) {
  rules_.max_age_ms = kMinute;
  rules_.max_stale_ms = 0;
  make();
  const auto found = ask("a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->usable_ms, kMinute);
}

TEST_F(Keys, JW_62_AKeyOfNoUseIsNamedOnce) {
  const std::string sound = set_of({"a"});
  world_.pages[kKeys] = ProviderWorld::ok(sound.substr(0, sound.size() - 2) + R"(,{"kty":"oct"}]})");
  make();
  source_->start();
  const auto named = [this] {
    return std::count_if(world_.lines.begin(), world_.lines.end(),
                         [](const std::string& line) { return line.find("/keys/1") != std::string::npos; });
  };
  EXPECT_EQ(named(), 1);
  for (int i = 0; i < 100; ++i) {
    world_.pass(11'000);
    EXPECT_EQ(refusal("x" + std::to_string(i)), Refusal::UnknownKey);
  }
  EXPECT_EQ(named(), 1) << "strangers cause fetches, and no lines";
}

TEST_F(Keys, ATimerThatNobodyWantsAnyMoreIsCancelled) {
  KeySource::Doors doors = world_.doors();
  doors.after = [this, after = doors.after](std::int64_t ms, std::function<void()> fn) {
    source_->stop();  // another thread does, between the lock and here
    return after(ms, std::move(fn));
  };
  source_ = std::make_shared<KeySource>(rules_, doors);
  source_->start();
  EXPECT_EQ(world_.timers(), 0u);
}

TEST_F(Keys, JW_56_KeysThatWereGivenUpUnnoticedAreOthersWhenTheyComeBack) {
  world_.refuses_timers = true;
  make();
  source_->start();
  const std::uint64_t before = source_->generation();
  world_.pass(3 * kHour);
  source_->start();
  EXPECT_GT(source_->generation(), before);
}

TEST_F(Keys, JW_58_WithoutTimersNothingIsRememberedBeyondTheRefresh) {
  make();
  source_->start();
  EXPECT_EQ(ask("a")->usable_ms, 3 * kHour);
  world_.refuses_timers = true;
  make();
  source_->start();
  EXPECT_NEAR(static_cast<double>(ask("a")->usable_ms), 2.0 * kHour * 8 / 10, 1);
  world_.holds = true;
  world_.pass(2 * kHour);
  EXPECT_EQ(ask("a")->usable_ms, 0);
}

TEST_F(Keys, JW_56_WhatTheMetricsSay) {
  make();
  source_->start();
  EXPECT_EQ(world_.begun(), 2u);
  EXPECT_EQ(world_.failed(), 0u);
  world_.pages.clear();
  world_.pass(2 * kHour);
  EXPECT_GT(world_.failed(), 0u);
  EXPECT_EQ(world_.failed(), source_->counts().failures);
  EXPECT_EQ(world_.begun(), source_->counts().fetches);
}

}  // namespace
}  // namespace gatehouse::kit::jose
