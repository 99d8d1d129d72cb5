#include "policy/pattern.hpp"

#include <array>
#include <cassert>

#include "policy/glob.hpp"

namespace gatehouse::policy {
namespace {

constexpr std::uint16_t kVariable = 0x200;
constexpr std::size_t kMaxVariables = 0xf000;
constexpr std::size_t kRoom = 1024;  // units of an expanded pattern that need no memory of their own

/// The same byte as a unit; `before` is the unit before it.
std::uint16_t folded(std::uint16_t unit, std::uint16_t before) noexcept {
  if (unit >= kStar) return unit;
  return fold(static_cast<unsigned char>(unit), before < kStar ? static_cast<unsigned char>(before) : 0);
}

struct Reference {
  std::size_t size = 0;  // of the whole `${...}`; 0: not one
  std::string_view key;
  std::optional<std::string> fallback;
};

/// `${...}` at the start of `text`. An unterminated one is literal text (section 3, rule 4).
Reference reference(std::string_view text) {
  const std::size_t end = text.find('}');
  if (!text.starts_with("${") || end == std::string_view::npos) return {};
  Reference out;
  out.size = end + 1;
  out.key = text.substr(2, end - 2);
  const std::size_t comma = out.key.find(", '");
  if (comma == std::string_view::npos) return out;
  // The default stands in quotes and may hold a `}`.
  const std::size_t from = 2 + comma + 3;
  const std::size_t quote = text.find("'}", from);
  if (quote == std::string_view::npos) return out;
  out.size = quote + 2;
  out.fallback = std::string(text.substr(from, quote - from));
  out.key = out.key.substr(0, comma);
  return out;
}

}  // namespace

Pattern::Pattern(std::string_view text, const PatternRules& rules) : fold_case_(rules.fold_case) {
  bool plain = true;
  const auto put = [&](std::uint16_t unit) {
    if (unit >= kStar) plain = false;
    if (plain) literal_ += static_cast<char>(unit);
    // `**` is `*`.
    if (unit != kStar || units_.empty() || units_.back() != kStar) units_.push_back(unit);
  };
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (rules.variables && c == '$') {
      Reference found = reference(text.substr(i));
      if (found.size > 0) {
        i += found.size;
        if (found.key == "*" || found.key == "?" || found.key == "$") {
          put(static_cast<unsigned char>(found.key[0]));
        } else {
          assert(variables_.size() < kMaxVariables && "documents are bounded");
          put(static_cast<std::uint16_t>(kVariable + variables_.size()));
          variables_.push_back({KeyName::of(found.key), std::move(found.fallback)});
        }
        continue;
      }
    }
    put(rules.wildcards && c == '*' ? kStar : rules.wildcards && c == '?' ? kOne : static_cast<unsigned char>(c));
    ++i;
  }
  if (plain)
    shape_ = Shape::Exact;
  else if (units_.back() == kStar && units_.size() == literal_.size() + 1)
    shape_ = Shape::Prefix;
  else
    shape_ = Shape::General;
  if (shape_ != Shape::General) units_ = {};
  if (!fold_case_) return;
  for (std::size_t i = units_.size(); i-- > 0;) units_[i] = folded(units_[i], i > 0 ? units_[i - 1] : kStar);
}

bool Pattern::general(std::span<const std::uint16_t> units, std::string_view text) const {
  return fold_case_ ? Glob<true>(text).matches(units) : Glob<false>(text).matches(units);
}

bool Pattern::match(std::string_view value) const noexcept {
  switch (shape_) {
    case Shape::Exact:
      return fold_case_ ? equal_folded(value, literal_) : value == literal_;
    case Shape::Prefix:
      if (!fold_case_) return value.starts_with(literal_);
      return value.size() >= literal_.size() && equal_folded(value.substr(0, literal_.size()), literal_);
    case Shape::General:
      break;
  }
  return variables_.empty() && general(units_, value);
}

Pattern::Match Pattern::match(std::string_view value, const Context& context) const {
  if (variables_.empty()) return match(value) ? Match::Yes : Match::No;
  std::array<std::uint16_t, kRoom> room;
  std::vector<std::uint16_t> more;
  std::size_t size = 0;
  const auto put = [&](std::uint16_t unit) {
    if (size < room.size()) {
      room[size++] = unit;
      return;
    }
    if (more.empty()) more.assign(room.begin(), room.end());
    more.push_back(unit);
  };
  for (const std::uint16_t unit : units_) {
    if (unit < kVariable) {
      put(unit);
      continue;
    }
    const Variable& variable = variables_[unit - kVariable];
    const Values found = context.find(variable.key);
    std::string_view text;
    if (!found.multi && found.texts.size() == 1 && !found.texts[0].empty())
      text = found.texts[0];
    else if (variable.fallback && (found.absent() || (!found.multi && found.texts.size() == 1)))
      text = *variable.fallback;
    else
      return Match::Unresolved;
    std::uint16_t before = kStar;
    for (const char c : text) {
      const std::uint16_t now = static_cast<unsigned char>(c);
      put(fold_case_ ? folded(now, before) : now);
      before = now;
    }
  }
  const std::span<const std::uint16_t> units = more.empty() ? std::span(room.data(), size) : std::span(more);
  return general(units, value) ? Match::Yes : Match::No;
}

std::vector<std::string_view> Pattern::variable_names() const {
  std::vector<std::string_view> out;
  for (const Variable& v : variables_) out.push_back(v.key.text);
  return out;
}

bool equal_folded(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  if (a == b) return true;
  unsigned char before_a = 0, before_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<unsigned char>(a[i]), y = static_cast<unsigned char>(b[i]);
    if (x != y && fold(x, before_a) != fold(y, before_b)) return false;
    before_a = x;
    before_b = y;
  }
  return true;
}

}  // namespace gatehouse::policy
