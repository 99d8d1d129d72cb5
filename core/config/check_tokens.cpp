#include "config/check_tokens.hpp"

#include <algorithm>

#include "config/reader.hpp"

namespace gatehouse::config {
namespace {

void fault(Diagnostics& out, const Where& where, std::string text, Code code = Code::Conflict) {
  out.error(Error{code, std::move(text), where});
}

/// The settings that tell access tokens from ID tokens by other means than scopes.
bool tells_tokens_apart(const Authorizer& jwt) {
  const std::vector<std::string>& names = jwt.settings.names;
  return std::any_of(names.begin(), names.end(),
                     [](const std::string& name) { return name == "required_typ" || name == "required_claims"; });
}

}  // namespace

void check_token_verifier(const Authorizer& a, const std::string& name, Diagnostics& out) {
  const bool jwt = a.type == AuthorizerType::Jwt;
  const std::string type = "`type: " + std::string(config::name(a.type)) + "`";
  if (a.plugin_where.line != 0)
    fault(out, a.plugin_where, type + " has a plugin of its own: leave `plugin` out, or write `type: request`");
  if (a.identity_sources.size() != 1)
    fault(out, a.identity_sources_given ? a.identity_sources_where : a.where,
          "authorizer " + name + " of " + type + " needs exactly one identity source: `identity_sources: [" +
              (jwt ? "$request.header.Authorization" : "method.request.header.Authorization") + "]`");
  if (jwt && a.result_ttl_seconds >= 0)
    fault(
        out, a.result_ttl_where,
        "`result_ttl_seconds` has no meaning for `type: jwt`: verified tokens are remembered until they expire, which "
        "`token_cache: false` under `settings` ends");
  if (!a.payload_format_version.empty())
    fault(out, a.payload_format_version_where, "`payload_format_version` has no meaning for " + type);
  if (a.grants.body) fault(out, a.grants.body_where, type + " reads no bodies: leave `grants: {body: true}` out");
}

void check_route_tokens(const Api& api, const Route& route, const Authorizer* a, const std::string& name, bool extended,
                        Diagnostics& out) {
  const bool jwt = a != nullptr && a->type == AuthorizerType::Jwt;
  const bool cognito = a != nullptr && a->type == AuthorizerType::Cognito;
  const bool home = api.type == (jwt ? ApiType::Http : ApiType::Rest);
  if ((jwt || cognito) && !home && !extended)
    fault(out, route.authorizer_where,
          "authorizer " + name + " of " +
              (jwt ? "`type: jwt` is for HTTP APIs: on AWS a REST API takes `cognito`, `token` or `request`"
                   : "`type: cognito` is for REST APIs: on AWS an HTTP API takes the pool's tokens by `type: jwt`") +
              "; `compatibility: extended` allows it here");
  // What nobody would check must not look as if somebody did.
  if (!route.scopes.empty() && !jwt && !cognito)
    fault(out, route.scopes_where,
          "`scopes` are checked by authorizers of `type: jwt` and `type: cognito` only" +
              (a == nullptr ? std::string(", and this route has none")
                            : ", and " + name + " is of `type: " + std::string(config::name(a->type)) + "`"));
  if (route.scopes.size() > kMostScopes)
    fault(out, route.scopes_where,
          "a route has at most " + std::to_string(kMostScopes) + " `scopes`, found " +
              std::to_string(route.scopes.size()),
          Code::Limit);
}

void warn_of_id_tokens(const Api& api, const Authorizer& jwt, const std::string& name, Diagnostics& out) {
  constexpr std::size_t kNamed = 3;
  std::string routes;
  std::size_t count = 0;
  Where where;
  for (const Route& route : api.routes) {
    if (route.authorizer != jwt.name || !route.scopes.empty()) continue;
    if (count == 0) where = route.authorizer_where;
    if (count < kNamed) routes += (count == 0 ? "" : ", ") + quoted(route.key);
    ++count;
  }
  if (count == 0 || tells_tokens_apart(jwt)) return;
  if (count > kNamed) routes += " and " + std::to_string(count - kNamed) + " more";
  out.warning(where, routes + (count == 1 ? " has" : " have") + " no `scopes`: " + name +
                         " accepts ID tokens there as well as access tokens, as on AWS (JW-2G): write `scopes`, or "
                         "`required_typ` or `required_claims` in its settings");
}

}  // namespace gatehouse::config
