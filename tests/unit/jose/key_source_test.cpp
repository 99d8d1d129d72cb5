#include "gatehouse/kit/jose/key_source.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "gatehouse/kit/jose/host_doors.hpp"
#include "provider_world.hpp"
#include "support/jose_signer.hpp"

namespace gatehouse::kit::jose {
namespace {

constexpr const char* kIssuer = "https://id.example";
constexpr const char* kDiscovery = "https://id.example/.well-known/openid-configuration";
constexpr const char* kKeys = "https://keys.example/jwks";
constexpr std::int64_t kMinute = 60'000, kHour = 60 * kMinute;

const test::SigningKey& signing_key() {
  static const test::SigningKey key = test::SigningKey::ec("P-256");
  return key;
}
/// A JWK set with a key under each of these ids; all are the same key, and another than `other`'s.
std::string set_of(const std::vector<std::string>& kids) {
  std::string out = R"({"keys":[)";
  for (const std::string& kid : kids) {
    if (out.back() != '[') out += ',';
    out += signing_key().jwk(R"("kid":")" + kid + '"');
  }
  return out + "]}";
}
std::string document(const std::string& issuer = kIssuer, const std::string& keys = kKeys) {
  return R"({"issuer":")" + issuer + R"(","jwks_uri":")" + keys + R"("})";
}

class Keys : public ::testing::Test {
 protected:
  Keys() {
    rules_.issuer = kIssuer;
    rules_.discovery = kDiscovery;
    world_.pages[kDiscovery] = ProviderWorld::ok(document());
    world_.pages[kKeys] = ProviderWorld::ok(set_of({"a"}));
  }
  void make() { source_ = std::make_shared<KeySource>(rules_, world_.doors()); }
  /// What find() says; nothing when it does not say it at once.
  std::optional<KeySource::Found> ask(const std::string& kid) {
    std::optional<KeySource::Found> out;
    const bool at_once = source_->find(kid, [&out](const KeySource::Found& found) { out = found; });
    (void)at_once;
    return out;
  }
  Refusal refusal(const std::string& kid) {
    const auto found = ask(kid);
    if (!found) return Refusal::Missing;  // still waiting
    EXPECT_EQ(found->key != nullptr, found->refusal == Refusal::None);
    return found->refusal;
  }
  std::size_t fetches() const { return world_.asked.size(); }

  ProviderWorld world_;
  KeySourceRules rules_;
  std::shared_ptr<KeySource> source_;
};

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
      {-1, 0.5, 2 * kHour * 8 / 10},  {-1, 0, 2 * kHour * 72 / 100},        {60 * 60, 0.5, kHour * 8 / 10},
      {0, 0.5, 5 * kMinute * 8 / 10}, {24 * 3600, 0.5, 2 * kHour * 8 / 10}, {1LL << 40, 0.5, 2 * kHour * 8 / 10},
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
  world_.pass(2 * kHour);
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

// From many threads, while a thread of the host's answers and moves the clock.
TEST(KeysFromManyThreads, EverybodyIsToldOnce) {
  std::mutex mutex;  // of the world, which is one thread's otherwise
  std::vector<std::function<void()>> later;
  std::atomic<std::int64_t> now{1};
  const std::string body = set_of({"a"});
  KeySource::Doors doors;
  doors.fetch = [&](const std::string&, std::int64_t, std::size_t, std::function<void(KeySource::Response)> done) {
    const std::lock_guard lock(mutex);
    later.push_back([done = std::move(done), body] { done(ProviderWorld::ok(body)); });
    return true;
  };
  doors.now_ms = [&] { return now.load(); };
  doors.after = [&](std::int64_t, std::function<void()> fn) -> std::uint64_t {
    const std::lock_guard lock(mutex);
    later.push_back(std::move(fn));
    return later.size();
  };
  doors.cancel = [](std::uint64_t) {};
  doors.random = [] { return 0.5; };
  KeySourceRules rules;
  rules.issuer = kIssuer;
  rules.jwks_uri = kKeys;
  rules.cool_down_ms = 1;
  const auto source = std::make_shared<KeySource>(rules, doors);
  std::atomic<bool> over{false};
  std::thread host([&] {
    while (!over) {
      std::vector<std::function<void()>> all;
      {
        const std::lock_guard lock(mutex);
        all.swap(later);
      }
      for (auto& one : all) one();
      now += 50;
      std::this_thread::yield();
    }
  });
  constexpr int kThreads = 3, kEach = 2000;
  std::atomic<int> told{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i)
        source->find(i % 3 ? "a" : "u" + std::to_string(t * kEach + i), [&](const KeySource::Found&) { ++told; });
    });
  for (std::thread& one : threads) one.join();
  over = true;
  host.join();
  source->stop();
  EXPECT_EQ(told, kThreads * kEach);
}

TEST(MaxAge, JW_52) {
  const std::pair<const char*, std::int64_t> rows[] = {{"", -1},
                                                       {"public", -1},
                                                       {"max-age=60", 60},
                                                       {"public, MAX-AGE=60, x=y", 60},
                                                       {"max-age=\"60\"", 60},
                                                       {"max-age=60, max-age=30", 30},
                                                       {"no-store", 0},
                                                       {"max-age=60, no-cache", 0},
                                                       {"max-age=", 0},
                                                       {"max-age=-5", 0},
                                                       {"max-age=1e9", 0},
                                                       {"max-age=99999999999999999999", 1LL << 31},
                                                       {"s-maxage=60", -1},
                                                       {",,,", -1}};
  for (const auto& [text, seconds] : rows) EXPECT_EQ(max_age_of(text), seconds) << text;
}

}  // namespace
}  // namespace gatehouse::kit::jose
