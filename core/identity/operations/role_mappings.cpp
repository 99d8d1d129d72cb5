#include "identity/operations/role_mappings.hpp"

#include <algorithm>
#include <gatehouse/kit/json.hpp>
#include <initializer_list>

namespace gatehouse::identity::operations {
namespace {

using Json = kit::Json;
using Match = PoolRoleMapping::Rule::Match;

constexpr std::pair<std::string_view, Match> kMatches[] = {{"Equals", Match::Equals},
                                                           {"NotEqual", Match::NotEqual},
                                                           {"StartsWith", Match::StartsWith},
                                                           {"Contains", Match::Contains}};
constexpr std::size_t kMostRules = 25;

tl::unexpected<Fault> invalid(const std::string& at, const std::string& why) {
  return refuse("InvalidParameterException", "RoleMappings" + at + ": " + why);
}

Outcome<void> only(const Json& value, const std::string& at, std::initializer_list<std::string_view> known) {
  if (value.kind != Json::Kind::Object) return invalid(at, "it is not an object");
  for (const std::string& name : value.names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return invalid(at + "/" + name.substr(0, 64), "there is no such member");
  return {};
}

Outcome<std::string> text(const Json& value, const std::string& at, std::string_view name) {
  const Json* const member = value.member(name);
  const std::string here = at + "/" + std::string(name);
  if (member == nullptr) return invalid(here, "it is missing");
  if (member->kind != Json::Kind::String || member->text.empty() || member->text.size() > 2'048)
    return invalid(here, "it is not a text of 1 to 2048 characters");
  return member->text;
}

Outcome<PoolRoleMapping::Rule> rule(const Json& value, const std::string& at) {
  if (auto known = only(value, at, {"Claim", "MatchType", "Value", "RoleARN"}); !known)
    return tl::unexpected(known.error());
  PoolRoleMapping::Rule out;
  std::string match;
  const std::pair<std::string_view, std::string*> members[] = {
      {"Claim", &out.claim}, {"MatchType", &match}, {"Value", &out.value}, {"RoleARN", &out.role_arn}};
  for (const auto& [name, into] : members) {
    auto read = text(value, at, name);
    if (!read) return tl::unexpected(read.error());
    *into = std::move(*read);
  }
  for (const auto& [name, kind] : kMatches) {
    if (match != name) continue;
    out.match = kind;
    return out;
  }
  return invalid(at + "/MatchType", "it is none of Equals, NotEqual, StartsWith, Contains");
}

Outcome<PoolRoleMapping> mapping(const std::string& provider, const Json& value, const std::string& at) {
  if (auto known = only(value, at, {"Type", "AmbiguousRoleResolution", "RulesConfiguration"}); !known)
    return tl::unexpected(known.error());
  PoolRoleMapping out;
  out.provider = provider;
  const auto type = text(value, at, "Type");
  if (!type) return tl::unexpected(type.error());
  if (*type != "Token" && *type != "Rules") return invalid(at + "/Type", "it is neither Token nor Rules");
  out.kind = *type == "Token" ? PoolRoleMapping::Kind::Token : PoolRoleMapping::Kind::Rules;
  const auto ambiguous = text(value, at, "AmbiguousRoleResolution");
  if (!ambiguous) return tl::unexpected(ambiguous.error());
  if (*ambiguous != "AuthenticatedRole" && *ambiguous != "Deny")
    return invalid(at + "/AmbiguousRoleResolution", "it is neither AuthenticatedRole nor Deny");
  out.deny_when_ambiguous = *ambiguous == "Deny";
  const Json* const configuration = value.member("RulesConfiguration");
  if ((configuration != nullptr) != (out.kind == PoolRoleMapping::Kind::Rules))
    return invalid(at + "/RulesConfiguration", "the type Rules has it, and no other");
  if (configuration == nullptr) return out;
  const std::string here = at + "/RulesConfiguration";
  if (auto known = only(*configuration, here, {"Rules"}); !known) return tl::unexpected(known.error());
  const Json* const rules = configuration->member("Rules");
  if (rules == nullptr || rules->kind != Json::Kind::Array || rules->children.empty() ||
      rules->children.size() > kMostRules)
    return invalid(here + "/Rules", "it is not a list of 1 to 25 rules");
  for (std::size_t i = 0; i < rules->children.size(); ++i) {
    auto one = rule(rules->children[i], here + "/Rules/" + std::to_string(i));
    if (!one) return tl::unexpected(one.error());
    out.rules.push_back(std::move(*one));
  }
  return out;
}

}  // namespace

Outcome<std::vector<PoolRoleMapping>> parse_role_mappings(std::string_view json) {
  constexpr kit::JsonLimits kLimits{.bytes = 131'072, .values = 5'000, .depth = 8};
  constexpr std::size_t kMostMappings = 10;
  kit::JsonFault broken;
  const auto root = kit::parse_json(json, broken, kLimits);
  if (!root) return invalid("", "it is not JSON: " + broken.text);
  if (root->kind != Json::Kind::Object || root->names.size() > kMostMappings)
    return invalid("", "it is not an object of at most 10 providers");
  std::vector<PoolRoleMapping> out;
  for (std::size_t i = 0; i < root->names.size(); ++i) {
    auto one = mapping(root->names[i], root->children[i], "/" + root->names[i]);
    if (!one) return tl::unexpected(one.error());
    out.push_back(std::move(*one));
  }
  return out;
}

Value describe(const std::vector<PoolRoleMapping>& mappings) {
  Value out = Value::map();
  for (const PoolRoleMapping& one : mappings) {
    if (one.kind == PoolRoleMapping::Kind::DefaultRole) continue;
    Value said;
    said.set("Type", one.kind == PoolRoleMapping::Kind::Token ? "Token" : "Rules");
    said.set("AmbiguousRoleResolution", one.deny_when_ambiguous ? "Deny" : "AuthenticatedRole");
    Value rules = Value::list();
    for (const PoolRoleMapping::Rule& rule : one.rules) {
      Value row;
      row.set("Claim", rule.claim);
      for (const auto& [name, kind] : kMatches)
        if (kind == rule.match) row.set("MatchType", name);
      row.set("Value", rule.value).set("RoleARN", rule.role_arn);
      rules.push(std::move(row));
    }
    if (!one.rules.empty()) said.set("RulesConfiguration", std::move(Value{}.set("Rules", std::move(rules))));
    out.set(one.provider, std::move(said));
  }
  return out;
}

}  // namespace gatehouse::identity::operations
