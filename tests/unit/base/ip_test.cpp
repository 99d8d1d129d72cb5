#include "base/ip.hpp"

#include <gtest/gtest.h>

namespace gatehouse::base {
namespace {

TEST(IpAddress, OneValueForBothSpellingsOfAnIpv4Peer) {
  EXPECT_EQ(IpAddress::parse("10.1.2.3"), IpAddress::parse("::ffff:10.1.2.3"));
  EXPECT_EQ(IpAddress::parse("::ffff:10.1.2.3")->text(), "10.1.2.3");
}

TEST(IpAddress, RefusesWhatIsNotExactlyOne) {
  for (const char* text : {"", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "0x7f.0.0.1", "::1%lo", "[::1]",
                           " ::1", "::1 ", "12345::"})
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
}

TEST(IpAddress, Loopback) {
  EXPECT_TRUE(IpAddress::parse("127.9.9.9")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("128.0.0.1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("::2")->is_loopback());
}

struct Case {
  const char* network;
  const char* address;
  bool inside;
};
const Case kCases[] = {
    {"10.0.0.0/8", "10.255.255.255", true},
    {"10.0.0.0/8", "11.0.0.0", false},
    {"0.0.0.0/0", "255.1.1.1", true},
    {"0.0.0.0/0", "2001:db8::1", false},
    {"::/0", "10.0.0.1", true},
    {"192.168.1.128/25", "192.168.1.127", false},
    {"192.168.1.128/25", "192.168.1.200", true},
    {"2001:db8::/33", "2001:db8:8000::1", false},
    {"2001:db8::/33", "2001:db8:7fff::1", true},
    {"10.1.2.3", "10.1.2.3", true},
    {"10.1.2.3", "10.1.2.4", false},
    {"::ffff:10.0.0.0/104", "10.9.9.9", true},
};

TEST(IpNetwork, Contains) {
  for (const Case& c : kCases)
    EXPECT_EQ(IpNetwork::parse(c.network)->contains(*IpAddress::parse(c.address)), c.inside)
        << c.network << " " << c.address;
}

// Every length of prefix, at the ends of both words.
TEST(IpNetwork, ContainsWhatDiffersBehindThePrefixOnly) {
  const IpAddress base = *IpAddress::parse("2001:db8:1:2:3:4:5:6");
  for (std::size_t bits = 0; bits <= 128; ++bits) {
    const auto network = IpNetwork::parse("2001:db8:1:2:3:4:5:6/" + std::to_string(bits), IpNetwork::HostBits::Ignored);
    ASSERT_TRUE(network);
    EXPECT_TRUE(network->contains(base));
    for (std::size_t flipped = 0; flipped < 128; ++flipped) {
      IpAddress other = base;
      other.bytes[flipped / 8] = static_cast<unsigned char>(other.bytes[flipped / 8] ^ (0x80u >> flipped % 8));
      EXPECT_EQ(network->contains(other), flipped >= bits) << bits << " " << flipped;
    }
  }
}

TEST(IpNetwork, RefusesTyposThatWouldWidenARule) {
  for (const char* text : {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8",
                           "2001:db8::1/64", "::/129", "/8", ""})
    EXPECT_FALSE(IpNetwork::parse(text)) << text;
}

TEST(IpNetwork, HostBitsMayBeIgnored) {
  const auto network = IpNetwork::parse("123.4.5.6/24", IpNetwork::HostBits::Ignored);
  ASSERT_TRUE(network);
  EXPECT_TRUE(network->contains(*IpAddress::parse("123.4.5.9")));
  EXPECT_FALSE(network->contains(*IpAddress::parse("123.4.6.9")));
  EXPECT_TRUE(network->is_v4());
  EXPECT_FALSE(IpNetwork::parse("::/0")->is_v4());
  EXPECT_FALSE(IpNetwork::parse("123.4.5.6/33", IpNetwork::HostBits::Ignored));
}

}  // namespace
}  // namespace gatehouse::base
