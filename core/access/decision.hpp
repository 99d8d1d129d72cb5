#pragma once
#include <cstdint>
#include <string_view>

#include "access/answer.hpp"
#include "access/authorizer.hpp"

namespace gatehouse::access {

enum class Verdict : std::uint8_t {
  Failed,  // 500: an authorizer failed
  Allowed,
  Unauthorized,  // 401
  Denied,        // 403, said so
  NotAllowed,    // 403, because nobody allowed it
};
std::string_view name(Verdict verdict) noexcept;

/// All answers turned into one: allowed or refused, by whom and why. `respond` turns it into status and body.
struct Decision {
  Verdict verdict = Verdict::Failed;
  const Authorizer* by = nullptr;  // who decided; null: the rules themselves (`authorizer: none`)
  Answer identity;                 // principal, context, claims for the integration and the log; when there is one
  Answer decisive;                 // the answer that refused
};

}  // namespace gatehouse::access
