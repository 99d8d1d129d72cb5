#include "app/check.hpp"

#include <thread>

#include "app/plugin_factory.hpp"
#include "config/load.hpp"
#include "gateway/compile.hpp"

namespace gatehouse::app {

namespace {

/// Turns a loop on a thread of its own, for as long as it lives: plugins that start or stop may wait for what comes by
/// it.
class Turning {
 public:
  explicit Turning(net::Loop& loop)
      : loop_(loop), thread_([this] {
          while (!over_) loop_.turn(-1);
        }) {}
  ~Turning() {
    loop_.post([this] { over_ = true; });
    thread_.join();
  }
  Turning(const Turning&) = delete;
  Turning& operator=(const Turning&) = delete;

 private:
  net::Loop& loop_;
  bool over_ = false;  // the loop's
  std::thread thread_;
};

}  // namespace

Checked::Checked(const std::string& file, config::Diagnostics& diagnostics) {
  const auto config = config::load(file, diagnostics);
  if (!config) return;
  if (config->gateway.access_log.enabled)
    if (auto writable = gateway::AccessLogWriter::check(config->gateway.access_log.path); !writable)
      diagnostics.error(std::move(writable.error()).at(config->gateway.access_log.where));
  executor_ = std::make_unique<net::Executor>(config->gateway.executor_threads);
  fetches_ = std::make_unique<client::FetchClient>(loop_, executor_->share("fetch resolver", 2, 256));
  plugins_ = make_plugin_host(*executor_, {&loop_}, nullptr);
  plugins_->attach_fetches(0, *fetches_);
  const Turning turning(loop_);
  gateway::Surroundings surroundings;
  if (config->identity) {
    Identities::Surroundings around;
    around.executor = executor_.get();
    around.loops = {&loop_};
    around.fetches = {fetches_.get()};
    around.only_looking = true;
    auto opened = Identities::open(*config->identity, around);
    if (!opened) {
      diagnostics.error(std::move(opened.error()));
      return;
    }
    identities_ = std::move(*opened);
    plugins_->set_lookups(identities_->lookups());
    surroundings.services = identities_.get();
  }
  PluginFactory factory(*plugins_, config->plugins);
  gateway_ = gateway::compile(*config, factory, diagnostics, surroundings);
}

Checked::~Checked() {
  const Turning turning(loop_);
  gateway_.reset();
  plugins_.reset();
  identities_.reset();
}

}  // namespace gatehouse::app
