#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/caching_authorizer.hpp"
#include "access/chain.hpp"
#include "base/ip.hpp"
#include "client/upstream.hpp"
#include "config/config.hpp"
#include "gateway/access_log.hpp"
#include "gateway/cors.hpp"
#include "gateway/responses.hpp"
#include "http/target.hpp"
#include "integration/integration.hpp"
#include "routing/domain.hpp"
#include "routing/table.hpp"

namespace gatehouse::gateway {

struct Api;

/// One route: its order of authorizers and its integration.
struct Route {
  std::string key;
  std::string resource_path;  // `/orders/{id}`; `$default` for that route
  std::string resource_id;    // of resource_path: $context.resourceId, REST
  std::string authorizer;     // name, or `none`
  access::AccessPlan plan;
  std::vector<std::string> scopes;
  std::vector<std::string_view> scope_views;
  std::unique_ptr<integration::Integration> integration;
  std::int64_t timeout_ms = 29'000;
  std::int64_t body_bytes = 10'485'760;
  bool has_identity = false;
};

/// A published variant of an API.
struct Stage {
  const Api* api = nullptr;
  std::string name;
  std::vector<std::pair<std::string, std::string>> variables;
  std::vector<access::NamedValue> variable_views;
  std::string arn_prefix;  // `arn:aws:execute-api:{region}:{account}:{api}/{stage}/`
};

struct Api {
  std::string name;
  std::string id;
  std::string deployment_id;  // of what its routes are: $context.deploymentId, REST
  access::ApiType type = access::ApiType::Http;
  std::optional<routing::RestTable> rest;
  std::optional<routing::HttpTable> http;
  std::vector<std::unique_ptr<Route>> routes;  // by the tables' index
  std::optional<Cors> cors;
  std::unique_ptr<Route> preflight;  // who judges a preflight that no route matches; null: nobody. No integration
  GatewayResponses responses;
  std::uint32_t index = 0;  // in Gateway::apis
};

/// The kept results of one authorizer. A reload takes them over when `terms` and the authorizer behind are the same
/// (LA-A8).
struct ResultCaching {
  std::string terms;  // all of the configuration that gives a kept answer its meaning
  std::shared_ptr<access::CachingAuthorizer> authorizer;
};

/// One compiled, immutable configuration: everything a request needs, found without a lock. Shared by all workers; a
/// reload compiles another. Knows no YAML and no socket.
class Gateway {
 public:
  Gateway();
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  std::uint64_t generation = 0;  // grows with each compile in this process
  config::Gateway settings;
  http::PathRules path_rules;
  std::vector<std::unique_ptr<Api>> apis;
  std::vector<std::unique_ptr<Stage>> stages;  // HostTable's targets
  std::optional<routing::HostTable> hosts;
  std::vector<std::shared_ptr<access::Authorizer>> authorizers;
  std::vector<std::string> authorizer_names;  // of those in use, for metrics
  std::vector<ResultCaching> result_caches;
  std::vector<std::shared_ptr<const client::Upstream>> upstreams;
  AccessLogFormat access_log;
};

}  // namespace gatehouse::gateway
