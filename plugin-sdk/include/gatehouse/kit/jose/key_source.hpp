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
#include <unordered_map>
#include <utility>
#include <vector>

namespace gatehouse::kit::jose {

struct KeySourceRules {
  std::string issuer;              // as tokens spell it; the discovery document must spell it so, too (JW-51)
  std::string discovery;           // URL of the OpenID configuration; empty: `jwks_uri` says it all
  std::string jwks_uri;            // empty: the discovery document's (JW-50)
  std::int64_t timeout_ms = 1500;  // of each of the two requests
  std::size_t max_bytes = 150'000;
  std::int64_t max_age_ms = 2LL * 3600 * 1000;  // JW-52: however long the answer may be kept
  std::int64_t min_age_ms = 5LL * 60 * 1000;    //        and however short
  std::int64_t max_stale_ms = 3600LL * 1000;    // JW-56
  std::int64_t cool_down_ms = 10'000;           // JW-54: between fetches that unknown key ids ask for
  std::int64_t unknown_ms = 60'000;             // JW-55
  std::size_t unknown_entries = 1024;
  std::int64_t first_retry_ms = 1000;  // JW-56, JW-57: doubles
  std::int64_t last_retry_ms = 60'000;
  std::size_t waiters = 1024;
  std::function<std::string(const KeySet&)> refuses;  // why a set must not be used; empty text: it may
};

/// The keys of one issuer: discovery, refreshed before they are too old and off the path of requests, one fetch at a
/// time, unknown key ids at a bounded rate, the old keys while the issuer is down (JW-50..59). It has no thread, clock
/// or network of its own: the Doors are those. Held by shared_ptr; what it waits for holds a weak one.
///
/// Thread-safe: find() comes from every worker, what the doors call back from any thread.
class KeySource : public std::enable_shared_from_this<KeySource> {
 public:
  struct Response {
    std::string failure;  // no whole response came: why, for the log
    int status = 0;
    std::string body;
    std::int64_t max_age_s = -1;  // of Cache-Control; -1: it says none; 0: also for no-store and no-cache
  };
  struct Doors {
    /// GET within that time and size. Calls back exactly once, at once or later. False, or thrown: it will not. A
    /// callback that does not come is not waited for much longer than for both requests' time.
    std::function<bool(const std::string& url, std::int64_t timeout_ms, std::size_t max_bytes,
                       std::function<void(Response)> done)>
        fetch;
    std::function<std::int64_t()> now_ms;  // never goes back
    /// Calls back once after that time, never at once; gives a number to cancel it by. 0: it will not.
    std::function<std::uint64_t(std::int64_t ms, std::function<void()> fn)> after;
    std::function<void(std::uint64_t)> cancel;
    std::function<double()> random;                             // 0 <= x < 1
    std::function<void(bool warning, const std::string&)> log;  // never called with a lock held
    std::function<void(bool failed)> count;  // false: a request begins; true: keys were not had. For metrics; or none
  };
  struct Counts {
    std::atomic<std::uint64_t> fetches{0}, failures{0}, unknown_keys{0};
  };
  /// A key and the set that holds it, or why there is none: UnknownKey, KeysDown, DiscoveryDown, Issuer.
  struct Found {
    std::shared_ptr<const KeySet> set;
    const Key* key = nullptr;
    std::uint64_t generation = 0;  // of the set: what generation() said
    std::int64_t usable_ms = 0;    // how long what it verifies may be remembered from now, whatever the issuer does
    Refusal refusal = Refusal::None;
  };
  using Then = std::function<void(const Found&)>;

  KeySource(KeySourceRules rules, Doors doors);
  /// Of a set that never changes (a file, air-gapped sites): nothing is fetched.
  explicit KeySource(std::shared_ptr<const KeySet> set);
  KeySource(const KeySource&) = delete;
  KeySource& operator=(const KeySource&) = delete;

  /// Begins the first fetch; find() would as well.
  void start();
  /// Begins nothing any more; whoever waits is told KeysDown.
  void stop();
  /// Calls `then` exactly once: at once when it is known (true), else when the fetch that is under way, or that this
  /// begins, has ended (false; then it may come from any thread, and before this returns).
  bool find(std::string_view kid, Then then);
  /// Grows whenever keys are replaced by others or given up: what was verified before has to be verified again.
  std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }
  const Counts& counts() const noexcept { return counts_; }

 private:
  struct Waiter {
    std::string kid;
    Then then;
    bool began;  // the fetch; the others came when it was under way already
  };
  /// What is to be done once the lock is released: nothing foreign runs under it.
  struct After {
    std::vector<std::pair<Found, Then>> tell;
    std::string warning;
    std::string url;  // to ask, when not empty: for the discovery document or for the keys
    bool discover = false;
    std::uint64_t fetch = 0;    // its number
    std::uint64_t cancel = 0;   // a timer
    std::int64_t timer_ms = 0;  // one to be started, when not 0
    std::uint64_t timer_number = 0;
  };

  // Under the lock.
  Found look(std::string_view kid, std::int64_t now);
  bool may_ask(std::int64_t now) const noexcept;
  bool is_known_unknown(std::string_view kid, std::int64_t now) const;
  void remember_unknown(const std::string& kid, std::int64_t now);
  void begin(std::int64_t now, After& after);
  void schedule(std::int64_t at, std::int64_t now, After& after);
  void end(std::int64_t now, After& after);
  void lose(Refusal refusal, const std::string& why, std::int64_t now, After& after);
  bool is_current(std::uint64_t fetch) const noexcept { return fetching_ && fetch == fetch_; }

  // Not under it.
  void perform(After& after);
  std::uint64_t start_timer(std::int64_t ms, std::uint64_t number);
  void get(const std::string& url, bool discover, std::uint64_t fetch);
  void on_timer(std::uint64_t number);
  void on_discovery(const Response& response, std::uint64_t fetch);
  void on_keys(const Response& response, std::uint64_t fetch);
  void succeed(std::shared_ptr<const KeySet> set, std::int64_t max_age_s, std::uint64_t fetch);
  void fail(Refusal refusal, const std::string& why, std::uint64_t fetch);
  void log_ignored(const std::vector<std::string>& ignored);
  void log(bool warning, const std::string& text) const;

  const KeySourceRules rules_;
  const Doors doors_;
  const bool fixed_ = false;
  Counts counts_;
  std::atomic<std::uint64_t> generation_{1};

  std::mutex mutex_;  // of all that follows
  std::shared_ptr<const KeySet> set_;
  std::int64_t usable_until_ = 0;  // when the set is given up
  std::int64_t refresh_at_ = 0;    // when to fetch by itself; also the end of a pause after a failure
  std::int64_t asked_at_ = 0;      // when the last fetch began
  bool asked_ = false;
  bool fetching_ = false;
  bool stopped_ = false;
  std::uint64_t fetch_ = 0;              // the last one's number: the answers to others are not heard
  std::int64_t give_up_at_ = 0;          // when nobody believes any more that it will be answered
  Refusal asking_ = Refusal::KeysDown;   // what it is when that request fails: the document or the keys
  Refusal failure_ = Refusal::KeysDown;  // of the last fetch; None: it succeeded
  std::int64_t retry_ms_ = 0;            // the pause after the last failure
  std::string jwks_uri_;
  std::int64_t discovered_at_ = 0;
  std::uint64_t timer_ = 0, timer_number_ = 0;
  bool untimed_ = false;              // the host gave no timer: only who comes notices that it is time to fetch
  std::vector<std::string> ignored_;  // as they were logged last
  std::vector<Waiter> waiters_;
  std::unordered_map<std::string, std::int64_t> unknown_;  // kid: until when
};

}  // namespace gatehouse::kit::jose
