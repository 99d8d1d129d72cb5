#include "gateway/integrations.hpp"

#include "gateway/gateway.hpp"
#include "gateway/header_rules.hpp"
#include "integration/http_proxy.hpp"
#include "integration/mock.hpp"
#include "integration/service_integration.hpp"

namespace gatehouse::gateway {
namespace {

constexpr std::size_t kMostMockHeaders = 100;

client::UpstreamSettings upstream_settings(const config::Upstream& from) {
  client::UpstreamSettings out;
  out.name = from.name;
  out.targets = from.targets;
  out.balance = from.balance == config::Upstream::Balance::LeastConnections ? client::Balance::LeastConnections
                                                                            : client::Balance::RoundRobin;
  if (from.tls) {
    client::TlsSettings tls;
    tls.verify = from.tls->verify;
    tls.ca_file = from.tls->ca_file;
    tls.certificate_file = from.tls->certificate_file;
    tls.key_file = from.tls->key_file;
    tls.server_name = from.tls->server_name;
    out.tls = tls;
  }
  out.connect_timeout_ms = from.connect_timeout_ms;
  out.idle_timeout_ms = from.idle_timeout_ms;
  out.dns_refresh_ms = from.dns_refresh_ms;
  out.max_connections = from.max_connections;
  out.max_idle = from.max_idle;
  out.retries = from.retries;
  out.eject_after = from.eject_after;
  out.eject_ms = from.eject_ms;
  return out;
}

}  // namespace

access::ApiType api_type(config::ApiType type) noexcept {
  switch (type) {
    case config::ApiType::Rest:
      return access::ApiType::Rest;
    case config::ApiType::Http:
      return access::ApiType::Http;
    case config::ApiType::Websocket:
      return access::ApiType::Websocket;
  }
  return access::ApiType::Http;
}

void Integrations::make_upstreams() {
  for (const config::Upstream& from : config_.upstreams) {
    auto made = client::Upstream::make(upstream_settings(from));
    if (!made) {
      diagnostics_.error(std::move(made.error()).at(from.where));
      continue;
    }
    out_.upstreams.push_back(*made);
    upstreams_[from.name] = *made;
    settings_[from.name] = &from;
  }
}

// `https://host:port/path` as an upstream of its own; `path` is what follows the authority.
std::shared_ptr<const client::Upstream> Integrations::uri_upstream(const std::string& uri, std::string& path,
                                                                   const Where& where) {
  const bool tls = uri.starts_with("https://");
  const std::size_t authority = uri.find("://") + 3;
  const std::size_t slash = std::min(uri.find('/', authority), uri.size());
  path = slash < uri.size() ? uri.substr(slash) : "/";
  client::UpstreamSettings settings;
  std::string target = uri.substr(authority, slash - authority);
  const bool has_port = target.find(':', target.starts_with('[') ? target.find(']') : 0) != std::string::npos;
  if (!has_port) target += tls ? ":443" : ":80";
  settings.name = (tls ? "https://" : "http://") + target;
  settings.targets = {target};
  if (tls) settings.tls.emplace();
  if (const auto found = upstreams_.find(settings.name); found != upstreams_.end()) return found->second;
  auto made = client::Upstream::make(settings);
  if (!made) {
    diagnostics_.error(std::move(made.error()).at(where));
    return nullptr;
  }
  out_.upstreams.push_back(*made);
  return upstreams_[settings.name] = *made;
}

std::unique_ptr<integration::Integration> Integrations::make(const config::Api& api, const config::Route& route,
                                                             const routing::RouteKey& key) {
  if (const auto* mock = std::get_if<config::MockIntegration>(&route.integration)) return make_mock(*mock);
  if (const auto* service = std::get_if<config::ServiceIntegration>(&route.integration)) return make_service(*service);
  return make_proxy(api, route, std::get<config::HttpProxyIntegration>(route.integration), key);
}

std::unique_ptr<integration::Integration> Integrations::make_service(const config::ServiceIntegration& from) {
  const std::string type = "integration `type: " + std::string(config::name(from.kind)) + "`";
  if (services_ == nullptr) {
    // INVARIANT: config has told that there is no store of identities.
    if (diagnostics_.ok()) diagnostics_.error(from.where, type + " needs a store of identities");
    return nullptr;
  }
  auto made = services_->make(from);
  if (!made) {
    made.error().text = type + ": " + made.error().text;
    diagnostics_.error(std::move(made.error()).at(from.where));
    return nullptr;
  }
  return std::make_unique<integration::ServiceIntegration>(std::move(*made), services_->threads());
}

std::unique_ptr<integration::Integration> Integrations::make_mock(const config::MockIntegration& from) {
  std::vector<std::pair<std::string, std::string>> headers(from.headers.begin(), from.headers.end());
  for (const auto& [name, value] : headers)
    if (const std::string_view why = unsendable(name, value); !why.empty())
      diagnostics_.error(from.where, "header `" + name + "` " + std::string(why));
  if (headers.size() > kMostMockHeaders)
    diagnostics_.error(from.where, std::to_string(headers.size()) + " headers; at most " +
                                       std::to_string(kMostMockHeaders) + " are possible");
  return std::make_unique<integration::Mock>(from.status, std::move(headers), from.body);
}

std::unique_ptr<integration::Integration> Integrations::make_proxy(const config::Api& api, const config::Route& route,
                                                                   const config::HttpProxyIntegration& from,
                                                                   const routing::RouteKey& key) {
  integration::HttpProxySettings settings;
  settings.path = from.path;
  settings.api_type = api_type(api.type);
  settings.api_id = api.id;
  settings.forward_security_token = from.forward_security_token;
  settings.strip_signing_headers = from.strip_signing_headers;
  for (const config::RequestParameter& one : from.request_parameters) {
    auto added = settings.parameters.add(settings.api_type, one.target, one.value, key.path.parameters());
    if (!added) diagnostics_.error(std::move(added.error()).at(one.where));
  }
  if (route.authorizer == "none" && settings.parameters.use_authorizer())
    diagnostics_.warning(from.where, "`request_parameters` name what an authorizer says, and `" + route.key +
                                         "` has none: these headers are never sent");
  if (!from.uri.empty()) {
    settings.upstream = uri_upstream(from.uri, settings.path, from.where);
  } else if (const auto found = upstreams_.find(from.upstream); found != upstreams_.end()) {
    settings.upstream = found->second;
    settings.preserve_host = settings_[from.upstream]->preserve_host;
  }
  if (!settings.upstream) return nullptr;
  auto made = integration::HttpProxy::make(std::move(settings), key.path.parameters());
  if (!made) {
    diagnostics_.error(std::move(made.error()).at(from.where));
    return nullptr;
  }
  return std::move(*made);
}

}  // namespace gatehouse::gateway
