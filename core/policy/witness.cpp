#include "policy/witness.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/text.hpp"

namespace gatehouse::policy {
namespace {

constexpr std::size_t kMostValues = 16;  // of a condition that are tried

void add_numbers(std::vector<std::string>& out, const std::string& text) {
  const std::string_view digits = std::string_view(text).substr(text.starts_with('+') ? 1 : 0);
  const auto whole = digits.substr(0, digits.find('.'));
  const bool negative = whole.starts_with('-');
  if (const auto n = base::parse_integer<std::int32_t>(negative ? whole.substr(1) : whole)) {
    const std::int64_t value = negative ? -std::int64_t{*n} : *n;
    out.push_back(std::to_string(value + 1));
    out.push_back(std::to_string(value - 1));
  } else {
    // Too long to count with: one digit more is further away from zero.
    out.push_back("0");
    out.push_back((negative ? "-9" : "9") + std::string(whole.substr(negative ? 1 : 0)));
  }
}

/// As a request's `aws:CurrentTime`; empty outside of the years that dates have.
std::string iso_8601(std::int64_t unix_seconds) {
  constexpr std::int64_t kDay = 86400;
  const std::int64_t days = unix_seconds >= 0 ? unix_seconds / kDay : (unix_seconds - kDay + 1) / kDay;
  const std::int64_t rest = unix_seconds - days * kDay;
  if (days < -719'528 || days > 2'932'896) return {};
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(rest / 3600),
                static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return text;
}

void add_dates(std::vector<std::string>& out, const std::string& text) {
  const auto date = parse_date(text);
  if (!date) return;
  for (const std::int64_t step : {1, -1})
    if (std::string near = iso_8601(date->unix_seconds + step); !near.empty()) out.push_back(std::move(near));
}

/// The first and the last address of a block, and those beside it.
void add_addresses(std::vector<std::string>& out, std::string_view block) {
  const std::size_t slash = block.find('/');
  auto first = base::IpAddress::parse(block.substr(0, slash));
  if (!first) return;
  int bits = 128;
  if (slash != std::string_view::npos)
    if (const auto given = base::parse_integer<std::uint8_t>(block.substr(slash + 1)))
      bits = *given + (first->is_v4() ? 96 : 0);
  base::IpAddress last = *first;
  for (int bit = std::min(bits, 128); bit < 128; ++bit) {
    const auto mask = static_cast<unsigned char>(0x80 >> bit % 8);
    first->bytes[bit / 8] = static_cast<unsigned char>(first->bytes[bit / 8] & ~mask);
    last.bytes[bit / 8] = static_cast<unsigned char>(last.bytes[bit / 8] | mask);
  }
  const auto stepped = [](base::IpAddress address, bool up) {
    for (std::size_t i = 16; i-- > 12;)
      if (up ? ++address.bytes[i] != 0 : address.bytes[i]-- != 0) break;
    return address.text();
  };
  out.push_back(stepped(*first, true));
  out.push_back(first->text());
  out.push_back(last.text());
  out.push_back(stepped(*first, false));
  out.push_back(stepped(last, true));
}

/// Texts that may be worth a try, the likeliest first.
std::vector<std::string> texts_to_try(const Condition& condition, const Context& context) {
  std::vector<std::string> out;
  const auto& texts = condition.texts();
  for (std::size_t i = 0; i < std::min(texts.size(), kMostValues); ++i) {
    const std::string& text = texts[i];
    switch (condition.what().comparison) {
      case Comparison::StringEquals:
      case Comparison::StringEqualsIgnoreCase:
        out.push_back(text);
        out.push_back(filled(text, context, std::nullopt, true));
        break;
      case Comparison::StringLike:
      case Comparison::ArnLike:
        out.push_back(filled(text, context, "x", true));
        out.push_back(filled(text, context, "x", false));
        break;
      case Comparison::NumericEquals:
      case Comparison::NumericLessThan:
      case Comparison::NumericLessThanEquals:
      case Comparison::NumericGreaterThan:
      case Comparison::NumericGreaterThanEquals:
        out.push_back(text);
        add_numbers(out, text);
        break;
      case Comparison::DateEquals:
      case Comparison::DateLessThan:
      case Comparison::DateLessThanEquals:
      case Comparison::DateGreaterThan:
      case Comparison::DateGreaterThanEquals:
        out.push_back(text);
        add_dates(out, text);
        break;
      case Comparison::IpAddress:
        add_addresses(out, text);
        break;
      case Comparison::BinaryEquals:
        out.push_back(text);
        break;
      case Comparison::Bool:
        out.push_back(filled(text, context, std::nullopt, true));
        break;
      case Comparison::Null:
        break;
    }
  }
  switch (condition.what().comparison) {
    case Comparison::Bool:
      out.insert(out.end(), {"true", "false"});
      break;
    case Comparison::IpAddress:
      out.insert(out.end(), {"192.0.2.1", "2001:db8::1"});
      break;
    case Comparison::ArnLike:
      out.push_back("arn:aws:iam::000000000000:user/another");
      break;
    case Comparison::BinaryEquals:
      out.insert(out.end(), {"YW5vdGhlcg==", "eA=="});
      break;
    case Comparison::NumericEquals:
    case Comparison::NumericLessThan:
    case Comparison::NumericLessThanEquals:
    case Comparison::NumericGreaterThan:
    case Comparison::NumericGreaterThanEquals:
    case Comparison::DateEquals:
    case Comparison::DateLessThan:
    case Comparison::DateLessThanEquals:
    case Comparison::DateGreaterThan:
    case Comparison::DateGreaterThanEquals:
      break;
    default:
      out.insert(out.end(), {"another", "x"});
  }
  return out;
}

}  // namespace

void ChangedContext::set(const KeyChange& change) {
  forget(change.key);
  Entry& entry = entries_.emplace_back(Entry{change.key.lower, change.texts, {}, change.multi});
  entry.views.assign(entry.texts.begin(), entry.texts.end());
}

void ChangedContext::forget(const KeyName& key) {
  std::erase_if(entries_, [&](const Entry& e) { return e.lower == key.lower; });
}

Values ChangedContext::find(const KeyName& key) const {
  for (const Entry& e : entries_)
    if (e.lower == key.lower) return {e.views, e.multi};
  return base_.find(key);
}

std::string filled(std::string_view pattern, const Context& context, std::optional<std::string_view> fill,
                   bool variables) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::size_t end = variables && pattern.substr(i).starts_with("${") ? pattern.find('}', i) : pattern.npos;
    if (end != pattern.npos) {
      std::string_view name = pattern.substr(i + 2, end - i - 2);
      i = end;
      if (name == "*" || name == "?" || name == "$") {
        out += name;
        continue;
      }
      std::string_view fallback;
      if (const std::size_t comma = name.find(','); comma != name.npos) {
        fallback = name.substr(comma + 1);
        while (!fallback.empty() && (fallback.front() == ' ' || fallback.front() == '\'')) fallback.remove_prefix(1);
        if (fallback.ends_with('\'')) fallback.remove_suffix(1);
        name = name.substr(0, comma);
      }
      const Values have = context.find(KeyName::of(name));
      out += have.texts.size() == 1 && !have.multi && !have.texts[0].empty() ? have.texts[0] : fallback;
    } else if (fill && (pattern[i] == '*' || pattern[i] == '?')) {
      out += *fill;
    } else {
      out += pattern[i];
    }
  }
  return out;
}

std::vector<KeyChange> witnesses(const Condition& condition, bool holds, const Context& context, std::size_t most) {
  std::vector<KeyChange> out;
  const Values have = context.find(condition.key());
  KeyChange change{condition.key(), {}, false};
  const auto attempt = [&] {
    if (out.size() == most) return;
    ChangedContext changed(context);
    changed.set(change);
    const bool again = std::any_of(out.begin(), out.end(), [&](const KeyChange& c) { return c.texts == change.texts; });
    if (!again && condition.holds(changed) == holds) out.push_back(change);
  };
  change.multi =
      have.multi || is_multi_valued(condition.key()) || (have.absent() && condition.what().set != SetOperator::None);
  for (std::string& text : texts_to_try(condition, context)) {
    change.texts.clear();
    change.texts.push_back(std::move(text));
    attempt();
  }
  change.texts.clear();
  attempt();
  return out;
}

}  // namespace gatehouse::policy
