// A plugin that breaks one rule of `gatehouse plugin check` and keeps the others. What it does when it is loaded is
// chosen by a macro, what its instances do by settings: {"break": "<what>"}.
#include <fcntl.h>
#include <gatehouse/abi.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

struct Plugin {
  const gh_host* host = nullptr;
  std::string what;
  const gh_request* earlier = nullptr;
  std::uint64_t earlier_id = 0;
  std::atomic<std::uint64_t> pending{0};
  std::mutex mutex;
  std::vector<std::uint64_t> owed;
  std::atomic<int> inside{0};
  std::vector<std::thread> threads;
  std::atomic<bool> stopping{false};
  bool helped = false;
};

Plugin* of(gh_plugin* p) {
  return reinterpret_cast<Plugin*>(p);
}
void sleep_ms(int ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

/// Files where the process is, in a folder that forbids to look into it, too.
void litter() {
  const auto write = [](const char* name) {
    if (const int fd = ::open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600); fd >= 0) ::close(fd);
  };
  write("litter");
  if (::mkdir("deep", 0700) != 0) return;
  write("deep/litter");
  ::chmod("deep", 0);
}

/// A process that goes on littering, and says in a file of the test's who it is.
void leave_a_process() {
  const char* const told = std::getenv("BREAKER_PROCESS");
  if (told == nullptr || ::access(told, F_OK) == 0 || ::fork() != 0) return;
  if (const int fd = ::open(told, O_WRONLY | O_CREAT | O_CLOEXEC, 0600); fd >= 0) {
    const std::string pid = std::to_string(::getpid());
    static_cast<void>(!::write(fd, pid.data(), pid.size()));
    ::close(fd);
  }
  for (;;) {
    litter();
    sleep_ms(1);
  }
}

std::int32_t send(const Plugin* p, std::uint64_t id, std::uint32_t kind = GH_ALLOW) {
  gh_answer a{};
  a.struct_size = sizeof a;
  a.kind = kind;
  a.ttl_s = -1;
  a.principal_id = gh_str{"user", 4};
  if (p->what == "answer is not UTF-8") a.principal_id = gh_str{"\xff", 1};
  if (p->what == "unknown kind") a.kind = 42;
  return p->host->complete(p->host, id, &a);
}

std::int32_t GH_CALL create(const gh_host* host, const gh_config* config, gh_plugin** out, gh_err* err) {
  const gh_str pointer{"/break", 6};
  gh_val v{};
  if (config->get(config, &pointer, &v) != GH_OK) {
#ifdef CRASH_WITHOUT_SETTINGS
    std::abort();
#endif
#ifdef SILENT_WITHOUT_SETTINGS
    return GH_E_CONFIG;
#endif
#ifdef THROW_WITHOUT_SETTINGS
    throw std::runtime_error("no settings");
#endif
    std::strcpy(err->msg, "settings: `break` is missing");
    return GH_E_CONFIG;
  }
  const std::string what(v.val.ptr, v.val.len);
  if (what == "made and failed") *out = reinterpret_cast<gh_plugin*>(new Plugin);
  if (what == "refuse" || what == "made and failed") {
    std::strcpy(err->msg, "the moon is full");
    return GH_E_CONFIG;
  }
  if (what == "needs the log") {
    const auto* log = static_cast<const gh_log*>(host->service(host, GH_SVC_LOG));
    const gh_str text{"made", 4};
    log->write(host, GH_LOG_INFO, 0, &text, nullptr);
  }
  if (what == "reads behind the host") {
    volatile char c = *(reinterpret_cast<const char*>(host) + sizeof(gh_host));
    static_cast<void>(c);
  }
  if (what == "leak") {
    static void* volatile kept = nullptr;  // so that no compiler leaves the call out
    kept = std::malloc(64);
  }
  if (what == "leak a file") static_cast<void>(!::open("/dev/null", O_RDONLY | O_CLOEXEC));
  auto* p = new Plugin;
  p->host = host;
  p->what = what;
  *out = reinterpret_cast<gh_plugin*>(p);
  return GH_OK;
}

std::int32_t GH_CALL start(gh_plugin* plugin, gh_err*) {
  Plugin* p = of(plugin);
  if (p->what == "leave a thread")
    std::thread([] {
      for (;;) sleep_ms(1000);
    }).detach();
  if (p->what == "own thread")
    p->threads.emplace_back([p] {
      while (!p->stopping) {
        if (const std::uint64_t id = p->pending.exchange(0)) send(p, id);
        sleep_ms(1);
      }
    });
  return GH_OK;
}

void timer_came(void* user, std::int32_t status, std::uint32_t) {
  auto* both = static_cast<std::pair<Plugin*, std::uint64_t>*>(user);
  if (status != GH_OK) std::abort();
  send(both->first, both->second);
  delete both;
}

/// What one must never do who may block: the callback needs one of the threads that wait for it.
std::int32_t wait_for_a_timer(const Plugin* p, std::uint64_t id) {
  struct Wait {
    std::mutex mutex;
    std::condition_variable changed;
    bool over = false;
  } wait;
  const auto* timer = static_cast<const gh_timer*>(p->host->service(p->host, GH_SVC_TIMER));
  const gh_done_fn done = [](void* user, std::int32_t, std::uint32_t) {
    auto* w = static_cast<Wait*>(user);
    const std::lock_guard lock(w->mutex);
    w->over = true;
    w->changed.notify_all();
  };
  if (timer == nullptr || timer->start(p->host, id, 1, done, &wait, nullptr) != GH_OK) return send(p, id, GH_FAILED);
  std::unique_lock lock(wait.mutex);
  wait.changed.wait(lock, [&] { return wait.over; });
  return send(p, id);
}

std::int32_t GH_CALL authorize(gh_plugin* plugin, const gh_request* r) {
  Plugin* p = of(plugin);
  const std::string& what = p->what;
  const std::uint64_t id = r->call_id;
  if (what == "throw") throw std::runtime_error("authorize");
  if (what == "never") return GH_OK;
  if (what == "odd code") return 1234;
  if (what == "only errors") return GH_E_FAILED;
  if (what.find("litter") == 0) litter();
  if (what == "litter, leave a process") leave_a_process();
  if (what == "litter and crash") std::abort();
  if (what == "hang" || what == "litter and hang")
    for (;;) sleep_ms(1000);
  if (what == "wait for its own") return wait_for_a_timer(p, id);
  if (what == "never later") return GH_PENDING;
  if (what == "twice when cancelled") {
    const std::lock_guard lock(p->mutex);
    p->owed.push_back(id);
    if (!std::exchange(p->helped, true))
      p->threads.emplace_back([p] {  // answers what is owed after a while, cancelled or not
        for (bool last = false; !last;) {
          last = p->stopping;
          sleep_ms(5);
          std::vector<std::uint64_t> owed;
          {
            const std::lock_guard taken(p->mutex);
            owed.swap(p->owed);
          }
          for (const std::uint64_t later : owed) send(p, later);
        }
      });
    return GH_PENDING;
  }
  if (what == "own thread") {
    p->pending = id;
    return GH_PENDING;
  }
  if (what == "twice") return send(p, id), send(p, id);
  if (what == "stranger") return send(p, id + 512), send(p, id);
  if (what == "earlier again") {
    if (p->earlier_id != 0) send(p, p->earlier_id);
    p->earlier_id = id;
    return send(p, id);
  }
  if (what == "sleep") sleep_ms(3);
  if (what == "compute") {
    // Of the processor's time: on a busy machine the wall's says nothing.
    for (const std::clock_t end = std::clock() + CLOCKS_PER_SEC * 7 / 100; std::clock() < end;) {
    }
  }
  if (what == "not for threads") {
    const bool alone = p->inside.fetch_add(1) == 0;
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(300);
    while (std::chrono::steady_clock::now() < until) {
    }
    p->inside.fetch_sub(1);
    return send(p, id, alone ? GH_ALLOW : GH_DENY);
  }
  if (what == "text without end") {
    if (std::strstr(r->path.ptr, "/../") != nullptr) return send(p, id, GH_DENY);
  }
  if (what == "reads behind the request") {
    volatile char c = *(reinterpret_cast<const char*>(r) + sizeof(gh_request));
    static_cast<void>(c);
  }
  if (what == "reads later") {
    if (p->earlier != nullptr && p->earlier->path.ptr[0] == 'x') return GH_E_FAILED;
    p->earlier = r;
    return send(p, id);
  }
  if (what == "trusts bytes") {
    for (std::size_t i = 0; i < r->path.len; ++i)
      if (static_cast<unsigned char>(r->path.ptr[i]) >= 0x80) std::abort();
    gh_str name{"x-user", 6}, value{};
    if (r->header(r, &name, 0, &value) == GH_OK)
      for (std::size_t i = 0; i < value.len; ++i)
        if (value.ptr[i] == '\0') std::abort();
  }
  if (what == "random crash") {
    if (r->raw_query.len % 7 == 3 && r->method.len > 9) std::abort();
  }
  if (what == "trusts the timer") {
    const auto* timer = static_cast<const gh_timer*>(p->host->service(p->host, GH_SVC_TIMER));
    auto* both = new std::pair<Plugin*, std::uint64_t>(p, id);
    if (timer != nullptr && timer->start(p->host, id, 1, timer_came, both, nullptr) == GH_OK) return GH_PENDING;
    delete both;
  }
  return send(p, id);
}

void GH_CALL cancel(gh_plugin* plugin, std::uint64_t id) {
  Plugin* p = of(plugin);
  if (p->what == "twice when cancelled") send(p, id);
  if (p->what == "throws when cancelled") throw std::runtime_error("cancel");
}
void GH_CALL stop(gh_plugin* plugin) {
  Plugin* p = of(plugin);
  p->stopping = true;
  for (std::thread& t : p->threads) t.join();
  p->threads.clear();
}
void GH_CALL destroy(gh_plugin* plugin) {
  delete of(plugin);
}
const void* GH_CALL extension(gh_plugin* plugin, const char*) {
  return of(plugin)->what == "knows every extension" ? plugin : nullptr;
}

#ifdef SLOW_TO_LOAD
const bool slow = (sleep_ms(1100), true);
#endif
#ifdef SIGNAL_HANDLER
const bool handler = (std::signal(SIGUSR2, [](int) {}), true);
#endif
#ifdef THREAD_AT_LOAD
const bool thread = (std::thread([] {
                       for (;;) sleep_ms(1000);
                     }).detach(),
                     true);
#endif
#ifdef ENVIRONMENT
const bool environment = (::setenv("GATEHOUSE_BREAKER", "1", 1), true);
#endif
#ifdef CRASH_AT_LOAD
const bool crash = (std::abort(), true);
#endif
#ifdef EXIT_AT_LOAD
const bool leave = (std::exit(0), true);
#endif

}  // namespace

#ifdef STAYS_MAPPED
// The standard way to stay by accident: a thread-local object with a destructor, used by a thread that lives on.
struct Stays {
  std::string text = std::string(100, 'x');
};
thread_local Stays stays;
#endif

#ifndef FLAGS
#define FLAGS GH_F_ASYNC
#endif
#ifndef SUMMARY
#define SUMMARY "breaks a rule"
#endif
#ifndef SERVICES
#define SERVICES nullptr
#endif
#ifndef SCHEMA
#define SCHEMA \
  R"({"type": "object", "required": ["break"], "properties": {"break": {"type": "string", "examples": ["nothing"]}}})"
#endif

GATEHOUSE_MANIFEST(PLUGIN_ID, "1.0.0")

#ifdef SECOND_SYMBOL
extern "C" GH_EXPORT int gatehouse_breaker_second() {
  return 2;
}
#endif

extern "C" GH_EXPORT const gh_module* GH_CALL gatehouse_module_v1(void) {
#ifdef STAYS_MAPPED
  stays.text += 'y';
#endif
  static const char* const services[] = {SERVICES, nullptr};
  static const gh_plugin_desc desc = {sizeof(gh_plugin_desc),
                                      GH_CAT_IDENTITY,
                                      GH_API_REST | GH_API_HTTP | GH_API_WEBSOCKET,
                                      0,
                                      FLAGS,
                                      0,
                                      PLUGIN_ID,
                                      "1.0.0",
                                      SUMMARY,
                                      nullptr,
                                      nullptr,
                                      SCHEMA,
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
                                   [](std::uint32_t i) -> const gh_plugin_desc* {
#ifdef TWO_DESCRIPTIONS
                                     return i < 2 ? &desc : nullptr;
#else
                                     return i == 0 ? &desc : nullptr;
#endif
                                   },
                                   [](std::uint32_t i, const char* id) -> const void* {
#ifdef EVERY_INTERFACE
                                     return i == 0 && id != nullptr ? &table : nullptr;
#else
                                     return i == 0 && std::strcmp(id, GH_IFACE_AUTHORIZER) == 0 ? &table : nullptr;
#endif
                                   }};
  return &module;
}
