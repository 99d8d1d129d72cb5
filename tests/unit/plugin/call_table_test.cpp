#include "plugin/call_table.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gatehouse::plugin {
namespace {

TEST(CallTable, IdsHaveTheTopBitAndAreNeverUsedTwice) {
  CallTable table(3, 0xfffffff0u);  // generations run over
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto opened = table.open(CallState::Open);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(CallTable::is_id(opened->id));
    EXPECT_EQ(CallTable::worker_of(opened->id), 3u);
    EXPECT_TRUE(seen.insert(opened->id).second);
    EXPECT_EQ(table.find(opened->id), opened->call);
    table.close(*opened->call, opened->id);
    EXPECT_EQ(Call::state(opened->call->word.load()), CallState::Free);
  }
  EXPECT_FALSE(CallTable::is_id(0));
}

TEST(CallTable, OfOldAndInventedIdsThereIsNothing) {
  CallTable table(0, 7);
  const auto first = table.open(CallState::Open);
  table.close(*first->call, first->id);
  const auto second = table.open(CallState::Open);
  EXPECT_EQ(second->call, first->call);
  EXPECT_EQ(table.find(first->id), nullptr);
  for (const std::uint64_t other :
       {second->id + 1, second->id - 1, second->id ^ (std::uint64_t{0xffff} << 32), std::uint64_t{0}})
    EXPECT_EQ(table.find(other), nullptr) << std::hex << other;
}

TEST(CallTable, IsBounded) {
  CallTable table(0, 0);
  std::vector<CallTable::Opened> all;
  while (const auto opened = table.open(CallState::Open)) all.push_back(*opened);
  EXPECT_EQ(all.size(), std::size_t{CallTable::kChunk} * CallTable::kChunks);
  table.close(*all[77].call, all[77].id);
  const auto again = table.open(CallState::Queued);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->call, all[77].call);
  EXPECT_EQ(table.find(all[78].id), all[78].call);
}

TEST(CallTable, AWordKeepsThatACallWasAnsweredTwice) {
  const std::uint64_t word = std::uint64_t{9} << 8 | Call::kTwice | static_cast<std::uint64_t>(CallState::Writing);
  const std::uint64_t moved = Call::with(word, CallState::Answered);
  EXPECT_TRUE(Call::twice(moved));
  EXPECT_EQ(Call::state(moved), CallState::Answered);
  EXPECT_EQ(Call::generation(moved), 9u);
}

}  // namespace
}  // namespace gatehouse::plugin
