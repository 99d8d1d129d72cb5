#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "identity/assume_input.hpp"
#include "identity/assume_issue.hpp"
#include "identity/trust_context.hpp"

namespace gatehouse::identity {

/// Exchanges a caller's credentials for temporary ones of a role (spec sts sections 2.1 and 3). Blocks on the store.
/// `log`: why it was refused, for the log; the fault tells the caller less. A role that is not there and one that does
/// not trust the caller are refused alike.
Outcome<Assumed> assume_role(Store& store, base::Random& random, const StsFacts& facts, const AssumeInput& input,
                             std::string& log);

/// Temporary credentials of the caller himself (section 2.4). Does not ask the store.
Outcome<TemporaryCredentials> session_token(const KeyRing& ring, base::Random& random, const StsFacts& facts,
                                            const AssumeInput& input);

}  // namespace gatehouse::identity
