#include "identity/caller_cache.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "base/random.hpp"

namespace gatehouse::identity {
namespace {

base::SipKey fresh_key() {
  base::SystemRandom random;
  return {random.next_u64(), random.next_u64()};
}

}  // namespace

CallerCache::Derived::~Derived() {
  ::OPENSSL_cleanse(key.data(), key.size());
}

CallerCache::CallerCache(std::size_t entries, std::size_t unknown)
    : known_(std::max<std::size_t>(entries, 1), Hash{fresh_key()}),
      unknown_(std::max<std::size_t>(unknown, 1), Hash{fresh_key()}) {}

void CallerCache::key_of(std::string_view access_key_id, std::optional<std::string_view> token, std::string& out) {
  out.assign(access_key_id);
  if (!token) return;
  out += '\0';
  out += *token;
}

void CallerCache::Part::drop(std::list<Entry>::iterator at) {
  index.erase(at->key);
  list.erase(at);
}

CallerCache::Entry* CallerCache::find(std::string_view key, std::uint64_t version, std::int64_t now_ns) {
  for (Part* part : {&known_, &unknown_}) {
    const auto found = part->index.find(key);
    if (found == part->index.end()) continue;
    const auto at = found->second;
    if (at->version != version || (part == &unknown_ && now_ns >= at->until_ns)) {
      part->drop(at);
      return nullptr;
    }
    if (at != part->list.begin()) part->list.splice(part->list.begin(), part->list, at);
    return &*at;
  }
  return nullptr;
}

CallerCache::Entry& CallerCache::keep(Entry entry) {
  for (Part* part : {&known_, &unknown_})
    if (const auto old = part->index.find(entry.key); old != part->index.end()) part->drop(old->second);
  Part& part = entry.credentials.status == KeyStatus::Ok ? known_ : unknown_;
  while (part.list.size() >= part.most) part.drop(std::prev(part.list.end()));
  part.list.push_front(std::move(entry));
  part.index.emplace(part.list.front().key, part.list.begin());
  return part.list.front();
}

const SigningKey* CallerCache::derive(Entry& entry, std::string_view secret, std::string_view date,
                                      std::string_view region, std::string_view service) {
  for (std::size_t i = 0; i < entry.derived.size(); ++i) {
    Derived& one = *entry.derived[i];
    if (one.date != date || one.service != service || one.region != region) continue;
    if (i > 0) std::swap(entry.derived[i], entry.derived[i - 1]);
    return &one.key;
  }
  auto fresh = std::make_unique<Derived>();
  if (!derive_signing_key(secret, date, region, service, fresh->key)) return nullptr;
  fresh->date = date;
  fresh->region = region;
  fresh->service = service;
  if (entry.derived.size() == kMostDerived) entry.derived.pop_back();
  entry.derived.insert(entry.derived.begin(), std::move(fresh));
  return &entry.derived.front()->key;
}

}  // namespace gatehouse::identity
