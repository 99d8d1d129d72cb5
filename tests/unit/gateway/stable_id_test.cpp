#include "gateway/stable_id.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

TEST(StableId, IsTheSameForTheSame) {
  EXPECT_EQ(stable_id({"api", "/orders/{id}"}), stable_id({"api", "/orders/{id}"}));
  EXPECT_NE(stable_id({"api", "/orders/{id}"}), stable_id({"api", "/orders"}));
  EXPECT_NE(stable_id({"ab", "c"}), stable_id({"a", "bc"}));  // where a part ends matters
  for (const char* text : {"", "x", "a longer one"}) {
    const std::string id = stable_id({text});
    EXPECT_EQ(id.size(), 6u);
    EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"), std::string::npos) << id;
  }
}

}  // namespace
}  // namespace gatehouse::gateway
