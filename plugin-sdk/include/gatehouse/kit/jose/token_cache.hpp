#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

struct evp_md_ctx_st;
struct evp_md_st;

namespace gatehouse::kit::jose {

/// SHA-256 of a whole token: what verified tokens are known by (JW-6H).
using TokenHash = std::array<unsigned char, 32>;

/// Makes them, with a context of its own: for one thread at a time.
class TokenHasher {
 public:
  TokenHasher();
  ~TokenHasher();
  TokenHasher(const TokenHasher&) = delete;
  TokenHasher& operator=(const TokenHasher&) = delete;
  /// False when OpenSSL cannot: ask nobody's memory then.
  bool hash(std::string_view token, TokenHash& out) noexcept;

 private:
  evp_md_st* sha256_;
  evp_md_ctx_st* context_;
};

/// What is remembered of tokens, by the hash of the whole token: until a moment, and only as long as the keys are those
/// of then (their generation). Bounded: sets of four; a new entry takes the place of one that is over, else of the one
/// that was not used for longest. One thread's: no locks.
///
/// Keep tokens that were refused in a cache of their own: a flood of those would push the others out.
template <class Value>
class TokenCache {
 public:
  /// `entries` is rounded up to a power of two, of 4 at least; 0: keeps nothing.
  explicit TokenCache(std::size_t entries) {
    if (entries == 0) return;
    std::size_t sets = 1;
    while (sets * kWays < entries) sets *= 2;
    ways_.resize(sets * kWays);
  }

  /// Null when there is nothing that still counts. Good until the next keep().
  const Value* find(const TokenHash& hash, std::uint64_t generation, std::int64_t now_ms) noexcept {
    for (Way *way = first(hash), *end = last(way); way != end; ++way) {
      if (way->until_ms <= now_ms || way->generation != generation || way->hash != hash) continue;
      way->used = ++clock_;
      return &way->value;
    }
    return nullptr;
  }
  const Value* keep(const TokenHash& hash, Value value, std::uint64_t generation, std::int64_t now_ms,
                    std::int64_t until_ms) {
    if (ways_.empty() || until_ms <= now_ms) return nullptr;
    Way* to = nullptr;
    std::uint64_t oldest = 0;
    for (Way *way = first(hash), *end = last(way); way != end; ++way) {
      const bool mine = way->hash == hash;
      const bool over = mine || way->until_ms <= now_ms || way->generation != generation;
      const std::uint64_t used = over ? 0 : way->used;
      if (to != nullptr && used >= oldest && !mine) continue;
      to = way;
      oldest = used;
      if (mine) break;
    }
    to->hash = hash;
    to->generation = generation;
    to->until_ms = until_ms;
    to->used = ++clock_;
    to->value = std::move(value);
    return &to->value;
  }

 private:
  static constexpr std::size_t kWays = 4;
  struct Way {
    TokenHash hash{};
    std::uint64_t generation = 0;
    std::int64_t until_ms = std::numeric_limits<std::int64_t>::min();  // of a free one
    std::uint64_t used = 0;
    Value value{};
  };
  Way* first(const TokenHash& hash) noexcept {
    if (ways_.empty()) return nullptr;
    std::uint64_t bits;
    std::memcpy(&bits, hash.data(), sizeof bits);
    return &ways_[(static_cast<std::size_t>(bits) & (ways_.size() / kWays - 1)) * kWays];
  }
  static Way* last(Way* first) noexcept { return first == nullptr ? nullptr : first + kWays; }

  std::vector<Way> ways_;
  std::uint64_t clock_ = 0;
};

}  // namespace gatehouse::kit::jose
