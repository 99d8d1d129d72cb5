// gatehouse/text.hpp -- texts across the ABI, and comparing secrets. Part of authorizer.hpp.
#pragma once
#include <gatehouse/abi.h>

#if __cplusplus < 201703L && !(defined(_MSVC_LANG) && _MSVC_LANG >= 201703L)
#error "gatehouse/authorizer.hpp needs C++17; from C or older C++ use gatehouse/abi.h"
#endif

#include <cstdint>
#include <cstring>
#include <string_view>

// The inline namespace carries the version, so that two plugins linked into one program (their unit tests) cannot mix
// two versions of these classes.
namespace gatehouse {
inline namespace sdk_1_0_draft_2 {

inline std::string_view view(const gh_str& s) noexcept {
  return s.ptr != nullptr ? std::string_view(s.ptr, s.len) : std::string_view();
}
inline gh_str raw(std::string_view s) noexcept {
  return gh_str{s.data() != nullptr ? s.data() : "", s.size()};
}

/// Compares without telling by its duration where the first difference is.
inline bool same_secret(std::string_view a, std::string_view b) noexcept {
  const std::size_t n = a.size() < b.size() ? a.size() : b.size();
  std::uint64_t difference = a.size() ^ b.size(), x = 0, y = 0;
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    std::memcpy(&x, a.data() + i, 8);
    std::memcpy(&y, b.data() + i, 8);
    difference |= x ^ y;
  }
  for (; i < n; ++i)
    difference |= static_cast<std::uint64_t>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  const volatile std::uint64_t result = difference;
  return result == 0;
}

}  // namespace sdk_1_0_draft_2
}  // namespace gatehouse
