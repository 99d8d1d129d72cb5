#pragma once
#include <string>
#include <string_view>

#include "identity/operation_value.hpp"

namespace gatehouse::identity {

/// As AWS's command line prints a result: four blanks a level, times as texts, documents as the JSON that they are.
/// Ends with a line end. Control characters are escaped, those of ISO 8859-1 too, so that none reaches a terminal.
/// [any]
std::string to_json(const Value& value);

/// For people: members one below the other, lists of structs as tables. Ends with a line end, but for an empty result,
/// of which there is nothing to say. What could move the cursor of a terminal becomes `?`. [any]
std::string to_text(const Value& value);

}  // namespace gatehouse::identity
