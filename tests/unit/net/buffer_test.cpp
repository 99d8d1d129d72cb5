#include "net/buffer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace gatehouse::net {
namespace {

TEST(Buffer, FillsAtTheEndAndConsumesAtTheFront) {
  BufferPool pool;
  Buffer buffer = pool.acquire(BufferPool::kSmall);
  EXPECT_EQ(buffer.append("hello world"), 11u);
  buffer.consume(6);
  EXPECT_EQ(buffer.data(), "world");
  buffer.compact();
  EXPECT_EQ(buffer.data(), "world");
  EXPECT_EQ(buffer.room().size(), BufferPool::kSmall - 5);
  buffer.consume(5);
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.room().size(), BufferPool::kSmall);
}

TEST(Buffer, SkipLeavesWhatIsBehindInPlace) {
  BufferPool pool;
  Buffer buffer = pool.acquire(BufferPool::kSmall);
  buffer.append("head");
  const char* const head = buffer.data().data();
  buffer.skip(4);
  buffer.append("body");
  EXPECT_EQ(std::string_view(head, 8), "headbody");
  EXPECT_EQ(buffer.data(), "body");
}

TEST(Buffer, AppendTakesWhatFits) {
  BufferPool pool;
  Buffer buffer = pool.acquire(BufferPool::kSmall);
  const std::string text(BufferPool::kSmall + 10, 'x');
  EXPECT_EQ(buffer.append(text), BufferPool::kSmall);
  EXPECT_EQ(buffer.append("y"), 0u);
}

TEST(BufferPool, GivesTheHotBlockAgain) {
  BufferPool pool;
  Buffer one = pool.acquire(100);
  const char* const bytes = one.bytes();
  EXPECT_EQ(pool.bytes_in_use(), BufferPool::kSmall);
  one.release();
  one.release();
  EXPECT_FALSE(one.has_memory());
  EXPECT_EQ(pool.bytes_in_use(), 0u);
  EXPECT_EQ(pool.acquire(1).bytes(), bytes);
}

TEST(BufferPool, MemoryReturnsAfterAFlood) {
  BufferPool pool;
  {
    std::vector<Buffer> many;
    for (int i = 0; i < 2'000; ++i) many.push_back(pool.acquire(i % 2 == 0 ? BufferPool::kLarge : BufferPool::kSmall));
    Buffer huge = pool.acquire(1'000'000);
    EXPECT_EQ(huge.capacity(), 1'000'000u);
    EXPECT_EQ(pool.bytes_in_use(), 1'000 * (BufferPool::kLarge + BufferPool::kSmall) + 1'000'000);
  }
  EXPECT_EQ(pool.bytes_in_use(), 0u);
  pool.trim();
  EXPECT_GT(pool.bytes_held(), 4 * base::Slab::kChunkBytes) << "a load that comes in waves keeps its memory";
  pool.trim();
  pool.trim();
  pool.trim();
  EXPECT_EQ(pool.bytes_held(), 0u);
}

TEST(Buffer, MovesAndGivesBackOnce) {
  BufferPool pool;
  Buffer a = pool.acquire(1);
  a.append("abc");
  Buffer b = std::move(a);
  EXPECT_FALSE(a.has_memory());
  EXPECT_EQ(b.data(), "abc");
  Buffer c = pool.acquire(1);
  c = std::move(b);
  EXPECT_EQ(c.data(), "abc");
  EXPECT_EQ(pool.bytes_in_use(), BufferPool::kSmall);
}

}  // namespace
}  // namespace gatehouse::net
