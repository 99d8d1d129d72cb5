#include "app/policy_explain.hpp"

#include <span>

#include "app/policy_commands.hpp"
#include "base/text.hpp"
#include "plugin/json.hpp"

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

}  // namespace

void PolicyExplanation::weighed(const policy::Policy& policy, const policy::Statement& statement, policy::Miss miss,
                                const policy::Condition* condition) {
  rows_.push_back({&statement, pointer_of(case_, policy, statement), miss, condition});
}

std::string PolicyExplanation::element(const Row& row) {
  const policy::Statement& s = *row.statement;
  switch (row.miss) {
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

std::string PolicyExplanation::written(const std::string& pointer) const {
  std::string out;
  if (const kit::Json* const value = case_.json().find(pointer)) plugin::append_json(out, *value);
  return out;
}

std::string PolicyExplanation::asked(policy::Miss miss) const {
  const char* const member = miss == policy::Miss::Action     ? "/action"
                             : miss == policy::Miss::Resource ? "/resource"
                                                              : "/principal";
  return written(member);
}

std::string PolicyExplanation::line(const Row& row) const {
  if (row.miss == policy::Miss::None) return "applies";
  const std::string member = element(row);
  if (row.condition == nullptr)
    return "misses by " + member + " " + written(row.pointer + "/" + member) + ": the request has " + asked(row.miss);
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
  return out + decided(case_, verdict) + "\n";
}

std::string PolicyExplanation::json() const {
  std::string out = "[";
  for (const Row& row : rows_) {
    const policy::Statement& s = *row.statement;
    const bool applies = row.miss == policy::Miss::None;
    if (out.size() > 1) out += ',';
    out += "{\"statement\":" + in_quotes(row.pointer) + ",\"sid\":" + in_quotes(s.sid) +
           ",\"effect\":" + in_quotes(policy::name(s.effect)) + ",\"applies\":" + (applies ? "true" : "false");
    if (!applies) out += ",\"missed\":" + in_quotes(element(row));
    if (row.condition != nullptr) {
      const policy::Condition& c = *row.condition;
      const policy::Values have = case_.context().find(c.key());
      out += ",\"condition\":{\"operator\":" + in_quotes(c.operator_text()) + ",\"key\":" + in_quotes(c.key().text) +
             ",\"policy\":" + list(c.texts()) +
             ",\"request\":" + (have.absent() ? std::string("null") : list(have.texts)) +
             ",\"multi_valued\":" + (have.multi ? "true" : "false") + "}";
    } else if (!applies) {
      out += ",\"policy\":" + written(row.pointer + "/" + element(row)) + ",\"request\":" + asked(row.miss);
    }
    out += '}';
  }
  return out + "]";
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
