#pragma once
#include <cstdint>

#include "policy/condition.hpp"
#include "policy/context.hpp"

namespace gatehouse::policy {

/// When a request of execute-api has a condition key.
enum class Presence : std::uint8_t {
  Request,  // it is the request's, whoever calls
  Caller,   // IAM authenticated the caller, else never
  Sts,      // only when a role is assumed
  Never,    // nobody brings it
};

/// What section 5 of spec iam-policy says of a condition key.
struct KeyFacts {
  Presence presence = Presence::Never;
  std::uint8_t families = 0;  // of operators that fit; bits of family()
  bool known = false;         // the table has it
};
KeyFacts facts_of(const KeyName& key) noexcept;

/// The family of a comparison: one bit. Null fits every key: all bits.
std::uint8_t family(Comparison comparison) noexcept;
/// The operators of the families, for people: `IpAddress and NotIpAddress`.
const char* operators_of(std::uint8_t families) noexcept;

}  // namespace gatehouse::policy
