#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Six lower-case letters and digits that stand for those parts, the way AWS names resources and deployments in events
/// and logs: the same on every machine and after every start, others when a part is another. No secret and no proof.
/// [setup]
std::string stable_id(std::initializer_list<std::string_view> parts);

}  // namespace gatehouse::gateway
