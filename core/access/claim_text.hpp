#pragma once
#include <span>
#include <string>
#include <string_view>

#include "access/answer.hpp"
#include "access/facts.hpp"
#include "base/arena.hpp"

namespace gatehouse::access {

/// A claim's value as AWS hands it to a backend, to mappings and to logs: always text. Null data: left out.
///
///              HTTP (JW-40..46)          REST (CG-40..46)
///   string     as it is                  as it is
///   number     its text as in the token  the same; of `exp`, `iat`, `nbf` a date: `Tue Jun 18 15:00:04 UTC 2024`
///   boolean    `true`, `false`           the same
///   array      `[a b c]`                 `a,b,c`
///   object     JSON                      JSON
///   null       left out                  left out
///
/// [any] Views of the claim or of `arena`.
std::string_view claim_text(ApiType type, const TypedValue& claim, base::Arena& arena);

/// The claim of that name, as text; empty when there is none.
std::string_view find_claim(ApiType type, std::span<const TypedValue> claims, std::string_view name,
                            base::Arena& arena);

/// `NAME` of `$context.authorizer.claims.NAME` or of `claims['NAME']`, given what follows `authorizer.`; empty when it
/// names no claim.
std::string_view claim_name(std::string_view variable) noexcept;

enum class AuthorizerShape : std::uint8_t {
  Payload2,  // HTTP: {"jwt":{"claims":{...},"scopes":null}}
  Payload1,  // HTTP: {"claims":{...},"scopes":null}
  Rest,      // {"claims":{...}}
};
/// Appends `requestContext.authorizer` of an answer with claims. Scopes are null where the route asks for none, else
/// all that the token has (JW-47).
void append_claims_authorizer(std::string& out, AuthorizerShape shape, const Facts& facts, const Answer& answer,
                              base::Arena& arena);

}  // namespace gatehouse::access
