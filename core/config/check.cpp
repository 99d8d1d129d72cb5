#include "config/check.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>

#include "base/text.hpp"
#include "config/check_iam.hpp"
#include "config/check_tokens.hpp"
#include "config/reader.hpp"
#include "config/syntax.hpp"

namespace gatehouse::config {
namespace {

class Checker {
 public:
  Checker(const Config& config, const Document& document, Diagnostics& out)
      : config_(config),
        document_(document),
        out_(out),
        upstreams_(by_name(config.upstreams)),
        authorizers_(by_name(config.authorizers)),
        apis_(by_name(config.apis)) {}

  void run() {
    listeners();
    upstreams();
    authorizers();
    for (const Api& api : config_.apis) check_api(api);
    domains();
    check_iam(config_, out_);
    identifiers();
    unused();
  }

 private:
  void fault(const Where& where, std::string text, Code code = Code::Invalid) {
    out_.error(Error{code, std::move(text), where});
  }
  // A name of the file in backticks; what `${...}` stands for stays hidden.
  std::string word(const std::string& value) const {
    const auto hidden = document_.hidden.find(value);
    return quoted(hidden == document_.hidden.end() ? value : hidden->second);
  }
  template <class T>
  using Names = std::unordered_map<std::string_view, const T*>;
  template <class T>
  static Names<T> by_name(const std::vector<T>& all) {
    Names<T> out;
    for (const T& one : all) out.emplace(one.name, &one);
    return out;
  }
  template <class T>
  static const T* find(const Names<T>& all, const std::string& name) {
    const auto at = all.find(name);
    return at == all.end() ? nullptr : at->second;
  }
  template <class T>
  void undefined(const Where& where, std::string_view kind, const std::string& name, const std::vector<T>& all) {
    if (out_.full()) return;
    std::vector<std::string_view> names;
    for (const T& one : all) names.push_back(one.name);
    const auto near = document_.hidden.count(name) != 0 ? std::string_view() : base::nearest(name, names);
    fault(where,
          std::string(kind) + " " + word(name) + " is not defined" +
              (near.empty() ? "" : ", did you mean " + quoted(near) + "?"),
          Code::NotFound);
  }

  void listeners() {
    std::map<std::string, const Listener*> by_address;
    for (const Listener& listener : config_.listeners) {
      if (listener.address.empty()) continue;
      if (!listener.address.ends_with(":0")) {
        const auto [at, fresh] = by_address.emplace(listener.address, &listener);
        if (!fresh)
          fault(listener.address_where,
                "listener " + word(listener.name) + " has the address of listener " + word(at->second->name),
                Code::Conflict);
      }
      const bool local = is_local_address(listener.address);
      if (config_.gateway.production && !local && !listener.insecure_plaintext)
        fault(listener.address_where,
              "`production: true` refuses plain HTTP that other machines reach: listen on 127.0.0.1, [::1] or unix:, "
              "or write "
              "`insecure_plaintext: true` when something in front of it ends TLS",
              Code::Refused);
      const bool iam = std::any_of(config_.authorizers.begin(), config_.authorizers.end(),
                                   [](const Authorizer& a) { return a.type == AuthorizerType::Iam; });
      if (listener.insecure_plaintext && (local || (!config_.gateway.production && !iam)))
        out_.warning(listener.where,
                     "`insecure_plaintext` of listener " + word(listener.name) + " changes nothing here");
    }
  }

  void upstreams() {
    for (const Upstream& upstream : config_.upstreams) {
      if (!upstream.tls) continue;
      const UpstreamTls& tls = *upstream.tls;
      if (tls.certificate_file.empty() != tls.key_file.empty())
        fault(tls.where, "`certificate_file` and `key_file` go together");
      if (!tls.verify && (!tls.ca_file.empty() || config_.gateway.production))
        fault(tls.where,
              tls.ca_file.empty() ? "`production: true` refuses `verify: false`"
                                  : "`ca_file` is of no use with `verify: false`",
              Code::Conflict);
    }
  }

  void authorizers() {
    for (const Authorizer& a : config_.authorizers) {
      const bool ours = a.type == AuthorizerType::Token || a.type == AuthorizerType::Request ||
                        a.type == AuthorizerType::Network || a.type == AuthorizerType::Resource;
      const std::string type = "`type: " + std::string(name(a.type)) + "`";
      if (ours && a.plugin.empty() && a.plugin_where.line == 0)
        fault(a.where, "authorizer " + word(a.name) + " of " + type + " needs a `plugin`", Code::NotFound);
      const bool bundled = a.plugin.starts_with("gatehouse.");
      if (ours && !a.plugin.empty() && !bundled && !a.placement_given)
        fault(a.where,
              "authorizer " + word(a.name) + " does not say where the code of " + word(a.plugin) +
                  " runs: write `placement: in_process`",
              Code::NotFound);
      if (!is_identity(a.type)) {
        if (a.identity_sources_given)
          fault(a.identity_sources_where, "`identity_sources` has no meaning for " + type, Code::Conflict);
        if (a.result_ttl_seconds >= 0)
          fault(a.result_ttl_where, "`result_ttl_seconds` has no meaning for " + type, Code::Conflict);
        if (!a.payload_format_version.empty())
          fault(a.payload_format_version_where, "`payload_format_version` has no meaning for " + type, Code::Conflict);
      }
      if (a.type == AuthorizerType::ResourcePolicy && a.plugin_where.line != 0)
        fault(a.plugin_where,
              "`type: resource_policy` has a plugin of its own: leave `plugin` out, or write `type: resource`",
              Code::Conflict);
      const bool verifies = a.type == AuthorizerType::Jwt || a.type == AuthorizerType::Cognito;
      if (verifies) check_token_verifier(a, word(a.name), out_);
      check_token(a);
      // LA-05
      if (is_identity(a.type) && !verifies && a.result_ttl_seconds > 0 && a.identity_sources.empty())
        fault(a.result_ttl_where,
              "`result_ttl_seconds` above 0 needs `identity_sources`: they are what answers are kept under",
              Code::Conflict);
      if (is_identity(a.type) && !verifies && a.result_ttl_seconds > 0 && a.grants.body)
        fault(a.result_ttl_where,
              "an authorizer that reads bodies (`grants: {body: true}`) takes `result_ttl_seconds: 0`: an answer that "
              "was "
              "kept would hold for the next body, too",
              Code::Conflict);
      std::set<std::string> sources;
      for (const std::string& source : a.identity_sources)
        if (!sources.insert(source).second)
          fault(a.identity_sources_where, "identity source " + word(source) + " is listed twice", Code::Conflict);
    }
  }

  void check_token(const Authorizer& a) {
    const bool token = a.type == AuthorizerType::Token;
    if (token && a.identity_sources.size() != 1)  // LA-06
      fault(a.identity_sources_given ? a.identity_sources_where : a.where,
            "authorizer " + word(a.name) +
                " of `type: token` needs exactly one identity source, a header: `identity_sources: "
                "[method.request.header.Authorization]`",
            Code::Conflict);
    // LA-07: AWS ignores it elsewhere; who writes it relies on it.
    if (!token && a.type != AuthorizerType::Cognito && a.validation_expression_where.line != 0)
      fault(a.validation_expression_where,
            "`identity_validation_expression` is for `type: token` and `type: cognito` only", Code::Conflict);
    if (a.type != AuthorizerType::Request && a.strict_identity_sources_where.line != 0)
      fault(a.strict_identity_sources_where, "`strict_identity_sources` is for `type: request` only", Code::Conflict);
  }

  void check_api(const Api& api) {
    const bool rest = api.type == ApiType::Rest;
    if (rest && api.cors)
      fault(api.cors->where, "`cors` is for HTTP APIs: a REST API answers preflights with an `OPTIONS` route",
            Code::Conflict);
    if (api.type == ApiType::Http && !api.gateway_responses.empty())
      fault(api.gateway_responses_where, "`gateway_responses` is for REST APIs: the errors of an HTTP API are fixed",
            Code::Conflict);
    for (const Stage& stage : api.stages)
      if (rest && stage.name == "$default")
        fault(stage.where, "stage `$default` is for HTTP APIs: give the stage a name", Code::Conflict);
    if (api.cors && api.cors->allow_credentials) {
      const auto& origins = api.cors->allow_origins;
      if (std::find(origins.begin(), origins.end(), "*") != origins.end())  // AT-72
        fault(
            api.cors->allow_credentials_where,
            "`allow_credentials: true` with the origin `*` would let every site act as its visitors: list the origins",
            Code::Conflict);
    }
    std::set<std::string> network;
    for (const std::string& name : api.network) {
      used_authorizers_.insert(name);
      if (!network.insert(name).second)
        fault(api.network_where, "network authorizer " + word(name) + " is listed twice", Code::Conflict);
      attach(api.network_where, name, AuthorizerType::Network, "`network`");
    }
    if (!api.resource_policy.empty()) {
      used_authorizers_.insert(api.resource_policy);
      const Authorizer* const a = find(authorizers_, api.resource_policy);
      if (a == nullptr || a->type != AuthorizerType::ResourcePolicy)
        attach(api.resource_policy_where, api.resource_policy, AuthorizerType::Resource, "`resource_policy`");
      if (!rest && !config_.gateway.extended)
        fault(api.resource_policy_where, "`resource_policy` is for REST APIs; `compatibility: extended` allows it here",
              Code::Conflict);
    }
    if (api.require_authorizer_allow && api.resource_policy.empty())
      fault(api.where,
            "`require_authorizer_allow` is about a resource policy: name one under `resource_policy`, or leave it out",
            Code::Conflict);
    for (const Route& route : api.routes) check_route(api, route);
    for (const Authorizer& a : config_.authorizers)
      if (a.type == AuthorizerType::Jwt) warn_of_id_tokens(api, a, word(a.name), out_);
  }

  void attach(const Where& where, const std::string& name, AuthorizerType wanted, std::string_view key) {
    const Authorizer* a = find(authorizers_, name);
    if (a == nullptr) return undefined(where, "authorizer", name, config_.authorizers);
    const bool not_built =
        a->type == AuthorizerType::PrivateEndpoint || a->type == AuthorizerType::MutualTls;  // told at its type
    if (a->type != wanted && !not_built)
      fault(where,
            std::string(key) + " takes authorizers of `type: " + std::string(config::name(wanted)) + "`, but " +
                word(name) + " is of `type: " + std::string(config::name(a->type)) + "`",
            Code::Conflict);
  }

  void check_route(const Api& api, const Route& route) {
    if (api.type == ApiType::Rest && route.key == "$default")
      fault(route.where, "route `$default` is for HTTP APIs: write `ANY /{proxy+}`", Code::Conflict);
    const bool open = route.authorizer == "none";
    const Authorizer* const a = find(authorizers_, route.authorizer);
    if (a != nullptr || open) check_route_tokens(api, route, a, word(route.authorizer), config_.gateway.extended, out_);
    if (!route.authorizer.empty() && !open) {
      used_authorizers_.insert(route.authorizer);
      if (a == nullptr) {
        undefined(route.authorizer_where, "authorizer", route.authorizer, config_.authorizers);
      } else if (!is_identity(a->type)) {
        const bool network = a->type == AuthorizerType::Network;
        fault(route.authorizer_where,
              "authorizer " + word(a->name) + " of `type: " + std::string(name(a->type)) +
                  "` does not say who calls: attach it to the API under " +
                  (network ? "`network`" : "`resource_policy`") + " and name an identity authorizer or `none`",
              Code::Conflict);
      } else if (a->type == AuthorizerType::Token && api.type != ApiType::Rest) {
        fault(route.authorizer_where,
              "authorizer " + word(a->name) + " of `type: token` is for REST APIs: write `type: request`",
              Code::Conflict);
      }
    }
    const auto* proxy = std::get_if<HttpProxyIntegration>(&route.integration);
    if (proxy == nullptr) return;
    const bool uri = proxy->uri_where.line != 0, upstream = proxy->upstream_where.line != 0;
    if (uri && upstream) fault(proxy->upstream_where, "`uri` and `upstream` exclude one another", Code::Conflict);
    if (!uri && !upstream) fault(proxy->where, "`http_proxy` needs `uri`, or `upstream` and `path`", Code::NotFound);
    if (uri && proxy->path_where.line != 0)
      fault(proxy->path_where, "`path` goes with `upstream`: the `uri` has its own", Code::Conflict);
    if (!proxy->upstream.empty()) {
      used_upstreams_.insert(proxy->upstream);
      if (find(upstreams_, proxy->upstream) == nullptr)
        undefined(proxy->upstream_where, "upstream", proxy->upstream, config_.upstreams);
    }
  }

  void domains() {
    std::map<std::string, const Domain*> first;
    for (const Domain& domain : config_.domains) {
      if (const auto [at, fresh] = first.emplace(domain.name, &domain); !fresh)
        fault(domain.where,
              "domain " + word(domain.name) + " is defined at " + at->second->where.text() +
                  " already: case does not count",
              Code::Conflict);
      for (const Mapping& mapping : domain.mappings) {
        const Api* api = find(apis_, mapping.api);
        if (mapping.api.empty()) continue;
        if (api == nullptr) {
          undefined(mapping.api_where, "API", mapping.api, config_.apis);
          continue;
        }
        mapped_.insert(mapping.api);
        if (!mapping.stage.empty() && find(by_name(api->stages), mapping.stage) == nullptr)
          undefined(mapping.stage_where, "stage", mapping.stage, api->stages);
      }
    }
    for (const Api& api : config_.apis)
      if (api.disable_default_endpoint && mapped_.count(api.name) == 0)
        out_.warning(api.where, "API " + word(api.name) +
                                    " cannot be reached: its default endpoint is off and no domain maps to it");
  }

  void identifiers() {
    std::map<std::string, const Api*> by_id;
    for (const Api& api : config_.apis) {
      const auto [at, fresh] = by_id.emplace(api.id, &api);
      if (!fresh)
        fault(api.id_where.line != 0 ? api.id_where : api.where,
              "APIs " + word(at->second->name) + " and " + word(api.name) + " have the same id " + word(api.id),
              Code::Conflict);
    }
  }

  // Only for a file without faults: a fault may be what hides the use.
  void unused() {
    if (!out_.ok()) return;
    if (config_.listeners.empty()) out_.warning(document_.where({}), "no `listeners`: nothing will be served");
    for (const Upstream& upstream : config_.upstreams)
      if (used_upstreams_.count(upstream.name) == 0)
        out_.warning(upstream.where, "upstream " + word(upstream.name) + " is used by no route");
    for (const Authorizer& authorizer : config_.authorizers)
      if (used_authorizers_.count(authorizer.name) == 0)
        out_.warning(authorizer.where, "authorizer " + word(authorizer.name) + " is used by no API and no route");
  }

  const Config& config_;
  const Document& document_;
  Diagnostics& out_;
  const Names<Upstream> upstreams_;
  const Names<Authorizer> authorizers_;
  const Names<Api> apis_;
  std::set<std::string> used_upstreams_, used_authorizers_, mapped_;
};

}  // namespace

void check(const Config& config, const Document& document, Diagnostics& diagnostics) {
  Checker(config, document, diagnostics).run();
}

}  // namespace gatehouse::config
