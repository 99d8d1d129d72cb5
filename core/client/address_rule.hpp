#pragma once
#include <cstdint>

#include "base/ip.hpp"

namespace gatehouse::client {

/// Which addresses may be connected to.
enum class AddressRule : std::uint8_t {
  Any,      // whatever the operator wrote or its name resolves to
  Public,   // of the open internet only
  Private,  // those, and of networks of one's own: private, shared, loopback, link-local, unique local
};

/// What an address is for. [any] Sources: IANA's special-purpose address registries for IPv4 and IPv6 (RFC 6890).
enum class AddressKind : std::uint8_t {
  Public,
  Private,  // private, shared (RFC 6598), loopback, link-local (metadata services), unique and site local, benchmarking
  Never,    // unspecified, multicast, broadcast, documentation, reserved: nothing that we want is there
};

/// An address that carries an IPv4 address (mapped, NAT64's 64:ff9b::/96, 6to4) is what that one is; of IPv6 only what
/// is in 2000::/3 can be public. [any]
AddressKind kind_of(const base::IpAddress& address) noexcept;

/// [any]
bool allows(AddressRule rule, const base::IpAddress& address) noexcept;

}  // namespace gatehouse::client
