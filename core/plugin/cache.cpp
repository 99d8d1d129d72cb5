#include "plugin/cache.hpp"

#include <functional>
#include <string>

namespace gatehouse::plugin {

Cache::Stripe& Cache::stripe(std::string_view key) noexcept {
  return stripes_[std::hash<std::string_view>()(key) % kStripes];
}

void Cache::Stripe::drop(std::list<Entry>::iterator entry) noexcept {
  bytes -= entry->key.reveal().size() + entry->value->reveal().size() + kOverhead;
  by_key.erase(entry->key.reveal());
  entries.erase(entry);
}

std::shared_ptr<const base::Secret> Cache::get(std::string_view key) {
  const std::int64_t now_ns = clock_.monotonic_ns();
  Stripe& s = stripe(key);
  const std::lock_guard lock(s.mutex);
  const auto found = s.by_key.find(key);
  if (found == s.by_key.end()) return nullptr;
  const auto entry = found->second;
  if (entry->until_ns <= now_ns) return s.drop(entry), nullptr;
  s.entries.splice(s.entries.begin(), s.entries, entry);
  return entry->value;
}

void Cache::put(std::string_view key, std::string_view value, std::int32_t ttl_s) {
  std::list<Entry> made;
  made.push_front({base::Secret(std::string(key)), std::make_shared<const base::Secret>(std::string(value)),
                   clock_.monotonic_ns() + std::int64_t{ttl_s} * 1'000'000'000});
  Stripe& s = stripe(key);
  const std::lock_guard lock(s.mutex);
  if (const auto former = s.by_key.find(key); former != s.by_key.end()) s.drop(former->second);
  // A list's nodes stay where they are, and so does the key that the map looks at.
  s.by_key.emplace(made.front().key.reveal(), made.begin());
  s.entries.splice(s.entries.begin(), made);
  s.bytes += key.size() + value.size() + kOverhead;
  while (s.entries.size() > kEntries / kStripes || s.bytes > kBytes / kStripes) s.drop(std::prev(s.entries.end()));
}

bool Cache::remove(std::string_view key) {
  Stripe& s = stripe(key);
  const std::lock_guard lock(s.mutex);
  const auto found = s.by_key.find(key);
  if (found == s.by_key.end()) return false;
  const bool fresh = found->second->until_ns > clock_.monotonic_ns();
  s.drop(found->second);
  return fresh;
}

}  // namespace gatehouse::plugin
