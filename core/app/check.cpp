#include "app/check.hpp"

#include "app/plugin_factory.hpp"
#include "config/load.hpp"
#include "gateway/compile.hpp"

namespace gatehouse::app {

Checked::Checked(const std::string& file, config::Diagnostics& diagnostics) {
  const auto config = config::load(file, diagnostics);
  if (!config) return;
  if (config->gateway.access_log.enabled)
    if (auto writable = gateway::AccessLogWriter::check(config->gateway.access_log.path); !writable)
      diagnostics.error(std::move(writable.error()).at(config->gateway.access_log.where));
  executor_ = std::make_unique<net::Executor>(config->gateway.executor_threads);
  plugins_ = make_plugin_host(*executor_, {&loop_});
  PluginFactory factory(*plugins_, config->plugins);
  gateway_ = gateway::compile(*config, factory, diagnostics);
}

Checked::~Checked() {
  gateway_.reset();
  plugins_.reset();
}

}  // namespace gatehouse::app
