#pragma once
#include <gatehouse/kit/json.hpp>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace gatehouse::plugin {

using kit::Json;
using kit::JsonLimits;

/// The kit's strict reader, its fault as an Error: Limit for a text that is too large, else Invalid. [any]
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

/// Without blanks, members in their order.
void append_json(std::string& out, const Json& value);

}  // namespace gatehouse::plugin
