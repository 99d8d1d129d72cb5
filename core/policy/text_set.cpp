#include "policy/text_set.hpp"

#include <cassert>

namespace gatehouse::policy {
namespace {

constexpr std::size_t kMostSteps = 20'000'000;  // of one pattern: some tenths of a second
constexpr std::string_view kHex = "0123456789ABCDEF";

}  // namespace

std::uint32_t TextSet::add(Unit::Kind kind, unsigned char byte) {
  units_.push_back({kind, byte, {}});
  return static_cast<std::uint32_t>(units_.size() - 1);
}

/// Behind the last unit: go on, or once more from there.
void TextSet::fork_back_to(std::uint32_t unit) {
  const std::uint32_t fork = add(Unit::Kind::Fork);
  units_[fork].next = {unit, fork + 1};
}

void TextSet::literal(std::string_view text) {
  for (const char c : text) add(Unit::Kind::Byte, static_cast<unsigned char>(c));
}

void TextSet::escapable(unsigned char byte) {
  begin_choice();
  begin_way();
  add(Unit::Kind::Byte, byte);
  begin_way();
  const char escape[] = {'%', kHex[byte >> 4], kHex[byte & 15]};
  literal({escape, sizeof escape});
  end_choice();
}

void TextSet::segment() {
  fork_back_to(add(Unit::Kind::NotSlash));
}

void TextSet::anything() {
  const std::uint32_t fork = add(Unit::Kind::Fork);
  fork_back_to(add(Unit::Kind::Any));
  units_[fork].next = {fork + 1, static_cast<std::uint32_t>(units_.size())};
}

void TextSet::slashes(bool at_least_one) {
  const std::uint32_t fork = at_least_one ? 0 : add(Unit::Kind::Fork);
  fork_back_to(add(Unit::Kind::Byte, '/'));
  if (!at_least_one) units_[fork].next = {fork + 1, static_cast<std::uint32_t>(units_.size())};
}

void TextSet::begin_choice() {
  open_.push_back({add(Unit::Kind::Fork), {}, false});
}

void TextSet::begin_way() {
  assert(!open_.empty());
  Choice& choice = open_.back();
  if (choice.begun) choice.ends.push_back(add(Unit::Kind::Fork));
  choice.begun = true;
  units_[choice.fork].next.push_back(static_cast<std::uint32_t>(units_.size()));
}

void TextSet::end_choice() {
  assert(!open_.empty());
  for (const std::uint32_t end : open_.back().ends) units_[end].next = {static_cast<std::uint32_t>(units_.size())};
  open_.pop_back();
}

/// Where one may stand in the set after what was read of the pattern.
class TextSet::Walk {
 public:
  explicit Walk(const TextSet& set) : units_(set.units_), seen_(units_.size() + 1, 0) { enter(0); }

  bool dead() const noexcept { return here_.empty(); }
  bool tired() const noexcept { return steps_ > kMostSteps; }
  bool at_end() const noexcept { return seen_[units_.size()] == round_; }

  /// One byte of those that `takes` names; with `also_stay` or none.
  template <class Takes>
  void step(Takes&& takes, bool also_stay = false) {
    const std::vector<std::uint32_t> from = std::move(here_);
    here_.clear();
    ++round_;
    for (const std::uint32_t at : from) {
      ++steps_;
      if (also_stay) enter(at);
      if (at < units_.size() && takes(units_[at])) enter(at + 1);
    }
  }
  /// Any text, or none.
  void skip() {
    for (std::size_t i = 0; i < here_.size(); ++i)  // grows while it goes
      if (here_[i] < units_.size()) enter(here_[i] + 1);
  }

 private:
  void enter(std::uint32_t to) {
    pending_.push_back(to);
    while (!pending_.empty()) {
      const std::uint32_t at = pending_.back();
      pending_.pop_back();
      if (seen_[at] == round_) continue;
      seen_[at] = round_;
      ++steps_;
      if (at < units_.size() && units_[at].kind == Unit::Kind::Fork)
        pending_.insert(pending_.end(), units_[at].next.begin(), units_[at].next.end());
      else
        here_.push_back(at);
    }
  }

  const std::vector<Unit>& units_;
  std::vector<std::size_t> seen_;
  std::vector<std::uint32_t> here_, pending_;
  std::size_t round_ = 1, steps_ = 0;
};

bool TextSet::may_match(std::string_view pattern) const {
  assert(open_.empty());
  using Kind = Unit::Kind;
  Walk walk(*this);
  for (std::size_t i = 0; i < pattern.size() && !walk.dead(); ++i) {
    if (walk.tired()) return true;
    const auto c = static_cast<unsigned char>(pattern[i]);
    if (c == '$' && pattern.substr(i).starts_with("${") && pattern.find('}', i) != std::string_view::npos) return true;
    if (c == '*') {
      walk.skip();
    } else if (c == '?') {
      walk.step([](const Unit&) { return true; });
      for (int more = 0; more < 3; ++more)  // of a character beyond ASCII
        walk.step([](const Unit& unit) { return unit.kind != Kind::Byte || unit.byte >= 0x80; }, true);
    } else {
      walk.step([c](const Unit& unit) {
        return unit.kind == Kind::Any || (unit.kind == Kind::NotSlash && c != '/') ||
               (unit.kind == Kind::Byte && unit.byte == c);
      });
    }
  }
  return walk.at_end();
}

}  // namespace gatehouse::policy
