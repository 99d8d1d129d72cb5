#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/diagnostics.hpp"
#include "policy/policy.hpp"
#include "routing/table.hpp"

namespace gatehouse::gateway {

/// What the requests of an API look like to its policies.
struct PolicyTarget {
  const config::Api& api;
  std::string_view arn;  // `arn:aws:execute-api:{region}:{account}:{api}`
  const std::vector<routing::RouteKey>& routes;
  bool has_preflight = false;  // OPTIONS requests that no route matches are judged, too
  bool encoded_slash = false;  // a segment may hold one
  bool has_iam = false;        // some route's authorizer is IAM
};

/// A compiled policy of the API and what it was made of.
struct PolicyUse {
  std::string_view authorizer;
  Where where;  // what names the authorizer
  std::string_view json;
  std::shared_ptr<const policy::Policy> policy;
};

/// Warns of what in a policy does less than it says on this API: what policy::lint() finds of that, statements that
/// match no request of any route, and statements about callers of whom there are none. Only of what is sure. [setup]
void warn_of_policy(const PolicyTarget& target, const PolicyUse& use, config::Diagnostics& diagnostics);

}  // namespace gatehouse::gateway
