// A plugin that fetches as it is told. Against the C ABI: its rules are what is tested.
//
// settings: {"when": "call" | "start" | "thread", "method", "url", "header", "body", "ca", "timeout_ms", "max_bytes",
// "redirects", "flags", "say": <fd>}. It answers Allow, and as the principal `STATUS BODY` (an HTTP status, or a
// GH_E_), with the error's text as the reason; what fetch() itself returned is told as `returned CODE`, no service as
// `none`. Each callback writes a byte to `say`: `w` on a worker's loop, `o` on the executor, `g` for GH_E_GONE.
#include <gatehouse/abi.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace {

struct Plugin {
  const gh_host* host = nullptr;
  const gh_http* http = nullptr;
  std::string when, method, url, header, body, ca;
  std::uint32_t timeout_ms = 0, redirects = 0, flags = 0;
  std::uint64_t max_bytes = 0;
  int say = -1;
  std::string started = "nothing yet";
  std::thread thread;
};
struct Asked {
  Plugin* plugin;
  std::uint64_t call;
};

gh_str str(const std::string& s) {
  return gh_str{s.data(), s.size()};
}
std::string setting(const gh_config* c, const std::string& pointer) {
  const gh_str where = str(pointer);
  gh_val v{};
  return c->get(c, &where, &v) == GH_OK ? std::string(v.val.ptr, v.val.len) : std::string();
}
std::uint32_t number(const gh_config* c, const std::string& pointer) {
  return static_cast<std::uint32_t>(std::strtoul(setting(c, pointer).c_str(), nullptr, 10));
}
void tell(const Plugin* p, char byte) {
  if (p->say >= 0 && ::write(p->say, &byte, 1) < 0) std::abort();
}
std::int32_t send(Plugin* p, std::uint64_t id, const std::string& principal, const std::string& reason = {}) {
  gh_answer a{};
  a.struct_size = sizeof a;
  a.kind = GH_ALLOW;
  a.ttl_s = -1;
  a.principal_id = str(principal);
  a.reason = str(reason);
  return p->host->complete(p->host, id, &a);
}

void GH_CALL done(void* user, const gh_http_response* r, std::uint32_t worker) {
  auto* asked = static_cast<Asked*>(user);
  Plugin* p = asked->plugin;
  std::string text = std::to_string(r->status);
  if (r->body.len != 0) text += " " + std::string(r->body.ptr, r->body.len);
  for (std::size_t i = 0; i < r->headers.count; ++i)
    if (std::string(r->headers.items[i].key.ptr, r->headers.items[i].key.len) == "x-say")
      text += " " + std::string(r->headers.items[i].val.ptr, r->headers.items[i].val.len);
  const std::string error = r->error.ptr == nullptr ? "" : std::string(r->error.ptr, r->error.len);
  if (asked->call == 0)
    p->started = text;
  else
    send(p, asked->call, text, error);
  const bool gone = r->status == GH_E_GONE;
  delete asked;
  tell(p, gone ? 'g' : worker == GH_WORKER_NONE ? 'o' : 'w');
}

std::int32_t fetch(Plugin* p, std::uint64_t call) {
  const std::size_t colon = p->header.find(':');
  const std::string name = p->header.substr(0, colon);
  const std::string value = colon == std::string::npos ? std::string() : p->header.substr(colon + 1);
  const gh_kv line{str(name), str(value)};
  gh_http_request r{};
  r.struct_size = sizeof r;
  r.timeout_ms = p->timeout_ms;
  r.call_id = call;
  r.max_response_bytes = p->max_bytes;
  r.max_redirects = p->redirects;
  r.flags = p->flags;
  r.method = str(p->method);
  r.url = str(p->url);
  if (!p->header.empty()) r.headers = {&line, 1};
  r.body = str(p->body);
  r.ca_pem = str(p->ca);
  auto* asked = new Asked{p, call};
  const std::int32_t code = p->http->fetch(p->host, &r, done, asked);
  if (code != GH_OK) delete asked;
  return code;
}

std::int32_t GH_CALL create(const gh_host* host, const gh_config* c, gh_plugin** out, gh_err*) {
  auto* p = new Plugin;
  p->host = host;
  p->http = static_cast<const gh_http*>(host->service(host, GH_SVC_HTTP));
  p->when = setting(c, "/when");
  p->method = setting(c, "/method");
  if (p->method.empty()) p->method = "GET";
  p->url = setting(c, "/url");
  p->header = setting(c, "/header");
  p->body = setting(c, "/body");
  p->ca = setting(c, "/ca");
  p->timeout_ms = number(c, "/timeout_ms");
  p->redirects = number(c, "/redirects");
  p->flags = number(c, "/flags");
  p->max_bytes = number(c, "/max_bytes");
  const std::string say = setting(c, "/say");
  p->say = say.empty() ? -1 : std::atoi(say.c_str());
  *out = reinterpret_cast<gh_plugin*>(p);
  return GH_OK;
}
Plugin* of(gh_plugin* p) {
  return reinterpret_cast<Plugin*>(p);
}
std::int32_t GH_CALL start(gh_plugin* self, gh_err*) {
  Plugin* p = of(self);
  return p->when == "start" ? fetch(p, 0) : GH_OK;
}
std::int32_t GH_CALL authorize(gh_plugin* self, const gh_request* r) {
  Plugin* p = of(self);
  if (p->http == nullptr) return send(p, r->call_id, "none"), GH_OK;
  if (p->when == "start") return send(p, r->call_id, p->started), GH_OK;
  if (p->when == "thread") {
    if (p->thread.joinable()) p->thread.join();
    p->thread = std::thread([p, id = r->call_id] {
      const std::int32_t code = fetch(p, id);
      if (code != GH_OK) send(p, id, "returned " + std::to_string(code));
    });
    return GH_PENDING;
  }
  const std::int32_t code = fetch(p, r->call_id);
  if (code == GH_OK) return GH_PENDING;
  send(p, r->call_id, "returned " + std::to_string(code));
  return GH_OK;
}
void GH_CALL cancel(gh_plugin*, std::uint64_t) {}
void GH_CALL stop(gh_plugin* self) {
  if (of(self)->thread.joinable()) of(self)->thread.join();
}
void GH_CALL destroy(gh_plugin* self) {
  tell(of(self), 'd');
  delete of(self);
}
const void* GH_CALL extension(gh_plugin*, const char*) {
  return nullptr;
}

const gh_plugin_desc kDesc = {sizeof(gh_plugin_desc),
                              GH_CAT_IDENTITY,
                              GH_API_REST | GH_API_HTTP,
                              0,
                              PLUGIN_FLAGS,
                              0,
                              PLUGIN_ID,
                              "1.0.0",
                              "fetches",
                              nullptr,
                              nullptr,
                              R"({"type":"object"})",
                              nullptr};
const gh_authorizer kApi = {sizeof(gh_authorizer), 0, create, start, authorize, cancel, stop, destroy, extension};
const gh_plugin_desc* GH_CALL plugin(std::uint32_t index) {
  return index == 0 ? &kDesc : nullptr;
}
const void* GH_CALL iface(std::uint32_t index, const char* id) {
  return index == 0 && std::strcmp(id, GH_IFACE_AUTHORIZER) == 0 ? &kApi : nullptr;
}
const gh_module kModule = {sizeof(gh_module), GH_ABI_MAJOR, GH_ABI_MINOR, 0, GH_ABI_DRAFT, 1, "test", plugin, iface};

}  // namespace

extern "C" const gh_module* GH_CALL gatehouse_module_v1(void) {
  return &kModule;
}
GATEHOUSE_MANIFEST(PLUGIN_ID, "1.0.0")
