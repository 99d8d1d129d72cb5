#pragma once
#include "config/config.hpp"

namespace gatehouse::plugin {

/// What `type: iam` means for its bundled plugin, gatehouse.iam: whoever configures it means that callers are looked up
/// and that bodies are hashed, so both grants are implied. Others pass as they are. [setup]
config::Authorizer as_signature_verifier(config::Authorizer settings);

}  // namespace gatehouse::plugin
