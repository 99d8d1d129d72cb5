// Judges the request's body, as x-ask says: `hash` (also without it) lets pass whose SHA-256 is the hex text of
// x-digest; `both` reads the bytes behind that and names their number; `read` reads at most x-max bytes and names them;
// `careless` lets pass whatever came; `early` answers before the digest is there; `twice`, `algorithm`, `much` break
// the contract and say what came of it. Its reason is the status that the host gave.
#include <gatehouse/abi.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace {

struct Judge {
  const gh_host* host;
  const gh_body* body;
};

struct Question {
  Judge* judge;
  std::uint64_t call;
  std::string ask, digest;
};

gh_str str(const std::string& s) {
  return {s.data(), s.size()};
}

std::string header(const gh_request* r, const char* name) {
  const gh_str wanted{name, std::strlen(name)};
  gh_str value{};
  return r->header(r, &wanted, 0, &value) == GH_OK ? std::string(value.ptr, value.len) : std::string();
}

std::int32_t say(Judge* judge, std::uint64_t call, std::uint32_t kind, const std::string& reason,
                 const std::string& principal = "somebody") {
  gh_answer a{};
  a.struct_size = sizeof a;
  a.kind = kind;
  a.ttl_s = -1;
  a.principal_id = str(principal);
  a.reason = str(reason);
  return judge->host->complete(judge->host, call, &a);
}

void GH_CALL on_bytes(void* user, std::int32_t status, const gh_str* bytes, std::uint32_t) {
  auto* q = static_cast<Question*>(user);
  const bool good = status == GH_OK;
  say(q->judge, q->call, good ? GH_ALLOW : GH_FAILED, std::to_string(status),
      !good              ? ""
      : q->ask == "both" ? std::to_string(bytes->len)
                         : std::string(bytes->ptr, bytes->len));
  delete q;
}

void GH_CALL on_digest(void* user, std::int32_t status, const gh_str* bytes, std::uint32_t) {
  auto* q = static_cast<Question*>(user);
  std::string hex;
  for (std::size_t i = 0; status == GH_OK && i < bytes->len; ++i)
    for (const int half : {bytes->ptr[i] >> 4 & 15, bytes->ptr[i] & 15}) hex += "0123456789abcdef"[half];
  const bool right = status == GH_OK && hex == q->digest;
  if (right && q->ask == "both") {
    const gh_body* body = q->judge->body;
    const std::int32_t code = body->read(q->judge->host, q->call, 10 << 20, on_bytes, q);
    if (code == GH_OK) return;
    status = code;
  } else if (q->ask == "careless" || right) {
    say(q->judge, q->call, GH_ALLOW, std::to_string(status), hex);
    delete q;
    return;
  }
  if (q->ask != "early") say(q->judge, q->call, status == GH_OK ? GH_DENY : GH_FAILED, std::to_string(status));
  delete q;
}

std::int32_t GH_CALL create(const gh_host* host, const gh_config*, gh_plugin** out, gh_err* error) {
  const void* body = host->service(host, GH_SVC_BODY);
  if (body == nullptr) {
    std::strcpy(error->msg, "no body service");
    return GH_E_UNSUPPORTED;
  }
  *out = reinterpret_cast<gh_plugin*>(new Judge{host, static_cast<const gh_body*>(body)});
  return GH_OK;
}
std::int32_t GH_CALL start(gh_plugin*, gh_err*) {
  return GH_OK;
}

std::int32_t GH_CALL authorize(gh_plugin* plugin, const gh_request* r) {
  auto* judge = reinterpret_cast<Judge*>(plugin);
  const std::string ask = header(r, "x-ask");
  const gh_body* body = judge->body;
  auto* q = new Question{judge, r->call_id, ask == "twice" ? "early" : ask, header(r, "x-digest")};
  std::int32_t code = GH_OK;
  if (ask == "algorithm") {
    code = body->hash(judge->host, r->call_id, 2, on_digest, q);
  } else if (ask == "much") {
    code = body->read(judge->host, r->call_id, (10u << 20) + 1, on_bytes, q);
  } else if (ask == "stranger") {
    code = body->hash(judge->host, r->call_id + 1, GH_HASH_SHA256, on_digest, q);
  } else if (ask == "read") {
    const std::string max = header(r, "x-max");
    code = body->read(judge->host, r->call_id, std::strtoull(max.c_str(), nullptr, 10), on_bytes, q);
  } else {
    code = body->hash(judge->host, r->call_id, GH_HASH_SHA256, on_digest, q);
  }
  if (code != GH_OK) {
    delete q;
    say(judge, r->call_id, GH_DENY, std::to_string(code));
    return GH_OK;
  }
  if (ask == "twice") {
    code = body->hash(judge->host, r->call_id, GH_HASH_SHA256, on_digest, nullptr);
    say(judge, r->call_id, GH_DENY, std::to_string(code));
    return GH_OK;
  }
  if (ask == "early") {
    say(judge, r->call_id, GH_ALLOW, "early");
    return GH_OK;
  }
  return GH_PENDING;
}

void GH_CALL cancel(gh_plugin*, std::uint64_t) {}
void GH_CALL stop(gh_plugin*) {}
void GH_CALL destroy(gh_plugin* plugin) {
  delete reinterpret_cast<Judge*>(plugin);
}
const void* GH_CALL extension(gh_plugin*, const char*) {
  return nullptr;
}

}  // namespace

GATEHOUSE_MANIFEST(PLUGIN_ID, "1.0.0")

extern "C" GH_EXPORT const gh_module* GH_CALL gatehouse_module_v1(void) {
  static const char* const services[] = {GH_SVC_BODY, nullptr};
  static const gh_plugin_desc desc = {sizeof(gh_plugin_desc),
                                      GH_CAT_IDENTITY,
                                      GH_API_REST | GH_API_HTTP,
                                      0,
                                      PLUGIN_FLAGS,
                                      0,
                                      PLUGIN_ID,
                                      "1.0.0",
                                      "judges bodies",
                                      nullptr,
                                      nullptr,
                                      nullptr,
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
