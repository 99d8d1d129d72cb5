#include "policy/condition.hpp"

#include <algorithm>
#include <cassert>
#include <compare>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace gatehouse::policy {
namespace {

using enum Comparison;

struct Name {
  std::string_view text;
  Comparison comparison;
  bool negated;
};
constexpr Name kNames[] = {
    {"stringequals", StringEquals, false},
    {"stringnotequals", StringEquals, true},
    {"stringequalsignorecase", StringEqualsIgnoreCase, false},
    {"stringnotequalsignorecase", StringEqualsIgnoreCase, true},
    {"stringlike", StringLike, false},
    {"stringnotlike", StringLike, true},
    {"numericequals", NumericEquals, false},
    {"numericnotequals", NumericEquals, true},
    {"numericlessthan", NumericLessThan, false},
    {"numericlessthanequals", NumericLessThanEquals, false},
    {"numericgreaterthan", NumericGreaterThan, false},
    {"numericgreaterthanequals", NumericGreaterThanEquals, false},
    {"dateequals", DateEquals, false},
    {"datenotequals", DateEquals, true},
    {"datelessthan", DateLessThan, false},
    {"datelessthanequals", DateLessThanEquals, false},
    {"dategreaterthan", DateGreaterThan, false},
    {"dategreaterthanequals", DateGreaterThanEquals, false},
    {"bool", Bool, false},
    {"binaryequals", BinaryEquals, false},
    {"ipaddress", IpAddress, false},
    {"notipaddress", IpAddress, true},
    {"arnequals", ArnLike, false},
    {"arnlike", ArnLike, false},
    {"arnnotequals", ArnLike, true},
    {"arnnotlike", ArnLike, true},
    {"null", Null, false},
};

bool strip_prefix(std::string_view& text, std::string_view prefix) noexcept {
  if (text.size() < prefix.size() || !base::equal_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<bool> parse_bool(std::string_view text) noexcept {
  if (base::equal_ignoring_case(text, "true")) return true;
  if (base::equal_ignoring_case(text, "false")) return false;
  return std::nullopt;
}

/// `have` stands left: NumericLessThan asks whether the request's value is the smaller one.
bool ordered(Comparison comparison, std::strong_ordering have_to_want) noexcept {
  switch (comparison) {
    case NumericEquals:
    case DateEquals:
      return std::is_eq(have_to_want);
    case NumericLessThan:
    case DateLessThan:
      return std::is_lt(have_to_want);
    case NumericLessThanEquals:
    case DateLessThanEquals:
      return std::is_lteq(have_to_want);
    case NumericGreaterThan:
    case DateGreaterThan:
      return std::is_gt(have_to_want);
    case NumericGreaterThanEquals:
    case DateGreaterThanEquals:
      return std::is_gteq(have_to_want);
    default:
      return false;
  }
}

}  // namespace

std::optional<Operator> Operator::parse(std::string_view text) noexcept {
  Operator out;
  if (strip_prefix(text, "ForAllValues:"))
    out.set = SetOperator::ForAllValues;
  else if (strip_prefix(text, "ForAnyValue:"))
    out.set = SetOperator::ForAnyValue;
  constexpr std::string_view kIfExists = "IfExists";
  if (text.size() > kIfExists.size() &&
      base::equal_ignoring_case(text.substr(text.size() - kIfExists.size()), kIfExists)) {
    out.if_exists = true;
    text.remove_suffix(kIfExists.size());
  }
  for (const Name& name : kNames) {
    if (!base::equal_ignoring_case(text, name.text)) continue;
    out.comparison = name.comparison;
    out.negated = name.negated;
    // Null asks for presence itself.
    if (name.comparison == Null && (out.if_exists || out.set != SetOperator::None)) return std::nullopt;
    return out;
  }
  return std::nullopt;
}

std::optional<std::string> Condition::add(std::string_view value, bool variables) {
  switch (what_.comparison) {
    case StringEquals: {
      Pattern pattern(value, {.wildcards = false, .variables = variables});
      literal_ = what_.set == SetOperator::None && (values_.empty() || literal_) && pattern.is_literal() &&
                 pattern.prefix() == value;
      values_.emplace_back(std::move(pattern));
      break;
    }
    case StringEqualsIgnoreCase:
      values_.emplace_back(Pattern(value, {.wildcards = false, .variables = variables, .fold_case = true}));
      break;
    case StringLike:
      values_.emplace_back(Pattern(value, {.variables = variables}));
      break;
    case ArnLike:
      values_.emplace_back(ArnPattern::of_condition(value, variables));
      break;
    case NumericEquals:
    case NumericLessThan:
    case NumericLessThanEquals:
    case NumericGreaterThan:
    case NumericGreaterThanEquals:
      if (!Decimal::parse(value)) return "it is not a decimal number";
      values_.emplace_back(Number{std::string(value)});
      break;
    case DateEquals:
    case DateLessThan:
    case DateLessThanEquals:
    case DateGreaterThan:
    case DateGreaterThanEquals: {
      const auto date = parse_date(value);
      if (!date) return "it is not a date such as `2026-11-26T09:30:00Z` nor a number of Unix seconds";
      values_.emplace_back(*date);
      break;
    }
    case Bool: {
      const auto flag = parse_bool(value);
      Pattern pattern(value, {.wildcards = false, .variables = variables, .fold_case = true});
      if (flag)
        values_.emplace_back(*flag);
      else if (pattern.has_variables())
        values_.emplace_back(std::move(pattern));
      else
        return "it is neither `true` nor `false`";
      break;
    }
    case Null: {
      const auto flag = parse_bool(value);
      if (!flag) return "it is neither `true` nor `false`";
      values_.emplace_back(*flag);
      break;
    }
    case BinaryEquals: {
      auto bytes = base::decode_base64(value);
      if (!bytes) return "it is not base64";
      values_.emplace_back(Bytes{std::move(*bytes)});
      break;
    }
    case IpAddress: {
      const auto range = IpRange::parse(value);
      if (!range) return "it is not an address or block such as `192.0.2.0/24` or `2001:db8::/32`";
      address_ = what_.set == SetOperator::None;
      values_.emplace_back(*range);
      break;
    }
  }
  texts_.emplace_back(value);
  return std::nullopt;
}

bool Condition::any_matches(std::string_view have, const base::IpAddress* address, const Context& context) const {
  const auto any = [&](auto&& matches) { return std::any_of(values_.begin(), values_.end(), matches); };
  switch (what_.comparison) {
    case StringEquals:
    case StringEqualsIgnoreCase:
    case StringLike:
      return any([&](const Value& v) { return std::get<Pattern>(v).match(have, context) == Pattern::Match::Yes; });
    case ArnLike: {
      const Arn arn = Arn::split(have);
      return any([&](const Value& v) { return std::get<ArnPattern>(v).match(arn, context) == Pattern::Match::Yes; });
    }
    case NumericEquals:
    case NumericLessThan:
    case NumericLessThanEquals:
    case NumericGreaterThan:
    case NumericGreaterThanEquals: {
      const auto number = Decimal::parse(have);
      return number && any([&](const Value& v) {
               const auto want = Decimal::parse(std::get<Number>(v).text);
               return want && ordered(what_.comparison, *number <=> *want);
             });
    }
    case DateEquals:
    case DateLessThan:
    case DateLessThanEquals:
    case DateGreaterThan:
    case DateGreaterThanEquals: {
      const auto date = parse_date(have);
      return date && any([&](const Value& v) { return ordered(what_.comparison, *date <=> std::get<Instant>(v)); });
    }
    case Bool: {
      const auto flag = parse_bool(have);
      return flag && any([&](const Value& v) {
               if (const bool* want = std::get_if<bool>(&v)) return *want == *flag;
               return std::get<Pattern>(v).match(have, context) == Pattern::Match::Yes;
             });
    }
    case BinaryEquals: {
      const auto bytes = base::decode_base64(have);
      return bytes && any([&](const Value& v) { return std::get<Bytes>(v).bytes == *bytes; });
    }
    case IpAddress: {
      std::optional<base::IpAddress> parsed;
      if (address == nullptr) {
        parsed = parse_address(have);
        if (!parsed) return false;
        address = &*parsed;
      }
      return any([&](const Value& v) { return std::get<IpRange>(v).contains(*address); });
    }
    case Null:
      break;
  }
  assert(false && "Null asks for no value");
  return false;
}

bool Condition::holds_by_table(const Values& have, const Context& context) const {
  if (what_.comparison == Null) {
    // A key without any text counts as absent.
    const bool absent = std::all_of(have.texts.begin(), have.texts.end(), [](std::string_view t) { return t.empty(); });
    return std::any_of(values_.begin(), values_.end(), [&](const Value& v) { return std::get<bool>(v) == absent; });
  }
  if (have.absent()) {
    if (what_.if_exists) return true;
    switch (what_.set) {
      case SetOperator::None:
        return what_.negated;
      case SetOperator::ForAllValues:
        return true;
      case SetOperator::ForAnyValue:
        return false;
    }
  }
  switch (what_.set) {
    case SetOperator::None:
      // A bare operator on a multi-valued key never matches, negated or not.
      return !have.multi && have.texts.size() == 1 && outcome(have.texts[0], have.address, context);
    case SetOperator::ForAllValues:
      return std::all_of(have.texts.begin(), have.texts.end(),
                         [&](std::string_view text) { return text.empty() || outcome(text, nullptr, context); });
    case SetOperator::ForAnyValue:
      return std::any_of(have.texts.begin(), have.texts.end(),
                         [&](std::string_view text) { return outcome(text, nullptr, context); });
  }
  return false;
}

}  // namespace gatehouse::policy
