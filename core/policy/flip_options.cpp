#include "policy/flip_options.hpp"

#include <algorithm>

namespace gatehouse::policy {
namespace {

constexpr std::size_t kMostOptions = 12;   // of one element
constexpr std::size_t kMostPatterns = 16;  // of one statement
constexpr std::size_t kMostOnKey = 32;     // conditions of Denies on one key

/// Of the values that the Denies leave out under this key those that `fits` takes, behind those that are there.
void add_values_no_deny_has(const KeyName& key, std::span<const Layered> layers, const Context& context,
                            const std::function<bool(const KeyChange&)>& fits, std::vector<KeyChange>& out) {
  std::size_t looked_at = 0;
  for (const Layered& layer : layers)
    for (const Policy* policy : layer.policies)
      for (const Statement& s : policy->statements()) {
        if (s.effect != Effect::Deny) continue;
        for (const Condition& c : s.conditions) {
          if (c.key().lower != key.lower) continue;
          if (out.size() >= kMostOptions || ++looked_at > kMostOnKey) return;
          for (KeyChange& change : witnesses(c, false, context, kMostOptions)) {
            const auto same = [&](const KeyChange& k) { return k.texts == change.texts; };
            if (std::none_of(out.begin(), out.end(), same) && fits(change)) out.push_back(std::move(change));
          }
        }
      }
}

}  // namespace

std::vector<std::string> actions_to_try(const Statement& s) {
  std::vector<std::string> out;
  for (const char* known : {"execute-api:Invoke", "execute-api:ManageConnections", "execute-api:InvalidateCache"})
    if (s.acts_on(Action::of(known))) out.push_back(known);
  if (out.empty() && !s.not_action)
    for (std::size_t i = 0; i < std::min(s.actions.size(), kMostOptions); ++i)
      out.push_back(filled(s.actions[i].text(), NoContext(), "x", false));
  return out;
}

std::vector<std::string> resources_to_try(const Statement& s, const Question& q) {
  std::vector<std::string> out;
  if (q.resources.empty()) return out;
  const Arn& have = q.resources[0];
  const auto join = [](const std::array<std::string, 6>& parts) {
    std::string text = parts[0];
    for (std::size_t i = 1; i < 6; ++i) text += ":" + parts[i];
    return text;
  };
  std::array<std::string, 6> parts;
  const auto keep = [&] { std::copy(have.parts.begin(), have.parts.end(), parts.begin()); };
  if (s.not_resource) {
    const std::string head(policy::head(have.resource()));
    for (const std::string& path : {head + "/prod/GET/x", head + "/x/POST/x/x", std::string("x/x/GET/x")}) {
      keep();
      parts[5] = path;
      out.push_back(join(parts));
    }
    return out;
  }
  for (std::size_t n = 0; n < std::min(s.resources.size(), kMostPatterns); ++n) {
    const ResourcePattern& r = s.resources[n];
    const Arn want = Arn::split(r.text);
    keep();
    for (std::size_t i = 0; i < 6; ++i)
      if (r.pattern.part(i).match(have.parts[i], q.context) != Pattern::Match::Yes)
        parts[i] = filled(want.parts[i], q.context, "x", r.pattern.part(i).has_variables());
    out.push_back(join(parts));
  }
  return out;
}

std::vector<KeyChange> keys_to_try(const Statement& s, const KeyName& key, std::span<const Layered> layers,
                                   const Context& context) {
  std::vector<KeyChange> out;
  const auto on_key = [&](const Condition& c) { return c.key().lower == key.lower; };
  const auto fits = [&](const KeyChange& change) {
    ChangedContext changed(context);
    changed.set(change);
    return std::all_of(s.conditions.begin(), s.conditions.end(),
                       [&](const Condition& c) { return !on_key(c) || c.holds(changed); });
  };
  for (const Condition& from : s.conditions)
    if (on_key(from))
      for (KeyChange& change : witnesses(from, true, context, kMostOptions))
        if (fits(change)) out.push_back(std::move(change));
  add_values_no_deny_has(key, layers, context, fits, out);
  return out;
}

std::vector<KeyChange> keys_to_try_against(const Condition& condition, std::span<const Layered> layers,
                                           const Context& context) {
  std::vector<KeyChange> out = witnesses(condition, false, context, kMostOptions);
  const auto fits = [&](const KeyChange& change) {
    ChangedContext changed(context);
    changed.set(change);
    return !condition.holds(changed);
  };
  add_values_no_deny_has(condition.key(), layers, context, fits, out);
  return out;
}

}  // namespace gatehouse::policy
