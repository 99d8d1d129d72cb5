#include "gatehouse/kit/jose/key_source.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "keys_fixture.hpp"

namespace gatehouse::kit::jose {
namespace {

TEST_F(Keys, JW_50_DiscoveryThenKeys) {
  make();
  source_->start();
  EXPECT_EQ(world_.asked, (std::vector<std::string>{kDiscovery, kKeys}));
  EXPECT_EQ(refusal("a"), Refusal::None);
  EXPECT_EQ(fetches(), 2u);
}

TEST_F(Keys, JW_50_WithAnAddressOfTheKeysNothingIsDiscovered) {
  rules_.discovery.clear();
  rules_.jwks_uri = kKeys;
  make();
  EXPECT_EQ(refusal("a"), Refusal::None);
  EXPECT_EQ(world_.asked, std::vector<std::string>{kKeys});
}

TEST_F(Keys, JW_51_AnotherIssuer) {
  for (const char* other : {"https://id.example/", "https://ID.example", "http://id.example", ""}) {
    world_.asked.clear();
    world_.pages[kDiscovery] = ProviderWorld::ok(document(other));
    make();
    EXPECT_EQ(refusal("a"), Refusal::Issuer) << other;
    EXPECT_EQ(world_.asked, std::vector<std::string>{kDiscovery});
  }
}

TEST_F(Keys, JW_34_JW_35_WhatIsDown) {
  world_.pages.erase(kKeys);
  make();
  EXPECT_EQ(refusal("a"), Refusal::KeysDown);
  world_.pages.erase(kDiscovery);
  make();
  EXPECT_EQ(refusal("a"), Refusal::DiscoveryDown);
}

TEST_F(Keys, JW_52_LifeAndRefresh) {
  struct Row {
    std::int64_t max_age_s;
    double luck;
    std::int64_t refresh_ms;
  };
  const Row rows[] = {
      {-1, 0.5, 2 * kHour * 8 / 10},        {-1, 0, 2 * kHour * 72 / 100},  {-1, 1, 2 * kHour * 88 / 100},
      {60 * 60, 0.5, kHour * 8 / 10},       {0, 0.5, 5 * kMinute * 8 / 10}, {24 * 3600, 0.5, 2 * kHour * 8 / 10},
      {1LL << 40, 0.5, 2 * kHour * 8 / 10},
  };
  for (const Row& row : rows) {
    world_.luck = row.luck;
    world_.pages[kKeys] = ProviderWorld::ok(set_of({"a"}), row.max_age_s);
    make();
    source_->start();
    const std::size_t before = fetches();
    world_.pass(row.refresh_ms - 2);
    EXPECT_EQ(fetches(), before) << row.max_age_s;
    world_.pass(4);
    EXPECT_GT(fetches(), before) << row.max_age_s << " is refreshed though nobody asks";
    source_->stop();
  }
}

TEST_F(Keys, JW_52_WhileItIsRefreshedNobodyWaits) {
  make();
  source_->start();
  world_.holds = true;
  world_.pass(2 * kHour * 8 / 10 + 1);
  ASSERT_EQ(world_.kept_waiting(), 1u);
  EXPECT_EQ(refusal("a"), Refusal::None);
  world_.pages[kKeys] = ProviderWorld::ok(set_of({"b"}));
  const std::uint64_t before = source_->generation();
  world_.release();
  world_.release();
  EXPECT_GT(source_->generation(), before);
}

TEST_F(Keys, JW_53_OneFetchForAll) {
  world_.holds = true;
  make();
  int told = 0;
  for (int i = 0; i < 1000; ++i)
    EXPECT_FALSE(source_->find(i % 2 ? "a" : "b", [&](const KeySource::Found& found) {
      ++told;
      EXPECT_EQ(found.refusal, found.key ? Refusal::None : Refusal::UnknownKey);
    }));
  EXPECT_EQ(fetches(), 1u);
  world_.release();
  EXPECT_EQ(told, 0);
  world_.release();
  EXPECT_EQ(told, 1000);
  EXPECT_EQ(fetches(), 2u);
}

TEST_F(Keys, JW_53_WaitersAreBounded) {
  world_.holds = true;
  rules_.waiters = 3;
  make();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(refusal("a"), Refusal::Missing);
  EXPECT_EQ(refusal("a"), Refusal::KeysDown);
}

TEST_F(Keys, JW_54_AFloodOfUnknownKeyIds) {
  rules_.discovery.clear();
  rules_.jwks_uri = kKeys;
  make();
  source_->start();
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_EQ(refusal("k" + std::to_string(i)), Refusal::UnknownKey);
    world_.pass(36);
  }
  // An hour: one every 10 s, and what is refreshed anyway.
  EXPECT_LE(fetches(), 3600u / 10 + 2);
  EXPECT_GE(fetches(), 3600u / 10 - 2);
  EXPECT_EQ(refusal("a"), Refusal::None);
}

TEST_F(Keys, JW_55_TheSameUnknownKeyIdIsNotAskedForAgain) {
  make();
  source_->start();
  world_.pass(11'000);
  EXPECT_EQ(refusal("x"), Refusal::UnknownKey);
  const std::size_t before = fetches();
  world_.pass(30'000);
  EXPECT_EQ(refusal("x"), Refusal::UnknownKey);
  EXPECT_EQ(fetches(), before) << "known to be unknown for a minute";
  world_.pages[kKeys] = ProviderWorld::ok(set_of({"a", "x"}));
  EXPECT_EQ(refusal("y"), Refusal::UnknownKey);  // fetches, and so clears
  EXPECT_EQ(refusal("x"), Refusal::None);
}

TEST_F(Keys, JW_54_RotationWithoutAFailedRequest) {
  make();
  source_->start();
  for (int day = 0; day < 40; ++day) {
    world_.pass(kHour);
    const std::string fresh = "k" + std::to_string(day);
    world_.pages[kKeys] = ProviderWorld::ok(set_of({"a", fresh}));
    EXPECT_EQ(refusal(fresh), Refusal::None) << "signed with at once";
    EXPECT_EQ(refusal("a"), Refusal::None);
  }
}

TEST_F(Keys, JW_56_AnHoursOutage) {
  make();
  source_->start();
  world_.pass(2 * kHour * 8 / 10 - 1000);  // just before it would have asked
  world_.pages.clear();
  const std::uint64_t before = source_->generation();
  for (int minute = 0; minute < 60; ++minute) {
    world_.pass(kMinute);
    EXPECT_EQ(refusal("a"), Refusal::None) << minute;
  }
  EXPECT_EQ(source_->generation(), before);
  EXPECT_EQ(refusal("b"), Refusal::DiscoveryDown) << "nobody can say whether it is unknown";
  world_.pass(kHour);  // two hours of life and one of grace are over
  EXPECT_GT(source_->generation(), before) << "noticed although nobody asks";
  EXPECT_NE(refusal("a"), Refusal::None);
  world_.pages[kDiscovery] = ProviderWorld::ok(document());
  world_.pages[kKeys] = ProviderWorld::ok(set_of({"a"}));
  world_.pass(kMinute + 1);
  EXPECT_EQ(refusal("a"), Refusal::None) << "back within a minute";
}

TEST_F(Keys, JW_56_JW_57_RetriesSlowDownToAMinute) {
  world_.pages.clear();
  make();
  source_->start();
  std::vector<std::int64_t> at;
  std::size_t seen = fetches();
  for (std::int64_t s = 0; s < 400; ++s) {
    world_.pass(1000);
    if (fetches() > seen) at.push_back(s + 1);
    seen = fetches();
  }
  EXPECT_EQ(at, (std::vector<std::int64_t>{1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363}));
  EXPECT_EQ(refusal("a"), Refusal::DiscoveryDown);
  EXPECT_EQ(fetches(), seen) << "a request does not ask in between";
}

TEST_F(Keys, JW_58_AKeyThatIsGoneIsGoneAtOnce) {
  world_.pages[kKeys] = ProviderWorld::ok(set_of({"a", "b"}));
  make();
  source_->start();
  const std::uint64_t before = source_->generation();
  world_.pages[kKeys] = ProviderWorld::ok(set_of({"b"}));
  world_.pass(2 * kHour);
  EXPECT_GT(source_->generation(), before);
  EXPECT_EQ(refusal("a"), Refusal::UnknownKey);
  const std::uint64_t same = source_->generation();
  world_.pass(2 * kHour);
  EXPECT_EQ(source_->generation(), same) << "the same keys again";
}

TEST_F(Keys, JW_59_WhatIsNoSetDoesNotReplaceOne) {
  rules_.max_bytes = 2000;
  rules_.refuses = [](const KeySet& set) { return set.find("evil") ? "evil" : ""; };
  make();
  source_->start();
  const std::uint64_t before = source_->generation();
  const KeySource::Response broken[] = {ProviderWorld::status(500),
                                        ProviderWorld::status(304),
                                        ProviderWorld::ok(""),
                                        ProviderWorld::ok("{}"),
                                        ProviderWorld::ok(R"({"keys":[]})"),
                                        ProviderWorld::ok(set_of({"b"}) + " x"),
                                        ProviderWorld::ok(set_of({"b"}) + std::string(2000, ' ')),
                                        ProviderWorld::ok(set_of({"evil"}))};
  for (const KeySource::Response& response : broken) {
    world_.pages[kKeys] = response;
    const auto failures = source_->counts().failures.load();
    world_.pass(2 * kMinute);
    EXPECT_EQ(refusal("zz" + std::to_string(failures)), Refusal::KeysDown);
    EXPECT_GT(source_->counts().failures.load(), failures) << response.body;
    EXPECT_EQ(source_->generation(), before);
    EXPECT_EQ(refusal("a"), Refusal::None);
  }
}

TEST_F(Keys, StopTellsWhoeverWaits) {
  world_.holds = true;
  make();
  std::optional<KeySource::Found> told;
  source_->find("a", [&](const KeySource::Found& found) { told = found; });
  EXPECT_FALSE(told);
  source_->stop();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->refusal, Refusal::KeysDown);
  world_.release();
  EXPECT_EQ(refusal("a"), Refusal::KeysDown);
  EXPECT_EQ(fetches(), 1u);
  EXPECT_EQ(world_.timers(), 0u);
}

TEST_F(Keys, AnAnswerThatComesTooLateFindsNobody) {
  world_.holds = true;
  make();
  source_->start();
  source_.reset();
  world_.release();
  world_.pass(kHour);
  EXPECT_EQ(fetches(), 1u);
}

TEST_F(Keys, AHostThatBeginsNothing) {
  world_.refuses_fetch = true;
  make();
  EXPECT_EQ(refusal("a"), Refusal::DiscoveryDown);
  world_.refuses_fetch = false;
  world_.pass(2000);
  EXPECT_EQ(refusal("a"), Refusal::None);
}

TEST_F(Keys, WithoutTimersWhoeverComesRefreshes) {
  world_.refuses_timers = true;
  make();
  source_->start();
  const std::size_t before = fetches();
  world_.pass(2 * kHour);
  EXPECT_EQ(fetches(), before);
  EXPECT_EQ(refusal("a"), Refusal::None);
  EXPECT_GT(fetches(), before);
  world_.pages.clear();
  world_.pass(4 * kHour);
  EXPECT_NE(refusal("a"), Refusal::None) << "too old, timer or not";
}

TEST_F(Keys, OneWaiterThrowsAndAnotherAsksAgain) {
  world_.holds = true;
  make();
  int told = 0;
  source_->find("a", [](const KeySource::Found&) { throw std::runtime_error("x"); });
  source_->find("a", [&](const KeySource::Found&) {
    source_->find("a", [&](const KeySource::Found& again) { told += again.key != nullptr ? 1 : 0; });
  });
  world_.release();
  world_.release();
  EXPECT_EQ(told, 1);
}

TEST(FixedKeys, AreAsked) {
  KeySetReport report;
  const auto source = std::make_shared<KeySource>(KeySet::parse(set_of({"a"}), report));
  source->start();
  Refusal said = Refusal::None;
  EXPECT_TRUE(source->find("b", [&](const KeySource::Found& found) { said = found.refusal; }));
  EXPECT_EQ(said, Refusal::UnknownKey);
  const Key* key = nullptr;
  EXPECT_TRUE(source->find("a", [&](const KeySource::Found& found) { key = found.key; }));
  EXPECT_NE(key, nullptr);
  source->stop();
}

}  // namespace
}  // namespace gatehouse::kit::jose
