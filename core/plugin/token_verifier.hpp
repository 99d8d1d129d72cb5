#pragma once
#include "base/error.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"

namespace gatehouse::plugin {

/// What `type: jwt` and `type: cognito` mean for their bundled plugins, gatehouse.jwt and gatehouse.cognito. Others
/// pass as they are. [setup]
///
/// The keys `identity_validation_expression` and `result_ttl_seconds` of `type: cognito` are the plugin's to hold: the
/// expression is about `aud` (CG-28), which nobody knows before the token is verified, and a verified token is
/// remembered by whoever knows when it ends. They become members of its settings.
///
/// Without `grants: {http: ...}` the type implies one. Who configures an issuer means that its keys are fetched, and
/// its discovery document may name any host for them (JW-50: Google's do). So every host is granted, but GET and HEAD
/// only, and as JW-5A has it: https, and public addresses, unless the settings themselves say otherwise
/// (`allow_private_issuer`, `allow_insecure_issuer`; `allow_insecure` of a Cognito endpoint). With `production: true`
/// the insecure ones are refused (CG-52).
Result<config::Authorizer> as_token_verifier(config::Authorizer settings);

}  // namespace gatehouse::plugin
