#pragma once
#include <gatehouse/abi.h>

#include <string_view>

#include "config/config.hpp"

namespace gatehouse::plugin {

/// One service of the host.
struct Service {
  const char* id;
  const void* table;
  /// What must be written under the authorizer's `grants` for it; null: it needs no grant.
  const char* grant = nullptr;
  bool (*granted)(const config::Grants& grants) = nullptr;

  bool given(const config::Grants& grants) const noexcept { return granted == nullptr || granted(grants); }
};

/// The service of that id; null when this gateway does not have it. [any]
const Service* find_service(std::string_view id) noexcept;

// One file each: service_*.cpp. Tables of the C ABI; whatever stands in one may be called from any thread.
extern const gh_timer kTimerService;
extern const gh_executor kExecutorService;
extern const gh_metrics kMetricsService;
extern const gh_cache kCacheService;
extern const gh_secrets kSecretsService;
extern const gh_http kHttpService;
extern const gh_body kBodyService;
extern const gh_policy_compiler kPolicyService;
extern const gh_identity kIdentityService;

/// A text that a plugin handed over; nothing when it has a length and no place.
inline bool is_text(const gh_str* s) noexcept {
  return s != nullptr && (s->ptr != nullptr || s->len == 0);
}
inline std::string_view view(const gh_str& s) noexcept {
  return s.ptr == nullptr ? std::string_view() : std::string_view(s.ptr, s.len);
}

}  // namespace gatehouse::plugin
