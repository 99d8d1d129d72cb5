#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "admin/control.hpp"
#include "app/admin_server.hpp"
#include "app/identities.hpp"
#include "app/listeners.hpp"
#include "app/plugin_factory.hpp"
#include "app/worker.hpp"
#include "config/diagnostics.hpp"
#include "gateway/compile.hpp"
#include "plugin/host.hpp"

namespace gatehouse::app {

/// The running gateway: workers, listeners, plugins, admin socket; start, reload, drain. Public calls from any thread
/// but the workers'.
class Runtime final : public admin::Control {
 public:
  explicit Runtime(std::string config_file);
  ~Runtime();

  /// Loads, compiles, opens every listener, then serves. Nothing serves when anything is wrong: the faults are in
  /// `diagnostics`.
  bool start(config::Diagnostics& diagnostics);
  /// Listener names with the addresses they are bound to.
  std::vector<std::pair<std::string, std::string>> listeners() const;
  /// Path of the admin socket; empty when it is off.
  const std::string& admin_address() const noexcept { return admin_.address(); }
  /// Stops accepting, finishes what was begun within the configured time, stops. True when nothing was cut off.
  bool drain();
  /// Opens the access log anew (after a rotation).
  void reopen_log();

  admin::ReloadResult reload() override;
  std::string status_json() override;
  bool ready() override { return ready_.load(); }
  std::string metrics_text() override;
  admin::PurgeResult purge(const std::string& authorizer, const std::string& stage) override;
  std::optional<std::string> find_refused(std::string_view request_id) override;

 private:
  /// The store that the configuration names: the one that is open, where that is the same. False: `diagnostics` has it.
  bool open_identities(const config::Config& config, std::shared_ptr<Identities>& out,
                       config::Diagnostics& diagnostics);
  std::shared_ptr<const gateway::Gateway> compile(const config::Config& config, Identities* identities,
                                                  config::Diagnostics& diagnostics);
  void publish(const std::shared_ptr<const gateway::Gateway>& gateway, const Listeners& listeners);
  /// Runs `task(worker)` on every worker's loop and waits until all have.
  template <class Task>
  void on_workers(Task task);
  std::size_t living_generations();
  void expel_oldest();

  const std::string config_file_;
  base::Registry registry_;
  server::SharedLimits limits_;
  std::int64_t started_unix_ms_ = 0;
  std::uint32_t worker_count_ = 1;
  std::unique_ptr<net::Executor> executor_;
  std::shared_ptr<net::Executor::Share> reaper_;
  std::unique_ptr<gateway::AccessLogWriter> access_log_;
  std::unique_ptr<plugin::Host> plugins_;
  std::shared_ptr<Identities> identities_;  // null: none is configured
  std::shared_ptr<access::WorkerPosts> posts_;
  std::vector<std::unique_ptr<Worker>> workers_;

  mutable std::mutex lock_;  // configuration changes and reads of what they change
  Listeners listeners_;
  std::shared_ptr<const gateway::Gateway> gateway_;
  std::vector<std::weak_ptr<const gateway::Gateway>> generations_;
  config::Config config_;
  std::set<std::string> cached_;  // authorizers that have had results kept: their gauges

  AdminServer admin_;
  std::atomic<bool> ready_{false};
  bool stopped_ = false;
};

template <class Task>
void Runtime::on_workers(Task task) {
  std::mutex lock;
  std::condition_variable changed;
  std::size_t left = workers_.size();
  for (const auto& worker : workers_) {
    const bool posted = worker->loop().post([&, w = worker.get()] {
      task(*w);
      const std::lock_guard guard(lock);
      --left;
      changed.notify_one();
    });
    if (!posted) {
      const std::lock_guard guard(lock);
      --left;
    }
  }
  std::unique_lock guard(lock);
  changed.wait(guard, [&] { return left == 0; });
}

}  // namespace gatehouse::app
