// gatehouse/testing/services.hpp -- the services of abi.h as fakes that a test steers. Part of testing.hpp.
#pragma once
#include <gatehouse/testing/digest.hpp>
#include <gatehouse/testing/host.hpp>
#include <gatehouse/testing/identities.hpp>

namespace gatehouse::testing {

struct LogLine {
  std::uint32_t level;
  std::uint64_t call_id;
  std::string text;
};
/// A fetch as the plugin asked for it.
struct Fetched {
  std::string method, url, body, ca_pem;
  TestRequest::Pairs headers;
  std::uint32_t timeout_ms, max_redirects, flags;
  std::uint64_t max_response_bytes, call_id;
  std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (detail::lower(key) == name) return value;
    return {};
  }
};
/// What a fetch of that method and URL comes to.
struct Served {
  std::string method, url;
  std::int32_t status;  // HTTP status; negative: why there is none
  std::string body;
  TestRequest::Pairs headers;
  bool hangs = false;  // until the fetch's own timeout
};

class Services : public Engine {
 public:
  std::map<std::string, std::string, std::less<>> secrets;
  struct Kept {
    std::string value;
    std::uint64_t until_ns;
  };
  std::map<std::string, Kept, std::less<>> cache;
  std::map<std::string, std::uint64_t, std::less<>> metrics;  // `name` or `name{a="b"}` -> sum
  std::vector<std::pair<std::string, bool>> metric_names;     // by handle; true: a histogram
  std::vector<Served> served;                                 // the last that fits answers
  std::vector<Fetched> fetched;
  std::vector<std::pair<std::uint32_t, std::string>> policies;  // role and document, by handle from 1: not weighed here
  std::vector<LogLine> log;
  Identities identities;
  std::map<std::string, std::int32_t, std::less<>> failing;
  std::set<std::string, std::less<>> missing;
  bool may_declare = true;
  gh_host c{};

  Services() {
    c.struct_size = sizeof c;
    c.abi_minor = GH_ABI_MINOR;
    c.worker_count = kWorkers;
    c.impl = this;
    c.name = "gatehouse-testing";
    c.version = "1.0.0";
    c.service = [](const gh_host* h, const char* id) noexcept { return of(h).service(id); };
    c.complete = [](const gh_host* h, std::uint64_t id, const gh_answer* a) noexcept { return of(h).complete(id, a); };
  }

 private:
  static Services& of(const gh_host* h) noexcept { return *static_cast<Services*>(h->impl); }
  static std::string text(const gh_str* s) {
    return s == nullptr || s->ptr == nullptr ? std::string() : std::string(s->ptr, s->len);
  }
  static gh_str raw(const std::string& s) noexcept { return gh_str{s.data(), s.size()}; }
  std::int32_t refusal(const char* id) const {
    const auto found = failing.find(id);
    return found == failing.end() ? GH_OK : found->second;
  }
  using Hold = std::lock_guard<std::mutex>;

  const void* service(const char* id) {
    static const gh_log kLog = {
        sizeof kLog, 0, [](const gh_host*, std::uint32_t) noexcept { return std::int32_t{1}; },
        [](const gh_host* h, std::uint32_t level, std::uint64_t call, const gh_str* message, const gh_kvs*) noexcept {
          const Hold hold(of(h).mutex);
          of(h).log.push_back({level, call, text(message)});
        }};
    static const gh_clock kClock = {sizeof kClock, 0,
                                    [](const gh_host* h) noexcept {
                                      const Hold hold(of(h).mutex);
                                      return of(h).now_ns;
                                    },
                                    [](const gh_host* h) noexcept {
                                      const Hold hold(of(h).mutex);
                                      return of(h).unix_ms;
                                    }};
    static const gh_timer kTimer = {sizeof kTimer, 0, timer_start, timer_cancel};
    static const gh_executor kExecutor = {sizeof kExecutor, 0, executor_run};
    static const gh_metrics kMetrics = {sizeof kMetrics, 0, counter, histogram, add, add};
    static const gh_cache kCache = {sizeof kCache, 0, cache_get, cache_put, cache_remove};
    static const gh_secrets kSecrets = {sizeof kSecrets, 0, secret_get};
    static const gh_http kHttp = {sizeof kHttp, 0, fetch};
    static const gh_body kBody = {sizeof kBody, 0, body_hash, body_read};
    static const gh_policy_compiler kPolicy = {sizeof kPolicy, 0, policy_compile};
    static const gh_identity kIdentity = {sizeof kIdentity, 0, lookup_key};
    static const std::map<std::string, const void*, std::less<>> kAll = {
        {GH_SVC_LOG, &kLog},           {GH_SVC_CLOCK, &kClock},      {GH_SVC_TIMER, &kTimer},
        {GH_SVC_EXECUTOR, &kExecutor}, {GH_SVC_METRICS, &kMetrics},  {GH_SVC_CACHE, &kCache},
        {GH_SVC_SECRETS, &kSecrets},   {GH_SVC_HTTP, &kHttp},        {GH_SVC_BODY, &kBody},
        {GH_SVC_POLICY, &kPolicy},     {GH_SVC_IDENTITY, &kIdentity}};
    const Hold hold(mutex);
    const auto found = kAll.find(std::string_view(id));
    return found == kAll.end() || missing.count(std::string_view(id)) != 0 ? nullptr : found->second;
  }

  static std::int32_t GH_CALL timer_start(const gh_host* h, std::uint64_t call, std::uint64_t ms, gh_done_fn done,
                                          void* user, std::uint64_t* id) noexcept {
    Services& s = of(h);
    const Hold hold(s.mutex);
    if (const std::int32_t status = s.refusal(GH_SVC_TIMER)) return status;
    if (ms < 1 || ms > 86'400'000 || done == nullptr) return GH_E_INVALID;
    if (s.is_over(call)) return GH_E_GONE;
    const std::uint64_t made =
        s.later(ms, GH_OK, s.job(call, [=](std::int32_t status, std::uint32_t worker) { done(user, status, worker); }));
    if (id != nullptr) *id = made;
    return GH_OK;
  }
  static std::int32_t GH_CALL timer_cancel(const gh_host* h, std::uint64_t id) noexcept {
    Services& s = of(h);
    const Hold hold(s.mutex);
    for (auto due = s.dues.begin(); due != s.dues.end(); ++due) {
      if (due->id != id) continue;
      Job job = std::move(due->job);
      s.dues.erase(due);
      job.run = [run = std::move(job.run)](std::int32_t, std::uint32_t worker) { run(GH_E_GONE, worker); };
      s.soon(std::move(job));
      return GH_OK;
    }
    return GH_E_NOTFOUND;
  }
  static std::int32_t GH_CALL executor_run(const gh_host* h, std::uint64_t call, gh_done_fn work, void* user) noexcept {
    Services& s = of(h);
    const Hold hold(s.mutex);
    if (const std::int32_t status = s.refusal(GH_SVC_EXECUTOR)) return status;
    if (work == nullptr) return GH_E_INVALID;
    if (s.is_over(call)) return GH_E_GONE;
    Job job = s.job(call, [=](std::int32_t status, std::uint32_t worker) { work(user, status, worker); });
    job.blocking = true;
    s.soon(std::move(job));
    return GH_OK;
  }
  static std::int32_t declare(const gh_host* h, const gh_str* name, const gh_kvs* labels, std::uint32_t* handle,
                              bool durations) {
    Services& s = of(h);
    const Hold hold(s.mutex);
    if (const std::int32_t status = s.refusal(GH_SVC_METRICS)) return status;
    if (!s.may_declare) return GH_E_STATE;
    std::string full = text(name);
    const auto plain = [](char x) { return (x >= 'a' && x <= 'z') || (x >= '0' && x <= '9') || x == '_'; };
    if (full.empty() || full.size() > 64 || full[0] < 'a' || full[0] > 'z' ||
        !std::all_of(full.begin(), full.end(), plain))
      return GH_E_INVALID;
    for (std::size_t i = 0; labels != nullptr && i < labels->count; ++i)
      full += (i == 0 ? "{" : ",") + text(&labels->items[i].key) + "=\"" + text(&labels->items[i].val) + "\"";
    if (full.find('{') != std::string::npos) full += '}';
    for (std::size_t i = 0; i < s.metric_names.size(); ++i)
      if (s.metric_names[i].first == full) {
        *handle = static_cast<std::uint32_t>(i);
        return s.metric_names[i].second == durations ? GH_OK : GH_E_INVALID;
      }
    if (s.metric_names.size() >= 64) return GH_E_LIMIT;
    *handle = static_cast<std::uint32_t>(s.metric_names.size());
    s.metric_names.emplace_back(full, durations);
    s.metrics[full] = 0;
    return GH_OK;
  }
  static std::int32_t GH_CALL counter(const gh_host* h, const gh_str* name, const gh_str*, const gh_kvs* labels,
                                      std::uint32_t* handle) noexcept {
    return declare(h, name, labels, handle, false);
  }
  static std::int32_t GH_CALL histogram(const gh_host* h, const gh_str* name, const gh_str*, const gh_kvs* labels,
                                        std::uint32_t* handle) noexcept {
    return declare(h, name, labels, handle, true);
  }
  static void GH_CALL add(const gh_host* h, std::uint32_t handle, std::uint64_t value) noexcept {
    Services& s = of(h);
    const Hold hold(s.mutex);
    if (handle < s.metric_names.size()) s.metrics[s.metric_names[handle].first] += value;
  }

  static std::int32_t GH_CALL policy_compile(const gh_host* h, std::uint32_t role, const gh_str* json,
                                             std::uint64_t* handle, gh_err* error) noexcept {
    Services& s = of(h);
    const Hold hold(s.mutex);
    if (const std::int32_t status = s.refusal(GH_SVC_POLICY)) {
      if (error != nullptr) {
        const char why[] = "Invalid policy document";
        std::copy(std::begin(why), std::end(why), error->msg);
      }
      return status;
    }
    if (!s.may_declare) return GH_E_STATE;
    if (handle == nullptr || role < GH_ROLE_IDENTITY || role > GH_ROLE_ENDPOINT) return GH_E_INVALID;
    s.policies.emplace_back(role, text(json));
    *handle = s.policies.size();
    return GH_OK;
  }

  static std::int32_t GH_CALL cache_get(const gh_host* h, const gh_str* key, gh_bytes_fn use, void* user) noexcept {
    Services& s = of(h);
    std::string value;
    {
      const Hold hold(s.mutex);
      if (const std::int32_t status = s.refusal(GH_SVC_CACHE)) return status;
      const auto found = s.cache.find(text(key));
      if (found == s.cache.end() || found->second.until_ns <= s.now_ns) return GH_E_NOTFOUND;
      value = found->second.value;
    }
    const gh_str bytes = raw(value);
    use(user, GH_OK, &bytes, GH_WORKER_NONE);
    return GH_OK;
  }
  static std::int32_t GH_CALL cache_put(const gh_host* h, const gh_str* key, const gh_str* value,
                                        std::int32_t ttl_s) noexcept {
    Services& s = of(h);
    const Hold hold(s.mutex);
    if (const std::int32_t status = s.refusal(GH_SVC_CACHE)) return status;
    if (ttl_s < 1 || ttl_s > 86'400) return GH_E_INVALID;
    if (key->len > 1024 || value->len > (1u << 20)) return GH_E_LIMIT;
    s.cache[text(key)] = {text(value), s.now_ns + static_cast<std::uint64_t>(ttl_s) * 1'000'000'000u};
    return GH_OK;
  }
  static std::int32_t GH_CALL cache_remove(const gh_host* h, const gh_str* key) noexcept {
    Services& s = of(h);
    const Hold hold(s.mutex);
    if (const std::int32_t status = s.refusal(GH_SVC_CACHE)) return status;
    return s.cache.erase(text(key)) > 0 ? GH_OK : GH_E_NOTFOUND;
  }
  static std::int32_t GH_CALL secret_get(const gh_host* h, const gh_str* name, gh_bytes_fn use, void* user) noexcept {
    Services& s = of(h);
    std::string value;
    {
      const Hold hold(s.mutex);
      if (const std::int32_t status = s.refusal(GH_SVC_SECRETS)) return status;
      const auto found = s.secrets.find(text(name));
      if (found == s.secrets.end()) return GH_E_NOTFOUND;
      value = found->second;
    }
    const gh_str bytes = raw(value);
    use(user, GH_OK, &bytes, GH_WORKER_NONE);
    return GH_OK;
  }

  /// What gh_http_request's comments ask for.
  static bool sound(const gh_http_request& r, const Fetched& f) {
    const std::string_view methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    if (std::find(std::begin(methods), std::end(methods), f.method) == std::end(methods)) return false;
    if (r.timeout_ms > 60'000 || r.max_redirects > 10 || r.max_response_bytes > (16u << 20) ||
        f.body.size() > (1u << 20))
      return false;
    const std::size_t scheme = f.url.find("://");
    if (scheme == std::string::npos || (f.url.substr(0, scheme) != "https" && f.url.substr(0, scheme) != "http"))
      return false;
    const std::string host = f.url.substr(scheme + 3, f.url.find_first_of("/?", scheme + 3) - scheme - 3);
    if (host.empty() || host.find('@') != std::string::npos || f.url.find_first_of("# \r\n") != std::string::npos)
      return false;
    for (const auto& [name, value] : f.headers) {
      const std::string low = detail::lower(name);
      for (const char* own : {"", "host", "content-length", "transfer-encoding", "connection", "te", "trailer",
                              "upgrade", "keep-alive", "proxy-connection", "expect"})
        if (low == own) return false;
      if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) return false;
    }
    return true;
  }
  static std::int32_t GH_CALL fetch(const gh_host* h, const gh_http_request* r, gh_http_fn done, void* user) noexcept {
    Services& s = of(h);
    const Hold hold(s.mutex);
    if (const std::int32_t status = s.refusal(GH_SVC_HTTP)) return status;
    if (!GH_HAS(r, ca_pem) || done == nullptr) return GH_E_INVALID;
    Fetched f{text(&r->method), text(&r->url),    text(&r->body), text(&r->ca_pem),      {},
              r->timeout_ms,    r->max_redirects, r->flags,       r->max_response_bytes, r->call_id};
    for (std::size_t i = 0; i < r->headers.count; ++i)
      f.headers.emplace_back(text(&r->headers.items[i].key), text(&r->headers.items[i].val));
    if (!sound(*r, f)) return GH_E_INVALID;
    if (s.is_over(r->call_id)) return GH_E_GONE;
    Served what{f.method, f.url, GH_E_REFUSED, "", {}, false};
    std::string error = "no answer was set for " + f.method + " " + f.url;
    for (const Served& one : s.served)
      if (one.method == f.method && one.url == f.url) what = one, error = "as the test says";
    if (what.url.rfind("http:", 0) == 0 && (f.flags & GH_FETCH_ALLOW_HTTP) == 0)
      what.status = GH_E_REFUSED, error = "plain HTTP";
    if (what.status > 0 && what.body.size() > (f.max_response_bytes != 0 ? f.max_response_bytes : 1u << 20))
      what.status = GH_E_TOO_LARGE;
    const auto give = [=](std::int32_t status, std::uint32_t worker) {
      std::vector<gh_kv> headers;
      for (const auto& [name, value] : what.headers) headers.push_back({raw(name), raw(value)});
      gh_http_response response{};
      response.struct_size = sizeof response;
      response.status = status == GH_OK ? what.hangs ? GH_E_TIMEOUT : what.status : status;
      const bool came = response.status > 0;
      if (came) response.headers = {headers.data(), headers.size()}, response.body = raw(what.body);
      response.url = raw(what.url);
      if (!came) response.error = raw(error);
      done(user, &response, worker);
    };
    s.fetched.push_back(std::move(f));
    if (what.hangs)
      s.later(r->timeout_ms != 0 ? r->timeout_ms : 10'000, GH_OK, s.job(r->call_id, give));
    else
      s.soon(s.job(r->call_id, give));
    return GH_OK;
  }

  static std::int32_t GH_CALL lookup_key(const gh_host* h, const gh_key_query* query, gh_key* out, gh_key_fn done,
                                         void* user) noexcept {
    Services& s = of(h);
    const Hold hold(s.mutex);
    if (const std::int32_t status = s.refusal(GH_SVC_IDENTITY)) return status;
    if (!GH_HAS(query, service) || !GH_HAS(out, principal_arn) || done == nullptr) return GH_E_INVALID;
    Question* const q = s.open_call(query->call_id);
    if (q == nullptr) return s.calls.count(query->call_id) != 0 ? GH_E_GONE : GH_E_NOTFOUND;
    if (q->key_open) return GH_E_STATE;
    std::optional<std::string> token;
    if (query->session_token.ptr != nullptr) token = text(&query->session_token);
    const auto found = std::make_shared<const Identities::Found>(s.identities.find(
        text(&query->access_key_id), token, text(&query->date), text(&query->region), text(&query->service)));
    const auto fill = [](gh_key& key, const Identities::Found& from) {
      key.status = from.status;
      key.signing_key = raw(from.signing_key);
      key.caller = from.caller;
      key.principal_arn = raw(from.principal_arn);
    };
    if (s.identities.at_once) {
      q->found = found;
      fill(*out, *found);
      return GH_OK;
    }
    q->key_open = true;
    const std::int32_t outcome = s.identities.outcome;
    s.soon(s.job(query->call_id, [&s, call = query->call_id, done, user, outcome, found, fill](std::int32_t status,
                                                                                               std::uint32_t worker) {
      if (status == GH_OK) status = outcome;
      {
        const Hold inner(s.mutex);
        if (Question* open = s.open_call(call)) {
          open->key_open = false;
          if (status == GH_OK) open->found = found;
        }
      }
      gh_key key{};
      key.struct_size = sizeof key;
      fill(key, *found);
      done(user, status, status == GH_OK ? &key : nullptr, worker);
    }));
    return GH_PENDING;
  }

  static std::int32_t body(const gh_host* h, std::uint64_t call, std::uint64_t max, bool digest, gh_bytes_fn done,
                           void* user) {
    Services& s = of(h);
    const Hold hold(s.mutex);
    if (const std::int32_t status = s.refusal(GH_SVC_BODY)) return status;
    if (done == nullptr) return GH_E_INVALID;
    Question* q = s.open_call(call);
    if (q == nullptr) return s.calls.count(call) != 0 ? GH_E_GONE : GH_E_NOTFOUND;
    if (q->body_open) return GH_E_STATE;
    q->body_open = true;
    std::int32_t outcome = q->request->body_status;
    if (outcome == GH_OK && !digest && q->request->body.size() > max) outcome = GH_E_TOO_LARGE;
    std::string bytes = outcome != GH_OK ? std::string() : digest ? sha256(q->request->body) : q->request->body;
    s.soon(s.job(call,
                 [&s, call, done, user, outcome, bytes = std::move(bytes)](std::int32_t status, std::uint32_t worker) {
                   {
                     const Hold inner(s.mutex);
                     if (Question* open = s.open_call(call)) open->body_open = false;
                   }
                   const gh_str all = raw(bytes);
                   done(user, status == GH_OK ? outcome : status, &all, worker);
                 }));
    return GH_OK;
  }
  static std::int32_t GH_CALL body_hash(const gh_host* h, std::uint64_t call, std::uint32_t algorithm, gh_bytes_fn done,
                                        void* user) noexcept {
    return algorithm == GH_HASH_SHA256 ? body(h, call, 0, true, done, user) : GH_E_UNSUPPORTED;
  }
  static std::int32_t GH_CALL body_read(const gh_host* h, std::uint64_t call, std::uint64_t max, gh_bytes_fn done,
                                        void* user) noexcept {
    return max <= 10u << 20 ? body(h, call, max, false, done, user) : GH_E_INVALID;
  }
};

}  // namespace gatehouse::testing
