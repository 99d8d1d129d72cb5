#include "access/result_cache.hpp"

#include <string.h>

#include <algorithm>

namespace gatehouse::access {
namespace {

constexpr std::size_t kStripes = 16;
constexpr std::size_t kLeastForStripes = 64 * kStripes;
// How many that were used out of the cache's sight are spared in a row.
constexpr int kMostSpared = 32;

}  // namespace

struct ResultCache::Stripe {
  using Order = std::list<std::shared_ptr<const KeptAnswer>>;  // the last one goes first
  mutable std::mutex lock;
  Order order;
  std::unordered_map<Key, Order::iterator, KeyHash> kept;  // views of what is in `order`
  std::unordered_map<Key, std::shared_ptr<Flight>, KeyHash> flights;
  std::size_t bytes = 0;

  void drop(Order::iterator at) {
    const KeptAnswer& one = **at;
    one.drop();
    bytes -= one.bytes();
    kept.erase({one.hash(), one.key()});
    order.erase(at);
  }
};

ResultCache::ResultCache(const Limits& limits) : limits_(limits) {
  const std::size_t count = limits.entries >= kLeastForStripes ? kStripes : 1;
  limits_.entries /= count;
  limits_.bytes /= count;
  for (std::size_t i = 0; i < count; ++i) stripes_.push_back(std::make_unique<Stripe>());
}
ResultCache::~ResultCache() = default;

ResultCache::Flight::~Flight() {
  ::explicit_bzero(key_.data(), key_.size());
}

// By the hash's upper bits: the workers' own tables take the lower ones.
ResultCache::Stripe& ResultCache::stripe(std::uint64_t hash) noexcept {
  return *stripes_[(hash >> 48) % stripes_.size()];
}

ResultCache::Found ResultCache::find(std::uint64_t hash, std::string_view key, std::int64_t now_ns,
                                     std::int64_t now_unix_ms, const std::shared_ptr<Caller>& caller) {
  Stripe& s = stripe(hash);
  const std::lock_guard guard(s.lock);
  if (const auto found = s.kept.find({hash, key}); found != s.kept.end()) {
    const auto at = found->second;
    if ((*at)->good(now_ns, now_unix_ms)) {
      s.order.splice(s.order.begin(), s.order, at);
      return {*at, nullptr, false};
    }
    s.drop(at);
  }
  if (const auto found = s.flights.find({hash, key}); found != s.flights.end()) {
    found->second->waiting_.push_back(caller);
    return {nullptr, found->second, false};
  }
  auto flight = std::make_shared<Flight>(hash, key);
  s.flights.emplace(Key{hash, flight->key()}, flight);
  return {nullptr, std::move(flight), true};
}

void ResultCache::keep(Stripe& s, std::shared_ptr<const KeptAnswer> one) {
  if (one->bytes() > limits_.bytes || limits_.entries == 0) return one->drop();
  const Key key{one->hash(), one->key()};
  if (const auto old = s.kept.find(key); old != s.kept.end()) s.drop(old->second);
  for (int spared = 0; s.order.size() >= limits_.entries || s.bytes + one->bytes() > limits_.bytes;) {
    const auto last = std::prev(s.order.end());
    if (spared < kMostSpared && (*last)->take_used()) {
      s.order.splice(s.order.begin(), s.order, last);
      ++spared;
    } else {
      s.drop(last);
    }
  }
  s.bytes += one->bytes();
  s.order.push_front(std::move(one));
  s.kept.emplace(key, s.order.begin());
}

std::vector<std::shared_ptr<ResultCache::Caller>> ResultCache::land(Flight& flight,
                                                                    std::shared_ptr<const KeptAnswer> kept) {
  Stripe& s = stripe(flight.hash());
  const std::lock_guard guard(s.lock);
  std::vector<std::shared_ptr<Caller>> out = std::move(flight.waiting_);
  flight.waiting_.clear();
  if (!flight.listed_) {
    if (kept != nullptr) kept->drop();
    return out;
  }
  flight.listed_ = false;
  s.flights.erase({flight.hash(), flight.key()});  // may be the last but the caller's
  if (kept != nullptr) keep(s, std::move(kept));
  return out;
}

std::shared_ptr<ResultCache::Caller> ResultCache::hand_over(Flight& flight) {
  Stripe& s = stripe(flight.hash());
  const std::lock_guard guard(s.lock);
  if (!flight.waiting_.empty()) {
    std::shared_ptr<Caller> next = std::move(flight.waiting_.front());
    flight.waiting_.erase(flight.waiting_.begin());
    return next;
  }
  if (flight.listed_) {
    flight.listed_ = false;
    s.flights.erase({flight.hash(), flight.key()});
  }
  return nullptr;
}

void ResultCache::leave(Flight& flight, const Caller& caller) noexcept {
  Stripe& s = stripe(flight.hash());
  const std::lock_guard guard(s.lock);
  std::erase_if(flight.waiting_, [&](const auto& one) { return one.get() == &caller; });
}

std::size_t ResultCache::purge(std::string_view prefix) {
  std::size_t count = 0;
  for (const auto& each : stripes_) {
    Stripe& s = *each;
    const std::lock_guard guard(s.lock);
    for (auto at = s.order.begin(); at != s.order.end();) {
      const auto one = at++;
      if (!(*one)->key().starts_with(prefix)) continue;
      s.drop(one);
      ++count;
    }
    std::erase_if(s.flights, [&](const auto& under_way) {
      if (!under_way.first.text.starts_with(prefix)) return false;
      under_way.second->listed_ = false;
      return true;
    });
  }
  return count;
}

ResultCache::Size ResultCache::size() const {
  Size out;
  for (const auto& s : stripes_) {
    const std::lock_guard guard(s->lock);
    out.entries += s->order.size();
    out.bytes += s->bytes;
  }
  return out;
}

}  // namespace gatehouse::access
