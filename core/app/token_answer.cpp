#include <gatehouse/kit/jose/challenge.hpp>

#include "app/token_verdict.hpp"

namespace gatehouse::app {

using kit::jose::Refusal;

TokenAnswer answer_to(Refusal refusal, const TokenQuestion& question) {
  if (refusal == Refusal::None) return {};
  if (question.kind != TokenKind::Jwt)  // CG-30, CG-31: no www-authenticate
    return {401,
            refusal == Refusal::Expired ? R"({"message":"The incoming token has expired"})"
                                        : R"({"message":"Unauthorized"})",
            ""};
  const bool scope = refusal == Refusal::Scope;
  return {scope ? 403 : 401, scope ? R"({"message":"Forbidden"})" : R"({"message":"Unauthorized"})",
          kit::jose::challenge(refusal, {question.scopes.begin(), question.scopes.end()}, false)};
}

}  // namespace gatehouse::app
