#include "app/runtime.hpp"

#include <algorithm>
#include <set>

#include "app/log_setup.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "config/load.hpp"

namespace gatehouse::app {
namespace {

constexpr std::size_t kMaxGenerations = 4;

server::ServerSettings server_settings(const config::Gateway& from) {
  server::ServerSettings out;
  out.head.request_line_bytes = from.limits.request_line_bytes;
  out.head.head_bytes = from.limits.header_bytes;
  out.head.header_count = from.limits.header_count;
  out.connections = from.limits.connections;
  out.connections_per_worker = from.limits.connections_per_worker;
  out.requests_per_connection = from.limits.requests_per_connection;
  out.header_read_ms = from.timeouts.header_read_ms;
  out.body_idle_ms = from.timeouts.body_idle_ms;
  out.write_idle_ms = from.timeouts.write_idle_ms;
  out.keep_alive_ms = from.timeouts.keep_alive_ms;
  return out;
}

std::uint32_t processors() {
  return std::max(1u, std::thread::hardware_concurrency());
}

/// The loops' mailboxes outlive the loops.
class LoopPosts final : public access::WorkerPosts {
 public:
  explicit LoopPosts(const std::vector<net::Loop*>& loops) {
    for (net::Loop* const loop : loops) mailboxes_.push_back(loop->mailbox());
  }
  bool post(std::uint32_t worker, std::function<void()> task) override {
    return worker < mailboxes_.size() && mailboxes_[worker]->post(std::move(task));
  }

 private:
  std::vector<std::shared_ptr<net::Mailbox>> mailboxes_;
};

void gather(const config::Diagnostics& diagnostics, admin::ReloadResult& out) {
  for (const Error& error : diagnostics.errors()) out.errors.push_back(error.what());
  for (const Error& warning : diagnostics.warnings()) out.warnings.push_back(warning.what());
}

}  // namespace

Runtime::Runtime(std::string config_file) : config_file_(std::move(config_file)) {}

Runtime::~Runtime() {
  if (!stopped_) drain();
}

bool Runtime::open_identities(const config::Config& config, std::shared_ptr<Identities>& out,
                              config::Diagnostics& diagnostics) {
  if (!config.identity) return true;
  if (identities_ != nullptr && identities_->is_of(*config.identity)) {
    out = identities_;
    return true;
  }
  Identities::Surroundings around;
  around.executor = executor_.get();
  around.registry = &registry_;
  for (const auto& worker : workers_) {
    around.loops.push_back(&worker->loop());
    around.fetches.push_back(&worker->fetches());
  }
  auto opened = Identities::open(*config.identity, around);
  if (!opened) {
    diagnostics.error(std::move(opened.error()));
    return false;
  }
  out = std::move(*opened);
  return true;
}

std::shared_ptr<const gateway::Gateway> Runtime::compile(const config::Config& config, Identities* identities,
                                                         config::Diagnostics& diagnostics) {
  plugins_->set_lookups(identities != nullptr ? identities->lookups() : nullptr);
  PluginFactory factory(*plugins_, config.plugins);
  gateway::Surroundings surroundings;
  surroundings.previous = gateway_.get();
  surroundings.workers = worker_count_;
  surroundings.posts = posts_;
  surroundings.registry = &registry_;
  surroundings.services = identities;
  return gateway::compile(config, factory, diagnostics, surroundings);
}

bool Runtime::start(config::Diagnostics& diagnostics) {
  const std::lock_guard guard(lock_);
  auto config = config::load(config_file_, diagnostics);
  if (!config) return false;
  set_up_log(config->gateway);
  worker_count_ = config->gateway.workers != 0 ? config->gateway.workers : processors();
  executor_ = std::make_unique<net::Executor>(config->gateway.executor_threads);
  reaper_ = executor_->share("reaper", 1, 1024);
  const auto resolver = executor_->share("resolver", 2, 1024);
  const auto fetch_resolver = executor_->share("fetch resolver", 2, 256);

  // Always open, so that a reload can turn the log on.
  auto writer =
      gateway::AccessLogWriter::open(config->gateway.access_log.enabled ? config->gateway.access_log.path : "-");
  if (!writer) {
    diagnostics.error(std::move(writer.error()).at(config->gateway.access_log.where));
    return false;
  }
  access_log_ = std::move(*writer);

  for (std::uint32_t i = 0; i < worker_count_; ++i) {
    Worker::Environment environment;
    environment.index = i;
    environment.registry = &registry_;
    environment.access_log = access_log_.get();
    environment.resolver = resolver;
    environment.fetch_resolver = fetch_resolver;
    environment.limits = &limits_;
    environment.settings = server_settings(config->gateway);
    environment.retire = [reaper = reaper_](std::shared_ptr<const gateway::Gateway> old) {
      reaper->run([held = std::move(old)]() mutable { held.reset(); });
    };
    workers_.push_back(std::make_unique<Worker>(std::move(environment)));
  }

  std::vector<net::Loop*> loops;
  for (const auto& worker : workers_) loops.push_back(&worker->loop());
  plugins_ = make_plugin_host(*executor_, loops, &registry_);
  posts_ = std::make_shared<LoopPosts>(loops);
  for (std::uint32_t i = 0; i < worker_count_; ++i) plugins_->attach_fetches(i, workers_[i]->fetches());

  // Before there is anything to serve: plugins may wait in start() for what comes by the loops.
  for (const auto& worker : workers_) worker->run();
  if (!open_identities(*config, identities_, diagnostics)) return false;
  auto gateway = compile(*config, identities_.get(), diagnostics);
  if (!gateway || !listeners_.open(*config, {}, worker_count_, diagnostics)) return false;
  if (config->admin.enabled && !admin_.start(*this, config->admin, diagnostics)) return false;

  config_ = std::move(*config);
  gateway_ = gateway;
  generations_.push_back(gateway);
  started_unix_ms_ = base::system_clock().unix_ms();
  publish(gateway_, listeners_);
  ready_ = true;
  return true;
}

void Runtime::publish(const std::shared_ptr<const gateway::Gateway>& gateway, const Listeners& listeners) {
  const server::ServerSettings settings = server_settings(gateway->settings);
  std::mutex errors;
  on_workers([&](Worker& worker) {
    const std::size_t index = static_cast<std::size_t>(
        std::find_if(workers_.begin(), workers_.end(), [&](const auto& w) { return w.get() == &worker; }) -
        workers_.begin());
    worker.serve().publish(gateway);
    worker.client().retain(gateway->upstreams);
    worker.server().set_settings(settings);
    const auto mine = listeners.of_worker(index);
    worker.server().retain_listeners(mine);
    for (const auto& socket : mine) {
      auto listening = worker.server().listen(socket);
      if (!listening) {
        const std::lock_guard held(errors);
        base::log(base::Level::Error, "cannot listen",
                  {{"address", socket->address()}, {"error", listening.error().text}});
      }
    }
  });
}

std::vector<std::pair<std::string, std::string>> Runtime::listeners() const {
  const std::lock_guard guard(lock_);
  return listeners_.addresses();
}

std::size_t Runtime::living_generations() {
  std::erase_if(generations_, [](const auto& weak) { return weak.expired(); });
  return generations_.size();
}

// A reload may revoke something: clients that read slowly must not be able to hold it up.
void Runtime::expel_oldest() {
  std::uint64_t oldest = 0;
  if (const auto gateway = generations_.front().lock()) oldest = gateway->generation;
  base::log(base::Level::Warn, "closing connections that still use an old configuration",
            {{"generation", std::to_string(oldest)}});
  on_workers([oldest](Worker& worker) { worker.serve().expel(oldest); });
  for (int round = 0; round < 100 && living_generations() >= kMaxGenerations; ++round)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

admin::ReloadResult Runtime::reload() {
  const std::lock_guard guard(lock_);
  admin::ReloadResult result;
  result.generation = gateway_ ? gateway_->generation : 0;
  config::Diagnostics diagnostics;
  const auto refuse = [&] {
    gather(diagnostics, result);
    for (const std::string& error : result.errors) base::log(base::Level::Error, "reload refused", {{"error", error}});
    return result;
  };
  if (!ready_) {
    diagnostics.error({}, "not serving: starting or draining");
    return refuse();
  }
  if (living_generations() >= kMaxGenerations) expel_oldest();
  if (living_generations() >= kMaxGenerations) {
    diagnostics.error({}, std::to_string(kMaxGenerations) +
                              " configurations are still in use by requests under way: try again when they are over");
    return refuse();
  }
  auto config = config::load(config_file_, diagnostics);
  if (!config) return refuse();
  std::shared_ptr<Identities> identities;
  if (!open_identities(*config, identities, diagnostics)) return refuse();
  auto gateway = compile(*config, identities.get(), diagnostics);
  Listeners listeners;
  if (!gateway || !listeners.open(*config, listeners_, worker_count_, diagnostics)) return refuse();

  // What is fixed for the life of the process is said, not ignored.
  const auto fixed = [&](bool changed, const char* what) {
    if (changed)
      diagnostics.warning(config->gateway.where, std::string("`") + what + "` takes effect at the next start only");
  };
  fixed(config->gateway.workers != config_.gateway.workers, "gateway.workers");
  fixed(config->gateway.executor_threads != config_.gateway.executor_threads, "gateway.executor_threads");
  fixed(config->admin.enabled != config_.admin.enabled || config->admin.socket != config_.admin.socket, "admin");

  for (const config::Listener& listener : config->listeners)
    for (const config::Listener& old : config_.listeners)
      if (old.name == listener.name && old.address == listener.address && old.backlog != listener.backlog)
        diagnostics.warning(listener.where,
                            "`backlog` of `" + listener.name + "` takes effect when its address changes");

  if (config->gateway.access_log.enabled) {
    if (auto opened = access_log_->reopen(config->gateway.access_log.path); !opened) {
      diagnostics.error(std::move(opened.error()).at(config->gateway.access_log.where));
      return refuse();
    }
  }
  set_up_log(config->gateway);
  publish(gateway, listeners);
  listeners_ = std::move(listeners);
  config_ = std::move(*config);
  gateway_ = gateway;
  identities_ = std::move(identities);
  generations_.push_back(gateway);
  result.done = true;
  result.generation = gateway->generation;
  gather(diagnostics, result);
  base::log(base::Level::Info, "reloaded", {{"generation", std::to_string(result.generation)}});
  for (const std::string& warning : result.warnings) base::log(base::Level::Warn, warning);
  return result;
}

void Runtime::reopen_log() {
  if (!access_log_) return;
  if (const auto opened = access_log_->reopen(); !opened)
    base::log(base::Level::Error, "still writing to the old access log", {{"error", opened.error().text}});
}

bool Runtime::drain() {
  ready_ = false;
  std::int64_t patience_ms = 0;
  {
    const std::lock_guard guard(lock_);
    stopped_ = true;
    patience_ms = config_.gateway.timeouts.drain_ms;
    listeners_ = {};  // each worker closes its own when it has emptied the queue: from then on nobody can connect
  }
  struct Progress {
    std::mutex lock;
    std::condition_variable changed;
    std::size_t left = 0;
  };
  // Outlives this call if a worker is late.
  const auto progress = std::make_shared<Progress>();
  progress->left = gateway_ ? workers_.size() : 0;
  for (const auto& worker : workers_) {
    if (!gateway_) break;
    const bool posted = worker->loop().post([progress, w = worker.get()] {
      w->server().drain([progress] {
        const std::lock_guard guard(progress->lock);
        --progress->left;
        progress->changed.notify_one();
      });
    });
    if (!posted) {
      const std::lock_guard guard(progress->lock);
      --progress->left;
    }
  }
  bool whole = false;
  {
    std::unique_lock guard(progress->lock);
    whole =
        progress->changed.wait_for(guard, std::chrono::milliseconds(patience_ms), [&] { return progress->left == 0; });
  }
  if (gateway_)
    on_workers([&](Worker& worker) {
      if (!whole) worker.server().close_all();
      worker.client().close_idle();
      worker.serve().flush_log();
    });
  admin_.stop();
  for (const auto& worker : workers_) worker->stop();
  // Order: requests first, then what they refer to, then the threads that plugins run on.
  workers_.clear();
  gateway_.reset();
  plugins_.reset();
  identities_.reset();
  reaper_.reset();
  executor_.reset();
  access_log_.reset();
  return whole;
}

}  // namespace gatehouse::app
