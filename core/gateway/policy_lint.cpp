#include "gateway/policy_lint.hpp"

#include <algorithm>
#include <set>

#include "http/method.hpp"
#include "policy/lint.hpp"
#include "policy/pointer.hpp"
#include "policy/text_set.hpp"

namespace gatehouse::gateway {
namespace {

using policy::TextSet;

/// What makes a statement do less than it says; the rest is taste, or not known here: `gatehouse policy validate` says
/// it.
bool is_without_effect(policy::Lint rule) {
  using enum policy::Lint;
  return rule == Unreachable || rule == ActionMatchesNothing || rule == ResourceMatchesNothing ||
         rule == KeyNeverThere || rule == OperatorType || rule == BareOnMultiValued || rule == VariableIsLiteral ||
         rule == NoValues || rule == CallerNeedsIam;
}

/// `{api}/{stage}`, whichever of them; and a slash.
void stages(const PolicyTarget& target, TextSet& out) {
  out.literal(policy::Arn::split(target.arn).resource());
  out.literal("/");
  out.begin_choice();
  for (const config::Stage& stage : target.api.stages) {
    out.begin_way();
    out.literal(stage.name);
  }
  out.end_choice();
  out.literal("/");
}

/// The segment as a request may spell it. What follows a `;` may also be missing: policies are told of that spelling.
void segment(const routing::Segment& from, bool encoded_slash, TextSet& out) {
  using Kind = routing::Segment::Kind;
  if (from.kind == Kind::Greedy || (from.kind == Kind::Parameter && encoded_slash)) return out.anything();
  if (from.kind == Kind::Parameter || from.text.find(';') != std::string::npos) return out.segment();
  for (const char c : from.text) out.escapable(static_cast<unsigned char>(c));
}

/// `{METHOD}/{path}` of a route. Slashes at the ends of a path may be more than the route has.
void route(const routing::RouteKey& from, bool encoded_slash, TextSet& out) {
  if (from.is_default) return out.anything();  // also `$default` itself (LA-42)
  if (from.any_method) {
    out.begin_choice();
    for (std::size_t i = 0; i < http::kMethods; ++i) {
      out.begin_way();
      out.literal(http::name(static_cast<http::Method>(i)));
    }
    out.end_choice();
  } else {
    out.literal(http::name(from.method));
  }
  out.slashes(true);
  for (std::size_t i = 0; i < from.path.segments.size(); ++i) {
    if (i > 0) out.literal("/");
    segment(from.path.segments[i], encoded_slash, out);
  }
  out.slashes(false);
}

class Linter {
 public:
  Linter(const PolicyTarget& target, const PolicyUse& use, config::Diagnostics& diagnostics)
      : target_(target), use_(use), diagnostics_(diagnostics), arn_(policy::Arn::split(target.arn)) {
    stages(target, staged_);
    staged_.anything();
    api_.literal(arn_.resource());
    api_.literal("/");
    api_.anything();
    stages(target, requests_);
    requests_.begin_choice();
    for (const routing::RouteKey& key : target.routes) {
      requests_.begin_way();
      route(key, target.encoded_slash, requests_);
    }
    if (target.has_preflight) {
      requests_.begin_way();
      requests_.literal("OPTIONS/");
      requests_.anything();
    }
    requests_.end_choice();
  }

  void run() {
    // An endpoint policy is told who signed, whatever the route's authorizer is.
    const bool strangers = use_.policy->kind() == policy::Kind::Resource && !target_.has_iam;
    const policy::Callers callers = strangers ? policy::Callers::Strangers : policy::Callers::Unknown;
    for (const policy::Warning& warning : policy::lint(use_.json, *use_.policy, callers)) {
      if (!is_without_effect(warning.rule)) continue;
      told_.insert(warning.pointer);
      warn(warning.pointer, warning.text);
    }
    if (use_.policy->kind() != policy::Kind::Resource) return;
    for (const policy::Statement& s : use_.policy->statements()) statement(s);
  }

 private:
  void warn(const std::string& pointer, const std::string& text) {
    diagnostics_.warning(use_.where, "authorizer `" + std::string(use_.authorizer) + "`, used by API `" +
                                         target_.api.name + "`: its policy: " + pointer + ": " + text);
  }
  std::string place(const policy::Statement& s, const std::string& in_it = "") const {
    return policy::settled(use_.json, "/Statement/" + std::to_string(s.index) + in_it);
  }
  void statement(const policy::Statement& s);
  bool is_of_account(const policy::ArnPattern& pattern) const;
  std::string_view sixth(const policy::ResourcePattern& r) const;
  /// Why it matches no request; empty: it may match one.
  std::string idle(const policy::ResourcePattern& r, bool& elsewhere) const;
  bool leaves_nothing(const policy::Statement& s) const;

  const PolicyTarget& target_;
  const PolicyUse& use_;
  config::Diagnostics& diagnostics_;
  const policy::Arn arn_;
  TextSet api_, staged_, requests_;  // each with less in it than the one before
  std::set<std::string> told_;
};

bool Linter::is_of_account(const policy::ArnPattern& pattern) const {
  for (std::size_t i = 0; i < 5; ++i)
    if (!pattern.part(i).match(arn_.parts[i])) return false;
  return true;
}

std::string_view Linter::sixth(const policy::ResourcePattern& r) const {
  const policy::Arn split = policy::Arn::split(r.text);
  return split.whole ? split.resource() : "*";
}

std::string Linter::idle(const policy::ResourcePattern& r, bool& elsewhere) const {
  elsewhere = false;
  if (r.pattern.is_everything()) return "";
  // Which colons separate parts depends on what is a variable: none of ours has one there.
  if (r.text.find("${") < r.text.size() - sixth(r).size()) return "";
  if (!r.pattern.can_match() || !is_of_account(r.pattern) || !api_.may_match(sixth(r))) {
    elsewhere = true;
    return "this API is `" + std::string(target_.arn) + "`";
  }
  if (!staged_.may_match(sixth(r))) return "the API has no such stage";
  return requests_.may_match(sixth(r)) ? "" : "no route has such a method and path";
}

/// Whether every request of the API is among those that NotResource leaves out.
bool Linter::leaves_nothing(const policy::Statement& s) const {
  const auto leaves_out = [&](const std::string& prefix) {
    return std::any_of(s.resources.begin(), s.resources.end(), [&](const policy::ResourcePattern& r) {
      if (r.pattern.is_everything()) return true;
      const std::string_view text = sixth(r);
      if (!r.pattern.can_match() || !is_of_account(r.pattern) || !text.ends_with('*')) return false;
      const std::string_view front = text.substr(0, text.size() - 1);
      return front.find_first_of("*?{") == std::string_view::npos && prefix.starts_with(front);
    });
  };
  return std::all_of(target_.api.stages.begin(), target_.api.stages.end(), [&](const config::Stage& stage) {
    return leaves_out(std::string(arn_.resource()) + "/" + stage.name + "/");
  });
}

void Linter::statement(const policy::Statement& s) {
  constexpr auto bit = [](policy::KnownAction a) { return 1u << static_cast<unsigned>(a); };
  if (s.known_actions == 0) return;  // that is said already
  if ((s.known_actions & (bit(policy::KnownAction::Invoke) | bit(policy::KnownAction::InvalidateCache))) == 0)
    return warn(place(s), "it is about `execute-api:ManageConnections` only, which is of WebSocket APIs");
  const char* const never = s.effect == policy::Effect::Deny ? "it never denies: " : "it never allows: ";
  if (s.not_resource) {
    if (leaves_nothing(s)) warn(place(s, "/NotResource"), std::string(never) + "NotResource leaves out the whole API");
    return;
  }
  struct Idle {
    std::size_t index;
    std::string why;
    bool elsewhere;
  };
  std::vector<Idle> idle_ones;
  for (std::size_t i = 0; i < s.resources.size(); ++i) {
    bool elsewhere = false;
    std::string why = idle(s.resources[i], elsewhere);
    if (!why.empty()) idle_ones.push_back({i, std::move(why), elsewhere});
  }
  const bool all = idle_ones.size() == s.resources.size();
  for (const Idle& one : idle_ones) {
    // One document may be for several APIs: what is there for another does no harm beside what is for this one.
    if (one.elsewhere && !all) continue;
    const std::string pointer = place(s, "/Resource/" + std::to_string(one.index));
    if (told_.contains(pointer)) continue;
    warn(pointer, (all ? never : "it ") + std::string("matches no request: ") + one.why);
  }
}

}  // namespace

void warn_of_policy(const PolicyTarget& target, const PolicyUse& use, config::Diagnostics& diagnostics) {
  Linter(target, use, diagnostics).run();
}

}  // namespace gatehouse::gateway
