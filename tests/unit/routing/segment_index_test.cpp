#include "routing/segment_index.hpp"

#include <gtest/gtest.h>

#include "routing/pattern.hpp"

namespace gatehouse::routing {
namespace {

TEST(SegmentIndex, FindsWhatWasPutThereAndNothingElse) {
  SegmentIndex index;
  EXPECT_EQ(index.find(0, "a"), kNone);
  constexpr std::uint32_t kCount = 5000;
  for (std::uint32_t i = 0; i < kCount; ++i) index.insert(i % 7, "name" + std::to_string(i), i + 1);
  for (std::uint32_t i = 0; i < kCount; ++i) {
    EXPECT_EQ(index.find(i % 7, "name" + std::to_string(i)), i + 1);
    EXPECT_EQ(index.find(i % 7 + 1, "name" + std::to_string(i)), kNone);
    EXPECT_EQ(index.find(i % 7, "name" + std::to_string(i) + "x"), kNone);
  }
}

TEST(SegmentIndex, ReadsEscapesAsWhatTheyStandFor) {
  SegmentIndex index;
  index.insert(3, "a:b", 1);
  index.insert(3, std::string(kMaxLiteralBytes, ':'), 2);
  EXPECT_EQ(index.find_encoded(3, "a:b"), 1u);
  EXPECT_EQ(index.find_encoded(3, "a%3Ab"), 1u);
  EXPECT_EQ(index.find_encoded(3, "a%253Ab"), kNone);
  EXPECT_EQ(index.find(3, "a%3Ab"), kNone);
  std::string encoded;
  for (std::size_t i = 0; i < kMaxLiteralBytes; ++i) encoded += "%3A";
  EXPECT_EQ(index.find_encoded(3, encoded), 2u);
  EXPECT_EQ(index.find_encoded(3, encoded + "%3A"), kNone);
}

}  // namespace
}  // namespace gatehouse::routing
