#include "gateway/compile.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "access/policy_kind.hpp"
#include "gateway/identity_steps.hpp"
#include "gateway/integrations.hpp"
#include "gateway/needed_by.hpp"
#include "gateway/policy_lint.hpp"
#include "gateway/spill_file.hpp"
#include "gateway/stable_id.hpp"
#include "policy/parse.hpp"

namespace gatehouse::gateway {
namespace {

std::atomic<std::uint64_t> last_generation{0};

std::string_view partition(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

std::string api_arn(const config::Gateway& gateway, std::string_view api_id) {
  return "arn:" + std::string(partition(gateway.region)) + ":execute-api:" + gateway.region + ":" + gateway.account_id +
         ":" + std::string(api_id);
}

access::IdentityStyle style_of(config::AuthorizerType type) {
  switch (type) {
    case config::AuthorizerType::Iam:
      return access::IdentityStyle::Iam;
    case config::AuthorizerType::Cognito:
    case config::AuthorizerType::Jwt:  // in `extended`: AWS has no resource policy where it has JWT
      return access::IdentityStyle::Cognito;
    default:
      return access::IdentityStyle::Lambda;
  }
}

std::string_view category_wanted(config::AuthorizerType type) {
  if (config::is_identity(type)) return "identity";
  return type == config::AuthorizerType::Network || type == config::AuthorizerType::PrivateEndpoint ||
                 type == config::AuthorizerType::MutualTls
             ? "network"
             : "resource";
}

/// One compilation: the maps that only it needs.
class Compiler {
 public:
  Compiler(const config::Config& config, AuthorizerFactory& factory, config::Diagnostics& diagnostics,
           const Surroundings& surroundings)
      : config_(config),
        factory_(factory),
        diagnostics_(diagnostics),
        out_(std::make_shared<Gateway>()),
        identity_(config, surroundings, diagnostics, *out_),
        integrations_(config, diagnostics, surroundings.services, *out_) {}

  std::shared_ptr<const Gateway> run();

 private:
  struct Used {
    std::shared_ptr<access::Authorizer> authorizer;
    const config::Authorizer* settings;
  };

  void kept_bodies();
  void authorizers();
  void api(const config::Api& from);
  void hosts();
  std::unique_ptr<Route> route(const config::Api& from, const config::Route& route, const routing::RouteKey& key);
  void tables(const config::Api& from, Api& api, const std::vector<routing::RouteKey>& keys);
  void plan(const config::Api& from, const config::Route& route, Route& out);
  void add_step(const config::Api& from, const std::string& name, access::Category wanted, const Where& where,
                Route& out);
  void policies(const config::Api& from, const std::string& name, const Where& where, access::Step& step);
  void warn_fallthroughs(const config::Api& from, const Api& api);
  void warn_policies(const config::Api& from, const Api& api, const std::vector<routing::RouteKey>& keys);

  const config::Config& config_;
  AuthorizerFactory& factory_;
  config::Diagnostics& diagnostics_;
  std::shared_ptr<Gateway> out_;
  IdentitySteps identity_;
  Integrations integrations_;
  std::map<std::string, Used> authorizers_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> stage_index_;                         // (api, stage)
  std::map<std::pair<std::string, std::uint64_t>, std::shared_ptr<const policy::Policy>> policies_;  // (api, handle)
  std::vector<PolicyUse> uses_;  // by the API that is being compiled
};

// Now, not at the first body that has no room in memory.
void Compiler::kept_bodies() {
  const config::KeptBodies& settings = config_.gateway.kept_bodies;
  const bool used =
      settings.file_bytes != 0 && std::any_of(config_.authorizers.begin(), config_.authorizers.end(),
                                              [](const config::Authorizer& one) { return one.grants.body; });
  if (settings.directory.empty() && !used) return;
  auto sound = SpillFile::check(settings.directory);
  if (sound) return;
  sound.error().text = "`kept_bodies.directory`: " + sound.error().text;
  if (!settings.directory.empty()) return diagnostics_.error(std::move(sound.error()).at(settings.directory_where));
  // Nobody has named it: bodies that fit into memory do without.
  diagnostics_.warning(settings.where.line != 0 ? settings.where : config_.gateway.where,
                       sound.error().text + "; bodies that have no room in memory are answered 503");
}

void Compiler::authorizers() {
  for (const config::Authorizer& from : config_.authorizers) {
    auto made = factory_.make(from);
    if (!made) {
      Where where = made.error().where.line != 0 ? made.error().where
                                                 : (from.plugin_where.line != 0 ? from.plugin_where : from.where);
      made.error().text = "authorizer `" + from.name + "`: " + made.error().text;
      const bool lines = made.error().text.find('\n') != std::string::npos;
      if (const std::string needs = needed_by(config_, from.name); !needs.empty())
        made.error().text += (lines ? "\n" : "; ") + needs;
      diagnostics_.error(std::move(made.error()).at(std::move(where)));
      continue;
    }
    const std::string_view wanted = category_wanted(from.type);
    if (name((*made)->category()) != wanted) {
      diagnostics_.error(from.where, "authorizer `" + from.name + "`: type `" + std::string(config::name(from.type)) +
                                         "` needs a plugin of category `" + std::string(wanted) + "`, and `" +
                                         from.plugin + "` is of category `" + std::string(name((*made)->category())) +
                                         "`");
      continue;
    }
    out_->authorizers.push_back(*made);
    out_->authorizer_names.push_back(from.name);
    authorizers_[from.name] = {*made, &from};
  }
}

void Compiler::add_step(const config::Api& from, const std::string& name, access::Category wanted, const Where& where,
                        Route& out) {
  const auto found = authorizers_.find(name);
  if (found == authorizers_.end()) {
    // INVARIANT: nothing is compiled without an authorizer that it names.
    if (diagnostics_.ok()) diagnostics_.error(where, "there is no authorizer `" + name + "`");
    return;
  }
  const config::Authorizer& settings = *found->second.settings;
  if (found->second.authorizer->category() != wanted) {
    diagnostics_.error(where, "authorizer `" + name + "` is of category `" +
                                  std::string(access::name(found->second.authorizer->category())) + "`, and only `" +
                                  std::string(access::name(wanted)) + "` can stand here");
    return;
  }
  access::Step step;
  step.authorizer = found->second.authorizer.get();
  step.timeout_ms = identity_.timeout_ms(from, settings);
  policies(from, name, where, step);
  for (const std::string& text : settings.identity_sources) {
    auto source = access::IdentitySource::parse(api_type(from.type), text);
    if (!source) {
      source.error().text = "authorizer `" + name + "`, used by " + std::string(config::name(from.type)) + " API `" +
                            from.name + "`: " + source.error().text;
      diagnostics_.error(
          std::move(source.error())
              .at(settings.identity_sources_where.line != 0 ? settings.identity_sources_where : settings.where));
      continue;
    }
    step.identity_sources.push_back(std::move(*source));
  }
  if (wanted == access::Category::Identity) {
    out.has_identity = true;
    out.plan.has_identity = true;
    identity_.complete(from, settings, found->second.authorizer, step);
  }
  out.plan.steps.push_back(std::move(step));
}

// What the authorizer's answers may name, compiled for this API: `execute-api:/` stands for it.
void Compiler::policies(const config::Api& from, const std::string& name, const Where& where, access::Step& step) {
  for (const access::DeclaredPolicy& declared : step.authorizer->policies()) {
    auto& known = policies_[{from.name, declared.handle}];
    if (known == nullptr) {
      policy::ParseOptions options;
      options.api_arn = api_arn(config_.gateway, from.id);
      auto compiled = policy::parse(declared.json, access::kind_of(declared.role), options);
      if (!compiled) {
        diagnostics_.error(where, "authorizer `" + name + "`, used by API `" + from.name + "`: " +
                                      std::string(policy::kInvalidDocument) + "\n" + policy::text(compiled.error()));
        continue;
      }
      known = std::make_shared<const policy::Policy>(std::move(*compiled));
      uses_.push_back({name, where, declared.json, known});
    }
    step.policies.emplace_back(declared.handle, known);
  }
}

void Compiler::plan(const config::Api& from, const config::Route& route, Route& out) {
  const auto found = authorizers_.find(route.authorizer);
  out.plan.style = route.authorizer == "none"    ? access::IdentityStyle::None
                   : found == authorizers_.end() ? access::IdentityStyle::Lambda
                                                 : style_of(found->second.settings->type);
  if (out.plan.style == access::IdentityStyle::Iam &&
      std::holds_alternative<config::ServiceIntegration>(route.integration))
    out.plan.style = access::IdentityStyle::Service;
  out.plan.require_authorizer_allow = from.require_authorizer_allow;
  const auto resource = [&] {
    if (!from.resource_policy.empty())
      add_step(from, from.resource_policy, access::Category::Resource, from.resource_policy_where, out);
  };
  const bool resource_first = access::resource_policy_first(out.plan.style);
  for (const std::string& name : from.network) add_step(from, name, access::Category::Network, from.where, out);
  if (resource_first) resource();
  if (route.authorizer != "none") {
    add_step(from, route.authorizer, access::Category::Identity, route.authorizer_where, out);
    if (!out.has_identity &&
        diagnostics_.ok())  // INVARIANT: a route that names an authorizer is never served without it
      diagnostics_.error(route.authorizer_where, "authorizer `" + route.authorizer + "` could not be attached");
  }
  if (!resource_first) resource();
}

std::unique_ptr<Route> Compiler::route(const config::Api& from, const config::Route& route,
                                       const routing::RouteKey& key) {
  auto out = std::make_unique<Route>();
  out->key = route.key;
  out->resource_path = key.is_default ? "$default" : key.path.text;
  out->resource_id = stable_id({from.id, out->resource_path});
  out->authorizer = route.authorizer;
  out->scopes = route.scopes;
  for (const std::string& scope : out->scopes) out->scope_views.push_back(scope);
  out->body_bytes = route.body_bytes != 0 ? route.body_bytes : config_.gateway.limits.body_bytes;
  out->timeout_ms = from.type == config::ApiType::Rest ? 29'000 : 30'000;
  if (const auto* proxy = std::get_if<config::HttpProxyIntegration>(&route.integration);
      proxy != nullptr && proxy->timeout_ms != 0)
    out->timeout_ms = proxy->timeout_ms;
  plan(from, route, *out);
  out->integration = integrations_.make(from, route, key);
  return out;
}

void Compiler::warn_fallthroughs(const config::Api& from, const Api& api) {
  const bool rest = api.type == access::ApiType::Rest;
  if (rest && !config_.gateway.rest_method_fallthrough) return;
  for (const routing::Fallthrough& pair : rest ? api.rest->fallthroughs() : api.http->fallthroughs()) {
    const Route& resource = *api.routes[pair.resource_route];
    const Route& open = *api.routes[pair.served_by];
    if (!resource.has_identity || open.has_identity) continue;
    // AT-73: the open `OPTIONS /{proxy+}` that lets preflights through is meant.
    if (!rest && pair.method == http::Method::Options) continue;
    diagnostics_.warning(from.routes[pair.resource_route].where,
                         "`" + resource.key + "` is protected by `" + resource.authorizer + "`, but `" +
                             std::string(http::name(pair.method)) + " " + resource.resource_path + "` is served by `" +
                             open.key + "`, which is open, as on AWS (" + (rest ? "AT-16" : "AT-22") +
                             "): protect that route, " +
                             (rest ? "add the method, or set `rest_method_fallthrough: false`" : "or add the method"));
  }
}

void Compiler::warn_policies(const config::Api& from, const Api& api, const std::vector<routing::RouteKey>& keys) {
  const std::string arn = api_arn(config_.gateway, from.id);
  const bool iam = std::any_of(api.routes.begin(), api.routes.end(), [](const std::unique_ptr<Route>& each) {
    return each->plan.style == access::IdentityStyle::Iam;
  });
  const PolicyTarget target{from, arn, keys, api.preflight != nullptr, config_.gateway.request_path.keep_encoded_slash,
                            iam};
  for (const PolicyUse& use : uses_) warn_of_policy(target, use, diagnostics_);
}

void Compiler::tables(const config::Api& from, Api& api, const std::vector<routing::RouteKey>& keys) {
  if (api.type == access::ApiType::Rest) {
    auto table = routing::RestTable::compile(keys);
    if (!table) return diagnostics_.error(std::move(table.error()).at(from.where));
    api.rest.emplace(std::move(*table));
    warn_fallthroughs(from, api);
  } else {
    auto table = routing::HttpTable::compile(keys);
    if (!table) return diagnostics_.error(std::move(table.error()).at(from.where));
    api.http.emplace(std::move(*table));
    warn_fallthroughs(from, api);
  }
}

void Compiler::api(const config::Api& from) {
  auto api = std::make_unique<Api>();
  api->name = from.name;
  api->id = from.id;
  api->type = api_type(from.type);
  api->index = static_cast<std::uint32_t>(out_->apis.size());
  if (from.cors) api->cors.emplace(*from.cors);
  api->responses = GatewayResponses::compile(from.gateway_responses, diagnostics_);
  const auto syntax =
      api->type == access::ApiType::Rest ? routing::PathPattern::Syntax::Rest : routing::PathPattern::Syntax::Http;
  std::vector<routing::RouteKey> keys;
  std::string deployed;
  uses_.clear();
  bool whole = true;
  for (const config::Route& each : from.routes) {
    auto key = routing::RouteKey::parse(each.key, syntax);
    if (!key) {
      diagnostics_.error(std::move(key.error()).at(each.where));
      whole = false;
      continue;
    }
    api->routes.push_back(route(from, each, *key));
    keys.push_back(std::move(*key));
    deployed += each.key + "\n" + each.authorizer + "\n";
    for (const std::string& scope : each.scopes) deployed += scope + "\n";
  }
  if (from.cors && (!from.network.empty() || !from.resource_policy.empty())) {
    config::Route open;
    open.authorizer = "none";
    api->preflight = std::make_unique<Route>();
    api->preflight->authorizer = open.authorizer;
    api->preflight->body_bytes = config_.gateway.limits.body_bytes;
    plan(from, open, *api->preflight);
  }
  api->deployment_id = stable_id({from.id, deployed});
  if (whole) {
    tables(from, *api, keys);
    warn_policies(from, *api, keys);
  }
  for (const config::Stage& each : from.stages) {
    auto stage = std::make_unique<Stage>();
    stage->api = api.get();
    stage->name = each.name;
    stage->variables.assign(each.variables.begin(), each.variables.end());
    for (const auto& [name, value] : stage->variables) stage->variable_views.push_back({name, value});
    stage->arn_prefix = api_arn(config_.gateway, api->id) + "/" + stage->name + "/";
    stage_index_[{from.name, each.name}] = static_cast<std::uint32_t>(out_->stages.size());
    out_->stages.push_back(std::move(stage));
  }
  out_->apis.push_back(std::move(api));
}

void Compiler::hosts() {
  routing::HostTable::Builder builder;
  std::map<std::string, bool> is_rest;
  for (const config::Api& from : config_.apis) {
    const bool rest = is_rest[from.name] = from.type == config::ApiType::Rest;
    std::vector<std::pair<std::string, std::uint32_t>> stages;
    for (const config::Stage& stage : from.stages)
      stages.emplace_back(stage.name, stage_index_[{from.name, stage.name}]);
    if (stages.empty()) continue;  // config has reported it
    auto added = from.disable_default_endpoint
                     ? builder.add_disabled_endpoint(from.name, from.hosts, stages.front().second)
                     : builder.add_endpoint(from.name, rest, from.hosts, stages);
    if (!added) diagnostics_.error(std::move(added.error()).at(from.where));
  }
  for (const config::Domain& domain : config_.domains) {
    std::vector<routing::HostTable::Builder::Mapping> mappings;
    for (const config::Mapping& mapping : domain.mappings) {
      const auto stage = stage_index_.find({mapping.api, mapping.stage});
      if (stage != stage_index_.end()) mappings.push_back({mapping.path, stage->second, is_rest[mapping.api]});
    }
    auto added = builder.add_domain(domain.name, mappings, config_.gateway.mapping_prefix_compat);
    if (!added) diagnostics_.error(std::move(added.error()).at(domain.where));
  }
  out_->hosts.emplace(builder.build());
}

std::shared_ptr<const Gateway> Compiler::run() {
  out_->settings = config_.gateway;
  out_->path_rules.dot_segments =
      config_.gateway.request_path.remove_dot_segments ? http::PathRules::Dots::Remove : http::PathRules::Dots::Reject;
  out_->path_rules.encoded_slash = config_.gateway.request_path.keep_encoded_slash
                                       ? http::PathRules::EncodedSlash::Keep
                                       : http::PathRules::EncodedSlash::Reject;
  out_->access_log = AccessLogFormat::compile(config_.gateway.access_log, diagnostics_);
  integrations_.make_upstreams();
  kept_bodies();
  authorizers();
  for (const config::Api& each : config_.apis) api(each);
  hosts();
  if (!diagnostics_.ok()) return nullptr;
  out_->generation = ++last_generation;
  return out_;
}

}  // namespace

std::shared_ptr<const Gateway> compile(const config::Config& config, AuthorizerFactory& factory,
                                       config::Diagnostics& diagnostics, const Surroundings& surroundings) {
  return Compiler(config, factory, diagnostics, surroundings).run();
}

}  // namespace gatehouse::gateway
