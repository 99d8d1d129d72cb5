// From many threads, while a thread of the host's answers and moves the clock.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "gatehouse/kit/jose/claims.hpp"
#include "gatehouse/kit/jose/token_gate.hpp"
#include "keys_fixture.hpp"

namespace gatehouse::kit::jose {
namespace {

/// Answers each fetch a moment later, in turn with each of the bodies.
class HostThread {
 public:
  explicit HostThread(std::vector<std::string> bodies) : bodies_(std::move(bodies)) {}
  ~HostThread() { end(); }
  KeySource::Doors doors() {
    KeySource::Doors out;
    out.fetch = [this](const std::string&, std::int64_t, std::size_t, std::function<void(KeySource::Response)> done) {
      const std::lock_guard lock(mutex_);
      later_.push_back([this, done = std::move(done)] {
        const std::string& body = bodies_[answered++ % bodies_.size()];
        done(body.empty() ? ProviderWorld::status(500) : ProviderWorld::ok(body));
      });
      return true;
    };
    out.now_ms = [this] { return now_.load(); };
    out.after = [this](std::int64_t, std::function<void()> fn) -> std::uint64_t {
      const std::lock_guard lock(mutex_);
      later_.push_back(std::move(fn));
      return later_.size();
    };
    out.cancel = [](std::uint64_t) {};
    out.random = [] { return 0.5; };
    return out;
  }
  void begin() {
    thread_ = std::thread([this] {
      while (!over_) turn();
    });
  }
  void end() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
  }
  /// Until it has answered whoever asked before.
  void wait() const {
    for (const std::size_t now = turns_; turns_ < now + 2;) std::this_thread::yield();
  }
  std::atomic<std::size_t> answered{0};

 private:
  void turn() {
    std::vector<std::function<void()>> all;
    {
      const std::lock_guard lock(mutex_);
      all.swap(later_);
    }
    for (auto& one : all) one();
    now_ += 50;
    ++turns_;
    std::this_thread::yield();
  }
  const std::vector<std::string> bodies_;
  std::mutex mutex_;
  std::vector<std::function<void()>> later_;
  std::atomic<std::int64_t> now_{1};
  std::atomic<std::size_t> turns_{0};
  std::atomic<bool> over_{false};
  std::thread thread_;
};

KeySourceRules quick_rules() {
  KeySourceRules rules;
  rules.issuer = kIssuer;
  rules.jwks_uri = kKeys;
  rules.max_age_ms = rules.min_age_ms = 1000;
  rules.cool_down_ms = 1;
  rules.first_retry_ms = rules.last_retry_ms = 50;
  return rules;
}

TEST(KeysFromManyThreads, JW_53_EverybodyIsToldOnce) {
  HostThread host({set_of({"a"}), "", set_of({"a", "b"})});
  const auto source = std::make_shared<KeySource>(quick_rules(), host.doors());
  host.begin();
  constexpr int kThreads = 3, kEach = 2000;
  std::vector<std::atomic<int>> told(kThreads * kEach);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = t * kEach; i < (t + 1) * kEach; ++i) {
        source->find(i % 3 ? "a" : "u" + std::to_string(i), [&told, i](const KeySource::Found&) { ++told[i]; });
        if (i % 100 == 0) host.wait();
      }
    });
  for (std::thread& one : threads) one.join();
  host.end();
  source->stop();  // tells whoever waits for what will not come now
  for (const auto& times : told) ASSERT_EQ(times, 1);
  EXPECT_GT(host.answered, 10u);
}

struct Subject final : Verified {};

TEST(TokensFromManyThreads, JW_58_JW_6H_EachIsJudgedByTheKeysOfThen) {
  constexpr int kWorkers = 3;
  HostThread host({set_of({"a"}), set_of({"a", "b"}), ""});
  const auto source = std::make_shared<KeySource>(quick_rules(), host.doors());
  TokenGate::Rules rules;
  rules.token.algorithms = kAllAlgorithms;
  TokenGate gate(
      rules, {{kIssuer, source}},
      [](const Json& claims, std::size_t, std::int64_t, std::int64_t& until_ms, Outcome&) {
        until_ms = expiry_ms(claims, 0);
        return std::make_shared<const Subject>();
      },
      kWorkers);
  const auto token = [](const std::string& kid) {
    return signing_key().token("ES256", R"({"alg":"ES256","kid":")" + kid + "\"}",
                               std::string(R"({"exp":9999999999,"iss":")") + kIssuer + "\"}");
  };
  const std::string always = token("a"), sometimes = token("b"), never = token("c");
  host.begin();
  std::atomic<int> asked{0}, told{0}, wrong{0}, remembered{0};
  const auto ask = [&](const std::string& text, std::uint32_t worker, auto expect) {
    ++asked;
    TokenGate::Asked what;
    if (const Verdict* known = gate.known(text, worker, 1000, what)) {
      ++told, ++remembered;
      if (!expect(known->outcome.refusal)) ++wrong;
      return;
    }
    gate.verify(text, what, 1000, [&told, &wrong, expect](const Verdict& verdict) {
      ++told;
      if (!expect(verdict.outcome.refusal)) ++wrong;
    });
  };
  std::vector<std::thread> threads;
  for (std::uint32_t worker = 0; worker < kWorkers; ++worker)
    threads.emplace_back([&, worker] {
      for (int i = 0; i < 1000; ++i) {
        ask(always, worker, [](Refusal refusal) { return refusal == Refusal::None; });
        ask(sometimes, worker, [](Refusal refusal) {
          return refusal == Refusal::None || refusal == Refusal::UnknownKey || refusal == Refusal::KeysDown;
        });
        ask(never, worker,
            [](Refusal refusal) { return refusal == Refusal::UnknownKey || refusal == Refusal::KeysDown; });
        if (i % 50 == 0) host.wait();
      }
    });
  for (std::thread& one : threads) one.join();
  host.end();
  source->stop();  // tells whoever waits for what will not come now
  EXPECT_EQ(told, asked);
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(remembered, 0);
  EXPECT_GT(host.answered, 10u);
}

}  // namespace
}  // namespace gatehouse::kit::jose
