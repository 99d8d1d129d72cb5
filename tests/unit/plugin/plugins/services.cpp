// A plugin that uses every service that the host has by itself, on demand. Against the C ABI: its rules are what is
// tested.
//
// settings: {"do": "<behavior>", "gate": <fd>, "say": <fd>, "granted": true when HTTP and bodies are}. A behavior that
// has to wait reads one byte from the gate; each callback writes one byte to `say`: `o` for GH_OK, `g` for GH_E_GONE,
// `w` when it is on a worker's loop instead of `o`, `?` for anything else.
#include <gatehouse/abi.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

struct Plugin {
  const gh_host* host = nullptr;
  const gh_timer* timer = nullptr;
  const gh_executor* executor = nullptr;
  const gh_metrics* metrics = nullptr;
  const gh_cache* cache = nullptr;
  const gh_secrets* secrets = nullptr;
  std::string what;
  int gate = -1;
  int say = -1;
  std::uint32_t calls = 0;
  std::uint32_t times = 0;
  std::thread stranger;
};

struct Asked {
  Plugin* plugin;
  std::uint64_t call;
  std::atomic<bool> returned{false};
};

Plugin* of(gh_plugin* p) {
  return reinterpret_cast<Plugin*>(p);
}
gh_str str(const char* s) {
  return gh_str{s, std::strlen(s)};
}
gh_str str(const std::string& s) {
  return gh_str{s.data(), s.size()};
}
void wait_at(int fd) {
  char byte = 0;
  while (::read(fd, &byte, 1) < 0) {
  }
}
void tell(const Plugin* p, char byte) {
  if (p->say >= 0 && ::write(p->say, &byte, 1) < 0) std::abort();
}
std::string setting(const gh_config* c, const char* pointer) {
  const gh_str where = str(pointer);
  gh_val v{};
  return c->get(c, &where, &v) == GH_OK ? std::string(v.val.ptr, v.val.len) : std::string();
}

std::int32_t send(Plugin* p, std::uint64_t id, std::uint32_t kind, const std::string& principal = "user") {
  gh_answer a{};
  a.struct_size = sizeof a;
  a.kind = kind;
  a.ttl_s = -1;
  a.principal_id = str(principal);
  return p->host->complete(p->host, id, &a);
}

void said(Plugin* p, std::int32_t status, std::uint32_t worker) {
  tell(p, status == GH_E_GONE ? 'g' : status != GH_OK ? '?' : worker == GH_WORKER_NONE ? 'o' : 'w');
}

// Each answers the call that it is asked for, whatever the status: GH_E_GONE is for calls that are over.
void GH_CALL answer(void* user, std::int32_t status, std::uint32_t worker) {
  auto* asked = static_cast<Asked*>(user);
  Plugin* p = asked->plugin;
  send(p, asked->call, status == GH_OK ? GH_ALLOW : GH_DENY);
  said(p, status, worker);
  delete asked;
}
void GH_CALL answer_twice(void* user, std::int32_t status, std::uint32_t worker) {
  auto* asked = static_cast<Asked*>(user);
  Plugin* p = asked->plugin;
  send(p, asked->call, GH_ALLOW);
  send(p, asked->call, GH_ALLOW);
  said(p, status, worker);
  delete asked;
}
void GH_CALL say_only(void* user, std::int32_t status, std::uint32_t worker) {
  said(static_cast<Plugin*>(user), status, worker);
}
void GH_CALL say_and_go(void* user, std::int32_t status, std::uint32_t worker) {
  auto* p = static_cast<Plugin*>(user);
  said(p, status, worker);
  delete p;
}
void GH_CALL throwing(void* user, std::int32_t status, std::uint32_t worker) {
  auto* asked = static_cast<Asked*>(user);
  Plugin* p = asked->plugin;
  const std::uint64_t id = asked->call;
  delete asked;
  said(p, status, worker);
  if (p->what == "answer and throw") send(p, id, GH_ALLOW);
  throw std::runtime_error("callback");
}
void GH_CALL lingering(void* user, std::int32_t status, std::uint32_t worker) {
  Plugin* p = static_cast<Plugin*>(user);
  said(p, status, worker);
  wait_at(p->gate);
}
void GH_CALL again(void* user, std::int32_t status, std::uint32_t worker) {
  Plugin* p = static_cast<Plugin*>(user);
  if (status == GH_OK && p->timer->start(p->host, 0, 1, again, p, nullptr) == GH_OK) return;
  said(p, status, worker);
}
void GH_CALL timer_for_the_same_call(void* user, std::int32_t status, std::uint32_t worker) {
  auto* asked = static_cast<Asked*>(user);
  Plugin* p = asked->plugin;
  said(p, status, worker);
  if (p->timer->start(p->host, asked->call, 1, answer, asked, nullptr) == GH_OK) return;
  send(p, asked->call, GH_FAILED);
  delete asked;
}
void GH_CALL keep(void* user, std::int32_t, const gh_str* bytes, std::uint32_t) {
  static_cast<std::string*>(user)->assign(bytes->ptr, bytes->len);
}
void GH_CALL throw_bytes(void*, std::int32_t, const gh_str*, std::uint32_t) {
  throw 7;
}

std::int32_t metrics(Plugin* p) {
  std::uint32_t again_handle = 0, other = 0;
  const gh_kv label{str("kind"), str("a\"b")};
  const gh_kvs labels{&label, 1};
  const gh_kv bad{str("authorizer"), str("me")};
  const gh_kvs bad_labels{&bad, 1};
  const gh_str name = str("calls_total"), help = str("calls \\ asked"), upper = str("Calls"), line = str("a\n# TYPE x");
  const auto* m = p->metrics;
  if (m->counter(p->host, &name, &help, &labels, &p->calls) != GH_OK) return 1;
  if (m->counter(p->host, &name, &help, &labels, &again_handle) != GH_OK || again_handle != p->calls) return 2;
  if (m->histogram(p->host, &name, &help, &labels, &other) != GH_E_INVALID) return 3;
  if (m->counter(p->host, &upper, &help, nullptr, &other) != GH_E_INVALID) return 4;
  if (m->counter(p->host, &name, &line, nullptr, &other) != GH_E_INVALID) return 5;
  if (m->counter(p->host, &name, &help, &bad_labels, &other) != GH_E_INVALID) return 6;
  const gh_str times = str("times");
  if (m->histogram(p->host, &times, nullptr, nullptr, &p->times) != GH_OK) return 7;
  const gh_str sum = str("times_sum");
  if (m->counter(p->host, &sum, nullptr, nullptr, &other) != GH_E_INVALID) return 8;
  for (int i = 0; i < 62; ++i) {
    const std::string more = "more_" + std::to_string(i);
    const gh_str n = str(more);
    if (m->counter(p->host, &n, nullptr, nullptr, &other) != GH_OK) return 9;
  }
  const gh_str more = str("more");
  return m->counter(p->host, &more, nullptr, nullptr, &other) == GH_E_LIMIT ? 0 : 10;
}

std::int32_t cache(Plugin* p) {
  const auto* c = p->cache;
  const gh_host* h = p->host;
  std::string got;
  const gh_str key = str("k"), value = str("v"), empty = str(""), lying{nullptr, 5};
  const std::string big(std::size_t{1} << 20, 'x');
  const std::string bigger(big + 'x');
  const gh_str big_value = str(big), bigger_value = str(bigger);
  if (c->get(h, &key, keep, &got) != GH_E_NOTFOUND) return 1;
  if (c->put(h, &key, &value, 60) != GH_OK || c->get(h, &key, keep, &got) != GH_OK || got != "v") return 2;
  if (c->put(h, &empty, &empty, 60) != GH_OK || c->get(h, &empty, keep, &got) != GH_OK || !got.empty()) return 3;
  if (c->put(h, &key, &big_value, 60) != GH_OK || c->put(h, &key, &bigger_value, 60) != GH_E_LIMIT) return 4;
  if (c->get(h, &key, keep, &got) != GH_OK || got.size() != big.size()) return 5;
  if (c->put(h, &key, &value, 0) != GH_E_INVALID || c->put(h, &key, &value, 86'401) != GH_E_INVALID) return 6;
  if (c->put(h, &lying, &value, 1) != GH_E_INVALID || c->put(h, nullptr, &value, 1) != GH_E_INVALID) return 7;
  if (c->get(h, &key, throw_bytes, nullptr) != GH_E_EXCEPTION) return 8;
  if (c->remove(h, &key) != GH_OK || c->remove(h, &key) != GH_E_NOTFOUND) return 9;
  return 0;
}

std::int32_t GH_CALL create(const gh_host* host, const gh_config* config, gh_plugin** out, gh_err* err) {
  auto* p = new Plugin;
  p->host = host;
  p->what = setting(config, "/do");
  const std::string gate = setting(config, "/gate"), say = setting(config, "/say");
  if (!gate.empty()) p->gate = std::stoi(gate);
  if (!say.empty()) p->say = std::stoi(say);
  p->timer = static_cast<const gh_timer*>(host->service(host, GH_SVC_TIMER));
  p->executor = static_cast<const gh_executor*>(host->service(host, GH_SVC_EXECUTOR));
  p->metrics = static_cast<const gh_metrics*>(host->service(host, GH_SVC_METRICS));
  p->cache = static_cast<const gh_cache*>(host->service(host, GH_SVC_CACHE));
  p->secrets = static_cast<const gh_secrets*>(host->service(host, GH_SVC_SECRETS));
  const bool more = host->service(host, GH_SVC_HTTP) != nullptr || host->service(host, GH_SVC_BODY) != nullptr;
  if (more && setting(config, "/granted").empty()) {
    std::strcpy(err->msg, "what was not granted is there");
    delete p;
    return GH_E_FAILED;
  }
  if (p->what == "metrics") {
    const std::int32_t wrong = metrics(p);
    if (wrong != 0) {
      std::strcpy(err->msg, ("metrics " + std::to_string(wrong)).c_str());
      delete p;
      return GH_E_FAILED;
    }
  }
  if (p->what == "timer, then refuse") {
    p->timer->start(host, 0, 86'400'000, say_and_go, p, nullptr);  // p is the callback's
    std::strcpy(err->msg, "no");
    return GH_E_CONFIG;
  }
  *out = reinterpret_cast<gh_plugin*>(p);
  return GH_OK;
}

std::int32_t GH_CALL start(gh_plugin* plugin, gh_err* err) {
  Plugin* p = of(plugin);
  if (p->what == "for ever") p->timer->start(p->host, 0, 86'400'000, say_only, p, nullptr);
  if (p->what == "again and again") p->timer->start(p->host, 0, 1, again, p, nullptr);
  if (p->what == "linger") p->timer->start(p->host, 0, 1, lingering, p, nullptr);
  if (p->what == "fail with a timer") {
    p->timer->start(p->host, 0, 86'400'000, say_only, p, nullptr);
    std::strcpy(err->msg, "no");
    return GH_E_FAILED;
  }
  return GH_OK;
}

std::int32_t GH_CALL authorize(gh_plugin* plugin, const gh_request* r) {
  Plugin* p = of(plugin);
  const std::string& what = p->what;
  const gh_host* h = p->host;
  const std::uint64_t id = r->call_id;
  if (what == "timer" || what == "far timer" || what == "twice" || what == "throw" || what == "answer and throw" ||
      what == "two timers") {
    auto* asked = new Asked{p, id, {}};
    const gh_done_fn done = what == "twice"                                 ? answer_twice
                            : what == "throw" || what == "answer and throw" ? throwing
                            : what == "two timers"                          ? timer_for_the_same_call
                                                                            : answer;
    if (p->timer->start(h, id, what == "far timer" ? 86'400'000 : 1, done, asked, nullptr) == GH_OK) {
      if (what == "far timer") tell(p, 'p');
      return GH_PENDING;
    }
    delete asked;
    return GH_E_FAILED;
  }
  if (what == "work") {
    auto* asked = new Asked{p, id, {}};
    if (p->executor->run(h, id, answer, asked) == GH_OK) return GH_PENDING;
    delete asked;
    return GH_E_LIMIT;
  }
  if (what == "work that lingers") {
    const std::int32_t code = p->executor->run(h, 0, lingering, p);
    return send(p, id, code == GH_OK ? GH_ALLOW : code == GH_E_LIMIT ? GH_DENY : GH_FAILED);
  }
  if (what == "answer with a timer") {
    if (p->timer->start(h, id, 86'400'000, say_only, p, nullptr) != GH_OK) return GH_E_FAILED;
    send(p, id, GH_ALLOW);
    // Nobody waits for it any more.
    return p->timer->start(h, id, 1, say_only, p, nullptr) == GH_E_GONE ? GH_OK : (tell(p, '?'), GH_OK);
  }
  if (what == "cancel") {
    std::uint64_t timer = 0;
    if (p->timer->start(h, 0, 86'400'000, say_only, p, &timer) != GH_OK) return GH_E_FAILED;
    for (const std::uint64_t other : {std::uint64_t{0}, timer + 1, timer ^ (std::uint64_t{1} << 48), ~timer})
      if (p->timer->cancel(h, other) != GH_E_NOTFOUND) return GH_E_FAILED;
    if (p->timer->cancel(h, timer) != GH_OK || p->timer->cancel(h, timer) != GH_E_NOTFOUND) return GH_E_FAILED;
    return send(p, id, GH_ALLOW), GH_OK;
  }
  if (what == "invalid") {
    const bool good = p->timer->start(h, 0, 0, say_only, p, nullptr) == GH_E_INVALID &&
                      p->timer->start(h, 0, 86'400'001, say_only, p, nullptr) == GH_E_INVALID &&
                      p->timer->start(h, 0, 1, nullptr, p, nullptr) == GH_E_INVALID &&
                      p->timer->start(h, id + 1, 1, say_only, p, nullptr) == GH_E_NOTFOUND &&
                      p->timer->start(h, 77, 1, say_only, p, nullptr) == GH_E_NOTFOUND &&
                      p->timer->start(h, ~std::uint64_t{0}, 1, say_only, p, nullptr) == GH_E_NOTFOUND &&
                      p->executor->run(h, id + 1, say_only, p) == GH_E_NOTFOUND &&
                      p->executor->run(h, 0, nullptr, p) == GH_E_INVALID;
    return send(p, id, good ? GH_ALLOW : GH_DENY), GH_OK;
  }
  if (what == "unbounded") {
    int n = 0;
    std::int32_t code = GH_OK;
    while ((code = p->timer->start(
                h, id, 86'400'000, [](void*, std::int32_t, std::uint32_t) {}, p, nullptr)) == GH_OK)
      ++n;
    return send(p, id, code == GH_E_LIMIT ? GH_ALLOW : GH_DENY, std::to_string(n)), GH_OK;
  }
  if (what == "stranger") {  // another thread asks for a call that is answered
    send(p, id, GH_ALLOW);
    std::int32_t code = GH_OK;
    std::thread([&] { code = p->timer->start(h, id, 1, say_only, p, nullptr); }).join();
    if (code != GH_E_GONE) tell(p, '?');
    return GH_OK;
  }
  if (what == "from another thread") {
    if (p->stranger.joinable()) p->stranger.join();
    auto* asked = new Asked{p, id, {}};
    p->stranger = std::thread([p, h, asked] {
      const std::uint64_t call = asked->call;
      if (p->timer->start(h, call, 1, answer, asked, nullptr) != GH_OK) send(p, call, GH_FAILED);
    });
    return GH_PENDING;
  }
  if (what == "metrics") {
    p->metrics->add(h, p->calls, 2);
    p->metrics->add(h, 1000, 2);
    p->metrics->observe_ns(h, p->times, 3'000'000);
    std::uint32_t handle = 0;
    const gh_str late = str("late");
    return send(p, id, p->metrics->counter(h, &late, nullptr, nullptr, &handle) == GH_E_STATE ? GH_ALLOW : GH_DENY),
           GH_OK;
  }
  if (what == "cache") {
    const std::int32_t wrong = cache(p);
    return send(p, id, wrong == 0 ? GH_ALLOW : GH_DENY, std::to_string(wrong)), GH_OK;
  }
  if (what == "secret") {
    std::string value;
    const gh_str name = str("key"), other = str("other");
    if (p->secrets->get(h, &other, keep, &value) != GH_E_NOTFOUND) return GH_E_FAILED;
    if (p->secrets->get(h, &name, keep, &value) != GH_OK) return GH_E_FAILED;
    return send(p, id, GH_ALLOW, value), GH_OK;
  }
  return send(p, id, GH_ALLOW), GH_OK;
}

void GH_CALL cancel(gh_plugin*, std::uint64_t) {}
void GH_CALL stop(gh_plugin* plugin) {
  if (of(plugin)->stranger.joinable()) of(plugin)->stranger.join();
}
void GH_CALL destroy(gh_plugin* plugin) {
  tell(of(plugin), 'd');
  delete of(plugin);
}
const void* GH_CALL extension(gh_plugin*, const char*) {
  return nullptr;
}

}  // namespace

GATEHOUSE_MANIFEST(PLUGIN_ID, "1.0.0")

extern "C" GH_EXPORT const gh_module* GH_CALL gatehouse_module_v1(void) {
  static const char* const services[] = {GH_SVC_TIMER, GH_SVC_EXECUTOR, GH_SVC_METRICS,
                                         GH_SVC_CACHE, GH_SVC_SECRETS,  nullptr};
  static const gh_plugin_desc desc = {
      sizeof(gh_plugin_desc),
      GH_CAT_IDENTITY,
      GH_API_REST | GH_API_HTTP | GH_API_WEBSOCKET,
      0,
      PLUGIN_FLAGS,
      0,
      PLUGIN_ID,
      "1.0.0",
      "uses services",
      nullptr,
      nullptr,
      R"({"type": "object", "required": ["do"], "properties": {"do": {"type": "string"}, "gate": {"type": "integer"}, "say": {"type": "integer"}}})",
      services};
  static const gh_authorizer table = {
      sizeof(gh_authorizer), 0, create, start, authorize, cancel, stop, destroy, extension};
  static const gh_module module = {sizeof(gh_module),
                                   GH_ABI_MAJOR,
                                   GH_ABI_MINOR,
                                   0,
                                   GH_ABI_DRAFT,
                                   1,
                                   "test",
                                   [](std::uint32_t i) { return i == 0 ? &desc : nullptr; },
                                   [](std::uint32_t i, const char* id) -> const void* {
                                     return i == 0 && std::strcmp(id, GH_IFACE_AUTHORIZER) == 0 ? &table : nullptr;
                                   }};
  return &module;
}
