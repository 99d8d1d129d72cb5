#pragma once
#include <gatehouse/abi.h>

#include <string>

#include "access/answer.hpp"

namespace gatehouse::plugin {

/// The policies of an answer: handles as they are (the route knows what they stand for), JSON of role identity compiled
/// here and now, once (spec lambda-authorizers 11.3). Empty, or what is wrong with them. [any]
std::string read_policies(const gh_policies& from, base::Arena& arena, access::Answer& out);

}  // namespace gatehouse::plugin
