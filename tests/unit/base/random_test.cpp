#include "base/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gatehouse::base {
namespace {

TEST(Random, NeverRepeatsOverItsBufferEdge) {
  SystemRandom random;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 3000; ++i) seen.insert(random.next_u64());
  EXPECT_EQ(seen.size(), 3000u);
}

}  // namespace
}  // namespace gatehouse::base
