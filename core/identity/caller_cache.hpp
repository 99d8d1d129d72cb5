#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/siphash.hpp"
#include "identity/directory.hpp"
#include "identity/signing_key.hpp"

namespace gatehouse::identity {

/// What one worker remembers of access keys, least recently used first to go, and the signing keys derived for each:
/// of a date, region and service, a few at a time. Keys that do not exist have a part of their own, so that nobody can
/// push the others out by making ids up. Knows no clock and no store. One thread.
class CallerCache {
 public:
  static constexpr std::size_t kMostDerived = 4;  // of one access key: yesterday's, today's, two services
  struct Derived {
    std::string date, region, service;
    SigningKey key{};
    ~Derived();
  };
  struct Entry {
    std::string key;  // access key id, and its token behind a NUL
    Credentials credentials;
    std::uint64_t version = 0;
    std::int64_t expires = 0;   // seconds, of the session; 0: never
    std::int64_t until_ns = 0;  // of one that is not Ok
    std::vector<std::unique_ptr<Derived>> derived;
  };

  CallerCache(std::size_t entries, std::size_t unknown);

  /// How ids and tokens are put together. NUL stands in neither.
  static void key_of(std::string_view access_key_id, std::optional<std::string_view> token, std::string& out);
  /// Null: not here, or not good any more.
  Entry* find(std::string_view key, std::uint64_t version, std::int64_t now_ns);
  Entry& keep(Entry entry);
  /// The derived key; null when it could not be made. A dummy's, when `secret` is that of nobody.
  static const SigningKey* derive(Entry& entry, std::string_view secret, std::string_view date, std::string_view region,
                                  std::string_view service);
  std::size_t size() const noexcept { return known_.list.size() + unknown_.list.size(); }

 private:
  struct Hash {
    base::SipKey key;
    std::size_t operator()(std::string_view text) const noexcept { return base::siphash(key, text); }
  };
  struct Part {
    Part(std::size_t most_entries, const Hash& hash) : most(most_entries), index(16, hash) {}
    std::size_t most;
    std::list<Entry> list;  // the one used last in front
    std::unordered_map<std::string_view, std::list<Entry>::iterator, Hash> index;
    void drop(std::list<Entry>::iterator at);
  };
  Part known_, unknown_;
};

}  // namespace gatehouse::identity
