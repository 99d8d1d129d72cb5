// What a plugin gets from the host: the list of its services; log and clock.
#include <algorithm>
#include <cstring>
#include <string>

#include "base/log.hpp"
#include "base/text.hpp"
#include "plugin/calls.hpp"
#include "plugin/services.hpp"

namespace gatehouse::plugin {
namespace {

constexpr std::size_t kMaxMessage = 4096;
constexpr std::size_t kMaxFields = 16;

base::Level level_of(std::uint32_t level) noexcept {
  switch (level) {
    case GH_LOG_TRACE:
      return base::Level::Trace;
    case GH_LOG_DEBUG:
      return base::Level::Debug;
    case GH_LOG_INFO:
      return base::Level::Info;
    case GH_LOG_WARN:
      return base::Level::Warn;
    default:
      return base::Level::Error;
  }
}

std::string_view part(const gh_str& s, std::size_t most) noexcept {
  return s.ptr == nullptr ? std::string_view() : std::string_view(s.ptr, std::min(s.len, most));
}

}  // namespace

const gh_log Instance::kLog = {sizeof(gh_log), 0, &Instance::log_enabled, &Instance::write_log};
const gh_clock Instance::kClock = {sizeof(gh_clock), 0, &Instance::monotonic_ns, &Instance::unix_ms};

// Services that need a grant say in a sentence's words what must be written.
const Service* Instance::find_service(std::string_view id) noexcept {
  static constexpr Service kServices[] = {
      {GH_SVC_LOG, &kLog},
      {GH_SVC_CLOCK, &kClock},
      {GH_SVC_TIMER, &kTimerService},
      {GH_SVC_EXECUTOR, &kExecutorService},
      {GH_SVC_METRICS, &kMetricsService},
      {GH_SVC_CACHE, &kCacheService},
      {GH_SVC_SECRETS, &kSecretsService},
      {GH_SVC_POLICY, &kPolicyService},
      {GH_SVC_HTTP, &kHttpService, "{http: {hosts: [idp.example.com]}}",
       [](const config::Grants& grants) { return grants.http.has_value(); }},
      {GH_SVC_IDENTITY, &kIdentityService, "{identity: true}", [](const config::Grants& g) { return g.identity; }},
      {GH_SVC_BODY, &kBodyService, "{body: true}", [](const config::Grants& g) { return g.body; }},
  };
  for (const Service& one : kServices)
    if (id == one.id) return &one;
  return nullptr;
}

const Service* find_service(std::string_view id) noexcept {
  return Instance::find_service(id);
}

const void* GH_CALL Instance::service(const gh_host* host, const char* id) noexcept {
  if (host == nullptr || id == nullptr) return nullptr;
  const Service* const found = find_service(id);
  if (found == nullptr || !found->given(of(host).provisions_.grants)) return nullptr;
  return found->table != &kIdentityService || of(host).provisions_.lookups != nullptr ? found->table : nullptr;
}

std::int32_t GH_CALL Instance::log_enabled(const gh_host*, std::uint32_t level) noexcept {
  return base::log_enabled(level_of(level)) ? 1 : 0;
}

void GH_CALL Instance::write_log(const gh_host* host, std::uint32_t level, std::uint64_t call_id, const gh_str* message,
                                 const gh_kvs* fields) noexcept try {
  if (host == nullptr || message == nullptr || !base::log_enabled(level_of(level))) return;
  const auto* self = static_cast<const Instance*>(host->impl);
  std::string more;
  for (std::size_t i = 0; fields != nullptr && fields->items != nullptr && i < std::min(fields->count, kMaxFields);
       ++i) {
    if (i > 0) more += ' ';
    more += part(fields->items[i].key, 64);
    more += '=';
    more += part(fields->items[i].val, 512);
  }
  base::log(level_of(level), part(*message, kMaxMessage),
            {{"plugin", self->plugin_id_},
             {"authorizer", self->identity_.name},
             {"call", call_id == 0 ? std::string() : std::to_string(call_id)},
             {"fields", more}});
} catch (...) {
  // Out of memory: the line is lost.
}

std::uint64_t GH_CALL Instance::monotonic_ns(const gh_host* host) noexcept {
  return static_cast<std::uint64_t>(static_cast<const Instance*>(host->impl)->clock_.monotonic_ns());
}

std::int64_t GH_CALL Instance::unix_ms(const gh_host* host) noexcept {
  return static_cast<const Instance*>(host->impl)->clock_.unix_ms();
}

}  // namespace gatehouse::plugin
