#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/context.hpp"

namespace gatehouse::policy {

/// What stands for itself in a pattern and what does not.
struct PatternRules {
  bool wildcards = true;   // `*`: any characters, `/` and `:` too; `?`: one character
  bool variables = false;  // `${key}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}` (Version 2012-10-17)
  bool fold_case = false;  // ASCII and Latin-1 letters
};

/// A value of a policy with its wildcards and variables, compiled. Text that a variable brings is literal: a `*` in it
/// is a `*` (spec iam-policy section 3, rule 2). Linear in the text and in what variables bring: policy/glob.hpp. [any]
class Pattern {
 public:
  enum class Match : std::uint8_t { No, Yes, Unresolved };

  Pattern() = default;
  Pattern(std::string_view text, const PatternRules& rules);

  /// Unresolved: it has a variable without a single, non-empty value and without a default. A default stands for what
  /// is absent or empty, never for a multi-valued key. Allocates for variables whose texts are long together, and as
  /// Glob does.
  Match match(std::string_view value, const Context& context) const;
  /// The same for a pattern without variables. No memory for a long text ends the process: it is no answer.
  bool match(std::string_view value) const noexcept;

  bool has_variables() const noexcept { return !variables_.empty(); }
  /// Neither wildcards nor variables.
  bool is_literal() const noexcept { return shape_ == Shape::Exact; }
  bool is_everything() const noexcept { return shape_ == Shape::Prefix && literal_.empty(); }
  /// What every text that matches begins with; with fold_case, in whichever case.
  std::string_view prefix() const noexcept { return literal_; }
  /// Names of the keys of its variables.
  std::vector<std::string_view> variable_names() const;

 private:
  enum class Shape : std::uint8_t { Exact, Prefix, General };
  struct Variable {
    KeyName key;
    std::optional<std::string> fallback;
  };
  bool general(std::span<const std::uint16_t> units, std::string_view text) const;

  Shape shape_ = Shape::Exact;
  bool fold_case_ = false;
  std::string literal_;               // Exact: all of it; else what stands before the first wildcard or variable
  std::vector<std::uint16_t> units_;  // General: bytes, kStar, kOne, kVariable + index
  std::vector<Variable> variables_;
};

/// Equal but for the case of ASCII and Latin-1 letters, in UTF-8. [any]
bool equal_folded(std::string_view a, std::string_view b) noexcept;

}  // namespace gatehouse::policy
