#include "base/log.hpp"

#include <gtest/gtest.h>

#include "base/secret.hpp"

namespace gatehouse::base {
namespace {

TEST(Log, OneEventIsOneLineWhateverItHolds) {
  const std::string json = log_line_json(0, Level::Warn, "a\nb", {{"key", "x\r\ny\""}});
  EXPECT_EQ(json, R"({"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"a\nb","key":"x\r\ny\""})");
  EXPECT_EQ(log_line_text(1'763'803'800'123, Level::Error, "a\nb", {{"k", "v"}}),
            "2025-11-22T09:30:00.123Z error a\\nb k=\"v\"");
}

TEST(Log, LevelsBelowTheLeastAreNotWritten) {
  int lines = 0;
  set_log(Level::Warn, [&](Level, std::string_view, std::initializer_list<Field>) { ++lines; });
  log(Level::Info, "no");
  log(Level::Error, "yes");
  set_log(Level::Info, nullptr);
  EXPECT_EQ(lines, 1);
}

TEST(Secret, ComparesAndWipes) {
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "abcd"));
  EXPECT_TRUE(equal_constant_time("", ""));
  Secret a(std::string("a secret longer than the small string buffer"));
  const Secret b = std::move(a);
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): what a moved-from secret holds is the point
  EXPECT_EQ(b.reveal(), "a secret longer than the small string buffer");
}

}  // namespace
}  // namespace gatehouse::base
