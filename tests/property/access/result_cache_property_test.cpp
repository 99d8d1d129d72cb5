// The result cache against a list that is searched from its front, under a clock that the test moves.
#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <random>
#include <string>

#include "access/result_cache.hpp"

namespace gatehouse::access {
namespace {

/// The obvious twin.
class Naive {
 public:
  Naive(std::size_t entries, std::size_t bytes) : entries_(entries), bytes_(bytes) {}
  const std::string* find(const std::string& key, std::int64_t now) {
    for (auto at = all_.begin(); at != all_.end(); ++at) {
      if (at->key != key) continue;
      if (now >= at->until) {
        all_.erase(at);
        return nullptr;
      }
      all_.splice(all_.begin(), all_, at);
      return &all_.front().principal;
    }
    return nullptr;
  }
  void keep(const std::string& key, const std::string& principal, std::int64_t until, std::size_t bytes) {
    if (bytes > bytes_) return;
    all_.remove_if([&](const One& one) { return one.key == key; });
    all_.push_front({key, principal, until, bytes});
    while (all_.size() > entries_ || total() > bytes_) all_.pop_back();
  }
  std::size_t purge(const std::string& prefix) {
    return all_.remove_if([&](const One& one) { return one.key.starts_with(prefix); });
  }
  std::size_t total() const {
    std::size_t out = 0;
    for (const One& one : all_) out += one.bytes;
    return out;
  }
  std::size_t size() const { return all_.size(); }

 private:
  struct One {
    std::string key, principal;
    std::int64_t until;
    std::size_t bytes;
  };
  std::size_t entries_, bytes_;
  std::list<One> all_;
};

// Few hashes for many keys: colliding ones must be told apart by their bytes.
std::uint64_t hash_of(const std::string& key) {
  return static_cast<std::uint64_t>(key.back()) % 3 << 48;
}

TEST(ResultCacheProperty, SaysWhatTheListSays) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int round = 0; round < 200; ++round) {
    const ResultCache::Limits limits{static_cast<std::size_t>(1 + below(8)),
                                     static_cast<std::size_t>(300 + below(4'000))};
    ResultCache cache(limits);
    Naive naive(limits.entries, limits.bytes);
    std::int64_t now = 0;
    const auto caller = std::make_shared<ResultCache::Caller>();
    for (int step = 0; step < 300; ++step) {
      if (below(4) == 0) now += below(50);
      if (below(40) == 0) {
        const std::string prefix(static_cast<std::size_t>(below(2)), static_cast<char>('a' + below(3)));
        ASSERT_EQ(cache.purge(prefix), naive.purge(prefix));
      }
      const std::string key = {static_cast<char>('a' + below(3)), static_cast<char>('a' + below(5))};
      const ResultCache::Found found = cache.find(hash_of(key), key, now, 0, caller);
      const std::string* const wanted = naive.find(key, now);
      ASSERT_EQ(found.kept != nullptr, wanted != nullptr) << key << " at " << now;
      if (wanted != nullptr) {
        ASSERT_EQ(found.kept->answer().principal_id, *wanted);
        ASSERT_EQ(found.flight, nullptr);
        continue;
      }
      ASSERT_TRUE(found.leads);
      if (below(5) == 0) {  // nothing to keep
        ASSERT_TRUE(cache.land(*found.flight, nullptr).empty());
        continue;
      }
      const std::string principal(static_cast<std::size_t>(below(400)), static_cast<char>('a' + below(26)));
      Answer answer;
      answer.kind = AnswerKind::Allow;
      answer.principal_id = principal;
      const std::int64_t until = now + 1 + below(100);
      const auto kept = std::make_shared<const KeptAnswer>(hash_of(key), key, answer, until);
      ASSERT_TRUE(cache.land(*found.flight, kept).empty());
      naive.keep(key, principal, until, kept->bytes());
      ASSERT_EQ(cache.size().entries, naive.size());
      ASSERT_EQ(cache.size().bytes, naive.total());
      ASSERT_LE(cache.size().entries, limits.entries);
      ASSERT_LE(cache.size().bytes, limits.bytes);
    }
  }
}

}  // namespace
}  // namespace gatehouse::access
