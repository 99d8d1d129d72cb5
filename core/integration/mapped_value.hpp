#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/answer.hpp"
#include "access/caller_variable.hpp"
#include "access/identity_source.hpp"
#include "base/error.hpp"

namespace gatehouse::integration {

/// What an integration puts into a header of the upstream's request: a text, a piece of the request, or what the
/// authorizer said. REST: `'text'`, `method.request.header|querystring|path.X`, `context.X`, `stageVariables.X`. HTTP:
/// `text`, `$request.header|querystring|path.X`, `$request.path`, `$context.X`, `$stageVariables.X`.
class MappedValue {
 public:
  /// `parameters`: the names that the route's path catches. The error says what is possible. [setup]
  static Result<MappedValue> parse(access::ApiType type, std::string_view text,
                                   const std::vector<std::string>& parameters);

  /// True for `context.authorizer.X` and the `context.identity.X` of a caller known by IAM: a route without an identity
  /// authorizer never has it.
  bool is_of_authorizer() const noexcept { return kind_ >= Kind::Principal; }

  /// Nothing: the authorizer said what cannot stand in a header (RFC 9110, 5.5). Empty: there is no such value. What of
  /// a client cannot stand in one counts as absent, since a client may as well leave it out. Typed values are in text
  /// form, null is absent. [loop] Views of the request, the answer, this object or `arena`.
  std::optional<std::string_view> resolve(const access::Facts& facts, const access::Answer& identity,
                                          base::Arena& arena) const;

 private:
  enum class Kind : std::uint8_t { Text, Source, Path, PathParameter, Principal, Caller, ContextKey, Claim };
  Result<void> parse_authorizer(std::string_view name, std::string_view shown);

  Kind kind_ = Kind::Text;
  access::ApiType type_ = access::ApiType::Http;
  std::string text_;  // the text itself, or a name
  access::CallerVariable caller_{};
  std::optional<access::IdentitySource> source_;
};

/// True for a key of an authorizer's context that `$context.authorizer.KEY` can name: letters, digits, `_` (LA-6B).
bool is_context_key(std::string_view key) noexcept;

}  // namespace gatehouse::integration
