#include "client/address_rule.hpp"

#include <gtest/gtest.h>

namespace gatehouse::client {
namespace {

TEST(AddressRule, KindsByTheRegistries) {
  constexpr auto kPublic = AddressKind::Public;
  constexpr auto kPrivate = AddressKind::Private;
  constexpr auto kNever = AddressKind::Never;
  struct Case {
    const char* address;
    AddressKind kind;
  };
  const Case cases[] = {
      {"0.0.0.0", kNever},
      {"0.255.255.255", kNever},
      {"1.1.1.1", kPublic},
      {"9.255.255.255", kPublic},
      {"10.0.0.0", kPrivate},
      {"10.255.255.255", kPrivate},
      {"11.0.0.0", kPublic},
      {"100.63.255.255", kPublic},
      {"100.64.0.0", kPrivate},
      {"100.100.100.200", kPrivate},  // Alibaba Cloud's metadata
      {"100.127.255.255", kPrivate},
      {"100.128.0.0", kPublic},
      {"127.0.0.1", kPrivate},
      {"127.255.255.254", kPrivate},
      {"128.0.0.1", kPublic},
      {"168.63.129.15", kPublic},
      {"168.63.129.16", kPrivate},
      {"169.253.255.255", kPublic},
      {"169.254.169.254", kPrivate},
      {"169.254.170.2", kPrivate},
      {"169.255.0.0", kPublic},
      {"172.15.255.255", kPublic},
      {"172.16.0.0", kPrivate},
      {"172.31.255.255", kPrivate},
      {"172.32.0.0", kPublic},
      {"192.0.0.192", kPrivate},
      {"192.0.1.1", kPublic},
      {"192.0.2.1", kNever},
      {"192.88.99.1", kNever},
      {"192.167.255.255", kPublic},
      {"192.168.1.1", kPrivate},
      {"192.169.0.0", kPublic},
      {"198.17.255.255", kPublic},
      {"198.19.255.255", kPrivate},
      {"198.20.0.0", kPublic},
      {"198.51.100.7", kNever},
      {"203.0.113.7", kNever},
      {"223.255.255.255", kPublic},
      {"224.0.0.1", kNever},
      {"239.255.255.250", kNever},
      {"240.0.0.1", kNever},
      {"255.255.255.255", kNever},
      {"::", kNever},
      {"::1", kPrivate},
      {"::2", kNever},
      {"::7f00:1", kNever},  // IPv4-compatible, which nobody may use any more
      {"::ffff:127.0.0.1", kPrivate},
      {"::ffff:169.254.169.254", kPrivate},
      {"::ffff:8.8.8.8", kPublic},
      {"::ffff:0.0.0.0", kNever},
      {"::ffff:0:127.0.0.1", kNever},  // translated, RFC 2765
      {"64:ff9b::8.8.8.8", kPublic},
      {"64:ff9b::127.0.0.1", kPrivate},
      {"64:ff9b::10.1.2.3", kPrivate},
      {"64:ff9b::169.254.169.254", kPrivate},
      {"64:ff9b::0.0.0.0", kNever},
      {"64:ff9b:1::8.8.8.8", kPrivate},
      {"64:ff9b:2::8.8.8.8", kNever},
      {"100::1", kNever},
      {"2001::1", kNever},     // Teredo
      {"2001:2::1", kNever},   // benchmarking
      {"2001:20::1", kNever},  // ORCHID
      {"2001:200::1", kPublic},
      {"2001:db8::1", kNever},
      {"2001:4860:4860::8888", kPublic},
      {"2002:7f00:1::1", kPrivate},  // 6to4 of 127.0.0.1
      {"2002:a9fe:a9fe::1", kPrivate},
      {"2002:808:808::1", kPublic},
      {"2606:4700::1111", kPublic},
      {"3fff::1", kNever},
      {"3fff:1000::1", kPublic},
      {"4000::1", kNever},
      {"5f00::1", kNever},
      {"fc00::1", kPrivate},
      {"fd00:ec2::254", kPrivate},  // AWS's metadata
      {"fe80::1", kPrivate},
      {"fec0::1", kPrivate},
      {"ff02::1", kNever},
  };
  for (const Case& c : cases) {
    const auto address = base::IpAddress::parse(c.address);
    ASSERT_TRUE(address) << c.address;
    EXPECT_EQ(kind_of(*address), c.kind) << c.address;
    EXPECT_TRUE(allows(AddressRule::Any, *address));
    EXPECT_EQ(allows(AddressRule::Public, *address), c.kind == kPublic) << c.address;
    EXPECT_EQ(allows(AddressRule::Private, *address), c.kind != kNever) << c.address;
  }
}

}  // namespace
}  // namespace gatehouse::client
