/* The C side of the frozen plugins: lets in who shows the token of its settings. */
#include <gatehouse/abi.h>
#include <stdlib.h>
#include <string.h>

struct gh_plugin {
  const gh_host* host;
  char token[64];
  size_t size;
};

static int32_t GH_CALL create(const gh_host* host, const gh_config* config, gh_plugin** out, gh_err* err) {
  static const gh_str pointer = {"/token", 6};
  gh_val value;
  gh_plugin* p = (gh_plugin*)calloc(1, sizeof *p);
  if (p == NULL || config->get(config, &pointer, &value) != GH_OK || value.type != GH_T_STRING ||
      value.val.len > sizeof p->token) {
    free(p);
    strcpy(err->msg, "settings: `token` is no short text");
    return err->code = GH_E_CONFIG;
  }
  p->host = host;
  p->size = value.val.len;
  memcpy(p->token, value.val.ptr, p->size);
  *out = p;
  return GH_OK;
}

static int32_t GH_CALL start(gh_plugin* p, gh_err* err) {
  (void)p;
  (void)err;
  return GH_OK;
}

static int32_t GH_CALL authorize(gh_plugin* p, const gh_request* request) {
  static const gh_str name = {"x-token", 7}, who = {"token-user", 10}, realm = {"Token", 5};
  gh_str given = {NULL, 0};
  gh_answer answer;
  memset(&answer, 0, sizeof answer);
  answer.struct_size = sizeof answer;
  answer.ttl_s = -1;
  if (request->header(request, &name, 0, &given) != GH_OK) {
    answer.kind = GH_UNAUTHORIZED;
    answer.challenge = realm;
  } else if (given.len != p->size || memcmp(given.ptr, p->token, p->size) != 0) {
    answer.kind = GH_DENY;
  } else {
    answer.kind = GH_ALLOW;
    answer.principal_id = who;
  }
  return p->host->complete(p->host, request->call_id, &answer);
}

static void GH_CALL cancel(gh_plugin* p, uint64_t call_id) {
  (void)p;
  (void)call_id;
}
static void GH_CALL stop(gh_plugin* p) {
  (void)p;
}
static void GH_CALL destroy(gh_plugin* p) {
  free(p);
}
static const void* GH_CALL extension(gh_plugin* p, const char* id) {
  (void)p;
  (void)id;
  return NULL;
}

static const gh_plugin_desc* GH_CALL plugin(uint32_t index) {
  static const gh_plugin_desc description = {sizeof(gh_plugin_desc),
                                             GH_CAT_IDENTITY,
                                             GH_API_REST | GH_API_HTTP | GH_API_WEBSOCKET,
                                             0,
                                             GH_F_NONBLOCKING,
                                             0,
                                             "frozen.gate-c",
                                             "1.0.0",
                                             "lets in who shows the token",
                                             NULL,
                                             NULL,
                                             "{\"type\":\"object\",\"required\":[\"token\"],\"properties\":{\"token\":{"
                                             "\"type\":\"string\"}}}",
                                             NULL};
  return index == 0 ? &description : NULL;
}
static const void* GH_CALL iface(uint32_t index, const char* id) {
  static const gh_authorizer authorizer = {
      sizeof(gh_authorizer), 0, create, start, authorize, cancel, stop, destroy, extension};
  return index == 0 && strcmp(id, GH_IFACE_AUTHORIZER) == 0 ? &authorizer : NULL;
}

GATEHOUSE_MANIFEST("frozen.gate-c", "1.0.0")
GH_EXPORT const gh_module* GH_CALL gatehouse_module_v1(void) {
  static const gh_module module = {
      sizeof(gh_module), GH_ABI_MAJOR, GH_ABI_MINOR, 0, GH_ABI_DRAFT, 1, "C", plugin, iface};
  return &module;
}
