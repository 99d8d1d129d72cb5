#include "base/siphash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gatehouse::base {
namespace {

std::uint64_t of(std::string_view text) {
  return siphash({0x0706050403020100u, 0x0f0e0d0c0b0a0908u}, text);
}

// The reference's vectors for SipHash-1-3: the key 00..0f, the texts "", 00, 0001, 000102, ...
TEST(SipHash, KnownValues) {
  const std::uint64_t known[] = {0xabac0158050fc4dcu, 0xc9f49bf37d57ca93u, 0x82cb9b024dc7d44du,
                                 0x8bf80ab8e7ddf7fbu, 0xcf75576088d38328u, 0xdef9d52f49533b67u,
                                 0xc50d2b50c59f22a7u, 0xd3927d989bb11140u, 0x369095118d299a8eu};
  std::string text;
  for (const std::uint64_t wanted : known) {
    EXPECT_EQ(of(text), wanted) << text.size();
    text += static_cast<char>(text.size());
  }
}

TEST(SipHash, EveryByteLengthAndKeyCounts) {
  std::set<std::uint64_t> seen;
  std::string text;
  for (int i = 0; i < 64; ++i) {
    EXPECT_TRUE(seen.insert(of(text)).second) << i;
    text.push_back('\0');
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = 1;
    EXPECT_TRUE(seen.insert(of(other)).second) << i;
  }
  EXPECT_NE(siphash({1, 0}, "a"), siphash({0, 1}, "a"));
}

}  // namespace
}  // namespace gatehouse::base
