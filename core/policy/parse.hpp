#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "policy/fault.hpp"
#include "policy/policy.hpp"

namespace gatehouse::policy {

/// What API Gateway says of a resource policy that it does not take (spec resource-policies section 1).
inline constexpr std::string_view kInvalidDocument =
    "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.";

struct ParseOptions {
  /// What `execute-api:` stands for in a resource policy: `arn:aws:execute-api:eu-central-1:111122223333:abcde12345`
  /// (spec iam-policy 2.3). Empty: the shorthand is refused.
  std::string api_arn;
  /// Largest document in characters; 0: what AWS allows for the kind (section 11). White space counts in resource and
  /// endpoint policies only.
  std::size_t max_characters = 0;
};

/// Compiles a document, strictly: an unknown member, an unknown operator, a value of the wrong type, an element that
/// the kind must not have refuse it, because what is left out may be what restricts. All faults are told, up to some.
/// Documents that AWS does not save are refused; of Kind::Authorizer, which nobody saves, only those that have no
/// meaning. [any]
tl::expected<Policy, std::vector<Fault>> parse(std::string_view json, Kind kind, const ParseOptions& options = {});

}  // namespace gatehouse::policy
