#include "plugin/token_verifier.hpp"

#include <string>
#include <utility>

#include "plugin/json.hpp"

namespace gatehouse::plugin {
namespace {

using config::AuthorizerType;

struct Wiped {
  Json json;
  ~Wiped() { json.wipe(); }
};

Result<void> add(Json& settings, const char* name, Json::Kind kind, const std::string& value) {
  if (settings.member(name) != nullptr)
    return fail(Code::Conflict,
                "`" + std::string(name) + "` stands in the authorizer and in its `settings`: write it once");
  Json member;
  member.kind = kind;
  member.text = value;
  settings.names.emplace_back(name);
  settings.children.push_back(std::move(member));
  return {};
}

bool is_on(const Json& object, const char* name) {
  const Json* const found = object.member(name);
  return found != nullptr && found->kind == Json::Kind::Bool && found->text == "true";
}

/// The switch under which anybody on the way could give keys of his own; empty: there is none.
const char* insecure(const Json& settings) {
  if (is_on(settings, "allow_insecure_issuer")) return "allow_insecure_issuer";
  if (const Json* const all = settings.member("cognito_endpoints"); all != nullptr)
    for (const Json& one : all->children) {
      if (is_on(one, "allow_insecure")) return "allow_insecure";
      for (const char* name : {"issuer", "jwks_uri"})
        if (const Json* const url = one.member(name); url != nullptr && url->text.starts_with("http://")) return name;
    }
  return "";
}

config::HttpGrant implied(const Json& settings) {
  config::HttpGrant out;
  out.implied = true;
  out.allow_private = is_on(settings, "allow_private_issuer");
  out.allow_http = is_on(settings, "allow_insecure_issuer");
  if (const Json* const all = settings.member("cognito_endpoints"); all != nullptr)
    for (const Json& one : all->children)
      if (is_on(one, "allow_insecure")) out.allow_private = out.allow_http = true;
  return out;
}

}  // namespace

Result<config::Authorizer> as_token_verifier(config::Authorizer settings) {
  const bool cognito = settings.type == AuthorizerType::Cognito;
  const bool other = settings.type != AuthorizerType::Jwt && !cognito;
  // As `type: request` these plugins are no less theirs: what production refuses does not depend on the type.
  const bool ours = !other || settings.plugin == "gatehouse.jwt" || settings.plugin == "gatehouse.cognito";
  if (!ours || (other && !settings.settings.production)) return settings;
  auto parsed = parse_json(settings.settings.json.empty() ? "{}" : settings.settings.json.reveal());
  if (!parsed) return fail(parsed.error().code, "settings: " + parsed.error().text);
  Wiped own{std::move(*parsed)};
  if (cognito && !settings.validation_expression.empty())
    if (auto added =
            add(own.json, "identity_validation_expression", Json::Kind::String, settings.validation_expression);
        !added)
      return tl::unexpected<Error>(std::move(added.error()).at(settings.validation_expression_where));
  if (cognito && settings.result_ttl_seconds >= 0)
    if (auto added =
            add(own.json, "result_ttl_seconds", Json::Kind::Number, std::to_string(settings.result_ttl_seconds));
        !added)
      return tl::unexpected<Error>(std::move(added.error()).at(settings.result_ttl_where));
  if (const std::string found = insecure(own.json); settings.settings.production && !found.empty())
    return fail(Code::Refused, "settings: `production: true` refuses `" + found +
                                   "`: whoever stands between could give keys of his own (CG-52)");
  if (other) return settings;
  if (!settings.grants.http) settings.grants.http = implied(own.json);
  std::string text;
  append_json(text, own.json);
  settings.settings.json = base::Secret(std::move(text));
  return settings;
}

}  // namespace gatehouse::plugin
