#include "app/policy_explain.hpp"

#include <span>

#include "app/policy_commands.hpp"
#include "base/text.hpp"
#include "plugin/json.hpp"
#include "policy/flip_text.hpp"

namespace gatehouse::app {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out;
  base::append_json_string(out, text);
  return out;
}

template <class Texts>
std::string list(const Texts& texts) {
  std::string out = "[";
  for (const auto& text : texts) out += (out.size() > 1 ? "," : "") + in_quotes(text);
  return out + "]";
}

std::string article(std::string_view noun) {
  const bool vowel = !noun.empty() && std::string_view("aeiou").find(noun.front()) != std::string_view::npos;
  return (vowel ? "an " : "a ") + std::string(noun);
}

std::string list_of(const policy::Values& values) {
  if (values.absent()) return "none";
  return list(values.texts) + (values.multi ? " (multi-valued)" : "");
}

/// The member of the statement that missed: of Miss::Resource `Resource` or `NotResource`.
std::string element(const policy::Statement& s, policy::Miss miss) {
  switch (miss) {
    case policy::Miss::None:
      break;
    case policy::Miss::Action:
      return s.not_action ? "NotAction" : "Action";
    case policy::Miss::Resource:
      return s.not_resource ? "NotResource" : "Resource";
    case policy::Miss::Principal:
      return s.not_principal ? "NotPrincipal" : "Principal";
    case policy::Miss::Condition:
      return "Condition";
  }
  return "";
}

std::string written(const PolicyCase& in, const std::string& pointer) {
  std::string out;
  if (const kit::Json* const value = in.json().find(pointer)) plugin::append_json(out, *value);
  return out;
}

std::string asked(const PolicyCase& in, policy::Miss miss) {
  const char* const member = miss == policy::Miss::Action     ? "/action"
                             : miss == policy::Miss::Resource ? "/resource"
                                                              : "/principal";
  return written(in, member);
}

std::string or_null(const policy::Values& values) {
  return values.absent() ? "null" : list(values.texts);
}

std::string flip_text(const PolicyCase& in, const policy::Flip& flip) {
  return policy::text(flip, in.question(),
                      [&in](const policy::Policy& p, const policy::Statement& s) { return pointer_of(in, p, s); });
}

}  // namespace

void PolicyExplanation::weighed(const policy::Policy& policy, const policy::Statement& statement, policy::Miss miss,
                                const policy::Condition* condition) {
  rows_.push_back({&statement, pointer_of(case_, policy, statement), miss, condition});
}

std::string PolicyExplanation::line(const Row& row) const {
  if (row.miss == policy::Miss::None) return "applies";
  const std::string member = element(*row.statement, row.miss);
  if (row.condition == nullptr)
    return "misses by " + member + " " + written(case_, row.pointer + "/" + member) + ": the request has " +
           asked(case_, row.miss);
  const policy::Condition& c = *row.condition;
  return "misses by Condition " + std::string(c.operator_text()) + " " + printable(c.key().text) + " " +
         list(c.texts()) + ": the request has " + list_of(case_.context().find(c.key()));
}

std::string PolicyExplanation::text(const policy::Verdict& verdict) const {
  std::string out;
  for (const Row& row : rows_) {
    const policy::Statement& s = *row.statement;
    out += row.pointer + (s.sid.empty() ? std::string() : " `" + printable(s.sid) + "`") + " " +
           std::string(policy::name(s.effect)) + ": " + line(row) + "\n";
  }
  out += decided(case_, verdict) + "\n";
  const std::string change = flip_text(case_, case_.flip(verdict));
  return change.empty() ? out : out + "to change it: " + printable(change) + "\n";
}

std::string PolicyExplanation::json() const {
  std::string out = "[";
  for (const Row& row : rows_) {
    const policy::Statement& s = *row.statement;
    const bool applies = row.miss == policy::Miss::None;
    if (out.size() > 1) out += ',';
    out += "{\"statement\":" + in_quotes(row.pointer) + ",\"sid\":" + in_quotes(s.sid) +
           ",\"effect\":" + in_quotes(policy::name(s.effect)) + ",\"applies\":" + (applies ? "true" : "false");
    if (!applies) out += ",\"missed\":" + in_quotes(element(*row.statement, row.miss));
    if (row.condition != nullptr) {
      const policy::Condition& c = *row.condition;
      const policy::Values have = case_.context().find(c.key());
      out += ",\"condition\":{\"operator\":" + in_quotes(c.operator_text()) + ",\"key\":" + in_quotes(c.key().text) +
             ",\"policy\":" + list(c.texts()) + ",\"request\":" + or_null(have) +
             ",\"multi_valued\":" + (have.multi ? "true" : "false") + "}";
    } else if (!applies) {
      out += ",\"policy\":" + written(case_, row.pointer + "/" + element(*row.statement, row.miss)) +
             ",\"request\":" + asked(case_, row.miss);
    }
    out += '}';
  }
  return out + "]";
}

std::string flip_json(const PolicyCase& in, const policy::Verdict& verdict) {
  const policy::Flip flip = in.flip(verdict);
  const std::string text = flip_text(in, flip);
  if (text.empty()) return "null";
  std::string out = std::string("{\"flips\":") + (flip.flips ? "true" : "false") + ",\"text\":" + in_quotes(text) +
                    ",\"statements\":[";
  for (const policy::StatementChange& of : flip.statements) {
    const std::string pointer = pointer_of(in, *of.policy, *of.statement);
    if (out.back() == '}') out += ',';
    out += "{\"statement\":" + in_quotes(pointer) + ",\"changes\":[";
    for (const policy::Change& change : of.changes) {
      const std::string member = element(*of.statement, change.element);
      if (out.back() == '}') out += ',';
      out += "{\"element\":" + in_quotes(member);
      if (const policy::Condition* const c = change.condition) {
        out += ",\"operator\":" + in_quotes(c->operator_text()) + ",\"key\":" + in_quotes(c->key().text) +
               ",\"policy\":" + list(c->texts()) + ",\"request\":" + or_null(in.context().find(c->key())) +
               ",\"holds\":" + (change.meets ? "true" : "false");
        if (change.example)
          out += ",\"example\":" + (change.example->texts.empty() ? "null" : list(change.example->texts));
      } else {
        out += ",\"policy\":" + written(in, pointer + "/" + member) + ",\"request\":" + asked(in, change.element);
      }
      out += '}';
    }
    out += "]}";
  }
  return out + "]}";
}

std::string pointer_of(const PolicyCase& in, const policy::Policy& policy, const policy::Statement& statement) {
  const std::string at = std::string(in.pointer_of(policy)) + "/Statement";
  const kit::Json* const list = in.json().find(at);
  const bool alone = list != nullptr && list->kind == kit::Json::Kind::Object;
  return alone ? at : at + "/" + std::to_string(statement.index);
}

std::string decided(const PolicyCase& in, const policy::Verdict& verdict) {
  const std::string layer(policy::name(verdict.layer));
  const policy::Finding& f = verdict.finding;
  if (f.policy == nullptr || f.statement == nullptr) {
    if (verdict.outcome == policy::Outcome::Allowed) return "allowed: the root of an account needs no policy";
    return "denied: no " + layer + " allows it";
  }
  return (verdict.outcome == policy::Outcome::Allowed ? "allowed" : "denied") + std::string(" by ") + article(layer) +
         ", " + pointer_of(in, *f.policy, *f.statement);
}

}  // namespace gatehouse::app
