#include "base/slab.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <vector>

namespace gatehouse::base {
namespace {

TEST(Slab, ObjectsAreApartAndAligned) {
  Slab slab(100);
  std::set<char*> all;
  for (int i = 0; i < 50'000; ++i) {
    char* const object = static_cast<char*>(slab.take());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(object) % 64, 0u);
    std::memset(object, i, 100);
    ASSERT_TRUE(all.insert(object).second);
  }
  char* last = nullptr;
  for (char* object : all) {
    if (last != nullptr) {
      ASSERT_GE(object - last, 100);
    }
    last = object;
  }
  EXPECT_EQ(slab.in_use(), 50'000u);
  for (char* object : all) slab.give_back(object);
  EXPECT_EQ(slab.in_use(), 0u);
}

TEST(Slab, FirstLinesAreSpreadOverTheSetsOfACache) {
  Slab slab(16 * 1024);
  std::set<std::uintptr_t> sets;
  std::vector<void*> all;
  for (int i = 0; i < 64; ++i) {
    all.push_back(slab.take());
    sets.insert(reinterpret_cast<std::uintptr_t>(all.back()) / 64 % 64);
  }
  EXPECT_EQ(sets.size(), 64u);
  for (void* object : all) slab.give_back(object);
}

TEST(Slab, MemoryReturnsAfterAFlood) {
  std::mt19937 random(1);
  Slab slab(16 * 1024);
  for (int round = 0; round < 3; ++round) {
    std::vector<void*> all;
    for (int i = 0; i < 10'000; ++i) all.push_back(slab.take());
    EXPECT_GT(slab.bytes_held(), 150u << 20);
    std::shuffle(all.begin(), all.end(), random);
    for (void* object : all) slab.give_back(object);
    slab.trim();
    EXPECT_GT(slab.bytes_held(), 150u << 20) << "a chunk that was in use a moment ago stays";
    slab.trim();
    EXPECT_EQ(slab.bytes_held(), 0u);
  }
}

TEST(Slab, TrimTakesNothingThatIsOut) {
  Slab slab(1 << 20);  // one object a chunk
  std::vector<void*> all;
  for (int i = 0; i < 5; ++i) all.push_back(slab.take());
  slab.give_back(all[1]);
  slab.give_back(all[3]);
  slab.trim();
  slab.trim();
  EXPECT_EQ(slab.bytes_held(), 3 * Slab::kChunkBytes);
  for (const int i : {0, 2, 4}) {
    std::memset(all[i], 1, 1 << 20);
    slab.give_back(all[i]);
  }
  EXPECT_EQ(slab.in_use(), 0u);
}

TEST(Slab, OldestChunkFirst) {
  Slab slab(1 << 20);  // one object a chunk
  void* const a = slab.take();
  void* const b = slab.take();
  slab.give_back(a);
  EXPECT_EQ(slab.take(), a);
  slab.give_back(b);
  slab.give_back(a);
}

TEST(SlabOf, DestroysWhatItMade) {
  struct Counted {
    explicit Counted(int* n) : count(n) { ++*count; }
    ~Counted() { --*count; }
    int* count;
  };
  int alive = 0;
  SlabOf<Counted> slab;
  Counted* const one = slab.make(&alive);
  EXPECT_EQ(alive, 1);
  slab.destroy(one);
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace gatehouse::base
