#pragma once
#include <gatehouse/kit/jose/key_source.hpp>
#include <gatehouse/kit/jose/token.hpp>
#include <gatehouse/kit/json.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "integration/json_fetcher.hpp"

namespace gatehouse::integration {

/// Verifies tokens of OpenID providers that are named at run time, as the store of identities knows them: `idp.example
/// .com/tenant` stands for the issuer `https://idp.example.com/tenant`. Keys are kept for each as kit/jose does it:
/// refreshed in time, unknown key ids asked for at a bounded rate, old keys while a provider is down. Waits for the
/// network: not for loops. [any]
class IssuerKeys {
 public:
  struct Options {
    bool allow_http = false;  // also issuers at http://
    /// Where the keys of an issuer are, instead of what its OpenID configuration says.
    std::vector<std::pair<std::string, std::string>> jwks_uris;
    int skew_seconds = 0;
    std::size_t issuers = 256;  // whose keys are kept; those not asked for longest go
  };
  IssuerKeys(std::shared_ptr<JsonFetcher> fetcher, const base::Clock& clock, Options options);
  ~IssuerKeys();
  IssuerKeys(const IssuerKeys&) = delete;
  IssuerKeys& operator=(const IssuerKeys&) = delete;

  struct Verdict {
    kit::jose::Outcome outcome;
    kit::Json claims;           // when it is good
    bool access_token = false;  // it says of itself that it is none of identity
  };
  /// Structure, issuer, key, signature, times, in this order; RS256 to RS512 and ES256 to ES512 only. The audience is
  /// the caller's to judge. Waits until `deadline_ns` at most.
  Verdict verify(std::string_view token, std::string_view provider, std::int64_t deadline_ns) const;
  /// What an unverified token says who issued it, without the scheme: to find the provider by. Nothing when it is no
  /// token.
  std::optional<std::string> provider_of(std::string_view token) const;

  /// `provider` without a scheme, of an issuer's URL; empty when it is none of those allowed.
  std::string_view without_scheme(std::string_view issuer) const noexcept;

 private:
  struct Kept {
    std::shared_ptr<kit::jose::KeySource> keys;
    std::uint64_t used = 0;
  };
  std::shared_ptr<kit::jose::KeySource> keys_of(const std::string& issuer) const;
  kit::jose::KeySource::Doors doors() const;

  const std::shared_ptr<JsonFetcher> fetcher_;
  const base::Clock& clock_;
  const Options options_;
  mutable std::mutex mutex_;  // of what follows
  mutable std::unordered_map<std::string, Kept> kept_;
  mutable std::uint64_t uses_ = 0;
};

}  // namespace gatehouse::integration
