#pragma once
#include <string>
#include <string_view>

#include "gatehouse/kit/json.hpp"

namespace gatehouse::kit::jose {

/// The member where it is a text; null otherwise.
const std::string* text_member(const Json& object, std::string_view name) noexcept;

/// A stranger's text for a log: in backticks, of printable ASCII, not long.
std::string quoted(std::string_view text);

}  // namespace gatehouse::kit::jose
