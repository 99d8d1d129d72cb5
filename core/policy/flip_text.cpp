#include "policy/flip_text.hpp"

#include <string_view>

#include "base/text.hpp"

namespace gatehouse::policy {
namespace {

constexpr std::size_t kMostValues = 6;
constexpr std::size_t kMostBytes = 120;   // of one value
constexpr std::size_t kMostText = 2'000;  // of all

/// Whole characters only.
std::string cut(std::string_view text, std::size_t most = kMostBytes) {
  if (text.size() <= most) return std::string(text);
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

/// `a`, `a or b`, `a, b or 7 more`.
template <class Texts>
std::string list(const Texts& texts, std::string_view last) {
  std::string out;
  std::size_t n = 0;
  for (const auto& text : texts) {
    if (n == kMostValues) break;
    if (n > 0) out.append(n + 1 == texts.size() ? " " + std::string(last) + " " : ", ");
    out += std::string_view(text).empty() ? "empty" : cut(text);
    ++n;
  }
  if (n < texts.size()) out += " " + std::string(last) + " " + std::to_string(texts.size() - n) + " more";
  return out;
}

std::string here(const Values& have) {
  return have.absent() ? "absent" : list(have.texts, "and");
}

struct Words {
  std::string_view met, unmet;
};

Words words(Comparison comparison) {
  switch (comparison) {
    case Comparison::StringEquals:
    case Comparison::NumericEquals:
    case Comparison::DateEquals:
    case Comparison::Bool:
    case Comparison::BinaryEquals:
      return {"were", "were not"};
    case Comparison::StringEqualsIgnoreCase:
      return {"were, in any case,", "were, in any case, not"};
    case Comparison::StringLike:
    case Comparison::ArnLike:
      return {"matched", "did not match"};
    case Comparison::NumericLessThan:
      return {"were less than", "were at least"};
    case Comparison::NumericLessThanEquals:
      return {"were at most", "were more than"};
    case Comparison::NumericGreaterThan:
      return {"were more than", "were at most"};
    case Comparison::NumericGreaterThanEquals:
      return {"were at least", "were less than"};
    case Comparison::DateLessThan:
      return {"were before", "were not before"};
    case Comparison::DateLessThanEquals:
      return {"were not after", "were after"};
    case Comparison::DateGreaterThan:
      return {"were after", "were not after"};
    case Comparison::DateGreaterThanEquals:
      return {"were not before", "were before"};
    case Comparison::IpAddress:
      return {"were in", "were not in"};
    case Comparison::Null:
      break;
  }
  return {"were there", "were absent"};
}

std::string wish(const Condition& c, bool meets, const std::optional<KeyChange>& example) {
  const Operator& what = c.what();
  const std::string key = cut(c.key().text);
  if (what.comparison == Comparison::Null) {
    // Its values say whether the key is to be absent; a change has one to show.
    const bool absent =
        example ? example->texts.empty() : base::equal_ignoring_case(c.texts().front(), "true") == meets;
    return key + (absent ? " were absent" : " were there");
  }
  if (example && example->texts.empty()) return key + " were absent";
  // What a set operator says of all, its contrary says of one.
  const bool of_all = (what.set == SetOperator::ForAllValues) == meets;
  const std::string of = what.set == SetOperator::None ? "" : of_all ? "every value of " : "a value of ";
  const bool positive = meets != what.negated;
  const Words w = words(what.comparison);
  return of + key + " " + std::string(positive ? w.met : w.unmet) + " " +
         list(c.texts(), positive                                        ? "or"
                         : w.unmet.find("not") != std::string_view::npos ? "nor"
                                                                         : "and");
}

std::vector<std::string_view> spelt(const Statement& s, Miss element) {
  std::vector<std::string_view> out;
  if (element == Miss::Action)
    for (const ActionPattern& a : s.actions) out.emplace_back(a.text());
  if (element == Miss::Resource)
    for (const ResourcePattern& r : s.resources) out.emplace_back(r.text);
  if (element == Miss::Principal && s.principals) out = s.principals->texts();
  return out;
}

std::string here(const Change& change, const Question& q) {
  switch (change.element) {
    case Miss::Condition:
      return here(q.context.find(change.condition->key()));
    case Miss::Action:
      return cut(q.action.text);
    case Miss::Resource: {
      if (q.resources.empty()) break;
      std::string arn(q.resources[0].parts[0]);
      for (std::size_t i = 1; i < 6; ++i) arn.append(":").append(q.resources[0].parts[i]);
      return cut(arn);
    }
    case Miss::Principal:
      return q.caller.arn.empty() ? "anonymous" : cut(q.caller.arn);
    case Miss::None:
      break;
  }
  return {};
}

/// `; 192.0.2.65 would do`: where not every value would.
std::string example(const Change& change) {
  if (!change.example) return change.example_text.empty() ? "" : "; " + cut(change.example_text) + " would do";
  return change.example->texts.empty() ? "" : "; " + list(change.example->texts, "and") + " would do";
}

std::string all_of(const Flip& flip, const StatementChange& of, const Question& q) {
  std::string out;
  for (const Change& change : of.changes)
    out += (out.empty() ? "" : " and ") + wish(change, *of.statement) + " (here " + here(change, q) +
           (flip.partly ? example(change) : std::string()) + ")";
  return out;
}

bool is_any(const Statement& s, Miss element) {
  for (const std::string_view text : spelt(s, element))
    if (text == "*") return true;
  return false;
}

/// Of a Deny that no value of a key keeps from applying: what else would.
std::string way_out(const Statement& s) {
  std::string out;
  const auto add = [&](std::string_view what) { out += (out.empty() ? "another " : " or ") + std::string(what); };
  if (s.not_resource || !is_any(s, Miss::Resource)) add("resource");
  if (s.not_action || !is_any(s, Miss::Action)) add("action");
  if (s.principals && !s.principals->everybody()) add("caller");
  return out.empty() ? "nothing escapes it: the policy would have to change" : "only " + out + " escapes it";
}

std::string lacks(Layer layer) {
  const std::string name(policy::name(layer));
  return name.starts_with("i") ? "an " + name : "a " + name;
}

/// What stands against it when the statements are as wished.
std::string but(const Flip& flip, const NameOf& name_of) {
  if (flip.flips) return {};
  if (!flip.then) return ", and then who is asked next would have a say";
  const Finding& f = flip.then->finding;
  if (flip.then->outcome == Outcome::ExplicitlyDenied && f.policy != nullptr && f.statement != nullptr)
    return ", but " + name_of(*f.policy, *f.statement) + " would deny it";
  return ", and then " + lacks(flip.then->layer) + " would have to allow it, too";
}

std::string escape(const Flip& flip, const Question& q, const NameOf& name_of) {
  std::string out;
  for (const StatementChange& s : flip.statements) {
    if (!out.empty()) out += "; ";
    out += name_of(*s.policy, *s.statement);
    if (!s.changes.empty())
      out += " would not deny it if " + all_of(flip, s, q);
    else if (flip.tried)
      out += " would not apply then";
    else if (s.statement->conditions.empty())
      out += " denies it without a condition: " + way_out(*s.statement);
    else
      out += " denies it, and no value is known with which its conditions would not hold: " + way_out(*s.statement);
  }
  if (flip.left_out > 0) out += "; " + std::to_string(flip.left_out) + " more statements deny it";
  return flip.tried ? out + but(flip, name_of) : out;
}

std::string allow(const Flip& flip, const Question& q, const NameOf& name_of) {
  const StatementChange& s = flip.statements.front();
  std::string out = name_of(*s.policy, *s.statement) + " would allow it if " + all_of(flip, s, q);
  if (flip.tried) return out + but(flip, name_of);
  for (const Change& c : s.changes)
    if (c.element == Miss::Principal) return out + ", and then the policies of that caller would have a say";
  return out + ", of which no example is known: a policy may have to change";
}

std::string sentence(const Flip& flip, const Question& question, const NameOf& name_of) {
  switch (flip.kind) {
    case Flip::Kind::None:
      if (flip.layer == Layer::None) return {};
      return "no statement of " + lacks(flip.layer) + " allows anything: a policy would have to change";
    case Flip::Kind::Allow:
      return allow(flip, question, name_of);
    case Flip::Kind::Escape:
      return escape(flip, question, name_of);
    case Flip::Kind::Deny: {
      const StatementChange& s = flip.statements.front();
      return name_of(*s.policy, *s.statement) + " would deny it if " + all_of(flip, s, question);
    }
    case Flip::Kind::Silence:
      break;
  }
  const StatementChange& s = flip.statements.front();
  return name_of(*s.policy, *s.statement) + " would not allow it if " + all_of(flip, s, question);
}

}  // namespace

std::string wish(const Change& change, const Statement& s) {
  const std::string values = list(spelt(s, change.element), "or");
  switch (change.element) {
    case Miss::Condition:
      return wish(*change.condition, change.meets, change.example);
    case Miss::Action:
      return (s.not_action ? "the action did not match " : "the action matched ") + values;
    case Miss::Resource:
      return (s.not_resource ? "the resource did not match " : "the resource matched ") + values;
    case Miss::Principal:
      return (s.not_principal ? "the caller were not " : "the caller were ") + values;
    case Miss::None:
      break;
  }
  return {};
}

std::string text(const Flip& flip, const Question& question, const NameOf& name_of) {
  return cut(sentence(flip, question, name_of), kMostText);
}

}  // namespace gatehouse::policy
