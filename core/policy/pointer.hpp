#pragma once
#include <string>
#include <string_view>

namespace gatehouse::kit {
struct Json;
}

namespace gatehouse::policy {

/// The pointer as the document `root` has it: what may be one value or a list is numbered only where it is a list, and
/// the nulls of a list, which were left out when it was compiled, count. [any]
std::string settled(const kit::Json& root, std::string_view pointer);
/// The same of its text; `pointer` itself when that is no JSON. [any]
std::string settled(std::string_view json, std::string_view pointer);

}  // namespace gatehouse::policy
