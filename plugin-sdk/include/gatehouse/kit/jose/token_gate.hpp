#pragma once
#include <gatehouse/kit/jose/key_source.hpp>
#include <gatehouse/kit/jose/token.hpp>
#include <gatehouse/kit/jose/token_cache.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::kit::jose {

/// What an authorizer makes of the claims of a token whose signature is good: whatever its answers need. Immutable.
struct Verified {
  Verified() = default;
  Verified(const Verified&) = delete;
  Verified& operator=(const Verified&) = delete;
  virtual ~Verified() = default;
};

struct Verdict {
  Outcome outcome;                           // why it is refused, or nothing
  std::shared_ptr<const Verified> verified;  // when it is not
};

/// From the text of a token to a verdict: structure, key, signature, then `iss` and the other claims, in that order
/// (JW-6D). A key verifies tokens of its own issuer only (JW-6G). And the memory of tokens that came before (JW-6H),
/// one for each worker.
class TokenGate {
 public:
  struct Issuer {
    std::string name;  // as `iss` spells it
    std::shared_ptr<KeySource> keys;
  };
  struct Rules {
    TokenRules token;
    std::size_t entries = 8192;  // of verified tokens, each worker; 0: nothing is remembered
    std::size_t refused = 1024;  // of refused ones
    std::int64_t refused_ms = 10'000;
    std::function<std::int64_t()> now_ms;  // since 1970, when claims are judged; none: when verify() was called
    std::int64_t longest_ms = 0;           // a verified token is verified anew after that; 0: when it expires
  };
  /// Judges the claims but `iss`, the same for whoever asks and whatever for: what depends on the route is the
  /// caller's. `until_ms` (since 1970): when it would judge otherwise, the expiry of the token. Null, and `why` filled:
  /// refused. What it throws refuses as well, and is not remembered.
  using Check = std::function<std::shared_ptr<const Verified>(
      const Json& claims, std::size_t issuer, std::int64_t now_ms, std::int64_t& until_ms, Outcome& why)>;
  using Then = std::function<void(const Verdict&)>;
  /// What known() found out of a token, for verify().
  struct Asked {
    TokenHash hash{};
    std::uint32_t worker = 0;
    bool hashed = false;
  };

  TokenGate(Rules rules, std::vector<Issuer> issuers, Check check, std::uint32_t workers);

  /// What is remembered of the token; null: nothing, verify() it. Only for `worker` below the number of workers, on
  /// that worker's thread; of others nothing is remembered. Good until the next call for that worker. Allocates
  /// nothing.
  const Verdict* known(std::string_view token, std::uint32_t worker, std::int64_t now_ms, Asked& asked) noexcept;
  /// Calls `then` exactly once: at once, or when keys have come, then from any thread. `now_ms`: since 1970.
  void verify(std::string token, const Asked& asked, std::int64_t now_ms, Then then);

 private:
  struct Entry {
    Verdict verdict;
    std::size_t issuer = 0;
    std::uint64_t generation = 0;
    std::int64_t judged_ms = 0;
  };
  struct Shard {
    explicit Shard(const Rules& rules) : verified(rules.entries), refused(rules.entries == 0 ? 0 : rules.refused) {}
    TokenHasher hasher;
    TokenCache<Entry> verified, refused;
  };
  struct Pending;

  const Verdict* current(const Entry* entry, std::int64_t now_ms) const noexcept;
  std::size_t issuer_of(const Token& token, Outcome& why) const;
  void judge(const Pending& pending, const KeySource::Found& found);
  void remember(const Pending& pending, const Entry& entry, std::int64_t until_ms);

  const Rules rules_;
  const std::vector<Issuer> issuers_;
  const Check check_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace gatehouse::kit::jose
