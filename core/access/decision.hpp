#pragma once
#include <cstdint>
#include <string_view>

#include "access/answer.hpp"
#include "access/authorizer.hpp"
#include "policy/combine.hpp"

namespace gatehouse::access {

enum class Verdict : std::uint8_t {
  Failed,  // 500: an authorizer failed
  Allowed,
  Unauthorized,  // 401
  Denied,        // 403, said so
  NotAllowed,    // 403, because nobody allowed it
};
std::string_view name(Verdict verdict) noexcept;

/// In whose words a 403 is told (spec iam-policy section 10).
enum class Denial : std::uint8_t {
  Plain,      // nothing is said of why: network authorizers
  Anonymous,  // D1, D2: the resource policy, which knows no caller
  Lambda,     // D3, D4: what the authorizer said, or did not
  Caller,     // a caller known by an ARN
};

/// All answers turned into one: allowed or refused, by whom and why. `respond` turns it into status and body.
struct Decision {
  Verdict verdict = Verdict::Failed;
  const Authorizer* by = nullptr;  // who decided; null: the rules themselves (`authorizer: none`)
  Answer identity;                 // principal, context, claims for the integration and the log; when there is one
  Answer decisive;                 // the answer that refused
  Denial denial = Denial::Plain;
  policy::Layer layer = policy::Layer::None;  // the kind of policy that denied, or lacked an Allow
  std::string_view caller;                    // of Denial::Caller
  bool cross_account = false;
  policy::Finding finding;  // the statement that decided; the route or an answer of this Decision holds it
};

}  // namespace gatehouse::access
