#pragma once
#include <cstdint>
#include <string_view>

namespace gatehouse::http {

/// The methods that an API can have (spec AT-12). Any other token is answered 501 by the listener (RFC 9110, 9.1),
/// so nothing behind the parser ever sees one.
enum class Method : std::uint8_t { Get, Head, Post, Put, Delete, Patch, Options };
inline constexpr std::size_t kMethods = 7;

std::string_view name(Method method) noexcept;
/// Case-sensitive, as the RFC has it. False (and `out` worthless) when the token is none of ours.
bool parse_method(std::string_view token, Method& out) noexcept;
/// RFC 9110, 9.2.2: sending it twice is as good as once.
constexpr bool is_idempotent(Method m) noexcept {
  return m != Method::Post && m != Method::Patch;
}

}  // namespace gatehouse::http
