#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "access/facts.hpp"
#include "base/arena.hpp"

namespace gatehouse::access {

/// A `context` variable as an identity source: what the request's Facts tell before anybody was asked. Names are those
/// of the API type's access-log variables (spec lambda-authorizers 3.1).
enum class ContextVariable : unsigned char {
  AccountId,
  ApiId,
  DomainName,
  DomainPrefix,
  HttpMethod,
  Path,
  Protocol,
  RequestId,
  ResourcePath,
  RouteKey,
  SourceIp,
  Stage,
  UserAgent,
};

/// `httpMethod`, `identity.sourceIp`, ...; nothing for a name that the API type has not, or that is not known when
/// authorizers are asked. [any]
std::optional<ContextVariable> find_context_variable(ApiType type, std::string_view name) noexcept;
/// All that find_context_variable() knows, for messages: "`accountId`, `apiId`, ...". [setup]
std::string context_variable_names(ApiType type);
/// Its value, a view of the facts; empty when the request has none. Takes facts with `request` and `target`. [any]
std::string_view value_of(ContextVariable variable, const Facts& facts) noexcept;

}  // namespace gatehouse::access
