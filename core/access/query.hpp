#pragma once
#include <optional>
#include <string_view>

#include "base/arena.hpp"

namespace gatehouse::access {

/// One parameter of a query string as it came: still encoded.
struct RawParameter {
  std::string_view name;
  std::string_view value;  // empty without `=`
};

/// Takes the next parameter off the front of `query`; false at its end. Empty ones (`a&&b`) are skipped. `semicolons`:
/// `;` separates as `&` does (spec api-types section 2.3, REST). [any]
bool next_parameter(std::string_view& query, bool semicolons, RawParameter& out) noexcept;

/// True when form-decoding `raw` gives exactly `text`. [any] No allocation.
bool form_decodes_to(std::string_view raw, std::string_view text) noexcept;

/// Form-decodes (`+` is a blank, `%2B` a plus; a `%` without two hex digits stays). A view of `raw` where nothing
/// changes, else in `arena`. [any]
std::string_view form_decode(std::string_view raw, base::Arena& arena);

}  // namespace gatehouse::access
