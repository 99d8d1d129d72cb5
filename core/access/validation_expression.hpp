#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace re2 {
class RE2;
}

namespace gatehouse::access {

/// What the token of a `type: token` authorizer must look like before anybody is asked: the regular expression of
/// `identity_validation_expression` (spec lambda-authorizers 3.4). Door to RE2: its time is linear in the token, which
/// the caller chooses (LA-33). Immutable once made.
class ValidationExpression {
 public:
  /// RE2's syntax. Code::Invalid with RE2's reason for an expression that does not compile (LA-07), or that takes more
  /// than 1 MiB. [setup]
  static Result<ValidationExpression> parse(std::string_view text);
  ValidationExpression(ValidationExpression&&) noexcept;
  ValidationExpression& operator=(ValidationExpression&&) noexcept;
  ~ValidationExpression();

  /// True when the whole token matches, any `Bearer ` included (LA-30, LA-32). [any]
  bool matches(std::string_view token) const noexcept;
  const std::string& text() const noexcept;

 private:
  explicit ValidationExpression(std::unique_ptr<re2::RE2> compiled) noexcept;
  std::unique_ptr<re2::RE2> compiled_;
};

}  // namespace gatehouse::access
