#include "policy/flip.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gatehouse::policy {
namespace {

// Bounds of the search: an explanation may take a while, not for ever.
constexpr std::size_t kMostCandidates = 16;  // Allows that are tried
constexpr std::size_t kMostTogether = 64;    // Denies that are tried
constexpr std::size_t kMostExamples = 8;
constexpr std::size_t kMostJudged = 400;  // whole decisions

/// A question that can be changed bit by bit.
class Draft {
 public:
  explicit Draft(const Question& of) : of_(of), context_(of.context) {}
  Question question() const {
    Question out{of_.caller, of_.action, of_.resources, context_, of_.spellings};
    if (!action_.empty()) out.action = Action::of(action_);
    if (!resource_.empty()) {
      out.resources = {&arn_, 1};
      out.spellings = {};
    }
    return out;
  }
  ChangedContext& context() noexcept { return context_; }
  void action(const std::string& text) { action_ = text; }
  void resource(const std::string& text) {
    resource_ = text;
    arn_ = Arn::split(resource_);
  }

 private:
  const Question& of_;
  ChangedContext context_;
  std::string action_, resource_;
  Arn arn_;
};

/// An element of a statement and what it may be changed to.
struct Dimension {
  Miss element = Miss::None;
  std::vector<std::string> texts;  // of action and resource
  std::vector<KeyChange> keys;
  std::size_t size() const noexcept { return element == Miss::Condition ? keys.size() : texts.size(); }
  void apply(Draft& draft, std::size_t option) const {
    if (element == Miss::Condition)
      draft.context().set(keys[option]);
    else if (element == Miss::Action)
      draft.action(texts[option]);
    else
      draft.resource(texts[option]);
  }
};

class Search {
 public:
  Search(const Question& question, const Verdict& said, std::span<const Layered> layers, const Judge& judge)
      : question_(question), said_(said), layers_(layers), judge_(judge) {}

  Flip denied_implicitly();
  Flip denied_explicitly();
  Flip allowed();

 private:
  struct Candidate {
    const Policy* policy;
    const Statement* statement;
    std::vector<Missed> missed;
    std::size_t weight;
  };
  struct Tried {
    bool tried = false;
    bool flips = false;
    bool partly = false;
    std::optional<Verdict> then;
  };

  bool judge(const Question& q, Tried& out);
  void add_candidates(const Layered& layer, std::vector<Candidate>& to) const;
  std::size_t weight(const std::vector<Missed>& missed) const;
  Tried apply(const Candidate& c, StatementChange& change);
  bool escape(const std::vector<Candidate>& denies, Draft& draft, std::vector<KeyChange>& path, Tried& best,
              std::vector<KeyChange>& best_path);
  static StatementChange escaped(const Candidate& deny, const Context& context, const std::vector<KeyChange>& path);
  StatementChange escape_alone(const Candidate& deny) const;
  bool allowed_now() const noexcept { return said_.outcome == Outcome::Allowed; }

  const Question& question_;
  const Verdict& said_;
  std::span<const Layered> layers_;
  const Judge& judge_;
  std::size_t judged_ = 0, steps_ = 0;
};

/// Keeps the first verdict, and one that is the other way round above all.
bool Search::judge(const Question& q, Tried& out) {
  if (judged_++ >= kMostJudged) return false;
  const std::optional<Verdict> then = judge_(q);
  const bool flips = then && (then->outcome == Outcome::Allowed) != allowed_now();
  if (!out.tried || flips) out = {true, flips, out.tried, then};
  return flips;
}

// What a caller can change more easily weighs less; only among statements that miss as many elements.
std::size_t Search::weight(const std::vector<Missed>& missed) const {
  std::size_t out = 0;
  for (const Missed& m : missed) {
    if (m.element == Miss::Condition)
      out += question_.context.find(m.condition->key()).absent() ? 2 : 0;
    else
      out += m.element == Miss::Resource ? 1 : m.element == Miss::Action ? 3 : 4;
  }
  return out;
}

void Search::add_candidates(const Layered& layer, std::vector<Candidate>& to) const {
  for (const Policy* policy : layer.policies)
    for (const Statement& s : policy->statements()) {
      if (s.effect != Effect::Allow) continue;
      std::vector<Missed> missed = all_missed(s, question_);
      if (missed.empty()) continue;
      const std::size_t all = weight(missed);
      to.push_back({policy, &s, std::move(missed), all});
    }
}

/// Changes all that the statement misses, and judges it.
Search::Tried Search::apply(const Candidate& c, StatementChange& change) {
  change = {c.policy, c.statement, {}};
  std::vector<Dimension> dimensions;
  std::vector<std::size_t> of_change;  // which dimension
  bool possible = true;
  for (const Missed& m : c.missed) {
    change.changes.push_back({m.element, m.condition, true, std::nullopt, {}});
    const auto same = std::find_if(dimensions.begin(), dimensions.end(), [&](const Dimension& d) {
      return m.element == Miss::Condition && d.element == m.element && !d.keys.empty() &&
             d.keys[0].key.lower == m.condition->key().lower;
    });
    of_change.push_back(static_cast<std::size_t>(same - dimensions.begin()));
    if (same != dimensions.end()) continue;
    Dimension d{m.element, {}, {}};
    if (m.element == Miss::Condition)
      d.keys = keys_to_try(*c.statement, m.condition->key(), layers_, question_.context);
    if (m.element == Miss::Action) d.texts = actions_to_try(*c.statement);
    if (m.element == Miss::Resource) d.texts = resources_to_try(*c.statement, question_);
    // Another caller comes with other policies: nobody can tell what they say.
    possible = possible && d.size() > 0;
    dimensions.push_back(std::move(d));
  }
  Tried out;
  if (!possible) return out;
  // The first option of each, then the others of one each time.
  std::vector<std::size_t> best(dimensions.size(), 0);
  const auto attempt = [&](std::size_t changed, std::size_t option) {
    Draft draft(question_);
    for (std::size_t i = 0; i < dimensions.size(); ++i) dimensions[i].apply(draft, i == changed ? option : 0);
    if (!all_missed(*c.statement, draft.question()).empty()) return false;
    const bool first = !out.tried;
    const bool flips = judge(draft.question(), out);
    if (first || flips) {
      std::fill(best.begin(), best.end(), 0);
      best[changed] = option;
    }
    return flips;
  };
  bool done = attempt(0, 0);
  for (std::size_t i = 0; i < dimensions.size() && !done; ++i)
    for (std::size_t option = 1; option < dimensions[i].size() && !done; ++option) done = attempt(i, option);
  if (!out.tried) return out;
  for (std::size_t i = 0; i < change.changes.size(); ++i) {
    const Dimension& d = dimensions[of_change[i]];
    if (d.element == Miss::Condition)
      change.changes[i].example = d.keys[best[of_change[i]]];
    else
      change.changes[i].example_text = d.texts[best[of_change[i]]];
  }
  return out;
}

Flip Search::denied_implicitly() {
  Flip out;
  out.layer = said_.layer;
  std::vector<Candidate> all, others;
  bool lacks = false;
  for (const Layered& layer : layers_) {
    const bool own = layer.layer == said_.layer;
    if (own && said_.layer == Layer::Guardrail && lacks) continue;  // the next level is the next step
    // Within an account the resource's own policy may do instead of the caller's.
    if (!own && !(said_.layer == Layer::Identity && layer.layer == Layer::Resource)) continue;
    if (own && weigh(layer.policies, question_).effect == Effect::Allow) continue;
    lacks = lacks || own;
    add_candidates(layer, own ? all : others);
  }
  all.insert(all.end(), std::make_move_iterator(others.begin()), std::make_move_iterator(others.end()));
  std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return std::pair(a.missed.size(), a.weight) < std::pair(b.missed.size(), b.weight);
  });
  if (all.size() > kMostCandidates) all.resize(kMostCandidates);
  for (const Candidate& c : all) {
    StatementChange change;
    const Tried tried = apply(c, change);
    if (!out.statements.empty() && !tried.flips && (out.tried || !tried.tried)) continue;
    out.kind = Flip::Kind::Allow;
    out.statements.clear();
    out.statements.push_back(std::move(change));
    out.tried = tried.tried;
    out.then = tried.then;
    out.flips = tried.flips;
    out.partly = tried.partly;
    if (out.flips) break;
  }
  return out;
}

/// Goes on until none of the Denies applies; true when the request is then let through.
bool Search::escape(const std::vector<Candidate>& denies, Draft& draft, std::vector<KeyChange>& path, Tried& best,
                    std::vector<KeyChange>& best_path) {
  if (++steps_ > kMostJudged) return false;
  const Question q = draft.question();
  const auto applies = [&](const Candidate& d) { return all_missed(*d.statement, q).empty(); };
  const auto next = std::find_if(denies.begin(), denies.end(), applies);
  if (next == denies.end()) {
    const bool first = !best.tried;
    const bool flips = judge(q, best);
    if (first || flips) best_path = path;
    return flips;
  }
  for (const Condition& c : next->statement->conditions) {
    // A key is changed once: a second value would undo what the first was for.
    const auto used = [&](const KeyChange& k) { return k.key.lower == c.key().lower; };
    if (std::any_of(path.begin(), path.end(), used)) continue;
    for (const KeyChange& change : keys_to_try_against(c, layers_, draft.context())) {
      draft.context().set(change);
      path.push_back(change);
      const bool done = escape(denies, draft, path, best, best_path);
      path.pop_back();
      draft.context().forget(change.key);
      if (done) return true;
    }
  }
  return false;
}

/// By which of the changes the Deny does not apply.
StatementChange Search::escaped(const Candidate& deny, const Context& context, const std::vector<KeyChange>& path) {
  StatementChange out{deny.policy, deny.statement, {}};
  for (const Condition& c : deny.statement->conditions) {
    if (c.holds(context)) continue;
    const auto by = [&](const KeyChange& k) { return k.key.lower == c.key().lower; };
    const auto found = std::find_if(path.begin(), path.end(), by);
    out.changes.push_back({Miss::Condition, &c, false, found != path.end() ? std::optional(*found) : std::nullopt, {}});
    break;
  }
  return out;
}

StatementChange Search::escape_alone(const Candidate& deny) const {
  StatementChange out{deny.policy, deny.statement, {}};
  for (const Condition& c : deny.statement->conditions) {
    std::vector<KeyChange> found = witnesses(c, false, question_.context, 1);
    if (found.empty()) continue;
    out.changes.push_back({Miss::Condition, &c, false, std::move(found[0]), {}});
    break;
  }
  return out;
}

Flip Search::denied_explicitly() {
  Flip out;
  out.kind = Flip::Kind::Escape;
  out.layer = said_.layer;
  std::vector<Candidate> denies;
  for (const Layered& layer : layers_)
    for (const Policy* policy : layer.policies)
      for (const Statement& s : policy->statements())
        if (s.effect == Effect::Deny && all_missed(s, question_).empty()) denies.push_back({policy, &s, {}, 0});
  Draft draft(question_);
  Tried best;
  std::vector<KeyChange> path, best_path;
  if (denies.size() <= kMostTogether) escape(denies, draft, path, best, best_path);
  out.tried = best.tried;
  out.then = best.then;
  out.flips = best.flips;
  out.partly = best.partly;
  ChangedContext changed(question_.context);
  for (const KeyChange& k : best_path) changed.set(k);
  const std::size_t told = std::min(denies.size(), kMostDenies);
  for (std::size_t i = 0; i < told; ++i)
    out.statements.push_back(best.tried ? escaped(denies[i], changed, best_path) : escape_alone(denies[i]));
  out.left_out = denies.size() - told;
  return out;
}

Flip Search::allowed() {
  Flip out;
  const auto take = [&](Flip::Kind kind, StatementChange change, const Tried& tried) {
    out.kind = kind;
    out.statements.clear();
    out.statements.push_back(std::move(change));
    out.tried = out.flips = true;
    out.then = tried.then;
    out.partly = tried.partly;
    return out;
  };
  for (const Layered& layer : layers_)
    for (const Policy* policy : layer.policies)
      for (const Statement& s : policy->statements()) {
        if (s.effect != Effect::Deny || steps_ > kMostTogether) continue;
        std::vector<Missed> missed = all_missed(s, question_);
        if (missed.size() != 1 || missed[0].element != Miss::Condition) continue;
        ++steps_;
        StatementChange change;
        const Tried tried = apply({policy, &s, std::move(missed), 0}, change);
        if (tried.flips) return take(Flip::Kind::Deny, std::move(change), tried);
      }
  if (said_.finding.statement == nullptr) return out;
  const Statement& s = *said_.finding.statement;
  for (const Condition& c : s.conditions) {
    Tried tried;
    for (KeyChange& change : witnesses(c, false, question_.context, kMostExamples)) {
      Draft draft(question_);
      draft.context().set(change);
      if (judge(draft.question(), tried))
        return take(Flip::Kind::Silence,
                    {said_.finding.policy, &s, {{Miss::Condition, &c, false, std::move(change), {}}}}, tried);
    }
  }
  return out;
}

}  // namespace

Flip find_flip(const Question& question, const Verdict& said, std::span<const Layered> layers, const Judge& judge) {
  Search search(question, said, layers, judge);
  switch (said.outcome) {
    case Outcome::ImplicitlyDenied:
      return search.denied_implicitly();
    case Outcome::ExplicitlyDenied:
      return search.denied_explicitly();
    case Outcome::Allowed:
      break;
  }
  return search.allowed();
}

}  // namespace gatehouse::policy
