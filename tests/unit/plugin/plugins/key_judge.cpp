// Looks the access key of x-key up (with the token of x-token) and answers, as x-do says: `name` (also without it)
// allows and names the caller that was found; `stale` names the handle of the look-up before; `made-up` a handle of its
// own; `deny` names him in a denial; `beside` gives a principal, too; `slashes` says nothing but a form of the path;
// `twice` asks again before the first answer has come; `early` answers before it. Its reason is the status of the key,
// or what the host returned when that is not the key.
#include <gatehouse/abi.h>

#include <cstring>
#include <string>

namespace {

struct Judge {
  const gh_host* host;
  const gh_identity* identity;
};

struct Question {
  Judge* judge;
  std::uint64_t call;
  std::string key, token, what;
  bool has_token = false;
  std::uint64_t before = 0;  // the handle of the first of two look-ups
  int asked = 0;
};

gh_str str(const std::string& s) {
  return {s.data(), s.size()};
}

bool header(const gh_request* r, const char* name, std::string& out) {
  const gh_str wanted{name, std::strlen(name)};
  gh_str value{};
  if (r->header(r, &wanted, 0, &value) != GH_OK) return false;
  out.assign(value.ptr, value.len);
  return true;
}

void say(const Question& q, std::uint32_t kind, std::uint64_t caller, const std::string& reason) {
  gh_answer a{};
  a.struct_size = sizeof a;
  a.kind = kind;
  a.ttl_s = -1;
  a.caller = caller;
  a.reason = str(reason);
  if (q.what == "beside") a.principal_id = {"somebody", 8};
  if (q.what == "slashes") a.path_form = GH_PATH_SLASHES_COLLAPSED;
  q.judge->host->complete(q.judge->host, q.call, &a);
}

std::int32_t look_up(Question* q, gh_key& out);

/// True when it is over, and `q` is gone.
void judge(Question* q, const gh_key& key) {
  const std::string status = std::to_string(key.status) + "/" + std::to_string(key.signing_key.len);
  if (q->what == "stale" && q->asked == 1 && key.status == GH_KEY_OK) {
    q->before = key.caller;
    gh_key again{};
    const std::int32_t code = look_up(q, again);
    if (code == GH_PENDING) return;
    if (code == GH_OK) {
      say(*q, GH_ALLOW, q->before, "the handle before");
    } else {
      say(*q, GH_FAILED, 0, std::to_string(code));
    }
  } else if (q->what == "stale") {
    say(*q, GH_ALLOW, q->before, "the handle before");
  } else if (key.status != GH_KEY_OK || q->what == "deny") {
    say(*q, GH_DENY, q->what == "deny" ? key.caller : 0, status);
  } else {
    say(*q, GH_ALLOW, q->what == "made-up" ? key.caller + 1 : q->what == "slashes" ? 0 : key.caller, status);
  }
  delete q;
}

void GH_CALL on_key(void* user, std::int32_t status, const gh_key* key, std::uint32_t) {
  auto* q = static_cast<Question*>(user);
  if (status == GH_OK) return judge(q, *key);
  if (q->what != "early" && q->what != "twice") say(*q, GH_FAILED, 0, std::to_string(status));
  delete q;
}

std::int32_t look_up(Question* q, gh_key& out) {
  ++q->asked;
  gh_key_query query{};
  query.struct_size = sizeof query;
  query.call_id = q->call;
  query.access_key_id = str(q->key);
  if (q->has_token) query.session_token = str(q->token);
  query.date = {"20260115", 8};
  query.region = {"us-east-1", 9};
  query.service = {"execute-api", 11};
  out.struct_size = sizeof out;
  return q->judge->identity->lookup(q->judge->host, &query, &out, on_key, q);
}

std::int32_t GH_CALL create(const gh_host* host, const gh_config*, gh_plugin** out, gh_err* error) {
  const void* identity = host->service(host, GH_SVC_IDENTITY);
  if (identity == nullptr) {
    std::strcpy(error->msg, "no identity service");
    return GH_E_UNSUPPORTED;
  }
  *out = reinterpret_cast<gh_plugin*>(new Judge{host, static_cast<const gh_identity*>(identity)});
  return GH_OK;
}
std::int32_t GH_CALL start(gh_plugin*, gh_err*) {
  return GH_OK;
}

std::int32_t GH_CALL authorize(gh_plugin* plugin, const gh_request* r) {
  auto* q = new Question{reinterpret_cast<Judge*>(plugin), r->call_id, {}, {}, {}};
  header(r, "x-key", q->key);
  header(r, "x-do", q->what);
  q->has_token = header(r, "x-token", q->token);
  const Question asked = *q;  // once it is asked, `q` is the callback's, which may be over before lookup() returns
  gh_key key{};
  const std::int32_t code = look_up(q, key);
  if (code == GH_PENDING) {
    if (asked.what == "early") return say(asked, GH_DENY, 0, "early"), GH_OK;
    if (asked.what != "twice") return GH_PENDING;
    gh_key second{};
    auto* another = new Question(asked);
    const std::int32_t refused = look_up(another, second);
    say(asked, GH_DENY, 0, std::to_string(refused));
    if (refused != GH_PENDING) delete another;
    return GH_OK;
  }
  if (code == GH_OK) return judge(q, key), GH_OK;
  say(*q, GH_FAILED, 0, std::to_string(code));
  delete q;
  return GH_OK;
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
  static const char* const services[] = {GH_SVC_IDENTITY, nullptr};
  static const gh_plugin_desc desc = {sizeof(gh_plugin_desc),
                                      GH_CAT_IDENTITY,
                                      GH_API_REST | GH_API_HTTP,
                                      0,
                                      PLUGIN_FLAGS,
                                      0,
                                      PLUGIN_ID,
                                      "1.0.0",
                                      "looks keys up",
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
