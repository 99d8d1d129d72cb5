#include "base/short_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/text.hpp"

namespace gatehouse::base {
namespace {

// Against the obvious twins: every byte at every place of every length that takes another path.
TEST(ShortText, EveryByteAtEveryPlace) {
  for (std::size_t size = 1; size <= 40; ++size)
    for (std::size_t place = 0; place < size; ++place)
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, 'M');
        text[place] = static_cast<char>(byte);
        EXPECT_EQ(is_plain(text), byte >= 0x20 && byte <= 0x7e) << size << " " << place << " " << byte;
        const std::string lower = base::lower(text);
        EXPECT_TRUE(equals_lower(text.data(), lower.data(), size)) << size << " " << place << " " << byte;
        std::string other = lower;
        other[place] = static_cast<char>(other[place] ^ 0x04);
        EXPECT_FALSE(equals_lower(text.data(), other.data(), size)) << size << " " << place << " " << byte;
      }
  EXPECT_TRUE(is_plain(""));
}

TEST(ShortText, TwoStrangeNeighboursAreSeen) {
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b) {
      const std::string text = {'x', static_cast<char>(a), static_cast<char>(b), 'x', 'x', 'x', 'x', 'x', 'x'};
      const auto plain = [](int c) { return c >= 0x20 && c <= 0x7e; };
      EXPECT_EQ(is_plain(text), plain(a) && plain(b)) << a << " " << b;
    }
}

TEST(ShortText, KeepsCopies) {
  Arena arena;
  for (std::size_t size = 0; size <= 40; ++size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i);
    const std::string_view kept = keep(arena, text);
    const std::string expected = text;
    std::fill(text.begin(), text.end(), '#');
    EXPECT_EQ(kept, expected);
    EXPECT_NE(kept.data(), nullptr);
  }
}

}  // namespace
}  // namespace gatehouse::base
