#pragma once
#include <gatehouse/authorizer.hpp>

namespace gatehouse::iam {

/// False when the request cannot have a body, so that nobody need ask for its hash. Headers that Connection names are
/// not shown to plugins, though they frame the message all the same: a request with a Connection header that names
/// anything may have a body.
bool may_have_body(const Request& request);

}  // namespace gatehouse::iam
