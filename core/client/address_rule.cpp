#include "client/address_rule.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <string_view>

namespace gatehouse::client {
namespace {

struct Row {
  std::string_view network;
  AddressKind kind;
};

// The first row that holds an address says what it is; what is in none is Public (IPv4) or Never (IPv6).
constexpr Row kFour[] = {
    {"0.0.0.0/8", AddressKind::Never},           // RFC 791: this network; the kernel takes 0.0.0.0 for itself
    {"10.0.0.0/8", AddressKind::Private},        // RFC 1918
    {"100.64.0.0/10", AddressKind::Private},     // RFC 6598, shared
    {"127.0.0.0/8", AddressKind::Private},       // loopback
    {"169.254.0.0/16", AddressKind::Private},    // RFC 3927, link-local: metadata services of clouds
    {"168.63.129.16/32", AddressKind::Private},  // Azure's platform, though the address is public
    {"172.16.0.0/12", AddressKind::Private},     // RFC 1918
    {"192.0.0.0/24", AddressKind::Private},      // RFC 6890, protocol assignments
    {"192.0.2.0/24", AddressKind::Never},        // RFC 5737, documentation
    {"192.88.99.0/24", AddressKind::Never},      // RFC 7526, 6to4 relays that were
    {"192.168.0.0/16", AddressKind::Private},    // RFC 1918
    {"198.18.0.0/15", AddressKind::Private},     // RFC 2544, benchmarking
    {"198.51.100.0/24", AddressKind::Never},     // RFC 5737
    {"203.0.113.0/24", AddressKind::Never},      // RFC 5737
    {"224.0.0.0/4", AddressKind::Never},         // multicast
    {"240.0.0.0/4", AddressKind::Never},         // reserved, and broadcast
};
constexpr Row kSix[] = {
    {"::1/128", AddressKind::Private},         // loopback
    {"fc00::/7", AddressKind::Private},        // RFC 4193, unique local: metadata services of clouds, too
    {"fe80::/10", AddressKind::Private},       // link-local
    {"fec0::/10", AddressKind::Private},       // RFC 3879, site-local that was
    {"64:ff9b:1::/48", AddressKind::Private},  // RFC 8215, NAT64 of one's own: leads to where the operator says
    {"2001::/23", AddressKind::Never},         // RFC 2928, protocol assignments: Teredo, benchmarking, ORCHID
    {"2001:db8::/32", AddressKind::Never},     // RFC 3849, documentation
    {"3fff::/20", AddressKind::Never},         // RFC 9637, documentation
    {"2000::/3", AddressKind::Public},         // RFC 4291, global unicast
};

struct Parsed {
  base::IpNetwork network;
  AddressKind kind;
};

template <std::size_t N>
std::array<Parsed, N> parse(const Row (&rows)[N]) {
  std::array<Parsed, N> out;
  for (std::size_t i = 0; i < N; ++i) {
    const auto network = base::IpNetwork::parse(rows[i].network);
    assert(network.has_value());
    out[i] = {*network, rows[i].kind};
  }
  return out;
}

template <std::size_t N>
AddressKind find(const std::array<Parsed, N>& table, const base::IpAddress& address, AddressKind otherwise) noexcept {
  for (const Parsed& row : table)
    if (row.network.contains(address)) return row.kind;
  return otherwise;
}

base::IpAddress four_at(const base::IpAddress& address, std::size_t at) noexcept {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) bits = bits << 8 | address.bytes[at + i];
  return base::IpAddress::v4(bits);
}

}  // namespace

AddressKind kind_of(const base::IpAddress& address) noexcept {
  static const auto four = parse(kFour);
  static const auto six = parse(kSix);
  static const auto nat64 = *base::IpNetwork::parse("64:ff9b::/96");  // RFC 6052
  static const auto sixto4 = *base::IpNetwork::parse("2002::/16");    // RFC 3056
  if (address.is_v4()) return find(four, address, AddressKind::Public);
  if (nat64.contains(address)) return kind_of(four_at(address, 12));
  if (sixto4.contains(address)) return kind_of(four_at(address, 2));
  return find(six, address, AddressKind::Never);
}

bool allows(AddressRule rule, const base::IpAddress& address) noexcept {
  switch (rule) {
    case AddressRule::Any:
      return true;
    case AddressRule::Public:
      return kind_of(address) == AddressKind::Public;
    case AddressRule::Private:
      return kind_of(address) != AddressKind::Never;
  }
  return false;
}

}  // namespace gatehouse::client
