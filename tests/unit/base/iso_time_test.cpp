#include "base/iso_time.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace gatehouse::base {
namespace {

TEST(IsoTime, Cases) {
  EXPECT_EQ(iso_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso_time(951'782'399), "2000-02-28T23:59:59Z");
  EXPECT_EQ(iso_time(951'782'400), "2000-02-29T00:00:00Z");
  EXPECT_EQ(iso_time(-5), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso_time(253'402'300'799), "9999-12-31T23:59:59Z");
  EXPECT_EQ(iso_time(253'402'300'800), "9999-12-31T23:59:59Z");
}

TEST(IsoTime, AsTheCLibraryHasIt) {
  for (std::int64_t at = 0; at < 253'402'300'800; at += 98'765'431) {
    const auto seconds = static_cast<std::time_t>(at);
    std::tm parts{};
    char text[32];
    ASSERT_NE(::gmtime_r(&seconds, &parts), nullptr);
    const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    ASSERT_EQ(iso_time(at), std::string_view(text, size));
  }
}

}  // namespace
}  // namespace gatehouse::base
