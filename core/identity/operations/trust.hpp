#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "identity/store.hpp"

namespace gatehouse::identity::operations {

/// A role trust policy that may be saved, and what its principals were bound to: each ARN that names somebody of the
/// store with the unique id that it has now (spec sts section 3). Faults: MalformedPolicyDocument, for what does not
/// compile, for principals that are not there, for an Allow to everybody without a condition, and for web identities
/// that no condition on their provider's `:aud` or `:sub` pins; LimitExceeded.
Outcome<std::vector<std::pair<std::string, std::string>>> check_trust(Tables& tables, std::string_view document);

}  // namespace gatehouse::identity::operations
