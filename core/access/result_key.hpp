#pragma once
#include <span>
#include <string_view>

#include "access/facts.hpp"
#include "base/arena.hpp"

namespace gatehouse::access {

/// What one answer is kept under, within the cache of its authorizer: API, stage and the identity sources' values, in
/// their order, each behind its length, so that no two lists look alike (LA-A0, LA-A1). In `arena`. Empty when nothing
/// may be kept: no identity sources, or one that is absent (LA-A9). [any]
std::string_view result_key(const Facts& facts, base::Arena& arena);
/// What all keys of a stage begin with, and no other's. [any]
std::string_view result_key_prefix(std::string_view api_id, std::string_view stage, base::Arena& arena);

}  // namespace gatehouse::access
