#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/kept_answer.hpp"

namespace gatehouse::access {

/// The answers of one authorizer that all workers share, and the calls under way that several requests wait for
/// (LA-AA). Bounded by entries and bytes; the least recently used go first. In stripes by the key's hash, each with a
/// lock that is held for a look-up, never across a call. Knows no clock and no loop. [any]
class ResultCache {
 public:
  struct Limits {
    std::size_t entries = 10'000;
    std::size_t bytes = 16u << 20;
  };
  struct Size {
    std::size_t entries = 0, bytes = 0;
  };
  /// A request that leads a call or waits for one. Whose it is, the user of the cache knows.
  struct Caller {
    virtual ~Caller() = default;
  };
  class Flight;
  /// What a look-up came to: an answer; or the caller leads a flight, or waits for one that another leads.
  struct Found {
    std::shared_ptr<const KeptAnswer> kept;
    std::shared_ptr<Flight> flight;
    bool leads = false;
  };

  explicit ResultCache(const Limits& limits);
  ~ResultCache();
  ResultCache(const ResultCache&) = delete;
  ResultCache& operator=(const ResultCache&) = delete;

  Found find(std::uint64_t hash, std::string_view key, std::int64_t now_ns, std::int64_t now_unix_ms,
             const std::shared_ptr<Caller>& caller);
  /// The flight is over: keeps `kept` (null: nothing) and gives who waited. What belongs to a flight that was purged,
  /// or is too large, is dropped at once: no table may hold what a purge does not see.
  std::vector<std::shared_ptr<Caller>> land(Flight& flight, std::shared_ptr<const KeptAnswer> kept);
  /// The leader is gone: whoever waited longest leads now; null: nobody waits, and the flight is over.
  std::shared_ptr<Caller> hand_over(Flight& flight);
  /// Waits no more; nothing when it does not wait any more.
  void leave(Flight& flight, const Caller& caller) noexcept;

  /// Drops what is kept under keys that begin with `prefix`, for every holder of a pointer at once, and lets flights of
  /// such keys keep nothing: who asks from now on is answered by a new call. Says how many were dropped.
  std::size_t purge(std::string_view prefix);
  Size size() const;

 private:
  struct Stripe;
  struct Key {
    std::uint64_t hash;
    std::string_view text;
    bool operator==(const Key& other) const noexcept { return hash == other.hash && text == other.text; }
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept { return key.hash; }
  };
  Stripe& stripe(std::uint64_t hash) noexcept;
  void keep(Stripe& stripe, std::shared_ptr<const KeptAnswer> kept);

  Limits limits_;  // of one stripe
  std::vector<std::unique_ptr<Stripe>> stripes_;
};

/// One call that several requests wait for. Its key never changes; all else is the cache's, under the stripe's lock.
class ResultCache::Flight {
 public:
  Flight(std::uint64_t hash, std::string_view key) : hash_(hash), key_(key) {}
  ~Flight();
  std::uint64_t hash() const noexcept { return hash_; }
  std::string_view key() const noexcept { return key_; }

 private:
  friend class ResultCache;
  const std::uint64_t hash_;
  std::string key_;
  std::vector<std::shared_ptr<Caller>> waiting_;
  bool listed_ = true;  // false once it was purged or is over: nobody joins it, and it keeps nothing
};

}  // namespace gatehouse::access
