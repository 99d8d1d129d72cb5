#pragma once
#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "base/clock.hpp"
#include "base/secret.hpp"

namespace gatehouse::plugin {

/// Bytes by key, bounded in entries and bytes; the least recently used go first. Keys and values may be tokens: both
/// are wiped. A few stripes with a lock of their own, so that threads seldom meet. [any]
class Cache {
 public:
  static constexpr std::size_t kMaxKey = 1024;
  static constexpr std::size_t kMaxValue = std::size_t{1} << 20;
  static constexpr std::size_t kStripes = 8;
  static constexpr std::size_t kEntries = 65'536;
  static constexpr std::size_t kBytes = std::size_t{32} << 20;  // with kOverhead for each entry
  static constexpr std::size_t kOverhead = 256;

  explicit Cache(const base::Clock& clock) noexcept : clock_(clock) {}

  /// Null when there is none, or it is too old.
  std::shared_ptr<const base::Secret> get(std::string_view key);
  /// Sizes and `ttl_s` as the callers have checked them.
  void put(std::string_view key, std::string_view value, std::int32_t ttl_s);
  bool remove(std::string_view key);

 private:
  struct Entry {
    base::Secret key;
    std::shared_ptr<const base::Secret> value;
    std::int64_t until_ns = 0;
  };
  struct Stripe {
    std::mutex mutex;
    std::list<Entry> entries;  // the most recently used first
    // Ordered: no choice of keys makes it slow.
    std::map<std::string_view, std::list<Entry>::iterator> by_key;
    std::size_t bytes = 0;

    void drop(std::list<Entry>::iterator entry) noexcept;
  };
  Stripe& stripe(std::string_view key) noexcept;

  const base::Clock& clock_;
  std::array<Stripe, kStripes> stripes_;
};

}  // namespace gatehouse::plugin
