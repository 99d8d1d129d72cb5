#include "policy/pattern.hpp"

#include <array>
#include <cassert>

#include "base/text.hpp"

namespace gatehouse::policy {
namespace {

constexpr std::uint16_t kStar = 0x100;
constexpr std::uint16_t kOne = 0x101;
constexpr std::uint16_t kVariable = 0x200;
constexpr std::size_t kMaxVariables = 0xf000;
constexpr std::size_t kRoom = 1024;  // units of an expanded pattern that need no memory of their own

/// One byte of UTF-8 with the case folded; `before` is the byte before it. A-Z, and U+00C0 to U+00DE but the times
/// sign, whose second bytes follow 0xC3.
unsigned char fold(unsigned char c, unsigned char before) noexcept {
  if (c >= 'A' && c <= 'Z') return static_cast<unsigned char>(c + 32);
  if (before == 0xc3 && c >= 0x80 && c <= 0x9e && c != 0x97) return static_cast<unsigned char>(c + 32);
  return c;
}

std::size_t character(std::string_view text, std::size_t at) noexcept {
  const std::size_t size = base::utf8_sequence(text, at);
  return size == 0 ? 1 : size;
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
}

bool Pattern::general(const std::uint16_t* units, std::size_t size, std::string_view text) const noexcept {
  std::size_t at = 0, unit = 0;
  std::size_t star = size, star_at = 0;  // where to go on when nothing fits: the last star takes one character more
  unsigned char before = 0;
  while (at < text.size()) {
    if (unit < size && units[unit] == kStar) {
      star = unit++;
      star_at = at;
      continue;
    }
    if (unit < size && units[unit] == kOne) {
      at += character(text, at);
      ++unit;
      continue;
    }
    const auto have = static_cast<unsigned char>(text[at]);
    if (unit < size) {
      auto want = static_cast<unsigned char>(units[unit]);
      bool same = have == want;
      if (!same && fold_case_) {
        before = at > 0 ? static_cast<unsigned char>(text[at - 1]) : 0;
        const auto want_before = unit > 0 && units[unit - 1] < kStar ? static_cast<unsigned char>(units[unit - 1])
                                                                     : static_cast<unsigned char>(0);
        same = fold(have, before) == fold(want, want_before);
      }
      if (same) {
        ++at;
        ++unit;
        continue;
      }
    }
    if (star == size) return false;
    unit = star + 1;
    at = star_at += character(text, star_at);
  }
  while (unit < size && units[unit] == kStar) ++unit;
  return unit == size;
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
  return variables_.empty() && general(units_.data(), units_.size(), value);
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
    for (const char c : text) put(static_cast<unsigned char>(c));
  }
  const bool fits = more.empty() ? general(room.data(), size, value) : general(more.data(), more.size(), value);
  return fits ? Match::Yes : Match::No;
}

std::vector<std::string_view> Pattern::variable_names() const {
  std::vector<std::string_view> out;
  for (const Variable& v : variables_) out.push_back(v.key.text);
  return out;
}

bool equal_folded(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
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
