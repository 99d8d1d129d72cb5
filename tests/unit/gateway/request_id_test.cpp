#include "gateway/request_id.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

TEST(RequestId, UuidIsOfVersion4) {
  base::SystemRandom random;
  base::Arena arena;
  for (int i = 0; i < 100; ++i) {
    const std::string_view id = make_uuid(random, arena);
    EXPECT_TRUE(is_uuid(id)) << id;
    EXPECT_EQ(id[14], '4');
    EXPECT_NE(std::string_view("89ab").find(id[19]), std::string_view::npos) << id;
  }
}

TEST(RequestId, ExtendedIdLooksLikeAwss) {
  base::SystemRandom random;
  base::Arena arena;
  const std::string_view id = make_extended_id(random, arena);
  EXPECT_EQ(id.size(), 16u);
  EXPECT_EQ(id.back(), '=');
  EXPECT_NE(id, make_extended_id(random, arena));
}

TEST(RequestId, OnlyAWholeUuidIsAdopted) {
  EXPECT_TRUE(is_uuid("3F2504E0-4f89-11d3-9a0c-0305e82c3301"));
  for (const char* text : {"", "3f2504e0-4f89-11d3-9a0c-0305e82c330", "3f2504e0-4f89-11d3-9a0c-0305e82c33011",
                           "3f2504e0x4f89-11d3-9a0c-0305e82c3301", "3f2504e0-4f89-11d3-9a0c-0305e82c330g"})
    EXPECT_FALSE(is_uuid(text)) << text;
}

}  // namespace
}  // namespace gatehouse::gateway
