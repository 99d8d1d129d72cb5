#include "policy/lint.hpp"

#include <algorithm>
#include <gatehouse/kit/json.hpp>

#include "base/text.hpp"
#include "policy/fault.hpp"
#include "policy/lint_keys.hpp"
#include "policy/pointer.hpp"

namespace gatehouse::policy {
namespace {

using kit::Json;

constexpr std::string_view kActions[] = {"execute-api:Invoke", "execute-api:InvalidateCache",
                                         "execute-api:ManageConnections"};
constexpr std::string_view kMethods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};

bool is_account(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), base::is_digit);
}

bool names(const auto& list, std::string_view text) {
  return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

/// Why the sixth part is that of no resource of execute-api: `{api}/{stage}/{METHOD}/{path}`, `{api}/{stage}/{route
/// key}` or `/domainnames/{name}+{id}`. `rest`: APIs that have no route keys. Empty: it may be one.
std::string resource_fault(const Pattern& sixth, bool rest) {
  constexpr std::string_view kDomains = "/domainnames/";
  const std::string_view front = sixth.prefix();
  const bool whole = sixth.is_literal();
  if (front.starts_with('/')) {
    const bool may =
        front.starts_with(kDomains) ? !whole || front.size() > kDomains.size() : !whole && kDomains.starts_with(front);
    return may ? "" : "only `/domainnames/` stands before an API's id";
  }
  std::vector<std::string_view> steps;  // of those that are complete
  std::string_view left = front;
  for (std::size_t slash = left.find('/'); slash != std::string_view::npos; slash = left.find('/')) {
    steps.push_back(left.substr(0, slash));
    left.remove_prefix(slash + 1);
  }
  if (whole) steps.push_back(left);
  if (!steps.empty() && steps[0].empty()) return "it names no API";
  if (steps.size() >= 2 && steps[1].empty() && (!whole || steps.size() > 2)) return "it names no stage";
  if (whole && (steps.size() < (rest ? 4u : 3u) || (steps.size() == 3 && steps[2].empty())))
    return "what requests ask for is `{api}/{stage}/{METHOD}/{path}`, of the API's root with a slash at the end; `/*` "
           "at the end means all of it";
  const bool complete = steps.size() > 3 || (!whole && steps.size() == 3);
  if (!complete || names(kMethods, steps[2])) return "";
  std::string upper(steps[2]);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (upper == "ANY") return "requests have a method of their own, never `ANY`; `*` is all of them";
  if (names(kMethods, upper)) return "methods are upper case: " + quoted(upper);
  return rest ? quoted(steps[2]) + " is not a method" : "";
}

std::string resource_fault(const ArnPattern& pattern, bool rest) {
  if (pattern.is_everything()) return "";
  if (!pattern.can_match()) return "an ARN has six parts";
  if (!pattern.part(2).match("execute-api")) return "it is of another service";
  if (pattern.part(3).is_literal() && pattern.part(3).prefix().empty()) return "it has no region";
  if (pattern.part(4).is_literal() && !is_account(pattern.part(4).prefix())) return "an account has twelve digits";
  return resource_fault(pattern.resource(), rest);
}

/// Whether `wide` matches whatever `narrow` does. No is also "not that we can tell".
bool covers(const ResourcePattern& wide, const ResourcePattern& narrow) {
  if (wide.pattern.is_everything() || wide.text == narrow.text) return true;
  const bool plain = narrow.text.find("${") == std::string::npos && wide.text.find("${") == std::string::npos;
  // A star of the narrow one may stand for what a question mark does not.
  if (!plain || (wide.text.find('?') != std::string::npos && narrow.text.find('*') != std::string::npos)) return false;
  const Arn as_text = Arn::split(narrow.text);
  return as_text.whole && wide.pattern.match(as_text, NoContext()) == Pattern::Match::Yes;
}

/// Whether the Deny leaves nothing to the statement.
bool covers(const Statement& deny, const Statement& s) {
  if (deny.effect != Effect::Deny || !deny.conditions.empty() || deny.not_resource) return false;
  if (deny.principals && (deny.not_principal || !deny.principals->everybody())) return false;
  if (s.known_actions == 0 || (s.known_actions & ~deny.known_actions) != 0) return false;
  const auto covered = [&](const ResourcePattern& r) {
    return std::any_of(deny.resources.begin(), deny.resources.end(),
                       [&](const ResourcePattern& d) { return covers(d, r); });
  };
  if (s.not_resource)
    return std::any_of(deny.resources.begin(), deny.resources.end(),
                       [](const ResourcePattern& d) { return d.pattern.is_everything(); });
  return std::all_of(s.resources.begin(), s.resources.end(), covered);
}

/// Whether the condition holds only when the key is there.
bool demands(const Condition& c) {
  const Operator& what = c.what();
  if (what.if_exists) return false;
  if (what.comparison == Comparison::Null)
    return std::all_of(c.texts().begin(), c.texts().end(),
                       [](const std::string& t) { return base::equal_ignoring_case(t, "false"); });
  return what.set == SetOperator::ForAnyValue || (what.set == SetOperator::None && !what.negated);
}

const char* never(const Statement& s) {
  return s.effect == Effect::Deny ? "it never denies" : "it never allows";
}

bool has_variable(std::string_view text) {
  const std::size_t at = text.find("${");
  return at != std::string_view::npos && text.find('}', at) != std::string_view::npos;
}

class Linter {
 public:
  Linter(const Json& root, const Policy& policy, Callers callers) : root_(root), policy_(policy), callers_(callers) {
    const Json* const version = root.member("Version");
    variables_ = version != nullptr && version->text == "2012-10-17";
  }
  std::vector<Warning> run() {
    for (const Statement& s : policy_.statements()) statement(s);
    return std::move(out_);
  }

 private:
  void warn(const std::string& pointer, Lint rule, std::string text) {
    out_.push_back({settled(root_, pointer), rule, std::move(text)});
  }
  void statement(const Statement& s);
  bool actions(const Statement& s, const std::string& at);
  void resources(const Statement& s, const std::string& at);
  void principals(const Statement& s, const std::string& at);
  void unreachable(const Statement& s, const std::string& at);
  void condition(const Statement& s, const Condition& c, const std::string& at);
  void presence(const Statement& s, const Condition& c, const KeyFacts& facts, const std::string& at);
  void literal_variable(std::string_view text, const std::string& at);

  const Json& root_;
  const Policy& policy_;
  const Callers callers_;
  bool variables_ = false;
  std::vector<Warning> out_;
};

void Linter::statement(const Statement& s) {
  const std::string at = "/Statement/" + std::to_string(s.index);
  const bool trust = policy_.kind() == Kind::Trust;
  if (!trust && !actions(s, at)) return;
  if (!trust) resources(s, at);
  principals(s, at);
  for (const Condition& c : s.conditions)
    condition(s, c, at + "/Condition/" + pointer_token(c.operator_text()) + "/" + pointer_token(c.key().text));
  unreachable(s, at);
}

bool Linter::actions(const Statement& s, const std::string& at) {
  if (s.not_action) {
    if (s.known_actions == 0)
      warn(at + "/NotAction", Lint::ActionMatchesNothing,
           "it lists every action of execute-api, so that the statement is about none");
    return s.known_actions != 0;
  }
  for (std::size_t i = 0; i < s.actions.size(); ++i) {
    const ActionPattern& action = s.actions[i];
    if (std::any_of(std::begin(kActions), std::end(kActions), [&](std::string_view a) { return action.match(a); }))
      continue;
    warn(at + "/Action/" + std::to_string(i), Lint::ActionMatchesNothing,
         quoted(action.text()) +
             " matches none of `execute-api:Invoke`, `execute-api:InvalidateCache` and "
             "`execute-api:ManageConnections`");
  }
  return s.known_actions != 0;
}

void Linter::resources(const Statement& s, const std::string& at) {
  const bool rest = policy_.kind() == Kind::Resource;
  for (std::size_t i = 0; i < s.resources.size(); ++i) {
    const ResourcePattern& r = s.resources[i];
    const std::string here = at + (s.not_resource ? "/NotResource/" : "/Resource/") + std::to_string(i);
    std::string why = resource_fault(r.pattern, rest);
    // Before the sixth part a variable is literal whatever the version is, and no ARN has such a text.
    const std::string_view front = std::string_view(r.text).substr(0, r.pattern.front_size());
    if (has_variable(front)) why = "variables stand for nothing before the fifth colon; `*` is any region or account";
    if (!why.empty()) warn(here, Lint::ResourceMatchesNothing, quoted(r.text) + " matches no request: " + why);
    literal_variable(r.text, here);
  }
}

void Linter::principals(const Statement& s, const std::string& at) {
  if (!s.principals) return;
  if (callers_ == Callers::Strangers && !s.principals->everybody())
    return warn(at + (s.not_principal ? "/NotPrincipal" : "/Principal"), Lint::CallerNeedsIam,
                std::string("every caller is anonymous, since no route has an IAM authorizer: ") +
                    (s.not_principal ? "it exempts nobody" : never(s)));
  if (s.not_principal)
    warn(at + "/NotPrincipal", Lint::NotPrincipal,
         "it exempts only who is listed with his account; rather deny `*` with ArnNotEquals on `aws:PrincipalArn`");
  else if (s.effect == Effect::Allow && s.principals->everybody() && s.conditions.empty())
    warn(at + "/Principal", Lint::OpenToEverybody, "it lets in everybody, strangers too: there is no condition");
}

void Linter::unreachable(const Statement& s, const std::string& at) {
  for (const Statement& other : policy_.statements()) {
    if (&other == &s || !covers(other, s)) continue;
    // Of two that deny the same, the later one is too much.
    if (s.effect == Effect::Deny && covers(s, other) && s.index < other.index) continue;
    warn(at, Lint::Unreachable,
         std::string(s.effect == Effect::Allow ? "it never allows" : "it adds nothing") + ": statement " +
             std::to_string(other.index) + " denies all of it to everybody");
    return;
  }
}

void Linter::presence(const Statement& s, const Condition& c, const KeyFacts& facts, const std::string& at) {
  const std::string key = quoted(c.key().text);
  const Kind kind = policy_.kind();
  if (!facts.known)
    return warn(at, Lint::KeyNeverThere, key + " is not a condition key of execute-api: it is always absent");
  if (facts.presence == Presence::Never)
    return warn(at, Lint::KeyNeverThere, key + " is for calls from one service to another: here it is always absent");
  if (facts.presence == Presence::Sts && kind != Kind::Trust)
    return warn(at, Lint::KeyNeverThere, key + " is there only when a role is assumed, in role trust policies");
  if (facts.presence != Presence::Caller) return;
  if (kind == Kind::Authorizer)
    return warn(at, Lint::KeyNeverThere,
                key + " is known of callers whom IAM authenticated; one whom an authorizer lets in has none");
  const bool brought = kind == Kind::Resource || kind == Kind::Endpoint;
  if (brought && callers_ == Callers::Strangers && demands(c))
    return warn(at, Lint::CallerNeedsIam, key + " is always absent, since no route has an IAM authorizer: " + never(s));
  // Who asks whether it is there, or does not mind, knows.
  if (c.what().comparison == Comparison::Null || c.what().if_exists) return;
  if (brought)
    warn(at, Lint::KeyNeedsIam,
         key + " is there only on routes whose authorizer is IAM; on all others the caller is anonymous");
}

void Linter::condition(const Statement& s, const Condition& c, const std::string& at) {
  const KeyFacts facts = facts_of(c.key());
  const Operator& what = c.what();
  presence(s, c, facts, at);
  const std::string key = quoted(c.key().text);
  if (facts.known && (family(what.comparison) & facts.families) == 0)
    warn(at, Lint::OperatorType,
         quoted(c.operator_text()) + " does not fit " + key + ", which takes " + operators_of(facts.families));
  const bool is_null = what.comparison == Comparison::Null;
  if (c.texts().empty())
    warn(at, Lint::NoValues,
         std::string("it lists no values: ") + (is_null        ? "it never holds"
                                                : what.negated ? "it holds for whoever has " + key
                                                               : "it holds for nobody who has " + key));
  if (is_multi_valued(c.key()) && what.set == SetOperator::None && !is_null)
    warn(at, Lint::BareOnMultiValued,
         key + " is multi-valued: without ForAllValues: or ForAnyValue: the condition does not hold when it is there" +
             (s.effect == Effect::Deny ? ", and the statement denies nobody who has it" : ""));
  if (what.set == SetOperator::ForAllValues && s.effect == Effect::Allow &&
      std::none_of(s.conditions.begin(), s.conditions.end(),
                   [&](const Condition& other) { return other.key().lower == c.key().lower && demands(other); }))
    warn(at, Lint::ForAllValuesUnguarded,
         "it holds for every request without " + key + "; add \"Null\": {\"" + c.key().text + "\": \"false\"}");
  for (const std::string& text : c.texts()) literal_variable(text, at);
}

void Linter::literal_variable(std::string_view text, const std::string& at) {
  if (variables_ || !has_variable(text)) return;
  warn(at, Lint::VariableIsLiteral,
       quoted(text) + " is compared as it stands: variables need \"Version\": \"2012-10-17\"");
}

}  // namespace

std::string_view name(Lint rule) noexcept {
  switch (rule) {
    case Lint::Unreachable:
      return "unreachable";
    case Lint::ActionMatchesNothing:
      return "action_matches_nothing";
    case Lint::ResourceMatchesNothing:
      return "resource_matches_nothing";
    case Lint::KeyNeverThere:
      return "key_never_there";
    case Lint::KeyNeedsIam:
      return "key_needs_iam";
    case Lint::OperatorType:
      return "operator_type";
    case Lint::BareOnMultiValued:
      return "bare_on_multi_valued";
    case Lint::ForAllValuesUnguarded:
      return "for_all_values_unguarded";
    case Lint::OpenToEverybody:
      return "open_to_everybody";
    case Lint::NotPrincipal:
      return "not_principal";
    case Lint::VariableIsLiteral:
      return "variable_is_literal";
    case Lint::NoValues:
      return "no_values";
    case Lint::CallerNeedsIam:
      return "caller_needs_iam";
  }
  return "";
}

std::vector<Warning> lint(std::string_view json, const Policy& policy, Callers callers) {
  kit::JsonFault broken;
  const auto root = kit::parse_json(json, broken);
  if (!root) return {};
  return Linter(*root, policy, callers).run();
}

}  // namespace gatehouse::policy
