#include "config/check_iam.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "config/reader.hpp"
#include "config/syntax.hpp"

namespace gatehouse::config {
namespace {

void fault(Diagnostics& out, const Where& where, std::string text, Code code = Code::Conflict) {
  out.error(Error{code, std::move(text), where});
}

const Authorizer* find(const Config& config, const std::string& name) {
  for (const Authorizer& one : config.authorizers)
    if (one.name == name) return &one;
  return nullptr;
}

constexpr std::string_view kPlugin = "gatehouse.iam";

bool lets_unsigned_through(const Authorizer& a) {
  return a.settings.json.reveal().find("\"unsigned\":\"anonymous\"") != std::string_view::npos;
}

void check_authorizer(const Authorizer& a, Diagnostics& out) {
  // As another type it could let nobody in but those who do not sign: policies weigh its callers for `type: iam` only.
  if (a.type != AuthorizerType::Iam && a.plugin == kPlugin)
    fault(out, a.plugin_where, "plugin " + quoted(kPlugin) + " is for `type: iam`: write that, and leave `plugin` out");
  if (a.type != AuthorizerType::Iam) return;
  if (a.plugin_where.line != 0)
    fault(out, a.plugin_where, "`type: iam` has a plugin of its own: leave `plugin` out, or write `type: request`");
  if (a.identity_sources_given)
    fault(out, a.identity_sources_where,
          "`identity_sources` has no meaning for `type: iam`: a signature is in `Authorization` or in the query");
  if (a.result_ttl_seconds >= 0)
    fault(out, a.result_ttl_where, "`result_ttl_seconds` has no meaning for `type: iam`: every signature is verified");
  if (!a.payload_format_version.empty())
    fault(out, a.payload_format_version_where, "`payload_format_version` has no meaning for `type: iam`");
}

void check_identity(const Identity& identity, bool production, Diagnostics& out) {
  const int stores =
      (identity.sqlite.empty() ? 0 : 1) + (identity.postgresql.empty() ? 0 : 1) + (identity.file.empty() ? 0 : 1);
  if (stores != 1)
    fault(out, identity.where,
          stores == 0 ? "`identity` names no store: write one of `sqlite`, `postgresql` and `file`"
                      : "`identity` names several stores: write one of `sqlite`, `postgresql` and `file`");
  if (identity.master_key) {
    const MasterKey& key = *identity.master_key;
    const int places = (key.file.empty() ? 0 : 1) + (key.env.empty() ? 0 : 1) + (key.credential.empty() ? 0 : 1);
    if (places != 1) fault(out, key.where, "`master_key` takes one of `file`, `env` and `credential`");
  } else if (production) {
    fault(out, identity.where,
          "`production: true` needs `master_key`: a key that lies beside what it seals keeps nobody out",
          Code::Refused);
  } else if (stores == 1 && !identity.postgresql.empty()) {
    fault(out, identity.where, "a store that gateways share needs `master_key`: all of them must have the same",
          Code::NotFound);
  }
}

std::string service_routes(const Api& api, const Route& route) {
  return quoted(route.key) + " of API " + quoted(api.name);
}

void check_service(const Config& config, const Api& api, const Route& route, const ServiceIntegration& service,
                   Diagnostics& out) {
  const std::string type = "integration `type: " + std::string(name(service.kind)) + "`";
  if (config.gateway.production && (service.allow_insecure_issuer || service.allow_private_issuer))
    fault(
        out, service.where,
        "`production: true` refuses `allow_insecure_issuer` and `allow_private_issuer`: who stands between the gateway "
        "and an issuer could make web identities up",
        Code::Refused);
  if (service.kind == ServiceIntegration::Kind::IdentityPool) {
    if (route.authorizer != "none")
      fault(out, route.authorizer_where,
            type + " takes `authorizer: none`: its callers have no credentials yet, and get them here");
    if (config.identity && !config.identity->file.empty())
      fault(out, service.where,
            type +
                " has to remember identities, and a file of `identity` cannot be written to: use `sqlite` or "
                "`postgresql`");
    return;
  }
  if (!service.allow_origins.empty())
    fault(out, service.where, "`allow_origins` is for integration `type: identity_pool`");
  const Authorizer* const a = find(config, route.authorizer);
  if (a == nullptr || a->type != AuthorizerType::Iam)
    fault(out, route.authorizer_where,
          type + " needs an authorizer of `type: iam`, which says who calls (settings: `services: [" +
              (service.kind == ServiceIntegration::Kind::Sts ? "sts" : "iam") + "]`)");
  if (!api.resource_policy.empty())
    fault(out, route.where,
          type + " judges its callers itself: " + service_routes(api, route) +
              " cannot have the API's `resource_policy` in front of it; give it an API of its own");
}

/// Spec sigv4 11.6: a signature covers a request, but the answer, and what is not signed, travel in the clear.
void check_transport(const Config& config, Diagnostics& out) {
  if (config.gateway.production || !config.gateway.trusted_proxies.empty()) return;
  for (const Listener& listener : config.listeners)
    if (!is_local_address(listener.address) && !listener.insecure_plaintext)
      fault(out, listener.address_where,
            "listener " + quoted(listener.name) +
                " is plain HTTP that other machines reach, and there are routes with `type: iam`: listen on 127.0.0.1, "
                "[::1] or unix:, name the `trusted_proxies` that end TLS, or write `insecure_plaintext: true`",
            Code::Refused);
}

}  // namespace

void check_iam(const Config& config, Diagnostics& out) {
  const Where* needed = nullptr;
  for (const Authorizer& a : config.authorizers) {
    check_authorizer(a, out);
    if ((a.type == AuthorizerType::Iam || a.grants.identity) && needed == nullptr) needed = &a.where;
  }
  std::set<std::string> of_sts, of_others;
  for (const Api& api : config.apis)
    for (const Route& route : api.routes) {
      const auto* const service = std::get_if<ServiceIntegration>(&route.integration);
      if (service != nullptr) {
        check_service(config, api, route, *service, out);
        if (needed == nullptr) needed = &service->where;
      }
      const bool sts = service != nullptr && service->kind == ServiceIntegration::Kind::Sts;
      (sts ? of_sts : of_others).insert(route.authorizer);
    }
  for (const Authorizer& a : config.authorizers)
    if (a.type == AuthorizerType::Iam && lets_unsigned_through(a) && of_others.count(a.name) != 0)
      fault(out, a.settings.where,
            "`unsigned: anonymous` of authorizer " + quoted(a.name) +
                " is for routes with integration `type: sts` only, which asks for a signature where it needs one: give "
                "other routes an authorizer of their own",
            Code::Refused);
  if (needed != nullptr && !config.identity)
    fault(out, *needed,
          "callers are looked up here, and there is no store of them: write `identity: {sqlite: "
          "/var/lib/gatehouse/identity.db}` (gatehouse.yaml(5))",
          Code::NotFound);
  if (config.identity) check_identity(*config.identity, config.gateway.production, out);
  const bool iam_used = std::any_of(config.authorizers.begin(), config.authorizers.end(), [&](const Authorizer& a) {
    return a.type == AuthorizerType::Iam && (of_sts.count(a.name) != 0 || of_others.count(a.name) != 0);
  });
  if (iam_used) check_transport(config, out);
}

}  // namespace gatehouse::config
