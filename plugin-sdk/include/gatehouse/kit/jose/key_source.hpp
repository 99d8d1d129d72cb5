#pragma once
#include <gatehouse/kit/jose/key.hpp>
#include <gatehouse/kit/jose/token.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace gatehouse::kit::jose {

struct KeySourceRules {
  std::string issuer;     // as tokens spell it
  std::string discovery;  // URL of the OpenID configuration; empty: `jwks_uri` is known
  std::string jwks_uri;   // empty: the discovery document's (JW-50)
  std::int64_t timeout_ms = 1500;
  std::size_t max_bytes = 150'000;
  std::int64_t max_age_ms = 2 * 3600 * 1000;  // JW-52
  std::int64_t min_age_ms = 5 * 60 * 1000;
  std::int64_t max_stale_ms = 3600 * 1000;  // JW-56
  std::int64_t cool_down_ms = 10'000;       // JW-54: between fetches that unknown key ids ask for
  std::int64_t unknown_ms = 60'000;         // JW-55
  std::size_t unknown_entries = 1024;
  std::size_t waiters = 4096;
};

/// The keys of one issuer: discovery, refresh before they are too old, off the path of requests, one fetch at a time,
/// unknown key ids at a bounded rate, old keys while the issuer is down (JW-50..59). It has no thread, no clock and no
/// network of its own: the Doors are those. Must be held by a shared_ptr: what it is waiting for holds a weak one.
///
/// Thread-safe: find() comes from every worker, what the doors call back from any thread.
class KeySource : public std::enable_shared_from_this<KeySource> {
 public:
  struct Response {
    bool ok = false;      // a whole response came
    std::string failure;  // of !ok: why, for the log
    int status = 0;
    std::string body;
    std::int64_t max_age_s = -1;  // of Cache-Control; -1: it says none
  };
  struct Doors {
    /// GET, within timeout and size; calls back exactly once, later or at once. False: it will not.
    std::function<bool(const std::string& url, std::int64_t timeout_ms, std::size_t max_bytes,
                       std::function<void(Response)> done)>
        fetch;
    std::function<std::int64_t()> now_ms;  // does not jump
    /// Calls back once, after that time. False: it will not.
    std::function<bool(std::int64_t ms, std::function<void()> fn)> after;
    std::function<double()> random;                            // 0 <= x < 1: jitter
    std::function<void(bool warning, const std::string&)> log;  // never called with a lock held
  };
  struct Counts {  // what happened, for metrics
    std::atomic<std::uint64_t> fetches{0}, failures{0}, unknown_keys{0};
  };
  /// The key and the set that holds it; or why there is none: UnknownKey, KeysDown, DiscoveryDown.
  struct Found {
    std::shared_ptr<const KeySet> set;
    const Key* key = nullptr;
    std::uint64_t generation = 0;
    Refusal refusal = Refusal::None;
  };

  KeySource(KeySourceRules rules, Doors doors);
  /// A set that never changes, of a file: no doors are used (air-gapped sites).
  static std::shared_ptr<KeySource> of(std::shared_ptr<const KeySet> set, KeySourceRules rules);

  /// Begins the first fetch; find() does so as well.
  void start();
  /// Nothing is begun any more, whoever waits is told KeysDown.
  void stop();
  /// Calls `then` exactly once: at once when it is known, else when the fetch that is under way, or that this begins,
  /// has ended. Whether it was called before this returned. [any]
  bool find(std::string_view kid, std::function<void(const Found&)> then);
  /// Grows whenever other keys take the place of those before, and when they are given up. [any]
  std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }
  const Counts& counts() const noexcept { return counts_; }

 private:
  std::atomic<std::uint64_t> generation_{1};
  Counts counts_;
};

}  // namespace gatehouse::kit::jose
