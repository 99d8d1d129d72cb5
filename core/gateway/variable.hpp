#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "access/answer.hpp"
#include "access/caller_variable.hpp"

namespace gatehouse::gateway {

class RequestContext;

/// A `$context` variable (spec api-types section 11): what access logs and gateway responses may name. Parsed at load.
class Variable {
 public:
  /// `requestId`, `identity.sourceIp`, `authorizer.tier`, without `$context.`; nothing for a name that AWS does not
  /// have or that this build cannot fill yet. Of an authorizer's context only keys of letters, digits and `_` can be
  /// named (LA-6B).
  static std::optional<Variable> parse(std::string_view name);
  /// The value for this request; empty when there is none. Good until the exchange is over. May use the arena.
  std::string_view value(const RequestContext& context) const;
  /// For `authorizer.<key>` of an HTTP API: the value with its type; null for other variables, REST APIs, and when
  /// there is none.
  const access::TypedValue* typed_value(const RequestContext& context) const noexcept;

 private:
  friend struct VariableTable;
  enum class Id : std::uint8_t;
  Id id_{};
  access::CallerVariable caller_{};  // of identity.* of a caller known by IAM
  std::string key_;                  // of authorizer.<key> and authorizer.claims.<name>
};

}  // namespace gatehouse::gateway
