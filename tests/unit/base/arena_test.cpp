#include "base/arena.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace gatehouse::base {
namespace {

TEST(Arena, CommonRequestStaysOffTheHeap) {
  Arena arena;
  for (int i = 0; i < 40; ++i) arena.copy("a header value of a common size, say eighty bytes or a bit less, as here");
  EXPECT_EQ(arena.heap_bytes(), 0u);
}

TEST(Arena, KeepsWhatWasCopiedWhenItGrows) {
  Arena arena;
  const std::string_view small = arena.copy("small");
  const std::string large(100'000, 'x');
  const std::string_view copy = arena.copy(large);
  const std::string_view after = arena.copy("after");
  EXPECT_EQ(small, "small");
  EXPECT_EQ(copy, large);
  EXPECT_EQ(after, "after");
  EXPECT_GE(arena.heap_bytes(), large.size());
  arena.reset();
  EXPECT_EQ(arena.heap_bytes(), 0u);
}

TEST(Arena, AlignsEachObject) {
  Arena arena;
  for (int i = 0; i < 1000; ++i) {
    arena.copy("x");
    const auto numbers = arena.array<std::uint64_t>(3);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(numbers.data()) % alignof(std::uint64_t), 0u);
    EXPECT_EQ(numbers[2], 0u);
  }
}

TEST(Arena, JoinsParts) {
  Arena arena;
  EXPECT_EQ(arena.join({"a", "", "bc"}), "abc");
  EXPECT_EQ(arena.join({}), "");
  EXPECT_NE(arena.copy("").data(), nullptr);
}

}  // namespace
}  // namespace gatehouse::base
