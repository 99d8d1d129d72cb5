#include "base/clf_time.hpp"

#include <gtest/gtest.h>

namespace gatehouse::base {
namespace {

TEST(ClfTime, Table) {
  const struct {
    std::int64_t seconds;
    const char* text;
  } cases[] = {{0, "01/Jan/1970:00:00:00 +0000"},
               {1'767'323'045, "02/Jan/2026:03:04:05 +0000"},
               {951'782'400, "29/Feb/2000:00:00:00 +0000"},
               {-1, "31/Dec/1969:23:59:59 +0000"}};
  for (const auto& c : cases) {
    std::array<char, 26> room;
    EXPECT_EQ(clf_time(c.seconds, room), c.text);
  }
}

}  // namespace
}  // namespace gatehouse::base
