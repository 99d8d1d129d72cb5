#include "policy/policy.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"

namespace gatehouse::policy {
namespace {

constexpr std::string_view kActionTexts[] = {"execute-api:Invoke", "execute-api:InvalidateCache",
                                             "execute-api:ManageConnections"};
// Below it, going through all statements is quicker than a look-up.
constexpr std::size_t kWorthAnIndex = 8;

// With more statements that fit any path of their API than these, lists by path would grow with both.
constexpr std::size_t kMostForAnyPath = 16;
constexpr int kStartSlashes = 4;

/// The only beginning, cut by `cut`, of resources that the pattern may match; nothing when they have many.
std::optional<std::string_view> only(const ArnPattern& pattern, std::string_view (*cut)(std::string_view) noexcept) {
  if (pattern.is_everything() || !pattern.can_match()) return std::nullopt;
  const std::string_view prefix = pattern.resource().prefix();
  const std::string_view out = cut(prefix);
  if (out.size() < prefix.size() || pattern.resource().is_literal()) return out;
  return std::nullopt;
}

}  // namespace

std::string_view name(Effect effect) noexcept {
  switch (effect) {
    case Effect::Allow:
      return "Allow";
    case Effect::Deny:
      return "Deny";
    case Effect::None:
      break;
  }
  return "None";
}

std::string_view name(Kind kind) noexcept {
  switch (kind) {
    case Kind::Identity:
      return "identity policy";
    case Kind::Boundary:
      return "permissions boundary";
    case Kind::Session:
      return "session policy";
    case Kind::Guardrail:
      return "guardrail";
    case Kind::Resource:
      return "resource policy";
    case Kind::Endpoint:
      return "VPC endpoint policy";
    case Kind::Trust:
      return "role trust policy";
    case Kind::Authorizer:
      return "authorizer policy";
  }
  return "policy";
}

Action Action::of(std::string_view text) noexcept {
  Action out{text, KnownAction::Other};
  for (std::size_t i = 0; i < std::size(kActionTexts); ++i)
    if (text == kActionTexts[i] || base::equal_ignoring_case(text, kActionTexts[i])) {
      out.known = static_cast<KnownAction>(i);
      break;
    }
  return out;
}

ActionPattern::ActionPattern(std::string_view text) : text_(text) {
  if (text == "*") {
    everything_ = true;
    return;
  }
  const std::size_t colon = text.find(':');
  nothing_ = colon == std::string_view::npos || colon + 1 == text.size() ||
             text.find_first_of(" \t\r\n") != std::string_view::npos;
  if (nothing_) return;
  service_ = base::lower(text.substr(0, colon));
  name_ = Pattern(text.substr(colon + 1), {.fold_case = true});
}

bool ActionPattern::match(std::string_view action) const noexcept {
  if (everything_) return true;
  const std::size_t colon = action.find(':');
  return !nothing_ && colon != std::string_view::npos && base::equal_ignoring_case(action.substr(0, colon), service_) &&
         name_.match(action.substr(colon + 1));
}

bool Statement::matches_text(std::string_view action) const noexcept {
  const bool listed =
      std::any_of(actions.begin(), actions.end(), [&](const ActionPattern& a) { return a.match(action); });
  return listed != not_action;
}

Policy::Policy(Kind kind, std::string id, std::vector<Statement> statements)
    : kind_(kind), id_(std::move(id)), statements_(std::move(statements)) {
  std::map<std::string_view, std::uint32_t> fronts;
  for (Statement& s : statements_) {
    for (ResourcePattern& r : s.resources) {
      const std::string_view front = std::string_view(r.text).substr(0, r.pattern.front_size());
      r.front = fronts.try_emplace(front, static_cast<std::uint32_t>(fronts.size())).first->second;
    }
    s.known_actions = 0;
    for (std::size_t i = 0; i < std::size(kActionTexts); ++i)
      if (s.matches_text(kActionTexts[i])) s.known_actions = static_cast<std::uint8_t>(s.known_actions | 1u << i);
  }
  for (std::size_t action = 0; action < kActions; ++action) {
    build(allows_[action], Effect::Allow, action);
    build(denies_[action], Effect::Deny, action);
  }
}

void Policy::build(Index& index, Effect effect, std::size_t action) const {
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < statements_.size(); ++i) {
    const Statement& s = statements_[i];
    const bool may = action == static_cast<std::size_t>(KnownAction::Other) || (s.known_actions >> action & 1u) != 0;
    if (s.effect == effect && may) all.push_back(i);
  }
  index.rest = all;
  if (all.size() < kWorthAnIndex) return;
  struct Keys {
    std::set<std::string_view> heads, starts;  // no heads: any; no starts: any of the heads's
  };
  std::vector<Keys> keys(all.size());
  std::size_t any_path = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Statement& s = statements_[all[i]];
    bool by_start = !s.not_resource && s.has_resource;
    bool by_head = by_start;
    for (const ResourcePattern& r : s.resources) {
      const auto head_only = only(r.pattern, head);
      const auto start_only = only(r.pattern, start);
      if (head_only) keys[i].heads.insert(*head_only);
      if (start_only) keys[i].starts.insert(*start_only);
      by_head = by_head && head_only;
      by_start = by_start && start_only;
    }
    if (!by_head) keys[i].heads.clear();
    if (!by_start) keys[i].starts.clear();
    any_path += by_start ? 0 : 1;
  }
  index.rest.clear();
  const bool starts = any_path <= kMostForAnyPath;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (keys[i].heads.empty()) index.rest.push_back(all[i]);
    for (const std::string_view of : keys[i].heads) index.by_head.try_emplace(std::string(of));
    if (!starts) continue;
    for (const std::string_view of : keys[i].heads) index.by_start.try_emplace(std::string(of));
    for (const std::string_view of : keys[i].starts) index.by_start.try_emplace(std::string(of));
  }
  for (auto& [of, list] : index.by_head)
    for (std::size_t i = 0; i < all.size(); ++i)
      if (keys[i].heads.empty() || keys[i].heads.count(of) != 0) list.push_back(all[i]);
  for (auto& [of, list] : index.by_start)
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Keys& k = keys[i];
      if (k.heads.empty() || (k.starts.empty() ? k.heads.count(head(of)) : k.starts.count(of)) != 0)
        list.push_back(all[i]);
    }
}

std::size_t Policy::bytes() const noexcept {
  // Texts are kept as they are, as literals and, two bytes each, as patterns.
  constexpr std::size_t kText = 6, kValue = sizeof(ArnPattern) + 3 * sizeof(std::string);
  std::size_t out = sizeof *this + id_.size();
  for (const Statement& s : statements_) {
    out += sizeof s + s.sid.size();
    for (const ActionPattern& a : s.actions) out += sizeof a + kText * a.text().size();
    for (const ResourcePattern& r : s.resources) out += sizeof r + kText * r.text.size();
    for (const Condition& c : s.conditions) {
      out += sizeof c + kText * c.key().text.size();
      for (const std::string& value : c.texts()) out += kValue + kText * value.size();
    }
  }
  constexpr std::size_t kNode = 2 * sizeof(void*) + sizeof(Lists::value_type) + 32;  // and what the allocator adds
  for (const auto* of : {&allows_, &denies_})
    for (const Index& index : *of) {
      out += index.rest.size() * sizeof(std::uint32_t);
      for (const Lists* lists : {&index.by_head, &index.by_start})
        for (const auto& [text, list] : *lists) out += kNode + text.size() + list.size() * sizeof(std::uint32_t);
    }
  return 2 * out;  // vectors grow beyond what they hold
}

std::span<const std::uint32_t> Policy::candidates(Effect effect, const Action& action,
                                                  std::string_view head) const noexcept {
  const Index& index = (effect == Effect::Deny ? denies_ : allows_)[static_cast<std::size_t>(action.known)];
  if (!index.by_head.empty())
    if (const auto found = index.by_head.find(head); found != index.by_head.end()) return found->second;
  return index.rest;
}

std::span<const std::uint32_t> Policy::candidates_for(Effect effect, const Action& action,
                                                      std::string_view resource) const noexcept {
  const Index& index = (effect == Effect::Deny ? denies_ : allows_)[static_cast<std::size_t>(action.known)];
  if (index.by_start.empty()) return candidates(effect, action, head(resource));
  auto found = index.by_start.find(start(resource));
  if (found == index.by_start.end()) found = index.by_start.find(head(resource));
  return found == index.by_start.end() ? index.rest : found->second;
}

std::string_view head(std::string_view resource) noexcept {
  return resource.substr(0, resource.find('/'));
}

std::string_view start(std::string_view resource) noexcept {
  int slashes = 0;
  for (std::size_t i = 0; i < resource.size(); ++i)
    if (resource[i] == '/' && ++slashes == kStartSlashes) return resource.substr(0, i);
  return resource;
}

}  // namespace gatehouse::policy
