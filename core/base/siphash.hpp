#pragma once
#include <cstdint>
#include <string_view>

namespace gatehouse::base {

struct SipKey {
  std::uint64_t k0 = 0, k1 = 0;
};

/// SipHash-1-3 (Aumasson and Bernstein): who does not know the key cannot choose texts that collide, nor learn a text
/// from how long a look-up takes. For tables, not for signatures. [any]
std::uint64_t siphash(const SipKey& key, std::string_view text) noexcept;

}  // namespace gatehouse::base
