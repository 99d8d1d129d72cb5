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
  bool holds(const Context& context) const { return holds(context.find(key_), context); }
  /// The same for who has looked the key up. `context` is for variables.
  bool holds(const Values& have, const Context& context) const {
    // Most conditions of most policies: one text that is one of some texts.
    if (literal_ && have.texts.size() == 1 && !have.multi) return is_one_of(have.texts[0]) != what_.negated;
    if (address_ && have.address != nullptr && have.texts.size() == 1 && !have.multi)
      return is_in_one_of(*have.address) != what_.negated;
    return holds_by_table(have, context);
  }

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
  bool holds_by_table(const Values& have, const Context& context) const;
  bool is_one_of(std::string_view have) const noexcept {
    for (const std::string& text : texts_)
      if (text == have) return true;
    return false;
  }
  bool is_in_one_of(const base::IpAddress& address) const noexcept {
    for (const Value& value : values_)
      if (std::get_if<IpRange>(&value)->contains(address)) return true;
    return false;
  }
  /// `address`: what `have` is as one, when that is known.
  bool any_matches(std::string_view have, const base::IpAddress* address, const Context& context) const;
  bool outcome(std::string_view have, const base::IpAddress* address, const Context& context) const {
    return any_matches(have, address, context) != what_.negated;
  }

  Operator what_;
  std::string operator_text_;
  KeyName key_;
  bool address_ = false;  // IpAddress without set operator
  bool literal_ = false;  // StringEquals without set operator, every value standing for itself
  std::vector<Value> values_;
  std::vector<std::string> texts_;  // as the policy spells them: for explanations
};

}  // namespace gatehouse::policy
