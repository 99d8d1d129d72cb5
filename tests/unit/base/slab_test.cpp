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

TEST(Slab, MemoryReturnsAfterAFlood) {
  Slab slab(16 * 1024);
  std::vector<void*> all;
  for (int i = 0; i < 10'000; ++i) all.push_back(slab.take());
  EXPECT_GT(slab.bytes_held(), 150u << 20);
  for (void* object : all) slab.give_back(object);
  EXPECT_LE(slab.bytes_held(), 2 * Slab::kChunkBytes);
}

TEST(Slab, MemoryReturnsInWhateverOrderItIsGivenBack) {
  std::mt19937 random(1);
  Slab slab(4096);
  for (int round = 0; round < 5; ++round) {
    std::vector<void*> all;
    for (int i = 0; i < 5'000; ++i) all.push_back(slab.take());
    std::shuffle(all.begin(), all.end(), random);
    void* const kept = all.back();
    all.pop_back();
    for (void* object : all) slab.give_back(object);
    slab.give_back(kept);
    EXPECT_EQ(slab.in_use(), 0u);
    EXPECT_LE(slab.bytes_held(), 2 * Slab::kChunkBytes);
  }
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
