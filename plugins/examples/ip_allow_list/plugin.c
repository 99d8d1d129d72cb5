/* A network authorizer in plain C: lets a caller pass whose address is in one of the blocks of `allow`. */
#include <gatehouse/abi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

struct gh_plugin {
  const gh_host* host;
  size_t count;
  block* allow;
};

static int32_t refuse(gh_err* err, const char* what, const gh_str* which) {
  err->code = GH_E_CONFIG;
  sprintf(err->msg, "settings: `%.*s` %s", (int)(which->len < 200 ? which->len : 200), which->ptr, what);
  return GH_E_CONFIG;
}

static int32_t GH_CALL create(const gh_host* host, const gh_config* config, gh_plugin** out, gh_err* err) {
  static const gh_str list = {"/allow", 6};
  gh_plugin* p = NULL;
  size_t i, count = 0;
  if (config->count(config, &list, &count) != GH_OK || count == 0) return refuse(err, "must name a block", &list);
  p = (gh_plugin*)calloc(1, sizeof *p);
  if (p != NULL) p->allow = (block*)calloc(count, sizeof *p->allow);
  if (p == NULL || p->allow == NULL) {
    free(p);
    return refuse(err, "does not fit into memory", &list);
  }
  p->host = host;
  p->count = count;
  for (i = 0; i < count; ++i) {
    char name[32];
    gh_str pointer;
    gh_val value;
    sprintf(name, "/allow/%lu", (unsigned long)i);
    pointer.ptr = name;
    pointer.len = strlen(name);
    if (config->get(config, &pointer, &value) != GH_OK || value.type != GH_T_STRING ||
        !block_parse(value.val.ptr, value.val.len, &p->allow[i])) {
      free(p->allow);
      free(p);
      return refuse(err, "is not an address or a block like 10.0.0.0/8 with no bit set behind the prefix", &pointer);
    }
  }
  *out = p;
  return GH_OK;
}

static int32_t GH_CALL start(gh_plugin* p, gh_err* err) {
  (void)p;
  (void)err;
  return GH_OK;
}

static int32_t GH_CALL authorize(gh_plugin* p, const gh_request* request) {
  static const char outside[] = "the caller's address is in none of the blocks";
  gh_answer answer;
  address from;
  size_t i;
  memset(&answer, 0, sizeof answer);
  answer.struct_size = sizeof answer;
  answer.ttl_s = -1;
  answer.kind = GH_DENY;
  if (request->source_ip.ptr != NULL && address_parse(request->source_ip.ptr, request->source_ip.len, &from))
    for (i = 0; i < p->count && answer.kind == GH_DENY; ++i)
      if (block_contains(&p->allow[i], &from)) answer.kind = GH_ALLOW;
  if (answer.kind == GH_DENY) {
    answer.reason.ptr = outside;
    answer.reason.len = sizeof outside - 1;
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
  free(p->allow);
  free(p);
}

static const void* GH_CALL extension(gh_plugin* p, const char* id) {
  (void)p;
  (void)id;
  return NULL;
}

static const gh_authorizer authorizer = {
    sizeof(gh_authorizer), 0, create, start, authorize, cancel, stop, destroy, extension};

static const gh_plugin_desc description = {
    sizeof(gh_plugin_desc),
    GH_CAT_NETWORK,
    GH_API_REST | GH_API_HTTP | GH_API_WEBSOCKET,
    0,
    GH_F_NONBLOCKING,
    0,
    "com.example.ip-allow-list",
    "1.0.0",
    "lets callers pass from listed addresses only",
    NULL,
    NULL,
    "{\"type\": \"object\", \"required\": [\"allow\"], \"additionalProperties\": false, \"properties\": {"
    "\"allow\": {\"type\": \"array\", \"minItems\": 1, \"maxItems\": 10000, \"items\": {\"type\": \"string\", "
    "\"examples\": [\"10.0.0.0/8\"]},"
    " \"description\": \"addresses and blocks: 10.0.0.0/8, 2001:db8::/32, 192.0.2.7\"}}}",
    NULL};

static const gh_plugin_desc* GH_CALL plugin(uint32_t index) {
  return index == 0 ? &description : NULL;
}

static const void* GH_CALL iface(uint32_t index, const char* id) {
  return index == 0 && strcmp(id, GH_IFACE_AUTHORIZER) == 0 ? &authorizer : NULL;
}

GATEHOUSE_MANIFEST("com.example.ip-allow-list", "1.0.0")

GH_EXPORT const gh_module* GH_CALL gatehouse_module_v1(void) {
  static const gh_module module = {
      sizeof(gh_module), GH_ABI_MAJOR, GH_ABI_MINOR, 0, GH_ABI_DRAFT, 1, "C", plugin, iface};
  return &module;
}
