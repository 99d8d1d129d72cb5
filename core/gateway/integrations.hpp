#pragma once
#include <map>
#include <memory>
#include <string>

#include "client/upstream.hpp"
#include "config/config.hpp"
#include "config/diagnostics.hpp"
#include "gateway/service_factory.hpp"
#include "integration/integration.hpp"
#include "routing/table.hpp"

namespace gatehouse::gateway {

class Gateway;

/// One compilation's upstreams, and the integrations of its routes.
class Integrations {
 public:
  /// `services`: null where there are none.
  Integrations(const config::Config& config, config::Diagnostics& diagnostics, ServiceFactory* services, Gateway& out)
      : config_(config), diagnostics_(diagnostics), services_(services), out_(out) {}

  /// First: the upstreams that have names.
  void make_upstreams();
  /// Null after a fault, which is told.
  std::unique_ptr<integration::Integration> make(const config::Api& api, const config::Route& route,
                                                 const routing::RouteKey& key);

 private:
  std::unique_ptr<integration::Integration> make_service(const config::ServiceIntegration& from);
  std::unique_ptr<integration::Integration> make_mock(const config::MockIntegration& from);
  std::unique_ptr<integration::Integration> make_proxy(const config::Api& api, const config::Route& route,
                                                       const config::HttpProxyIntegration& from,
                                                       const routing::RouteKey& key);
  std::shared_ptr<const client::Upstream> uri_upstream(const std::string& uri, std::string& path, const Where& where);

  const config::Config& config_;
  config::Diagnostics& diagnostics_;
  ServiceFactory* services_;
  Gateway& out_;
  std::map<std::string, std::shared_ptr<const client::Upstream>> upstreams_;
  std::map<std::string, const config::Upstream*> settings_;
};

access::ApiType api_type(config::ApiType type) noexcept;

}  // namespace gatehouse::gateway
