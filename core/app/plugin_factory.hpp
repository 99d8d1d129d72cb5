#pragma once
#include <memory>
#include <vector>

#include "config/config.hpp"
#include "gateway/factory.hpp"
#include "net/executor.hpp"
#include "net/loop.hpp"
#include "plugin/host.hpp"

namespace gatehouse::app {

/// The plugin host of this process; `loops` are the workers', by index; `metrics`: where plugins' metrics go, or null.
std::unique_ptr<plugin::Host> make_plugin_host(net::Executor& executor, const std::vector<net::Loop*>& loops,
                                               base::Registry* metrics);

/// The one place that knows both sides: gateway asks for authorizers, plugin makes them from libraries. One for each
/// compilation: it scans the plugin directories when it is made.
class PluginFactory final : public gateway::AuthorizerFactory {
 public:
  PluginFactory(plugin::Host& host, const config::Plugins& plugins) : host_(host) { host_.scan(plugins); }
  Result<std::shared_ptr<access::Authorizer>> make(const config::Authorizer& settings) override {
    return host_.make(settings);
  }

 private:
  plugin::Host& host_;
};

}  // namespace gatehouse::app
