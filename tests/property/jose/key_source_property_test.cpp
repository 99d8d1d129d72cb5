// A key source in a world where everything happens at random, held to a twin that knows what the provider said last.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>

#include "unit/jose/keys_fixture.hpp"

namespace gatehouse::kit::jose {
namespace {

using Kids = std::set<std::string>;

class Story {
 public:
  explicit Story(unsigned seed) : random_(seed) {
    rules_.issuer = kIssuer;
    rules_.jwks_uri = kKeys;
    rules_.max_stale_ms = any(2) == 0 ? kHour : 0;
    world_.refuses_timers = any(4) == 0;
    change_keys();
    KeySource::Doors doors = world_.doors();
    doors.fetch = [this, fetch = doors.fetch](const std::string& url, std::int64_t ms, std::size_t bytes,
                                              std::function<void(KeySource::Response)> done) {
      judge_pace();
      const bool begun = fetch(url, ms, bytes, [this, done = std::move(done)](const KeySource::Response& response) {
        hear(response);
        done(response);
      });
      if (!begun) failed();
      return begun;
    };
    source_ = std::make_shared<KeySource>(rules_, doors);
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) step();
    source_->stop();
    world_.release();
    for (const int times : told_) ASSERT_EQ(times, 1) << "who asks is told exactly once";
    EXPECT_EQ(world_.timers(), 0u);
  }

 private:
  int any(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  void step() {
    switch (any(10)) {
      case 0:
        return change_keys();
      case 1:
        world_.holds = any(3) == 0;
        world_.refuses_fetch = any(5) == 0;
        world_.luck = any(100) / 100.0;
        return;
      case 2:
        return world_.release();
      case 3:
      case 4:
        return pass();
      default:
        return ask();
    }
  }
  /// From a millisecond to hours. What is kept waiting is answered before it is given up.
  void pass() {
    const std::int64_t most[] = {10, 1000, 20'000, 10 * kMinute, 2 * kHour};
    const std::int64_t ms = random_() % static_cast<std::uint64_t>(most[any(5)]);
    if (world_.kept_waiting() == 0 && !world_.holds) return world_.pass(ms);
    world_.release();
    world_.holds = false;
    world_.pass(ms);
  }
  void change_keys() {
    if (any(4) == 0) {
      const KeySource::Response broken[] = {ProviderWorld::status(503), ProviderWorld::ok("{}"), {}};
      world_.pages[kKeys] = broken[any(3)];
      served_.clear();
      return;
    }
    served_.clear();
    for (const char* kid : {"a", "b", "c", "d"})
      if (any(2) == 0) served_.insert(kid);
    life_ms_ = any(3) == 0 ? 10 * kMinute : 2 * kHour;
    world_.pages[kKeys] = ProviderWorld::ok(set_of({served_.begin(), served_.end()}), life_ms_ / 1000);
  }

  // What the twin knows.
  void hear(const KeySource::Response& response) {
    if (response.status != 200 || served_.empty()) return failed();
    last_ = served_;
    until_ = world_.now + life_ms_ + rules_.max_stale_ms;
    quiet_until_ = begun_at_ + rules_.cool_down_ms;
    retry_ms_ = 0;
  }
  void failed() {
    retry_ms_ = retry_ms_ == 0 ? 1000 : std::min<std::int64_t>(2 * retry_ms_, 60'000);
    quiet_until_ = world_.now + retry_ms_;
  }
  void judge_pace() {
    EXPECT_GE(world_.now, quiet_until_) << "JW-54, JW-56: not yet";
    begun_at_ = world_.now;
  }
  void ask() {
    const std::string kid =
        any(5) == 0 ? "x" + std::to_string(any(3)) : std::string(1, static_cast<char>('a' + any(4)));
    const std::size_t number = told_.size();
    told_.push_back(0);
    source_->find(kid, [this, number, kid](const KeySource::Found& found) {
      ++told_[number];
      judge(kid, found);
    });
  }
  void judge(const std::string& kid, const KeySource::Found& found) {
    EXPECT_EQ(found.key != nullptr, found.refusal == Refusal::None);
    const bool there = world_.now < until_ && last_.count(kid) != 0;
    EXPECT_EQ(found.key != nullptr, there) << kid << ": JW-56, JW-58";
    if (found.refusal == Refusal::UnknownKey) {
      EXPECT_LT(world_.now, until_) << "without keys none is unknown";
    }
    if (found.key == nullptr) return;
    EXPECT_EQ(found.key->kid(), kid);
    EXPECT_EQ(found.generation, source_->generation());
    EXPECT_LE(found.usable_ms, until_ - world_.now);
    const auto [at, fresh] = by_generation_.emplace(found.generation, last_);
    EXPECT_EQ(at->second, last_) << "JW-58: other keys, and the generation of before";
  }

  std::mt19937 random_;
  ProviderWorld world_;
  KeySourceRules rules_;
  Kids served_, last_;
  std::int64_t life_ms_ = 0, until_ = 0, begun_at_ = 0, quiet_until_ = 0, retry_ms_ = 0;
  std::map<std::uint64_t, Kids> by_generation_;
  std::deque<int> told_;
  std::shared_ptr<KeySource> source_;
};

TEST(KeySourceProperty, JW_53_to_59_AgreesWithWhatTheProviderSaidLast) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    Story(seed).run(300);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace gatehouse::kit::jose
