// gatehouse/host.hpp -- the gateway as an authorizer sees it. Part of authorizer.hpp.
#pragma once
#include <gatehouse/config.hpp>
#include <gatehouse/services.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gatehouse {
inline namespace sdk_1_0_draft_2 {

enum class Level : std::uint32_t {
  Trace = GH_LOG_TRACE,
  Debug = GH_LOG_DEBUG,
  Info = GH_LOG_INFO,
  Warn = GH_LOG_WARN,
  Error = GH_LOG_ERROR,
};

/// Labels of a metric.
using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

/// The gateway as an authorizer sees it. Lives as long as the authorizer; every call from any thread.
///
/// What calls back takes the Call with it and hands it back as the first argument of `fn`, so that an answer cannot be
/// forgotten: when the gateway refuses to begin (the negative status is returned and `fn` never called), when `fn`
/// throws (the text is logged) and when it drops the Call, that Call answers "failed". `fn` and what it captured are
/// destroyed once, called or not. Callbacks of a nonblocking() authorizer come on the event loop and must not wait. The
/// forms without a Call belong to the authorizer: they end with it.
class Host {
 public:
  explicit Host(const gh_host* h) noexcept
      : h_(h),
        log_(service<gh_log>(GH_SVC_LOG)),
        clock_(service<gh_clock>(GH_SVC_CLOCK)),
        timer_(service<gh_timer>(GH_SVC_TIMER)),
        executor_(service<gh_executor>(GH_SVC_EXECUTOR)),
        metrics_(service<gh_metrics>(GH_SVC_METRICS)),
        cache_(service<gh_cache>(GH_SVC_CACHE)),
        secrets_(service<gh_secrets>(GH_SVC_SECRETS)),
        http_(service<gh_http>(GH_SVC_HTTP)),
        body_(service<gh_body>(GH_SVC_BODY)),
        policy_(service<gh_policy_compiler>(GH_SVC_POLICY)),
        identity_(service<gh_identity>(GH_SVC_IDENTITY)) {}
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// A service by its C interface; null when this gateway lacks it.
  template <class T>
  const T* service(const char* id) const noexcept {
    return static_cast<const T*>(h_->service(h_, id));
  }
  std::uint32_t worker_count() const noexcept { return h_->worker_count; }

  bool log_enabled(Level level) const noexcept {
    return log_ != nullptr && log_->enabled(h_, static_cast<std::uint32_t>(level)) == 1;
  }
  /// A line in the gateway's log, with the authorizer's name. `call_id` 0: not about a request. Never a secret.
  void log(Level level, std::string_view message, std::uint64_t call_id = 0) const noexcept {
    if (!log_enabled(level)) return;
    const gh_str text = raw(message);
    log_->write(h_, static_cast<std::uint32_t>(level), call_id, &text, nullptr);
  }
  /// Milliseconds since 1970. Use this, not the system's: tests can stop it.
  std::int64_t unix_ms() const noexcept { return clock_ != nullptr ? clock_->unix_ms(h_) : 0; }
  std::uint64_t monotonic_ns() const noexcept { return clock_ != nullptr ? clock_->monotonic_ns(h_) : 0; }

  /// fn(Call) after `ms` milliseconds (1 to 86,400,000); not at all when nobody waits for the call by then.
  template <class F>
  std::int32_t after(std::uint64_t ms, Call call, F fn) const {
    return ask<WithCall<F>>(timer_, std::move(call), std::move(fn), [&](auto* box) {
      return timer_->start(h_, box->call.id(), ms, &WithCall<F>::on_done, box, nullptr);
    });
  }
  /// fn() after `ms` milliseconds, unless cancelled. The Timer is empty when the gateway refuses.
  template <class F>
  Timer after(std::uint64_t ms, F fn) const {
    Timer timer;
    timer.started = ask<Without<F>>(timer_, Call(nullptr, 0), std::move(fn), [&](auto* box) {
                      return timer_->start(h_, 0, ms, &Without<F>::on_done, box, &timer.id);
                    }) == GH_OK;
    return timer;
  }
  /// Whether it came in time: `fn` is then destroyed soon, and never called.
  bool cancel(Timer timer) const noexcept {
    return timer.started && timer_ != nullptr && timer_->cancel(h_, timer.id) == GH_OK;
  }

  /// fn(Call) on a thread that may block.
  template <class F>
  std::int32_t run(Call call, F fn) const {
    return ask<WithCall<F>>(executor_, std::move(call), std::move(fn),
                            [&](auto* box) { return executor_->run(h_, box->call.id(), &WithCall<F>::on_done, box); });
  }
  /// fn() on a thread that may block.
  template <class F>
  std::int32_t run(F fn) const {
    return ask<Without<F>>(executor_, Call(nullptr, 0), std::move(fn),
                           [&](auto* box) { return executor_->run(h_, 0, &Without<F>::on_done, box); });
  }

  /// For constructor and start() only. Throws std::logic_error for a name that cannot be, or one too many.
  Counter counter(std::string_view name, std::string_view help, const Labels& labels = {}) const {
    std::uint32_t handle = 0;
    if (metrics_ == nullptr) return {};
    declare(metrics_->counter, name, help, labels, handle);
    return {h_, metrics_, handle};
  }
  Histogram histogram(std::string_view name, std::string_view help, const Labels& labels = {}) const {
    std::uint32_t handle = 0;
    if (metrics_ == nullptr) return {};
    declare(metrics_->histogram, name, help, labels, handle);
    return {h_, metrics_, handle};
  }

  /// For constructor and start() only. Compiles a policy document: a handle for Answer::policy. Throws ConfigError with
  /// what is wrong in it, and where.
  std::uint64_t compile_policy(std::uint32_t role, std::string_view json) const {
    if (policy_ == nullptr) throw ConfigError("this gateway has no service " GH_SVC_POLICY);
    const gh_str text = raw(json);
    std::uint64_t handle = 0;
    gh_err error{};
    error.struct_size = sizeof error;
    const std::int32_t status = policy_->compile(h_, role, &text, &handle, &error);
    if (status != GH_OK) throw ConfigError(error.msg[0] != 0 ? error.msg : status_text(status));
    return handle;
  }

  /// What this authorizer kept under that key, on any thread; nothing when it is not there (any more).
  std::optional<std::string> cache_get(std::string_view key) const {
    std::optional<std::string> out;
    const gh_str k = raw(key);
    Copied<std::string> copied{out};
    if (cache_ != nullptr) cache_->get(h_, &k, &Copied<std::string>::on_bytes, &copied);
    copied.check();
    return out;
  }
  /// Keeps it for `ttl_s` seconds (1 to 86,400). GH_E_LIMIT: key (1,024 bytes) or value (1 MiB) too large.
  std::int32_t cache_put(std::string_view key, std::string_view value, std::int32_t ttl_s) const noexcept {
    const gh_str k = raw(key), v = raw(value);
    return cache_ != nullptr ? cache_->put(h_, &k, &v, ttl_s) : GH_E_UNSUPPORTED;
  }
  std::int32_t cache_remove(std::string_view key) const noexcept {
    const gh_str k = raw(key);
    return cache_ != nullptr ? cache_->remove(h_, &k) : GH_E_UNSUPPORTED;
  }

  /// A secret by its name under `secrets:` of the authorizer; read it when it is needed, it may be replaced. Throws
  /// ConfigError when there is none of that name.
  Secret secret(std::string_view name) const {
    std::optional<Secret> out = find_secret(name);
    if (!out)
      throw ConfigError("there is no secret `" + std::string(name) + "`: name it under the authorizer's `secrets:`");
    return std::move(*out);
  }
  std::optional<Secret> find_secret(std::string_view name) const {
    std::optional<Secret> out;
    const gh_str n = raw(name);
    Copied<Secret> copied{out};
    if (secrets_ != nullptr) secrets_->get(h_, &n, &Copied<Secret>::on_bytes, &copied);
    copied.check();
    return out;
  }

  /// fn(Call, const FetchResult&), once, whatever comes of it; Failure::Gone when nobody waits for the call any more.
  template <class F>
  std::int32_t fetch(const Fetch& what, Call call, F fn) const {
    return ask<WithCall<F>>(http_, std::move(call), std::move(fn),
                            [&](auto* box) { return send(what, box->call.id(), &WithCall<F>::on_http, box); });
  }
  /// fn(const FetchResult&): a fetch of the authorizer's own, which no call ends.
  template <class F>
  std::int32_t fetch(const Fetch& what, F fn) const {
    return ask<Without<F>>(http_, Call(nullptr, 0), std::move(fn),
                           [&](auto* box) { return send(what, 0, &Without<F>::on_http, box); });
  }

  /// fn(Call, const BodyResult&) with the body's digest, 32 bytes for GH_HASH_SHA256. One question at a time for a
  /// call.
  template <class F>
  std::int32_t body_hash(std::uint32_t algorithm, Call call, F fn) const {
    return ask<WithCall<F>>(body_, std::move(call), std::move(fn), [&](auto* box) {
      return body_->hash(h_, box->call.id(), algorithm, &WithCall<F>::on_bytes, box);
    });
  }
  /// fn(Call, const BodyResult&) with the whole body, or GH_E_TOO_LARGE when it has more than `max` bytes.
  template <class F>
  std::int32_t read_body(std::uint64_t max, Call call, F fn) const {
    return ask<WithCall<F>>(body_, std::move(call), std::move(fn), [&](auto* box) {
      return body_->read(h_, box->call.id(), max, &WithCall<F>::on_bytes, box);
    });
  }

  /// fn(Call, const KeyResult&) with the key that verifies a signature, and who its owner is. Comes before this returns
  /// when the worker remembers the key, else later. One look-up at a time for a call.
  template <class F>
  std::int32_t lookup_key(const KeyQuery& what, Call call, F fn) const {
    using Waiting = WithCall<F>;
    std::unique_ptr<Waiting> box(new Waiting{*this, std::move(call), std::move(fn)});
    gh_key_query query{};
    query.struct_size = sizeof query;
    query.call_id = box->call.id();
    query.access_key_id = raw(what.access_key_id);
    if (what.session_token.data() != nullptr) query.session_token = raw(what.session_token);
    query.date = raw(what.date);
    query.region = raw(what.region);
    query.service = raw(what.service);
    gh_key key{};
    key.struct_size = sizeof key;
    const std::int32_t status =
        identity_ != nullptr ? identity_->lookup(h_, &query, &key, &Waiting::on_key, box.get()) : GH_E_UNSUPPORTED;
    if (status == GH_PENDING) {
      static_cast<void>(box.release());  // the callback owns it, and may have freed it
      return GH_OK;
    }
    if (status == GH_OK)
      box->use(KeyResult(GH_OK, &key, GH_WORKER_NONE));
    else
      box->call.fail(status_text(status));
    return status <= 0 ? status : GH_E_FAILED;
  }

  const gh_host* c() const noexcept { return h_; }

 private:
  /// What a callback needs, on the heap between the asking and the calling back. Whoever takes it out of `user` owns
  /// it.
  template <class F, bool kCall>
  struct Box {
    const Host& host;
    Call call;
    F fn;

    static void GH_CALL on_done(void* user, std::int32_t status, std::uint32_t) noexcept {
      const std::unique_ptr<Box> box(static_cast<Box*>(user));
      if (status == GH_OK) box->use();
    }
    static void GH_CALL on_bytes(void* user, std::int32_t status, const gh_str* bytes, std::uint32_t worker) noexcept {
      const std::unique_ptr<Box> box(static_cast<Box*>(user));
      box->use(BodyResult{status, status == GH_OK && bytes != nullptr ? view(*bytes) : std::string_view(), worker});
    }
    static void GH_CALL on_http(void* user, const gh_http_response* response, std::uint32_t worker) noexcept {
      const std::unique_ptr<Box> box(static_cast<Box*>(user));
      box->use(FetchResult(response, worker));
    }
    static void GH_CALL on_key(void* user, std::int32_t status, const gh_key* key, std::uint32_t worker) noexcept {
      const std::unique_ptr<Box> box(static_cast<Box*>(user));
      box->use(KeyResult(status, key, worker));
    }
    template <class... A>
    void use(const A&... arguments) noexcept {
      const std::uint64_t id = call.id();
      try {
        if constexpr (kCall)
          fn(std::move(call), arguments...);
        else
          fn(arguments...);
      } catch (const std::exception& x) {
        host.thrown(x.what(), id);
        call.fail(x.what());
      } catch (...) {
        host.thrown("unknown exception", id);
        call.fail("unknown exception");
      }
    }
  };
  template <class F>
  using WithCall = Box<std::decay_t<F>, true>;
  template <class F>
  using Without = Box<std::decay_t<F>, false>;

  /// Lets `begin` hand a box to a service. Refused, the box is ours again and its call is answered.
  template <class B, class F, class Begin>
  std::int32_t ask(const void* service, Call call, F fn, const Begin& begin) const {
    std::unique_ptr<B> box(new B{*this, std::move(call), std::move(fn)});
    const std::int32_t status = service != nullptr ? begin(box.get()) : GH_E_UNSUPPORTED;
    if (status == GH_OK) {
      static_cast<void>(box.release());  // the callback owns it, and may have freed it
      return GH_OK;
    }
    box->call.fail(status_text(status));
    return status < 0 ? status : GH_E_FAILED;
  }

  /// Where a callback that comes before its function returns leaves a copy.
  template <class T>
  struct Copied {
    std::optional<T>& to;
    bool full = false;  // no memory for it
    static void GH_CALL on_bytes(void* user, std::int32_t status, const gh_str* bytes, std::uint32_t) noexcept {
      auto* self = static_cast<Copied*>(user);
      if (status != GH_OK || bytes == nullptr) return;
      try {
        self->to.emplace(view(*bytes));
      } catch (...) {
        self->full = true;
      }
    }
    void check() const {
      if (full) throw std::bad_alloc();
    }
  };

  template <class Declare>
  void declare(Declare function, std::string_view name, std::string_view help, const Labels& labels,
               std::uint32_t& handle) const {
    std::vector<gh_kv> list;
    for (const auto& [key, value] : labels) list.push_back(gh_kv{raw(key), raw(value)});
    const gh_str n = raw(name), h = raw(help);
    const gh_kvs all{list.data(), list.size()};
    const std::int32_t status = function(h_, &n, &h, &all, &handle);
    if (status != GH_OK) throw std::logic_error("metric `" + std::string(name) + "`: " + status_text(status));
  }

  std::int32_t send(const Fetch& what, std::uint64_t call_id, gh_http_fn done, void* user) const {
    std::vector<gh_kv> headers;
    for (const auto& [name, value] : what.headers) headers.push_back(gh_kv{raw(name), raw(value)});
    gh_http_request request{};
    request.struct_size = sizeof request;
    request.timeout_ms = what.timeout_ms;
    request.call_id = call_id;
    request.max_response_bytes = what.max_response_bytes;
    request.max_redirects = what.max_redirects;
    request.flags = (what.allow_http ? GH_FETCH_ALLOW_HTTP : 0u) | (what.allow_private ? GH_FETCH_ALLOW_PRIVATE : 0u);
    request.method = raw(what.method);
    request.url = raw(what.url);
    request.headers = gh_kvs{headers.data(), headers.size()};
    request.body = raw(what.body);
    request.ca_pem = raw(what.ca_pem);
    return http_->fetch(h_, &request, done, user);
  }

  void thrown(const char* what, std::uint64_t call_id) const noexcept { log(Level::Error, what, call_id); }

  const gh_host* h_;
  const gh_log* log_;
  const gh_clock* clock_;
  const gh_timer* timer_;
  const gh_executor* executor_;
  const gh_metrics* metrics_;
  const gh_cache* cache_;
  const gh_secrets* secrets_;
  const gh_http* http_;
  const gh_body* body_;
  const gh_policy_compiler* policy_;
  const gh_identity* identity_;
};

}  // namespace sdk_1_0_draft_2
}  // namespace gatehouse
