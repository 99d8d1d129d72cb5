#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/arn.hpp"
#include "policy/context.hpp"
#include "policy/date.hpp"
#include "policy/decimal.hpp"
#include "policy/ip_range.hpp"
#include "policy/pattern.hpp"

namespace gatehouse::policy {

/// What a condition compares with; what is negated has its own flag (spec iam-policy 4.2).
enum class Comparison : std::uint8_t {
  StringEquals,
  StringEqualsIgnoreCase,
  StringLike,
  NumericEquals,
  NumericLessThan,
  NumericLessThanEquals,
  NumericGreaterThan,
  NumericGreaterThanEquals,
  DateEquals,
  DateLessThan,
  DateLessThanEquals,
  DateGreaterThan,
  DateGreaterThanEquals,
  Bool,
  BinaryEquals,
  IpAddress,
  ArnLike,
  Null,
};

enum class SetOperator : std::uint8_t { None, ForAllValues, ForAnyValue };

/// `ForAnyValue:StringNotLikeIfExists`, taken apart. Names fold case.
struct Operator {
  Comparison comparison{};
  bool negated = false;
  SetOperator set = SetOperator::None;
  bool if_exists = false;

  static std::optional<Operator> parse(std::string_view text) noexcept;
};

/// One operator on one key. Immutable. [any]
class Condition {
 public:
  Condition(Operator what, std::string_view operator_text, KeyName key)
      : what_(what), operator_text_(operator_text), key_(std::move(key)) {}

  /// Nothing, or what is wrong with the value. `variables`: the document's version has them.
  std::optional<std::string> add(std::string_view value, bool variables);

  /// The table of spec iam-policy 4.3.
  bool holds(const Context& context) const;

  const Operator& what() const noexcept { return what_; }
  std::string_view operator_text() const noexcept { return operator_text_; }
  const KeyName& key() const noexcept { return key_; }
  const std::vector<std::string>& texts() const noexcept { return texts_; }

 private:
  struct Number {
    std::string text;
  };
  struct Bytes {
    std::string bytes;
  };
  using Value = std::variant<Pattern, ArnPattern, Number, Instant, IpRange, Bytes, bool>;
  bool any_matches(std::string_view have, const Context& context) const;
  bool outcome(std::string_view have, const Context& context) const {
    return any_matches(have, context) != what_.negated;
  }

  Operator what_;
  std::string operator_text_;
  KeyName key_;
  std::vector<Value> values_;
  std::vector<std::string> texts_;  // as the policy spells them: for explanations
};

}  // namespace gatehouse::policy
