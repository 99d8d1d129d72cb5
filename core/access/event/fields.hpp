#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.hpp"
#include "http/headers.hpp"

namespace gatehouse::access::event {

/// One header line or query parameter, linked with the others of its name.
struct Field {
  static constexpr std::uint32_t kNone = 0xffffffff;
  std::string_view key;  // what makes names one: lower case for headers, decoded UTF-8 for parameters
  std::string_view value;
  const char* shown = nullptr;  // the name as sent, of key.size() bytes
  std::uint32_t next = kNone;   // the next of this name
  std::uint32_t last = kNone;   // of the first of a name: the last
  bool first = true;            // of its name
  std::string_view name() const noexcept { return {shown, key.size()}; }
};

/// False for a header that Connection names: it is not forwarded, and what is judged is what is sent. Upgrade, which
/// has to be named there and is never forwarded, is shown.
bool is_shown(const http::Header& header) noexcept;
/// In the order they came, linked by name. [any] In time n log n, whatever the names are; memory from `arena`.
std::span<Field> header_fields(const http::Headers& headers, base::Arena& arena);
/// Form-decoded; `semicolons` as for next_parameter(). Names that are not UTF-8 have U+FFFD for each bad byte.
std::span<Field> query_fields(std::string_view raw_query, bool semicolons, base::Arena& arena);

/// The parts between `;` of all Cookie lines, in their order, without blanks around them and without empty ones. [any]
std::span<const std::string_view> cookies(const http::Headers& headers, base::Arena& arena);

}  // namespace gatehouse::access::event
