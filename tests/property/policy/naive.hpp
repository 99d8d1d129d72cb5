#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "property/policy/naive_values.hpp"

/// The slow, obvious evaluator, from spec/iam-policy alone: every statement in turn, every text taken apart anew.
namespace gatehouse::policy::naive {

inline bool action_matches(const std::string& value, const std::string& action) {
  if (value == "*") return true;
  const std::size_t colon = value.find(':');
  if (colon == std::string::npos || colon + 1 == value.size() || value.find(' ') != std::string::npos) return false;
  const std::size_t theirs = action.find(':');
  return folded(value.substr(0, colon)) == folded(action.substr(0, theirs)) &&
         plain_glob(folded(value.substr(colon + 1)), folded(action.substr(theirs + 1)));
}

enum class Match { No, Yes, Unresolved };

/// Section 2.2.
inline Match resource_matches(const std::string& value, const std::string& resource, bool variables, bool always_pad,
                              const Context& context) {
  if (value == "*") return Match::Yes;
  std::vector<std::string> pattern = split_arn(value);
  const std::vector<std::string> have = split_arn(resource);
  if (pattern.size() < 6 && !always_pad && value.find('*') == std::string::npos) return Match::No;
  while (pattern.size() < 6) pattern.emplace_back("*");
  for (std::size_t i = 0; i < 5; ++i) {
    const std::string p = folded(pattern[i]);
    const std::string h = folded(have[i]);
    if (i == 2 ? p != h : !plain_glob(p, h)) return Match::No;
  }
  const auto sixth = tokens(pattern[5], {.wildcards = true, .variables = variables}, context);
  if (!sixth) return Match::Unresolved;
  return glob(*sixth, 0, have[5], 0) ? Match::Yes : Match::No;
}

inline bool covers(const Document& d, const Statement& s, const std::string& resource, const Context& context) {
  bool unresolved = false;
  for (const std::string& value : s.resources) {
    const Match m = resource_matches(value, resource, d.version == "2012-10-17", !d.with_principals, context);
    if (m == Match::Yes) return !s.not_resource;
    unresolved = unresolved || m == Match::Unresolved;
  }
  // Section 3, rule 3: of a NotResource that nobody can resolve a Deny applies, an Allow does not.
  return s.not_resource && (!unresolved || s.deny);
}

// ---- principals (7.2, 7.3)

enum class Worth { None, Account, Role, Direct };

inline std::string last_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

inline Worth names(const std::string& type, const std::string& text, const Caller& caller) {
  using Kind = Caller::Kind;
  if (type != "AWS") return Worth::None;
  if (text == "*") return Worth::Direct;
  if (caller.kind == Kind::Anonymous) return Worth::None;
  if (all_digits(text)) return text == caller.account ? Worth::Account : Worth::None;
  const std::vector<std::string> arn = split_arn(text);
  const std::string& what = arn[5];
  if (what == "root") return arn[4] == caller.account ? Worth::Account : Worth::None;
  if (text == caller.arn) return Worth::Direct;
  if (caller.kind == Kind::FederatedUser && text == caller.user_arn) return Worth::Role;
  const bool role = what.compare(0, 5, "role/") == 0;
  if (role && caller.kind == Kind::RoleSession && arn[4] == caller.account &&
      folded(last_of(what)) == folded(caller.role_name))
    return Worth::Role;
  return Worth::None;
}

inline Worth named(const Statement& s, const Caller& caller) {
  Worth best = s.everybody ? Worth::Direct : Worth::None;
  for (const auto& [type, text] : s.principals) best = std::max(best, names(type, text, caller));
  return best;
}

inline bool exempt(const Statement& s, const Caller& caller) {
  bool account = false;
  bool himself = caller.kind == Caller::Kind::Root;
  for (const auto& [type, text] : s.principals) {
    const Worth worth = names(type, text, caller);
    account = account || worth == Worth::Account;
    himself = himself || worth == Worth::Role || worth == Worth::Direct;
  }
  return account && himself;
}

// ---- conditions (section 4)

struct Operator {
  std::string base;
  bool negated = false, if_exists = false, all = false, any = false;
};

inline Operator taken_apart(const std::string& text) {
  Operator out;
  out.base = folded(text);
  const auto front = [&](const std::string& word) {
    const bool there = out.base.compare(0, word.size(), word) == 0;
    if (there) out.base.erase(0, word.size());
    return there;
  };
  out.all = front("forallvalues:");
  out.any = front("foranyvalue:");
  if (out.base.size() > 8 && out.base.substr(out.base.size() - 8) == "ifexists") {
    out.if_exists = true;
    out.base.resize(out.base.size() - 8);
  }
  const std::map<std::string, std::string> positive = {
      {"stringnotequals", "stringequals"}, {"stringnotequalsignorecase", "stringequalsignorecase"},
      {"stringnotlike", "stringlike"},     {"numericnotequals", "numericequals"},
      {"datenotequals", "dateequals"},     {"notipaddress", "ipaddress"},
      {"arnnotequals", "arnequals"},       {"arnnotlike", "arnlike"}};
  if (const auto found = positive.find(out.base); found != positive.end()) {
    out.negated = true;
    out.base = found->second;
  }
  return out;
}

template <class T>
bool compares(const std::string& how, const T& have, const T& want) {
  if (how == "equals") return have == want;
  if (how == "lessthan") return have < want;
  if (how == "lessthanequals") return have <= want;
  if (how == "greaterthan") return have > want;
  return have >= want;
}

/// One value of the policy against one of the request.
inline bool value_matches(const std::string& base, const std::string& value, const std::string& have, bool variables,
                          const Context& context) {
  const bool like = base == "stringlike";
  if (base.compare(0, 6, "string") == 0) {
    const auto pattern = tokens(value, {.wildcards = like, .variables = variables}, context);
    if (!pattern) return false;
    if (base != "stringequalsignorecase") return glob(*pattern, 0, have, 0);
    std::string text;
    for (const int token : *pattern) text += static_cast<char>(token);
    return folded(text) == folded(have);
  }
  if (base.compare(0, 7, "numeric") == 0) {
    const auto a = number(have);
    const auto b = number(value);
    return a && b && compares(base.substr(7), *a, *b);
  }
  if (base.compare(0, 4, "date") == 0) {
    const auto a = date(have);
    const auto b = date(value);
    return a && b && compares(base.substr(4), *a, *b);
  }
  if (base == "bool") {
    const auto pattern = tokens(value, {.wildcards = false, .variables = variables}, context);
    if (!pattern) return false;
    std::string text;
    for (const int token : *pattern) text += static_cast<char>(token);
    return flag(have) && flag(text) == flag(have);
  }
  if (base == "binaryequals") return base64(have) && base64(have) == base64(value);
  if (base == "ipaddress") return in_block(value, have);
  // ARNs.
  const std::vector<std::string> pattern = split_arn(value, variables);
  const std::vector<std::string> arn = split_arn(have);
  if (pattern.size() != 6 || arn.size() != 6) return false;
  for (std::size_t i = 0; i < 6; ++i) {
    const auto part = tokens(pattern[i], {.wildcards = true, .variables = variables}, context);
    if (!part || !glob(*part, 0, arn[i], 0)) return false;
  }
  return true;
}

/// The table of 4.3.
inline bool holds(const Condition& c, bool variables, const Context& context) {
  const Operator op = taken_apart(c.operator_text);
  const auto found = context.find(folded(c.key));
  const Key key = found == context.end() ? Key{} : found->second;
  if (op.base == "null") {
    bool absent = true;
    for (const std::string& text : key.values) absent = absent && text.empty();
    for (const std::string& value : c.values)
      if (*flag(value) == absent) return true;
    return false;
  }
  if (key.values.empty()) {
    if (op.if_exists || op.all) return true;
    return !op.any && op.negated;
  }
  const auto is_so = [&](const std::string& have) {
    bool match = false;
    for (const std::string& value : c.values) match = match || value_matches(op.base, value, have, variables, context);
    return match != op.negated;
  };
  bool all = true, any = false;
  for (const std::string& have : key.values) {
    all = all && (have.empty() || is_so(have));
    any = any || is_so(have);
  }
  if (op.all) return all;
  if (op.any) return any;
  return !key.multi && is_so(key.values[0]);
}

// ---- a document, and all of them (section 8)

enum class Effect { None, Allow, Deny };

struct Said {
  Effect effect = Effect::None;
  Worth worth = Worth::None;
};

inline Said weigh(const Document& d, const Request& r) {
  Said out;
  for (const Statement& s : d.statements) {
    bool acts = false;
    for (const std::string& value : s.actions) acts = acts || action_matches(value, r.action);
    if (acts == s.not_action) continue;
    bool on = false;
    // An Allow that leaves out a resource leaves it out under each of its names.
    std::size_t names = 0;
    for (const std::string& resource : r.resources) names += covers(d, s, resource, r.context) ? 1 : 0;
    on = s.not_resource && !s.deny ? names == r.resources.size() && names > 0 : names > 0;
    if (!on) continue;
    Worth worth = Worth::None;
    if (d.with_principals) {
      worth = s.not_principal ? Worth::None : named(s, r.caller);
      if (s.not_principal ? exempt(s, r.caller) : worth == Worth::None) continue;
    }
    bool all = true;
    for (const Condition& c : s.conditions) all = all && holds(c, d.version == "2012-10-17", r.context);
    if (!all) continue;
    if (s.deny) {
      out = {Effect::Deny, Worth::None};
    } else if (out.effect != Effect::Deny) {
      out.effect = Effect::Allow;
      out.worth = std::max(out.worth, worth);
    }
  }
  return out;
}

inline Said weigh(const std::vector<Document>& set, const Request& r) {
  Said out;
  for (const Document& d : set) {
    const Said said = weigh(d, r);
    if (said.effect == Effect::Deny) return said;
    if (said.effect == Effect::Allow) out = {Effect::Allow, std::max(out.worth, said.worth)};
  }
  return out;
}

inline std::string combine(const Sets& sets, const Request& r) {
  const auto allows = [&](const std::vector<Document>& set) { return weigh(set, r).effect == Effect::Allow; };
  std::vector<const std::vector<Document>*> all = {&sets.endpoint, &sets.resource, &sets.identity, &sets.boundary,
                                                   &sets.session};
  for (const auto& level : sets.guardrails) all.push_back(&level);
  for (const auto* set : all)
    if (weigh(*set, r).effect == Effect::Deny) return "ExplicitlyDenied";
  const std::string no = "ImplicitlyDenied";
  for (const auto& level : sets.guardrails)
    if (!allows(level)) return no;
  if (!sets.endpoint.empty() && !allows(sets.endpoint)) return no;
  const Said resource = weigh(sets.resource, r);
  const bool by_resource = resource.effect == Effect::Allow;
  if (r.caller.kind == Caller::Kind::Anonymous) return by_resource ? "Allowed" : no;
  const bool boundary = sets.boundary.empty() || allows(sets.boundary);
  const bool session = !sets.has_session || allows(sets.session);
  const bool federated = r.caller.kind == Caller::Kind::FederatedUser;
  const bool identity = (r.caller.kind == Caller::Kind::Root || allows(sets.identity)) && boundary && session &&
                        (!federated || sets.has_session);
  if (r.caller.account != r.owner) return identity && by_resource ? "Allowed" : no;
  if (by_resource && resource.worth == Worth::Direct) return "Allowed";
  if (by_resource && resource.worth == Worth::Role && boundary && session) return "Allowed";
  return identity ? "Allowed" : no;
}

}  // namespace gatehouse::policy::naive
