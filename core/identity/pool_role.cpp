#include <algorithm>

#include "identity/pool.hpp"

namespace gatehouse::identity {
namespace {

using kit::Json;
using Match = PoolRoleMapping::Rule::Match;

/// The texts of a claim: one of a text, number or boolean, several of a list; none of anything else.
std::vector<std::string_view> texts_of(const Json* claim) {
  std::vector<std::string_view> out;
  const auto take = [&](const Json& one) {
    if (one.kind == Json::Kind::String || one.kind == Json::Kind::Number || one.kind == Json::Kind::Bool)
      out.push_back(one.text);
  };
  if (claim == nullptr) return out;
  if (claim->kind == Json::Kind::Array)
    for (const Json& one : claim->children) take(one);
  else
    take(*claim);
  return out;
}

/// A claim that is missing matches nothing, not even that it is no other.
bool matches(const PoolRoleMapping::Rule& rule, const Json& claims) {
  const auto have = texts_of(claims.member(rule.claim));
  if (have.empty()) return false;
  const auto any = [&](auto&& test) { return std::any_of(have.begin(), have.end(), test); };
  switch (rule.match) {
    case Match::Equals:
      return any([&](std::string_view text) { return text == rule.value; });
    case Match::NotEqual:
      return !any([&](std::string_view text) { return text == rule.value; });
    case Match::StartsWith:
      return any([&](std::string_view text) { return text.starts_with(rule.value); });
    case Match::Contains:
      return any([&](std::string_view text) { return text.find(rule.value) != std::string_view::npos; });
  }
  return false;
}

Outcome<std::string> role_or_none(const std::string& arn) {
  if (!arn.empty()) return arn;
  return refuse("InvalidIdentityPoolConfigurationException", "Role is not defined.");
}

Outcome<std::string> ambiguous(const IdentityPool& pool, const PoolRoleMapping& mapping) {
  if (mapping.deny_when_ambiguous)
    return refuse("NotAuthorizedException", "No role is defined for this login, and the pool denies access then.");
  return role_or_none(pool.authenticated_role_arn);
}

Outcome<std::string> by_token(const IdentityPool& pool, const PoolRoleMapping& mapping, const Json& claims,
                              const std::optional<std::string>& custom) {
  const auto roles = texts_of(claims.member("cognito:roles"));
  if (custom) {
    if (std::find(roles.begin(), roles.end(), *custom) != roles.end()) return *custom;
    return refuse("NotAuthorizedException", "CustomRoleArn is none of the roles of the token.");
  }
  const auto preferred = texts_of(claims.member("cognito:preferred_role"));
  if (preferred.size() == 1 && !preferred.front().empty()) return std::string(preferred.front());
  if (preferred.empty() && roles.size() == 1) return std::string(roles.front());
  return ambiguous(pool, mapping);
}

}  // namespace

Outcome<std::string> choose_role(const IdentityPool& pool, const Login* login,
                                 const std::optional<std::string>& custom) {
  using Kind = PoolRoleMapping::Kind;
  const PoolRoleMapping* mapping = nullptr;
  if (login != nullptr)
    for (const PoolRoleMapping& one : pool.role_mappings)
      if (one.provider == login->provider) mapping = &one;
  if (custom && (mapping == nullptr || mapping->kind != Kind::Token))
    return refuse("InvalidParameterException",
                  "CustomRoleArn chooses among the roles of a token, and this login's role is not chosen so.");
  if (login == nullptr) return role_or_none(pool.unauthenticated_role_arn);
  if (mapping == nullptr || mapping->kind == Kind::DefaultRole) return role_or_none(pool.authenticated_role_arn);
  if (mapping->kind == Kind::Token) return by_token(pool, *mapping, login->claims, custom);
  for (const PoolRoleMapping::Rule& rule : mapping->rules)
    if (matches(rule, login->claims)) return role_or_none(rule.role_arn);
  return ambiguous(pool, *mapping);
}

}  // namespace gatehouse::identity
