#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "access/authorizer.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/config.hpp"
#include "net/executor.hpp"
#include "net/loop.hpp"
#include "plugin/catalog.hpp"
#include "plugin/instance.hpp"

namespace gatehouse::plugin {

/// Makes authorizers out of plugin libraries. One in the process; lives as long as any authorizer of its making, and
/// not longer than the executor. Everything here is [setup], one thread at a time.
class Host {
 public:
  struct Options {
    std::uint32_t workers = 1;
    /// Where plugins are when the configuration names no directory, and where `gatehouse.*` is bundled.
    Catalog::Place bundled;
    std::size_t share_threads = 4;  // of the executor, for each plugin
    std::size_t share_queue = 256;
    std::size_t max_pinned_calls = 1024;
    Instance::Limits limits;
    base::Registry* metrics = nullptr;  // of plugins; outlives the host. Null: they are shown nowhere
  };
  /// ../lib/gatehouse/plugins beside the running binary.
  static Catalog::Place beside_binary();

  /// Whether this version does all that a description asks for; the error says what it does not. [any]
  static Result<void> runnable(const gh_plugin_desc& description);

  Host(Options options, net::Executor& executor, const base::Clock& clock = base::system_clock());
  /// Waits, within limits, for authorizers that are on their way out.
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// Where answers from other threads go. Before the worker's first request.
  void attach(std::uint32_t worker, net::Loop& loop);
  /// What that worker fetches with for plugins: of its loop, and good until that is closed. Before the first make().
  void attach_fetches(std::uint32_t worker, client::FetchClient& fetches);

  /// Looks into the plugin directories: each compilation of a configuration begins with it. Loads nothing.
  const Catalog& scan(const config::Plugins& plugins);
  const Catalog& catalog() const noexcept { return catalog_; }

  /// Where authorizers with `grants: {identity: true}` look callers up: before the make() that needs it. Null: nowhere.
  void set_lookups(std::shared_ptr<identity::Lookups> lookups) noexcept { lookups_ = std::move(lookups); }

  /// The authorizer that the configuration describes. The same one as before when file, settings and name are the same
  /// and it still runs. The error says which plugin, what was found and what to do; it has no place. When the last
  /// pointer goes the authorizer is stopped and destroyed on a thread of its own.
  Result<std::shared_ptr<access::Authorizer>> make(const config::Authorizer& settings);

  /// Libraries of former authorizers that are mapped for ever, so far. With Leftovers::kMost of them no further one is
  /// loaded. [any]
  std::size_t leftovers() noexcept { return leftovers_->count(); }

 private:
  class Retirement;
  Result<std::shared_ptr<Library>> library(const CatalogEntry& entry);
  std::shared_ptr<Share> share(const std::string& plugin);

  const Options options_;
  net::Executor& executor_;
  const base::Clock& clock_;
  std::shared_ptr<Workers> workers_;
  std::shared_ptr<Retirement> retirement_;
  std::shared_ptr<Leftovers> leftovers_;
  Catalog catalog_;
  std::shared_ptr<identity::Lookups> lookups_;
  std::string staging_parent_;
  std::shared_ptr<Staging> staging_;
  std::map<std::string, std::weak_ptr<Library>> libraries_;             // by SHA-256
  std::map<std::string, std::shared_ptr<Share>> shares_;                // by plugin id
  std::map<std::string, std::weak_ptr<access::Authorizer>> instances_;  // by all that they are made of
};

}  // namespace gatehouse::plugin
