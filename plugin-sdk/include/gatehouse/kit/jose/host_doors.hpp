#pragma once
#include <gatehouse/authorizer.hpp>
#include <gatehouse/kit/jose/key_source.hpp>
#include <gatehouse/kit/jose/token_gate.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::kit::jose {

struct FetchRules {
  bool allow_http = false;     // plain http:// (JW-5B)
  bool allow_private = false;  // private, loopback and link-local addresses (JW-5A)
  std::string ca_pem;          // trusted instead of the system's; empty: the system's
};

/// Metrics of the keys of one authorizer (JW-56), whatever the number of its issuers. For its constructor: metrics are
/// declared then.
struct KeyCounters {
  KeyCounters() = default;
  explicit KeyCounters(const Host& host)
      : fetches(host.counter("key_fetches_total", "requests for keys, and for the documents that name them")),
        failures(
            host.counter("key_fetch_failures_total", "refreshes of keys that failed; old keys serve on for a while")) {}
  Counter fetches, failures;
};

/// The doors of a KeySource, opened by the host's services http, timer, clock and log. Redirects are not followed
/// (JW-5A). The source must be stopped before the Host ends.
KeySource::Doors doors_of(const Host& host, FetchRules rules, KeyCounters counters = {});

/// The rules, with the host's clock.
TokenGate::Rules at(TokenGate::Rules rules, const Host& host);

/// `max-age` in seconds of a Cache-Control header; 0 for `no-store` and `no-cache`; -1 when it says nothing of these.
/// [any]
std::int64_t max_age_of(std::string_view cache_control) noexcept;

}  // namespace gatehouse::kit::jose
