#include "gatehouse/kit/jose/token_cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <list>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::kit::jose {
namespace {

/// `set` chooses among the sets, `name` makes it another.
TokenHash hash_of(std::uint8_t set, std::uint8_t name) {
  TokenHash out{};
  out[0] = set;
  out[31] = name;
  return out;
}

TEST(TokenHasher, IsSha256) {
  TokenHasher hasher;
  TokenHash out{};
  for (int i = 0; i < 2; ++i) {  // again with the same context
    ASSERT_TRUE(hasher.hash("abc", out));
    EXPECT_EQ(out[0], 0xba);
    EXPECT_EQ(out[31], 0xad);
  }
}

TEST(TokenCache, JW_6H_UntilTheMillisecondAndTheGeneration) {
  TokenCache<int> cache(8);
  EXPECT_NE(cache.keep(hash_of(1, 1), 7, 3, 100, 200), nullptr);
  ASSERT_NE(cache.find(hash_of(1, 1), 3, 199), nullptr);
  EXPECT_EQ(*cache.find(hash_of(1, 1), 3, 199), 7);
  EXPECT_EQ(cache.find(hash_of(1, 1), 3, 200), nullptr);
  EXPECT_EQ(cache.find(hash_of(1, 1), 4, 150), nullptr);
  EXPECT_EQ(cache.find(hash_of(1, 2), 3, 150), nullptr);
  EXPECT_EQ(cache.keep(hash_of(1, 3), 7, 3, 200, 200), nullptr) << "over before it began";
}

TEST(TokenCache, WithoutEntriesItKeepsNothing) {
  TokenCache<int> cache(0);
  EXPECT_EQ(cache.keep(hash_of(1, 1), 7, 0, 0, 100), nullptr);
  EXPECT_EQ(cache.find(hash_of(1, 1), 0, 0), nullptr);
}

TEST(TokenCache, WhatWasNeverKeptIsNotThereAtAnyTime) {
  TokenCache<int> cache(4);
  for (const std::int64_t now : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(), std::int64_t{0}})
    EXPECT_EQ(cache.find(TokenHash{}, 0, now), nullptr) << now;
}

TEST(TokenCache, TheSameHashTwiceIsOneEntry) {
  TokenCache<int> cache(4);
  for (std::uint8_t name = 1; name <= 4; ++name) cache.keep(hash_of(0, name), name, 1, 0, 100);
  cache.keep(hash_of(0, 2), 22, 2, 0, 50);
  EXPECT_EQ(cache.find(hash_of(0, 2), 1, 10), nullptr);
  EXPECT_EQ(*cache.find(hash_of(0, 2), 2, 10), 22);
  EXPECT_EQ(cache.find(hash_of(0, 2), 2, 50), nullptr);
  for (const int name : {1, 3, 4})
    EXPECT_NE(cache.find(hash_of(0, static_cast<std::uint8_t>(name)), 1, 60), nullptr) << "nobody's place";
}

TEST(TokenCache, TheOneThatWasNotUsedForLongestGoes) {
  TokenCache<int> cache(4);
  for (std::uint8_t name = 1; name <= 4; ++name) cache.keep(hash_of(0, name), name, 1, 0, 100);
  EXPECT_NE(cache.find(hash_of(0, 1), 1, 1), nullptr);
  cache.keep(hash_of(0, 5), 5, 1, 1, 100);
  EXPECT_EQ(cache.find(hash_of(0, 2), 1, 2), nullptr);
  for (const int name : {1, 3, 4, 5})
    EXPECT_NE(cache.find(hash_of(0, static_cast<std::uint8_t>(name)), 1, 2), nullptr) << name;
}

TEST(TokenCache, IsAsLargeAsItWasAskedToBeAndNoLarger) {
  const std::pair<std::size_t, std::size_t> rows[] = {{1, 4}, {4, 4}, {5, 8}, {16, 16}, {17, 32}};
  for (const auto& [entries, places] : rows) {
    TokenCache<int> cache(entries);
    TokenHasher hasher;
    std::vector<TokenHash> all(1000);
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_TRUE(hasher.hash(std::to_string(i), all[i]));
      cache.keep(all[i], 0, 0, 0, 100);
    }
    const auto there =
        std::count_if(all.begin(), all.end(), [&](const TokenHash& hash) { return cache.find(hash, 0, 1) != nullptr; });
    EXPECT_EQ(static_cast<std::size_t>(there), places) << entries;
  }
}

/// What it says it is, slowly.
class Twin {
 public:
  explicit Twin(std::size_t sets) : sets_(sets) {}
  const int* find(const TokenHash& hash, std::uint64_t generation, std::int64_t now) {
    auto& set = sets_[hash[0] % sets_.size()];
    const auto at = std::find_if(set.begin(), set.end(), [&](const Entry& e) {
      return e.hash == hash && e.generation == generation && e.until > now;
    });
    if (at == set.end()) return nullptr;
    set.splice(set.begin(), set, at);
    return &set.front().value;
  }
  void keep(const TokenHash& hash, int value, std::uint64_t generation, std::int64_t now, std::int64_t until) {
    if (until <= now) return;
    auto& set = sets_[hash[0] % sets_.size()];
    const auto same = std::find_if(set.begin(), set.end(), [&](const Entry& e) { return e.hash == hash; });
    if (same != set.end()) {
      set.erase(same);
    } else if (set.size() == 4) {
      const auto over = std::find_if(set.begin(), set.end(),
                                     [&](const Entry& e) { return e.until <= now || e.generation != generation; });
      set.erase(over != set.end() ? over : std::prev(set.end()));
    }
    set.push_front({hash, value, generation, until});
  }

 private:
  struct Entry {
    TokenHash hash;
    int value;
    std::uint64_t generation;
    std::int64_t until;
  };
  std::vector<std::list<Entry>> sets_;
};

TEST(TokenCache, AgreesWithASlowTwin) {
  std::mt19937 random(5);
  const auto any = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  for (int round = 0; round < 200; ++round) {
    TokenCache<int> cache(8);  // two sets
    Twin twin(2);
    std::int64_t now = 0;
    std::uint64_t generation = 1;
    for (int step = 0; step < 300; ++step) {
      now += any(3);
      if (any(40) == 0) ++generation;
      const TokenHash hash = hash_of(static_cast<std::uint8_t>(any(2)), static_cast<std::uint8_t>(any(7)));
      if (any(2) == 0) {
        const std::int64_t until = now + any(30);
        cache.keep(hash, step, generation, now, until);
        twin.keep(hash, step, generation, now, until);
      }
      const int* mine = cache.find(hash, generation, now);
      const int* slow = twin.find(hash, generation, now);
      ASSERT_EQ(mine == nullptr, slow == nullptr) << round << ' ' << step;
      if (mine != nullptr) {
        ASSERT_EQ(*mine, *slow);
      }
    }
  }
}

}  // namespace
}  // namespace gatehouse::kit::jose
