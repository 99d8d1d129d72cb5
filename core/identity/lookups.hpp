#pragma once
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "identity/directory.hpp"
#include "identity/signing_key.hpp"

namespace gatehouse::identity {

class CallerCache;

/// Looks callers up for the workers: each has a cache of its own, without a lock; what is not there is read from the
/// store on another thread. A watcher asks the store four times a second whether anything was written: what was cached
/// before is read anew then. When the store cannot be asked for longer than `max_stale_ms` nobody is known any more.
class Lookups : public std::enable_shared_from_this<Lookups> {
 public:
  struct Settings {
    std::uint32_t workers = 1;
    std::size_t entries = 10'000;  // of one worker
    std::size_t unknown = 1'024;   // of those, keys that are not there, for a second
    std::size_t waiting = 4'096;   // look-ups of one worker that wait for the store
    std::int64_t poll_ms = 250;
    std::int64_t max_stale_ms = 5'000;
    std::int64_t note_ms = 30'000;  // how often last uses are written down
    base::Registry* registry = nullptr;
  };
  /// How to leave a worker's loop and come back. [any]
  struct Doors {
    std::function<bool(std::function<void()>)> run;                  // on a thread that may block; false: no room
    std::function<bool(std::uint32_t, std::function<void()>)> post;  // on that worker's loop; false: it is gone
  };
  struct Query {
    std::string_view access_key_id;
    std::optional<std::string_view> token;
    std::string_view date, region, service;
  };
  struct Found {
    KeyStatus status = KeyStatus::Unknown;
    SigningKey signing_key{};  // a dummy unless Ok
    std::shared_ptr<const access::KnownCaller> caller;
  };
  /// Who waits for the store. [loop] of the worker that asked.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    /// Null: the store could not be asked.
    virtual void found(const Found* found) noexcept = 0;
  };
  enum class Answer : std::uint8_t { Now, Later, Full, Lost };

  static std::shared_ptr<Lookups> start(std::shared_ptr<Directory> directory, Settings settings, Doors doors,
                                        const base::Clock& clock = base::system_clock());
  /// Stops the watcher.
  ~Lookups();
  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;

  /// [loop] of `worker`. Now: `out` is filled. Later: `waiter` is told. Full, Lost: nobody is told, and the call fails.
  Answer find(std::uint32_t worker, const Query& query, Found& out,
              const std::function<std::shared_ptr<Waiter>()>& waiter);
  /// A signature by this caller's key was good. [any]
  void used(const access::KnownCaller& caller, std::string_view service, std::string_view region);
  /// Asks the store now, and writes last uses down: tests and a drain do not wait for the watcher. [any]
  void refresh();
  Directory& directory() noexcept { return *directory_; }
  const base::Clock& clock() const noexcept { return clock_; }

 private:
  struct PerWorker;
  struct Load;
  Lookups(std::shared_ptr<Directory> directory, Settings settings, Doors doors, const base::Clock& clock);
  void watch();
  void poll();
  void note_uses();
  bool load(std::uint32_t worker, const Query& query, const std::function<std::shared_ptr<Waiter>()>& waiter);
  void loaded(std::uint32_t worker, const std::shared_ptr<Load>& load) noexcept;

  const std::shared_ptr<Directory> directory_;
  const Settings settings_;
  const Doors doors_;
  const base::Clock& clock_;
  base::Secret dummy_secret_;
  std::atomic<std::uint64_t> version_{0};
  std::atomic<std::int64_t> vouched_until_ns_{0};
  std::vector<std::unique_ptr<PerWorker>> workers_;

  std::mutex uses_mutex_;
  std::unordered_map<std::string, LastUsed> uses_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool lost_ = false;
  std::int64_t noted_ns_ = 0;
  std::thread watcher_;
};

}  // namespace gatehouse::identity
