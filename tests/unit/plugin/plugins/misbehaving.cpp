// A plugin that does, on demand, everything that a plugin must not. Written against the C ABI, since the C++ layer
// would stop most of it. Built several times: PLUGIN_ID and PLUGIN_FLAGS are given on the command line.
//
// settings: {"do": "<behavior>", "gate": <fd>}. A behavior that has to wait reads one byte from the gate, so that a
// test says when it goes on and nothing sleeps. `say`: <fd> gets a byte when the plugin's code has been entered.
#include <gatehouse/abi.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Plugin {
  const gh_host* host = nullptr;
  std::string what;
  int gate = -1;
  int say = -1;
  std::atomic<std::uint64_t> earlier{0};  // the id of the call before
  std::mutex lock;
  std::vector<std::thread> threads;
};

Plugin* of(gh_plugin* p) {
  return reinterpret_cast<Plugin*>(p);
}
gh_str str(const std::string& s) {
  return gh_str{s.data(), s.size()};
}

void wait_at(int fd) {
  char byte = 0;
  while (::read(fd, &byte, 1) < 0) {
  }
}
void tell(int fd) {
  const char byte = 1;
  if (fd >= 0 && ::write(fd, &byte, 1) < 0) std::abort();
}

std::string setting(const gh_config* c, const char* pointer) {
  const gh_str p{pointer, std::strlen(pointer)};
  gh_val v{};
  return c->get(c, &p, &v) == GH_OK ? std::string(v.val.ptr, v.val.len) : std::string();
}

gh_answer allow() {
  static const std::string user = "user";
  gh_answer a{};
  a.struct_size = sizeof a;
  a.kind = GH_ALLOW;
  a.ttl_s = -1;
  a.principal_id = str(user);
  return a;
}

std::int32_t send(Plugin* p, std::uint64_t id, const gh_answer& a) {
  return p->host->complete(p->host, id, &a);
}

std::int32_t send_with(Plugin* p, std::uint64_t id, const gh_val& value) {
  gh_answer a = allow();
  a.context = gh_vals{&value, 1};
  return send(p, id, a);
}

gh_val value(const std::string& key, const std::string& text, std::uint32_t type) {
  return gh_val{str(key), str(text), type, 0};
}

std::int32_t bad_answer(Plugin* p, std::uint64_t id) {
  const std::string& what = p->what;
  const std::string name = "name", huge(1 << 20, 'x'), crlf = "Token\r\nX-Admin: 1", nul("a\0b", 3), latin = "caf\xe9",
                    document = "{}";
  gh_answer a = allow();
  gh_policy policy{str(document), 0, GH_ROLE_IDENTITY, 0};
  if (what == "kind") a.kind = 77;
  if (what == "no kind") a.kind = 0;
  if (what == "huge principal") a.principal_id = str(huge);
  if (what == "nul principal") a.principal_id = str(nul);
  if (what == "latin principal") a.principal_id = str(latin);
  if (what == "lying principal") a.principal_id = gh_str{nullptr, 5};
  if (what == "crlf challenge") a.kind = GH_UNAUTHORIZED, a.challenge = str(crlf);
  if (what == "nul challenge") a.kind = GH_UNAUTHORIZED, a.challenge = str(nul);
  if (what == "latin reason") a.reason = str(latin);
  if (what == "small struct") a.struct_size = 8;
  if (what == "policy") a.policies = gh_policies{&policy, 1};
  if (what == "path form") a.path_form = GH_PATH_SLASHES_COLLAPSED;
  if (what == "negative ttl") a.ttl_s = -5;
  if (what == "message") a.message = str(name);
  if (what == "lying context") a.context = gh_vals{nullptr, 3};
  if (what == "endless context") a.context = gh_vals{reinterpret_cast<const gh_val*>(&a), std::size_t(-1)};
  if (what == "big context") return send_with(p, id, value(name, huge, GH_T_STRING));
  if (what == "claims context") return send_with(p, id, value("claims", "x", GH_T_STRING));
  if (what == "nameless context") return send_with(p, id, value("", "x", GH_T_STRING));
  if (what == "unknown type") return send_with(p, id, value(name, "x", 9));
  if (what == "no number") return send_with(p, id, value(name, "1e", GH_T_NUMBER));
  if (what == "no bool") return send_with(p, id, value(name, "yes", GH_T_BOOL));
  if (what == "no json") return send_with(p, id, value(name, "{\"a\":1,\"a\":2}", GH_T_JSON));
  if (what == "json context") return send_with(p, id, value(name, "[1]", GH_T_JSON));
  const gh_val twins[] = {value(name, crlf, GH_T_STRING), value(name, name, GH_T_STRING)};
  if (what == "twin context") a.context = gh_vals{twins, 2};
  return send(p, id, a);
}

std::int32_t GH_CALL create(const gh_host* host, const gh_config* config, gh_plugin** out, gh_err* err) {
  const std::string what = setting(config, "/do");
  if (what == "refuse") {
    std::strcpy(err->msg, "the moon is full");
    return GH_E_CONFIG;
  }
  if (what == "mumble") {
    std::memset(err->msg, 'x', sizeof err->msg);  // no end
    return GH_E_FAILED;
  }
  if (what == "throw in create") throw std::runtime_error("create");
  if (what == "make nothing") return GH_OK;
  auto* p = new Plugin;
  p->host = host;
  p->what = what;
  const std::string gate = setting(config, "/gate"), say = setting(config, "/say");
  if (!gate.empty()) p->gate = std::stoi(gate);
  if (!say.empty()) p->say = std::stoi(say);
  *out = reinterpret_cast<gh_plugin*>(p);
  return GH_OK;
}

std::int32_t GH_CALL start(gh_plugin* plugin, gh_err* err) {
  Plugin* p = of(plugin);
  if (p->what == "hang in start") wait_at(p->gate);
  if (p->what == "throw in start") throw std::runtime_error("start");
  if (p->what == "fail in start") {
    std::strcpy(err->msg, "no keys at https://idp.example.com");
    return GH_E_FAILED;
  }
  return GH_OK;
}

std::int32_t GH_CALL authorize(gh_plugin* plugin, const gh_request* r) {
  Plugin* p = of(plugin);
  const std::string& what = p->what;
  const std::uint64_t id = r->call_id;
  const std::uint64_t earlier = p->earlier.exchange(id);
  if (p->say >= 0) tell(p->say);
  if (what == "throw") throw std::runtime_error("authorize");
  if (what == "throw an int") throw 7;
  if (what == "never") return GH_OK;
  if (what == "error") return GH_E_FAILED;
  if (what == "pending" || what == "throw in cancel") return GH_PENDING;
  if (what == "odd code") return 1234;
  if (what == "twice") return send(p, id, allow()), send(p, id, allow());
  if (what == "deny twice") {
    gh_answer deny = allow();
    deny.kind = GH_DENY;
    return send(p, id, deny), send(p, id, allow());
  }
  if (what == "answer, then fail") return send(p, id, allow()), GH_E_FAILED;
  if (what == "answer, then pending") return send(p, id, allow()), GH_PENDING;
  if (what == "zero first") return send(p, 0, allow()) == GH_E_NOTFOUND ? send(p, id, allow()) : GH_E_FAILED;
  if (what == "stranger first") {
    for (const std::uint64_t other : {id + 1, id ^ (std::uint64_t{1} << 32), id ^ (std::uint64_t{1} << 48),
                                      ~std::uint64_t{0}, id & ~(std::uint64_t{1} << 63)})
      if (send(p, other, allow()) != GH_E_NOTFOUND) return GH_E_FAILED;
    return send(p, id, allow());
  }
  if (what == "stranger only") return send(p, id + 1, allow()), GH_OK;
  if (what == "earlier first") {
    if (earlier != 0 && send(p, earlier, allow()) != GH_E_NOTFOUND) return GH_E_FAILED;
    return send(p, id, allow());
  }
  if (what == "null answer") return p->host->complete(p->host, id, nullptr), GH_OK;
  if (what == "wait") return wait_at(p->gate), send(p, id, allow());
  if (what == "answer and linger") return send(p, id, allow()), wait_at(p->gate), GH_OK;
  if (what == "other thread") {
    std::int32_t code = GH_E_FAILED;
    std::thread([&] { code = send(p, id, allow()); }).join();
    return code;
  }
  if (what == "two threads") {
    std::thread a([&] { send(p, id, allow()); }), b([&] { send(p, id, allow()); });
    a.join();
    b.join();
    return GH_OK;
  }
  if (what == "later") {  // the request is read until the very end
    const std::lock_guard guard(p->lock);
    p->threads.emplace_back([p, id, r] {
      wait_at(p->gate);
      std::string path(r->path.ptr, r->path.len);
      gh_str name{"x-token", 7}, token{};
      r->header(r, &name, 0, &token);
      gh_answer a = allow();
      a.principal_id = str(path);
      send(p, id, a);
      tell(p->say);
    });
    return GH_PENDING;
  }
  return bad_answer(p, id);
}

void GH_CALL cancel(gh_plugin* plugin, std::uint64_t id) {
  if (of(plugin)->what != "throw in cancel") return;
  send(of(plugin), id, allow());
  throw std::runtime_error("cancel");
}
void GH_CALL stop(gh_plugin* plugin) {
  for (std::thread& t : of(plugin)->threads) t.join();
  of(plugin)->threads.clear();
}
void GH_CALL destroy(gh_plugin* plugin) {
  delete of(plugin);
}
const void* GH_CALL extension(gh_plugin*, const char*) {
  return nullptr;
}

}  // namespace

#ifndef PLUGIN_FLAGS
#define PLUGIN_FLAGS 0
#endif
#ifndef PLUGIN_NEEDS
#define PLUGIN_NEEDS 0
#endif
#ifndef PLUGIN_SERVICES
#define PLUGIN_SERVICES nullptr
#endif
#ifndef PLUGIN_DESCRIBED_AS
#define PLUGIN_DESCRIBED_AS PLUGIN_ID
#endif
#ifndef PLUGIN_DRAFT
#define PLUGIN_DRAFT GH_ABI_DRAFT
#endif
#ifndef PLUGIN_MIN_MINOR
#define PLUGIN_MIN_MINOR 0
#endif
#ifndef PLUGIN_COUNT
#define PLUGIN_COUNT 1
#endif

GATEHOUSE_MANIFEST(PLUGIN_ID, "1.0.0")

extern "C" GH_EXPORT const gh_module* GH_CALL gatehouse_module_v1(void) {
  static const char* const services[] = {PLUGIN_SERVICES, nullptr};
  static const gh_plugin_desc desc = {
      sizeof(gh_plugin_desc),
      GH_CAT_IDENTITY,
      GH_API_REST | GH_API_HTTP | GH_API_WEBSOCKET,
      PLUGIN_NEEDS,
      PLUGIN_FLAGS,
      0,
      PLUGIN_DESCRIBED_AS,
      "1.0.0",
      "misbehaves",
      nullptr,
      nullptr,
      R"({"type": "object", "required": ["do"], "properties": {"do": {"type": "string"}, "gate": {"type": "integer"}, "say": {"type": "integer"}}})",
      services};
  static const gh_authorizer table = {
      sizeof(gh_authorizer), 0, create, start, authorize, cancel, stop, destroy, extension};
  static const gh_module module = {sizeof(gh_module),
                                   GH_ABI_MAJOR,
                                   GH_ABI_MINOR,
                                   PLUGIN_MIN_MINOR,
                                   PLUGIN_DRAFT,
                                   PLUGIN_COUNT,
                                   "test",
                                   [](std::uint32_t i) { return i == 0 ? &desc : nullptr; },
                                   [](std::uint32_t i, const char* id) -> const void* {
                                     return i == 0 && std::strcmp(id, GH_IFACE_AUTHORIZER) == 0 ? &table : nullptr;
                                   }};
  return &module;
}
