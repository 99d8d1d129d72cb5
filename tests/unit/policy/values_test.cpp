#include <gtest/gtest.h>

#include "policy/date.hpp"
#include "policy/decimal.hpp"
#include "policy/ip_range.hpp"

namespace gatehouse::policy {
namespace {

TEST(Date, P4_2_Forms) {
  const struct {
    const char* text;
    std::int64_t seconds;
    std::uint32_t nanoseconds;
  } kSound[] = {
      {"2026", 1767225600, 0},
      {"2026-11", 1793491200, 0},
      {"2026-11-26", 1795651200, 0},
      {"2026-11-26T09:30Z", 1795685400, 0},
      {"2026-11-26T09:30:15Z", 1795685415, 0},
      {"2026-11-26T09:30:15.5Z", 1795685415, 500'000'000},
      {"2026-11-26T09:30:15.1234567899Z", 1795685415, 123'456'789},
      {"2026-11-26T11:30:15+02:00", 1795685415, 0},
      {"2026-11-26T04:00:15-05:30", 1795685415, 0},
      {"2016-12-13T21:20:37.593194+00:00", 1481664037, 593'194'000},
      {"2024-02-29", 1709164800, 0},
      {"0", 0, 0},
      {"1767225600", 1767225600, 0},
      {"9223372036854775807", INT64_MAX, 0},
  };
  for (const auto& c : kSound) {
    const auto got = parse_date(c.text);
    ASSERT_TRUE(got) << c.text;
    EXPECT_EQ(got->unix_seconds, c.seconds) << c.text;
    EXPECT_EQ(got->nanoseconds, c.nanoseconds) << c.text;
  }
}

TEST(Date, P4_2_RefusesTheRest) {
  for (const char* text : {"",
                           " ",
                           "2026-",
                           "2026-1",
                           "2026-13",
                           "2026-00",
                           "2026-02-30",
                           "2023-02-29",
                           "2026-11-26T",
                           "2026-11-26T09Z",
                           "2026-11-26T09:30",
                           "2026-11-26T24:00Z",
                           "2026-11-26T09:60Z",
                           "2026-11-26T09:30:60Z",
                           "2026-11-26T09:30:15.Z",
                           "2026-11-26t09:30Z",
                           "2026-11-26T09:30z",
                           "2026-11-26 09:30Z",
                           "2026-11-26T09:30+2",
                           "2026-11-26T09:30+0200",
                           "2026-11-26T09:30+24:00",
                           "2026-11-26T09:30Z ",
                           " 2026",
                           "-1",
                           "+1",
                           "1.5",
                           "01T",
                           "234-13",
                           "2016-12-13t2:00:00.593194+23",
                           "-292275054",
                           "9223372036854775808",
                           "20a6"})
    EXPECT_FALSE(parse_date(text)) << text;
}

TEST(Decimal, ComparesByDigits) {
  const struct {
    const char* a;
    const char* b;
    int order;
  } kCases[] = {
      {"10", "10.0", 0},
      {"10", "010.000", 0},
      {"0", "-0.0", 0},
      {"1", "2", -1},
      {"9", "10", -1},
      {"0.5", "0.49", 1},
      {"-1", "1", -1},
      {"-2", "-1", -1},
      {".5", "0.50", 0},
      {"5.", "5", 0},
      {"+3", "3", 0},
      {"9007199254740993", "9007199254740992", 1},
      {"0.1", "0.10000000000000000001", -1},
  };
  for (const auto& c : kCases) {
    const auto a = Decimal::parse(c.a), b = Decimal::parse(c.b);
    ASSERT_TRUE(a && b) << c.a;
    const auto got = *a <=> *b;
    EXPECT_EQ(got < 0 ? -1 : got > 0 ? 1 : 0, c.order) << c.a << " " << c.b;
    const auto back = *b <=> *a;
    EXPECT_EQ(back < 0 ? 1 : back > 0 ? -1 : 0, c.order) << c.b << " " << c.a;
  }
  for (const char* text : {"", ".", "-", "1e3", "0x10", "1,5", " 1", "1 ", "--1", "NaN", "1.2.3"})
    EXPECT_FALSE(Decimal::parse(text)) << text;
}

TEST(IpRange, P4_2_Members) {
  const struct {
    const char* range;
    const char* address;
    bool contains;
  } kCases[] = {
      {"123.4.5.6/24", "123.4.5.9", true},
      {"123.4.5.6/24", "123.4.6.9", false},
      {"192.0.2.7", "192.0.2.7", true},
      {"192.0.2.7", "192.0.2.8", false},
      {"192.0.2.0/24", "::ffff:192.0.2.7", true},
      {"::ffff:192.0.2.0/120", "192.0.2.7", true},
      {"0.0.0.0/0", "203.0.113.9", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"::/0", "203.0.113.9", false},
      {"::/0", "2001:db8::1", true},
      {"2001:db8:7::/48", "2001:db8:7::1", true},
      {"2001:db8:7::1/48", "2001:db8:7:ffff::2", true},
      {"2001:db8:7::/48", "2001:db8:8::1", false},
      {"2001:db8::1", "2001:db8::1", true},
      {"2001:db8::1", "2001:db8::2", false},
      {"fe80::/10", "fe80::1%eth0", true},
      {"10.0.0.0/33", "10.0.0.0", false},
  };
  for (const auto& c : kCases) {
    const auto range = IpRange::parse(c.range);
    const auto address = parse_address(c.address);
    ASSERT_TRUE(address) << c.address;
    EXPECT_EQ(range && range->contains(*address), c.contains) << c.range << " " << c.address;
  }
  for (const char* text : {"", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "::/129", "a/8",
                           "10.0.0.0/8 ", "fe80::1%eth0/64", "010.0.0.1"})
    EXPECT_FALSE(IpRange::parse(text)) << text;
}

}  // namespace
}  // namespace gatehouse::policy
