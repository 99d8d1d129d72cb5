// The services of the stage. Each does what abi.h says of it, or fails in one of the ways that abi.h allows.
#include <algorithm>
#include <cstring>

#include "conformance/stage.hpp"

namespace gatehouse::conformance {
namespace {

constexpr std::int64_t kNowMs = 1'767'225'600'000;  // the clock stands still at 2026-01-01T00:00:00Z

std::string text_of(const gh_str* s) {
  return s != nullptr && s->ptr != nullptr ? std::string(s->ptr, s->len) : std::string();
}

// SHA-256 of nothing.
constexpr unsigned char kEmptyDigest[32] = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
                                            0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
                                            0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

}  // namespace

struct ServiceTable {
  static Stage& of(const gh_host* host) { return *static_cast<Stage*>(host->impl); }
  static std::int32_t status(const Stage& stage, std::int32_t failure) {
    return stage.services_ == Services::Fail ? failure : GH_OK;
  }

  static std::int32_t GH_CALL log_enabled(const gh_host*, std::uint32_t) noexcept { return 1; }
  static void GH_CALL log_write(const gh_host* host, std::uint32_t level, std::uint64_t, const gh_str* message,
                                const gh_kvs* fields) noexcept {
    if (message == nullptr || (message->ptr == nullptr && message->len > 0))
      return of(host).misdeed("it wrote a line of log without a message");
    if (level > GH_LOG_ERROR) of(host).misdeed("it wrote a line of log of an unknown level");
    text_of(message);
    for (std::size_t i = 0; fields != nullptr && i < fields->count; ++i)
      text_of(&fields->items[i].key), text_of(&fields->items[i].val);
  }
  static std::uint64_t GH_CALL monotonic_ns(const gh_host*) noexcept {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Looper::Clock::now().time_since_epoch()).count());
  }
  static std::int64_t GH_CALL unix_ms(const gh_host*) noexcept { return kNowMs; }

  static std::int32_t GH_CALL timer_start(const gh_host* host, std::uint64_t call_id, std::uint64_t ms, gh_done_fn done,
                                          void* user, std::uint64_t* id) noexcept {
    Stage& stage = of(host);
    if (done == nullptr || ms == 0 || ms > 86'400'000) return GH_E_INVALID;
    if (stage.refusal() != GH_OK) return stage.refusal();
    const std::uint64_t number =
        stage.later(call_id, std::chrono::milliseconds(ms), false, status(stage, GH_E_GONE),
                    [done, user](std::int32_t code, std::uint32_t worker) { done(user, code, worker); });
    if (id != nullptr) *id = number;
    return GH_OK;
  }
  static std::int32_t GH_CALL timer_cancel(const gh_host* host, std::uint64_t id) noexcept {
    return of(host).cut_short(id) ? GH_OK : GH_E_NOTFOUND;
  }
  static std::int32_t GH_CALL executor_run(const gh_host* host, std::uint64_t call_id, gh_done_fn work,
                                           void* user) noexcept {
    Stage& stage = of(host);
    if (work == nullptr) return GH_E_INVALID;
    if (stage.refusal() != GH_OK) return stage.refusal();
    stage.later(call_id, {}, true, status(stage, GH_E_GONE),
                [work, user](std::int32_t code, std::uint32_t) { work(user, code, GH_WORKER_NONE); });
    return GH_OK;
  }

  static std::int32_t GH_CALL metric(const gh_host* host, const gh_str* name, const gh_str*, const gh_kvs* labels,
                                     std::uint32_t* handle) noexcept {
    Stage& stage = of(host);
    if (stage.services_ != Services::Work) return GH_E_LIMIT;
    const std::string text = text_of(name);
    if (handle == nullptr || text.empty() || text.size() > 64) return GH_E_INVALID;
    std::string key = text;
    for (std::size_t i = 0; labels != nullptr && i < labels->count; ++i)
      key += "," + text_of(&labels->items[i].key) + "=" + text_of(&labels->items[i].val);
    const std::lock_guard lock(stage.mutex_);
    auto& all = stage.metrics_;
    const auto at = std::find(all.begin(), all.end(), key);
    *handle = static_cast<std::uint32_t>(at - all.begin());
    if (at != all.end()) return GH_OK;
    if (all.size() == 64) return GH_E_LIMIT;
    all.push_back(std::move(key));
    return GH_OK;
  }
  static void GH_CALL metric_value(const gh_host* host, std::uint32_t handle, std::uint64_t) noexcept {
    Stage& stage = of(host);
    bool known = false;
    {
      const std::lock_guard lock(stage.mutex_);
      known = handle < stage.metrics_.size();
    }
    if (!known && stage.services_ == Services::Work) stage.misdeed("it counts in a metric that it has not declared");
  }

  static std::int32_t GH_CALL policy_compile(const gh_host* host, std::uint32_t role, const gh_str* json,
                                             std::uint64_t* handle, gh_err* error) noexcept {
    if (json == nullptr || handle == nullptr || role < GH_ROLE_IDENTITY || role > GH_ROLE_ENDPOINT) return GH_E_INVALID;
    if (of(host).services_ == Services::Work) {
      *handle = 1;
      return GH_OK;
    }
    if (error != nullptr) std::strcpy(error->msg, "Invalid policy document");
    return GH_E_CONFIG;
  }

  static std::int32_t GH_CALL cache_get(const gh_host* host, const gh_str* key, gh_bytes_fn use, void* user) noexcept {
    Stage& stage = of(host);
    if (key == nullptr || use == nullptr) return GH_E_INVALID;
    if (stage.services_ != Services::Work) return GH_E_NOTFOUND;
    std::string value;
    {
      const std::lock_guard lock(stage.mutex_);
      const auto at = stage.cache_.find(text_of(key));
      if (at == stage.cache_.end()) return GH_E_NOTFOUND;
      value = at->second;
    }
    const gh_str bytes{value.data(), value.size()};
    use(user, GH_OK, &bytes, GH_WORKER_NONE);
    return GH_OK;
  }
  static std::int32_t GH_CALL cache_put(const gh_host* host, const gh_str* key, const gh_str* value,
                                        std::int32_t ttl_s) noexcept {
    Stage& stage = of(host);
    if (key == nullptr || value == nullptr || ttl_s < 1 || ttl_s > 86'400) return GH_E_INVALID;
    if (stage.services_ != Services::Work || key->len > 1024 || value->len > (1u << 20)) return GH_E_LIMIT;
    const std::lock_guard lock(stage.mutex_);
    if (stage.cache_.size() >= 64) stage.cache_.clear();
    stage.cache_[text_of(key)] = text_of(value);
    return GH_OK;
  }
  static std::int32_t GH_CALL cache_remove(const gh_host* host, const gh_str* key) noexcept {
    Stage& stage = of(host);
    const std::lock_guard lock(stage.mutex_);
    return stage.cache_.erase(text_of(key)) > 0 ? GH_OK : GH_E_NOTFOUND;
  }
  static std::int32_t GH_CALL secret_get(const gh_host* host, const gh_str* name, gh_bytes_fn use,
                                         void* user) noexcept {
    if (name == nullptr || use == nullptr) return GH_E_INVALID;
    if (of(host).services_ != Services::Work) return GH_E_NOTFOUND;
    static constexpr char kSecret[] = "a secret for the check, of 44 characters abcd";
    const gh_str bytes{kSecret, sizeof kSecret - 1};
    use(user, GH_OK, &bytes, GH_WORKER_NONE);
    return GH_OK;
  }

  static std::int32_t GH_CALL fetch(const gh_host* host, const gh_http_request* request, gh_http_fn done,
                                    void* user) noexcept {
    return of(host).fetch(request, done, user);
  }
  static std::int32_t GH_CALL body_hash(const gh_host* host, std::uint64_t call_id, std::uint32_t algorithm,
                                        gh_bytes_fn done, void* user) noexcept {
    if (algorithm != GH_HASH_SHA256) return GH_E_UNSUPPORTED;
    static const gh_str digest{reinterpret_cast<const char*>(kEmptyDigest), sizeof kEmptyDigest};
    return body(of(host), call_id, done, user, digest);
  }
  static std::int32_t GH_CALL body_read(const gh_host* host, std::uint64_t call_id, std::uint64_t, gh_bytes_fn done,
                                        void* user) noexcept {
    return body(of(host), call_id, done, user, gh_str{"", 0});
  }
  static std::int32_t body(Stage& stage, std::uint64_t call_id, gh_bytes_fn done, void* user, gh_str bytes) {
    if (done == nullptr) return GH_E_INVALID;
    if (stage.refusal() != GH_OK) return stage.refusal();
    stage.later(call_id, {}, false, status(stage, GH_E_TOO_LARGE),
                [done, user, bytes](std::int32_t code, std::uint32_t worker) {
                  const gh_str none{nullptr, 0};
                  done(user, code, code == GH_OK ? &bytes : &none, worker);
                });
    return GH_OK;
  }

  /// A store in which nobody is: every key is unknown, and has a dummy to go through the motions with.
  static std::int32_t GH_CALL key_lookup(const gh_host* host, const gh_key_query* query, gh_key* out, gh_key_fn done,
                                         void* user) noexcept {
    if (!GH_HAS(query, service) || !GH_HAS(out, principal_arn) || done == nullptr) return GH_E_INVALID;
    Stage& stage = of(host);
    if (stage.refusal() != GH_OK) return stage.refusal();
    stage.later(query->call_id, {}, false, status(stage, GH_E_FAILED),
                [done, user](std::int32_t code, std::uint32_t worker) {
                  gh_key key{};
                  key.struct_size = sizeof key;
                  key.status = GH_KEY_UNKNOWN;
                  key.signing_key = {reinterpret_cast<const char*>(kEmptyDigest), sizeof kEmptyDigest};
                  done(user, code, code == GH_OK ? &key : nullptr, worker);
                });
    return GH_PENDING;
  }

  static const void* find(std::string_view id) {
    static const gh_log log = {sizeof log, 0, log_enabled, log_write};
    static const gh_clock clock = {sizeof clock, 0, monotonic_ns, unix_ms};
    static const gh_timer timer = {sizeof timer, 0, timer_start, timer_cancel};
    static const gh_executor executor = {sizeof executor, 0, executor_run};
    static const gh_metrics metrics = {sizeof metrics, 0, metric, metric, metric_value, metric_value};
    static const gh_cache cache = {sizeof cache, 0, cache_get, cache_put, cache_remove};
    static const gh_secrets secrets = {sizeof secrets, 0, secret_get};
    static const gh_http http = {sizeof http, 0, fetch};
    static const gh_body body = {sizeof body, 0, body_hash, body_read};
    static const gh_policy_compiler policy = {sizeof policy, 0, policy_compile};
    static const gh_identity identity = {sizeof identity, 0, key_lookup};
    const std::pair<std::string_view, const void*> all[] = {
        {GH_SVC_LOG, &log},         {GH_SVC_CLOCK, &clock},   {GH_SVC_TIMER, &timer},      {GH_SVC_EXECUTOR, &executor},
        {GH_SVC_METRICS, &metrics}, {GH_SVC_CACHE, &cache},   {GH_SVC_SECRETS, &secrets},  {GH_SVC_HTTP, &http},
        {GH_SVC_BODY, &body},       {GH_SVC_POLICY, &policy}, {GH_SVC_IDENTITY, &identity}};
    for (const auto& [name, table] : all)
      if (name == id) return table;
    return nullptr;
  }
};

const void* GH_CALL Stage::service(const gh_host* host, const char* id) noexcept {
  const Stage& self = ServiceTable::of(host);
  if (id == nullptr) return nullptr;
  const bool required = std::find(self.required_.begin(), self.required_.end(), id) != self.required_.end();
  return self.services_ == Services::Absent && !required ? nullptr : ServiceTable::find(id);
}

}  // namespace gatehouse::conformance
