#include "app/plugin_factory.hpp"

namespace gatehouse::app {

std::unique_ptr<plugin::Host> make_plugin_host(net::Executor& executor, const std::vector<net::Loop*>& loops,
                                               base::Registry* metrics) {
  plugin::Host::Options options;
  options.workers = static_cast<std::uint32_t>(loops.size());
  options.bundled = plugin::Host::beside_binary();
  options.metrics = metrics;
  auto host = std::make_unique<plugin::Host>(std::move(options), executor);
  for (std::size_t i = 0; i < loops.size(); ++i) host->attach(static_cast<std::uint32_t>(i), *loops[i]);
  return host;
}

}  // namespace gatehouse::app
