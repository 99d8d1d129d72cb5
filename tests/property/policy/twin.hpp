#pragma once
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "policy/combine.hpp"
#include "policy/parse.hpp"
#include "property/policy/naive.hpp"

/// The same policies and request given to the engine and to the slow evaluator.
namespace gatehouse::policy::naive {

/// The request's condition keys, for the engine.
class Keys final : public policy::Context {
 public:
  explicit Keys(const naive::Context& keys) {
    for (const auto& [name, key] : keys) {
      Entry& entry = entries_[name];
      entry.multi = key.multi;
      for (const std::string& text : key.values) entry.texts.emplace_back(text);
    }
  }
  Values find(const KeyName& key) const override {
    const auto found = entries_.find(key.lower);
    if (found == entries_.end()) return {};
    return {found->second.texts, found->second.multi};
  }

 private:
  struct Entry {
    std::vector<std::string_view> texts;
    bool multi = false;
  };
  std::map<std::string, Entry> entries_;
};

inline policy::Policy compiled(const Document& d, Kind kind) {
  ParseOptions options;
  options.max_characters = 1 << 17;
  auto out = parse(json(d), kind, options);
  if (!out) throw std::runtime_error(policy::text(out.error()) + "\n" + json(d));
  return std::move(*out);
}

/// Holds what a Question views. Outlives it.
struct Asked {
  explicit Asked(const Request& r) : keys(r.context) {
    for (const std::string& text : r.resources) arns.push_back(policy::Arn::split(text));
    caller.kind = static_cast<policy::Caller::Kind>(r.caller.kind);
    caller.arn = r.caller.arn;
    caller.account = r.caller.account;
    caller.role_name = r.caller.role_name;
    caller.user_arn = r.caller.user_arn;
    action = policy::Action::of(r.action);
  }
  policy::Question question() const { return {caller, action, arns, keys}; }
  Keys keys;
  std::vector<policy::Arn> arns;
  policy::Caller caller;
  policy::Action action;
};

class Nobody final : public policy::Observer {
 public:
  void weighed(const policy::Policy&, const policy::Statement&, Miss, const policy::Condition*) override { ++seen; }
  std::size_t seen = 0;
};

/// How the engine and the slow evaluator differ over a document; empty when they do not.
inline std::string difference(const Document& d, const Request& r) {
  const policy::Policy policy = compiled(d, d.with_principals ? Kind::Resource : Kind::Identity);
  const Asked asked(r);
  const Finding fast = policy::weigh(policy, asked.question());
  Nobody observer;
  const Finding told = policy::weigh(policy, asked.question(), &observer);
  const Said slow = weigh(d, r);
  const auto said = [](auto effect, auto worth) {
    return std::to_string(static_cast<int>(effect)) + "/" + std::to_string(static_cast<int>(worth));
  };
  const std::string a = said(fast.effect, fast.grant);
  const std::string b = said(told.effect, told.grant);
  const std::string c = said(slow.effect, slow.worth);
  if (a == b && b == c && observer.seen == d.statements.size()) return "";
  return "engine " + a + ", observed " + b + ", by the rules " + c + " over " + json(d);
}

/// All sets, compiled. Holds what its policy::Sets views.
struct CompiledSets {
  explicit CompiledSets(const Sets& sets) {
    for (const auto& level : sets.guardrails) levels.push_back(compile(level, Kind::Guardrail));
    spans.assign(levels.begin(), levels.end());
    identity = compile(sets.identity, Kind::Identity);
    session = compile(sets.session, Kind::Session);
    endpoint = compile(sets.endpoint, Kind::Endpoint);
    resource = compile(sets.resource, Kind::Resource);
    boundary = compile(sets.boundary, Kind::Boundary);
    const auto only = [](const List& set) { return set.empty() ? nullptr : set[0]; };
    all.guardrails = spans;
    all.endpoint = only(endpoint);
    all.resource = only(resource);
    all.identity = identity;
    all.boundary = only(boundary);
    all.session = session;
    all.has_session = sets.has_session;
  }
  CompiledSets(const CompiledSets&) = delete;
  using List = std::vector<const policy::Policy*>;
  List compile(const std::vector<Document>& set, Kind kind) {
    List out;
    for (const Document& d : set) out.push_back(&held.emplace_back(compiled(d, kind)));
    return out;
  }
  std::deque<policy::Policy> held;
  std::vector<List> levels;
  std::vector<std::span<const policy::Policy* const>> spans;
  List identity, session, endpoint, resource, boundary;
  policy::Sets all;
};

/// The same for the outcome over all sets.
inline std::string difference(const Sets& sets, const Request& r) {
  const CompiledSets fast(sets);
  const Asked asked(r);
  const std::string a(policy::name(policy::combine(fast.all, asked.question(), r.owner).outcome));
  const std::string b = combine(sets, r);
  return a == b ? "" : "engine " + a + ", by the rules " + b;
}

/// For a failure's text.
inline std::string told(const Request& r) {
  std::string out = r.caller.arn + " (role " + r.caller.role_name + ", user " + r.caller.user_arn + ") " + r.action +
                    " on " + list(r.resources) + " of " + r.owner;
  for (const auto& [name, key] : r.context)
    out += "\n  " + name + (key.multi ? " (multi) " : " ") + "= " + list(key.values);
  return out;
}

}  // namespace gatehouse::policy::naive
