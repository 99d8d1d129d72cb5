#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.hpp"

namespace gatehouse::policy {

/// What a sound document may say against its author's will.
enum class Lint : std::uint8_t {
  Unreachable,             // a Deny covers the statement: it changes nothing
  ActionMatchesNothing,    // none of the actions of execute-api
  ResourceMatchesNothing,  // no ARN of execute-api
  KeyNeverThere,           // a condition key that no such request has
  KeyNeedsIam,             // a condition key that only callers have whom IAM authenticated
  OperatorType,            // an operator that does not fit the key's values
  BareOnMultiValued,       // never holds: the key is multi-valued and the operator has no ForAllValues or ForAnyValue
  ForAllValuesUnguarded,   // an Allow that holds for everybody without the key
  OpenToEverybody,         // an Allow for `*` without a condition
  NotPrincipal,            // a Deny that is easily wider than meant
  VariableIsLiteral,       // `${...}` in a document whose version has no variables
  NoValues,                // a condition with an empty list
  CallerNeedsIam,          // it is about callers whom IAM authenticated, and there are none
};
/// `key_never_there`: for programs, to be silenced by.
std::string_view name(Lint rule) noexcept;

struct Warning {
  std::string pointer;  // RFC 6901, into the document as it was written
  Lint rule{};
  std::string text;
};

/// Whom the requests come from that the document is weighed for.
enum class Callers : std::uint8_t {
  Unknown,    // some may have been authenticated with IAM
  Strangers,  // none has: policies know all of them as anonymous
};

/// Of a document that parse() made `policy` of. Says nothing about statements that are not about execute-api, but that
/// they are not. In the order of the statements. [any]
std::vector<Warning> lint(std::string_view json, const Policy& policy, Callers callers = Callers::Unknown);

}  // namespace gatehouse::policy
