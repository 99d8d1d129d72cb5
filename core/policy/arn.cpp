#include "policy/arn.hpp"

#include <string>

namespace gatehouse::policy {
namespace {

/// The parts of a pattern: colons inside `${...}` separate nothing when variables are on. Returns how many there are.
std::size_t split_pattern(std::string_view text, bool variables, std::array<std::string_view, 6>& parts) {
  std::size_t count = 0, from = 0;
  for (std::size_t i = 0; i < text.size() && count < 5; ++i) {
    if (variables && text.substr(i).starts_with("${")) {
      const std::size_t end = text.find('}', i);
      if (end != std::string_view::npos) i = end;
      continue;
    }
    if (text[i] != ':') continue;
    parts[count++] = text.substr(from, i - from);
    from = i + 1;
  }
  parts[count++] = text.substr(from);
  return count;
}

}  // namespace

Arn Arn::split(std::string_view text) noexcept {
  Arn out;
  for (std::size_t i = 0; i < 5; ++i) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
      out.parts[i] = text;
      return out;
    }
    out.parts[i] = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  out.parts[5] = text;
  out.whole = true;
  return out;
}

ArnPattern ArnPattern::of_condition(std::string_view text, bool variables) {
  ArnPattern out;
  std::array<std::string_view, 6> parts;
  if (split_pattern(text, variables, parts) < 6) return out;
  for (std::size_t i = 0; i < 6; ++i) out.parts_[i] = Pattern(parts[i], {.variables = variables});
  out.shape_ = Shape::Parts;
  return out;
}

ArnPattern ArnPattern::of_resource(std::string_view text, bool variables, bool pad) {
  ArnPattern out;
  if (text == "*") {
    out.shape_ = Shape::Everything;
    return out;
  }
  std::array<std::string_view, 6> parts;
  std::size_t count = split_pattern(text, variables, parts);
  // `arn` and `arn:aws` name nothing that could be filled up.
  if (count < 3 || (count < 6 && !pad)) return out;
  out.front_size_ = count < 6 ? text.size() : static_cast<std::size_t>(parts[5].data() - text.data());
  while (count < 6) parts[count++] = "*";
  for (std::size_t i = 0; i < 5; ++i) out.parts_[i] = Pattern(parts[i], {.wildcards = i != 2, .fold_case = true});
  out.parts_[5] = Pattern(parts[5], {.variables = variables});
  out.shape_ = Shape::Parts;
  return out;
}

bool ArnPattern::match_front(const Arn& arn) const noexcept {
  // From behind: the last parts tell more ARNs apart than the first.
  for (std::size_t i = 5; i-- > 0;)
    if (!parts_[i].match(arn.parts[i])) return false;
  return true;
}

Pattern::Match ArnPattern::match(const Arn& arn, const Context& context) const {
  if (shape_ == Shape::Everything) return Pattern::Match::Yes;
  if (shape_ == Shape::Nothing || !arn.whole) return Pattern::Match::No;
  auto out = Pattern::Match::Yes;
  for (std::size_t i = 6; i-- > 0;) {
    const Pattern::Match match = parts_[i].match(arn.parts[i], context);
    if (match == Pattern::Match::No) return match;
    if (match == Pattern::Match::Unresolved) out = match;
  }
  return out;
}

}  // namespace gatehouse::policy
