/* gatehouse/abi.h -- the Gatehouse plugin ABI, major version 1.
 * Pure C (C89 plus <stdint.h>), includable from C++. This file is the contract; authorizer.hpp is a convenience that is
 * compiled INTO the plugin.
 *
 * Rules that hold for every declaration below
 *  R1 the first member of every growable struct is struct_size, set by whoever fills it
 *  R2 members are only appended; never removed, reordered, retyped or given a new meaning
 *  R3 a reader touches a member only if GH_HAS(p, member); anything beyond is "absent"
 *  R4 structs marked FROZEN never grow (they are array elements)
 *  R5 no struct crosses by value; no enum, bool, long, bit-field, FILE*, errno or va_list crosses
 *  R6 nobody frees what the other side allocated; every pointer is borrowed (see the lifetimes)
 *  R7 no C++ exception, Rust panic or longjmp crosses
 *  R8 numbers are never reused; a value you do not know means "refuse", never "allow"
 * While GH_ABI_DRAFT is defined R2 does not hold yet: members may move from draft to draft, and a gateway refuses a
 * plugin of another draft. Rebuild with the SDK of the gateway that you run.
 *
 * Thread marks: [setup] one thread, nothing else running in this instance; [loop] the event loop of one worker: must
 * not block; [any] any thread, concurrently.
 */
#ifndef GATEHOUSE_ABI_H
#define GATEHOUSE_ABI_H

#include <stddef.h>
#include <stdint.h>

#define GH_ABI_MAJOR 1
#define GH_ABI_MINOR 0
#define GH_ABI_DRAFT 1

#if defined(_WIN32)
#define GH_CALL __cdecl
#define GH_EXPORT __declspec(dllexport)
#else
#define GH_CALL
#define GH_EXPORT __attribute__((visibility("default")))
#endif

/* True when the struct that `p` points to is long enough to hold `member`. */
#define GH_HAS(p, member) ((p) != NULL && (p)->struct_size >= GH_END_((p), member))
#define GH_END_(p, member) ((size_t)((const char*)&(p)->member - (const char*)(p)) + sizeof((p)->member))

#ifdef __cplusplus
extern "C" {
#endif

/* ---- status: 0 done, >0 informative, <0 error ---- */
#define GH_OK 0
#define GH_PENDING 1
#define GH_E_FAILED (-1)
#define GH_E_CONFIG (-2)
#define GH_E_UNSUPPORTED (-3)
#define GH_E_STATE (-4)     /* wrong lifecycle state, or answered twice */
#define GH_E_GONE (-5)      /* nobody waits for this call any more: deadline, or the client went away */
#define GH_E_NOTFOUND (-6)  /* no such name, no such call */
#define GH_E_EXCEPTION (-7) /* a C++ exception was stopped at the boundary */
#define GH_E_LIMIT (-8)
#define GH_E_INVALID (-9) /* an argument that breaks this contract */

/* ---- FROZEN carriers ---- */
typedef struct gh_str { /* FROZEN. bytes, not NUL-terminated; ptr NULL: absent; len 0: empty */
  const char* ptr;
  size_t len;
} gh_str;
typedef struct gh_strs { /* FROZEN */
  const gh_str* items;
  size_t count;
} gh_strs;
typedef struct gh_kv { /* FROZEN */
  gh_str key;
  gh_str val;
} gh_kv;
typedef struct gh_kvs { /* FROZEN */
  const gh_kv* items;
  size_t count;
} gh_kvs;

#define GH_T_NULL 0u
#define GH_T_STRING 1u
#define GH_T_NUMBER 2u
#define GH_T_BOOL 3u
#define GH_T_JSON 4u    /* object or array, as JSON text */
typedef struct gh_val { /* FROZEN. a typed value in text form: `true`, `12.5` */
  gh_str key;
  gh_str val;
  uint32_t type; /* GH_T_ */
  uint32_t zero;
} gh_val;
typedef struct gh_vals { /* FROZEN */
  const gh_val* items;
  size_t count;
} gh_vals;

/* A policy that the host weighs: JSON text, or the handle of one that was compiled before. */
#define GH_ROLE_IDENTITY 1u
#define GH_ROLE_BOUNDARY 2u
#define GH_ROLE_SESSION 3u
#define GH_ROLE_RESOURCE 4u
#define GH_ROLE_ENDPOINT 5u
typedef struct gh_policy { /* FROZEN */
  gh_str json;
  uint64_t handle; /* 0: none, `json` it is */
  uint32_t role;   /* GH_ROLE_ */
  uint32_t zero;
} gh_policy;
typedef struct gh_policies { /* FROZEN */
  const gh_policy* items;
  size_t count;
} gh_policies;

/* A condition key that policies may ask about. */
typedef struct gh_condition { /* FROZEN */
  gh_str key;
  gh_strs values;
  uint32_t multi; /* 1: multi-valued by nature, even with one value */
  uint32_t zero;
} gh_condition;
typedef struct gh_conditions { /* FROZEN */
  const gh_condition* items;
  size_t count;
} gh_conditions;

typedef struct gh_err { /* the caller owns it and sets struct_size; the callee fills the rest */
  uint32_t struct_size;
  int32_t code;
  char msg[504]; /* NUL-terminated UTF-8: what is wrong and what to do about it */
} gh_err;

/* ---- what a plugin says it is ---- */
#define GH_CAT_IDENTITY 1u
#define GH_CAT_RESOURCE 2u
#define GH_CAT_NETWORK 4u

#define GH_API_REST 1u
#define GH_API_HTTP 2u
#define GH_API_WEBSOCKET 4u

/* What the host has to prepare for authorize(). Parts that are not asked for are left out of the request; header(),
 * attr() and all plain members are always there. */
#define GH_NEED_HEADERS 1u /* the `headers` list; one header by name needs no flag */
#define GH_NEED_QUERY 2u   /* the decoded `query` list */
#define GH_NEED_CLIENT_CERT 4u
#define GH_NEED_STAGE_VARS 8u
#define GH_NEED_PATH_PARAMS 16u
#define GH_NEED_SCOPES 32u
#define GH_NEED_EVENT 64u /* `event`: the AWS event as JSON */

#define GH_F_ASYNC 1u       /* authorize may return GH_PENDING */
#define GH_F_NONBLOCKING 2u /* authorize never waits: the host calls it on the event loop, [loop] */
#define GH_F_PER_CONNECTION \
  4u                         /* the answer depends on the connection only: the host may keep it as long as that lives */
#define GH_F_NEVER_UNLOAD 8u /* the library must stay mapped (Go or Rust runtime, TLS destructors) */
#define GH_F_OUT_OF_PROCESS 16u /* must run in a process of its own */

typedef struct gh_plugin_desc { /* static; good until the library is unloaded */
  uint32_t struct_size;
  uint32_t categories; /* GH_CAT_ bits */
  uint32_t api_types;  /* GH_API_ bits */
  uint32_t needs;      /* GH_NEED_ bits */
  uint32_t flags;      /* GH_F_ bits */
  uint32_t zero;
  const char* id; /* reverse DNS, stable for ever; the manifest says the same */
  const char* version;
  const char* summary;
  const char* vendor;          /* or NULL */
  const char* doc_url;         /* or NULL */
  const char* settings_schema; /* JSON Schema of `settings:`; NULL: takes none */
  const char* const* services; /* NULL-terminated ids that create cannot do without, or NULL */
} gh_plugin_desc;

/* ---- the settings, handed to create ---- */
typedef struct gh_config {
  uint32_t struct_size;
  uint32_t zero;
  const void* impl;
  gh_str instance; /* the authorizer's name in gatehouse.yaml */
  gh_str json;     /* canonical JSON: validated by the schema, its defaults applied, secrets resolved */
  /* Look-ups by RFC 6901 pointer ("/allow/0"); "" is the whole. GH_E_NOTFOUND when there is nothing. What they give is
   * borrowed until create returns. [setup] */
  int32_t(GH_CALL* get)(const struct gh_config*, const gh_str* pointer, gh_val* out);
  int32_t(GH_CALL* count)(const struct gh_config*, const gh_str* pointer, size_t* out); /* of an array or object */
  int32_t(GH_CALL* member)(const struct gh_config*, const gh_str* pointer, size_t index, gh_str* name);
} gh_config;

/* ---- one request; valid until complete() for its call_id returns, or authorize() if that is later ---- */
#define GH_WORKER_NONE 0xffffffffu
typedef struct gh_request {
  uint32_t struct_size;
  uint32_t api_type; /* GH_API_ */
  uint64_t call_id;
  uint64_t deadline_ns; /* on the host's monotonic clock; 0: none */
  int64_t time_unix_ms;
  uint32_t worker; /* below gh_host.worker_count on a loop; GH_WORKER_NONE on the executor */
  uint32_t given;  /* the GH_NEED_ bits that are filled */
  uint64_t connection_id;
  uint32_t peer_port;
  uint32_t local_port;
  uint32_t tls; /* 1: the connection is encrypted */
  uint32_t zero;

  gh_str request_id;
  gh_str account_id;
  gh_str region;
  gh_str api_id;
  gh_str stage;
  gh_str route_key;     /* `GET /orders/{id}`, `$default` */
  gh_str resource_path; /* the route's pattern */
  gh_str arn;           /* methodArn, routeArn */
  gh_str action;        /* `execute-api:Invoke` */
  gh_str method;
  gh_str scheme;
  gh_str authority;    /* host and port that the request is for */
  gh_str domain;       /* the same without the port */
  gh_str wire_path;    /* the bytes as received, without the query */
  gh_str path;         /* normalised: the one that was routed and is forwarded */
  gh_str api_path;     /* `path` inside the API: stage or base path removed */
  gh_str raw_query;    /* without `?`; as received */
  gh_str http_version; /* `1.1` */
  gh_str source_ip;    /* the client's: the peer's, or what a trusted proxy vouches for */
  gh_str peer_ip;      /* the peer's */
  gh_str listener;     /* its name in gatehouse.yaml */
  gh_str token;        /* value of the identity source, for authorizers of `type: token` */
  gh_str event;        /* GH_NEED_EVENT */

  gh_kvs identity;    /* every identity source as configured -> its value; a value that is absent has ptr NULL */
  gh_kvs headers;     /* GH_NEED_HEADERS: names in lower case, wire order, repeats kept */
  gh_kvs query;       /* GH_NEED_QUERY: decoded, wire order, repeats kept */
  gh_kvs path_params; /* GH_NEED_PATH_PARAMS */
  gh_kvs stage_vars;  /* GH_NEED_STAGE_VARS */
  gh_kvs client_cert; /* GH_NEED_CLIENT_CERT */
  gh_strs scopes;     /* GH_NEED_SCOPES: what the route asks for */

  const void* impl;
  /* The index-th value of a header; `name` in lower case. GH_E_NOTFOUND when there are fewer. [any] */
  int32_t(GH_CALL* header)(const struct gh_request*, const gh_str* name, size_t index, gh_str* out);
  /* A rarer fact by name: "tls.sni", "tls.version", "proxy.source", "ws.connection_id". GH_E_NOTFOUND when it is not
   * known of this request. [any] */
  int32_t(GH_CALL* attr)(const struct gh_request*, const gh_str* name, gh_str* out);
} gh_request;

/* ---- one answer; the host reads it only DURING complete() and copies ---- */
#define GH_ALLOW 1u        /* identity: let in; network and resource: no objection, never a grant */
#define GH_DENY 2u         /* 403 */
#define GH_UNAUTHORIZED 3u /* 401 */
#define GH_FAILED 4u       /* 500: the authorizer could not tell */
#define GH_ABSTAIN 5u      /* nothing to say; of an identity authorizer: refused */

#define GH_PATH_NORMALISED 0u
#define GH_PATH_WIRE 1u
#define GH_PATH_SLASHES_COLLAPSED 2u

typedef struct gh_answer {
  uint32_t struct_size;
  uint32_t kind;               /* 0 is not a kind: who forgets it refuses */
  int32_t ttl_s;               /* -1: as configured; 0: do not keep */
  uint32_t path_form;          /* the form of the path that was judged: the host matches that form again */
  int64_t valid_until_unix_ms; /* 0: no bound */

  gh_str principal_id;
  gh_str principal_arn;
  gh_str principal_account;
  gh_str challenge; /* WWW-Authenticate, with GH_UNAUTHORIZED or GH_DENY */
  gh_str usage_key;
  gh_str reason;     /* private: for the log, never sent to the client; must not hold a secret */
  gh_str error_text; /* $context.authorizer.error */
  gh_str message;    /* for the client, where AWS has such a text; at most 64 KiB */
  gh_str response_type;
  gh_str error_type;

  gh_vals context; /* for integration and log */
  gh_vals claims;
  gh_strs scopes; /* of the token; items NULL: the route asks for none */
  gh_policies policies;
  gh_conditions conditions; /* principal tags and session facts, as condition keys */
  gh_vals identity;         /* $context.identity.*, authorizer.iam: no condition keys */
} gh_answer;

/* ---- the host; lives until destroy returns ---- */
typedef struct gh_host {
  uint32_t struct_size;
  uint32_t abi_minor;
  uint32_t worker_count; /* fixed as long as the instance lives */
  uint32_t zero;
  void* impl;
  const char* name;
  const char* version;
  /* A service by id, "gatehouse.log/1"; NULL if this host lacks it; lives until destroy returns. [any] */
  const void*(GH_CALL* service)(const struct gh_host*, const char* id);
  /* Answers a call, exactly once, inside authorize() or later. Everything is copied before it returns. GH_E_GONE:
   * nobody waits any more; GH_E_STATE: was answered already, and the call fails; GH_E_NOTFOUND: not a call of this
   * instance; GH_E_INVALID: the answer breaks the contract, and the call fails. [any] */
  int32_t(GH_CALL* complete)(const struct gh_host*, uint64_t call_id, const gh_answer*);
} gh_host;

#define GH_SVC_LOG "gatehouse.log/1"
#define GH_LOG_TRACE 0u
#define GH_LOG_DEBUG 1u
#define GH_LOG_INFO 2u
#define GH_LOG_WARN 3u
#define GH_LOG_ERROR 4u
typedef struct gh_log {
  uint32_t struct_size;
  uint32_t zero;
  int32_t(GH_CALL* enabled)(const gh_host*, uint32_t level); /* 1: yes. [any] */
  /* `call_id` 0: not about a request. Never a secret. [any] */
  void(GH_CALL* write)(const gh_host*, uint32_t level, uint64_t call_id, const gh_str* message, const gh_kvs* fields);
} gh_log;

#define GH_SVC_CLOCK "gatehouse.clock/1"
typedef struct gh_clock {
  uint32_t struct_size;
  uint32_t zero;
  uint64_t(GH_CALL* monotonic_ns)(const gh_host*); /* [any] */
  int64_t(GH_CALL* unix_ms)(const gh_host*);       /* [any] tests can freeze it */
} gh_clock;

/* ---- the authorizer interface a plugin implements ---- */
typedef struct gh_plugin gh_plugin; /* an instance; opaque to the host */
#define GH_IFACE_AUTHORIZER "gatehouse.authorizer/1"
typedef struct gh_authorizer {
  uint32_t struct_size;
  uint32_t zero;
  /* Reads the settings; no network. On failure fills the error and leaves *out alone. [setup] */
  int32_t(GH_CALL* create)(const gh_host*, const gh_config*, gh_plugin** out, gh_err*);
  /* Fetches and opens what it needs; may block up to a configured limit. [setup] */
  int32_t(GH_CALL* start)(gh_plugin*, gh_err*);
  /* Judges one request: calls gh_host.complete for its call_id before it returns GH_OK, or has returned GH_PENDING and
   * calls it later. Negative: the host fails the call. [any], or [loop] with GH_F_NONBLOCKING */
  int32_t(GH_CALL* authorize)(gh_plugin*, const gh_request*);
  /* A hint: nobody waits for that call any more. complete() is still owed and releases the request. [any] */
  void(GH_CALL* cancel)(gh_plugin*, uint64_t call_id);
  /* No new call comes. Returns when every owed complete() is made and every thread of its own is joined. [setup] */
  void(GH_CALL* stop)(gh_plugin*);
  void(GH_CALL* destroy)(gh_plugin*);                          /* [setup] */
  const void*(GH_CALL* extension)(gh_plugin*, const char* id); /* NULL if unknown. [any] */
} gh_authorizer;

/* ---- the one exported symbol; the major version is part of its name ---- */
typedef struct gh_module { /* static */
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;      /* of the header it was compiled with */
  uint16_t min_host_minor; /* refuses older hosts */
  uint16_t abi_draft;      /* GH_ABI_DRAFT of that header */
  uint32_t plugin_count;   /* 1 */
  const char* build_info;  /* compiler, library: for people */
  const gh_plugin_desc*(GH_CALL* plugin)(uint32_t index);
  const void*(GH_CALL* iface)(uint32_t index, const char* iface_id); /* NULL if unknown */
} gh_module;
typedef const gh_module*(GH_CALL* gh_module_fn)(void);
#define GH_ENTRY gatehouse_module_v1
#define GH_ENTRY_NAME "gatehouse_module_v1"
/* No side effect, no allocation: called by scan and check too. [setup] */
GH_EXPORT const gh_module* GH_CALL gatehouse_module_v1(void);

#ifdef __cplusplus
}
#endif

/* ---- the manifest: a section of its own that the gateway reads without running code ----
 * GATEHOUSE_MANIFEST("com.example.gate", "1.0.0") once per library, at file scope, without a semicolon. `retain` keeps
 * --gc-sections from dropping it. */
#define GH_STRING2_(x) #x
#define GH_STRING_(x) GH_STRING2_(x)
#if defined(__has_attribute)
#if __has_attribute(retain)
#define GH_RETAIN_ , retain
#endif
#endif
#ifndef GH_RETAIN_
#define GH_RETAIN_
#endif
#if defined(_MSC_VER)
#pragma section(".ghmeta", read)
#define GH_MANIFEST_SECTION_ __declspec(allocate(".ghmeta"))
#elif defined(_WIN32)
#define GH_MANIFEST_SECTION_ __attribute__((section(".ghmeta"), used))
#else
#define GH_MANIFEST_SECTION_ __attribute__((section(".gatehouse"), used GH_RETAIN_))
#endif
#define GATEHOUSE_MANIFEST(id, version)                                                                       \
  GH_MANIFEST_SECTION_ static const char gh_manifest_[] =                                                     \
      "GATEHOUSE-PLUGIN/1\nabi=" GH_STRING_(GH_ABI_MAJOR) "." GH_STRING_(GH_ABI_MINOR) "\ndraft=" GH_STRING_( \
          GH_ABI_DRAFT) "\nid=" id "\nversion=" version "\n";

/* ---- layout pins: a change here is a break, on any compiler ---- */
#define GH_PIN_(tag, cond) typedef char gh_pin_##tag[(cond) ? 1 : -1]
#if UINTPTR_MAX == 0xffffffffffffffffu
GH_PIN_(str, sizeof(gh_str) == 16);
GH_PIN_(strs, sizeof(gh_strs) == 16);
GH_PIN_(kv, sizeof(gh_kv) == 32);
GH_PIN_(val, sizeof(gh_val) == 40);
GH_PIN_(policy, sizeof(gh_policy) == 32);
GH_PIN_(condition, sizeof(gh_condition) == 40);
GH_PIN_(err, sizeof(gh_err) == 512);
GH_PIN_(desc_id, offsetof(gh_plugin_desc, id) == 24);
GH_PIN_(desc_services, offsetof(gh_plugin_desc, services) == 72);
GH_PIN_(config_get, offsetof(gh_config, get) == 48);
GH_PIN_(config_member, offsetof(gh_config, member) == 64);
GH_PIN_(request_worker, offsetof(gh_request, worker) == 32);
GH_PIN_(request_id, offsetof(gh_request, request_id) == 64);
GH_PIN_(request_method, offsetof(gh_request, method) == 208);
GH_PIN_(request_event, offsetof(gh_request, event) == 416);
GH_PIN_(request_headers, offsetof(gh_request, headers) == 448);
GH_PIN_(request_header, offsetof(gh_request, header) == 552);
GH_PIN_(request, sizeof(gh_request) == 568);
GH_PIN_(answer_principal, offsetof(gh_answer, principal_id) == 24);
GH_PIN_(answer_context, offsetof(gh_answer, context) == 184);
GH_PIN_(answer, sizeof(gh_answer) == 280);
GH_PIN_(host_service, offsetof(gh_host, service) == 40);
GH_PIN_(host_complete, offsetof(gh_host, complete) == 48);
GH_PIN_(log_write, offsetof(gh_log, write) == 16);
GH_PIN_(clock_unix, offsetof(gh_clock, unix_ms) == 16);
GH_PIN_(authorizer_authorize, offsetof(gh_authorizer, authorize) == 24);
GH_PIN_(authorizer, sizeof(gh_authorizer) == 64);
GH_PIN_(module_plugin, offsetof(gh_module, plugin) == 24);
GH_PIN_(module, sizeof(gh_module) == 40);
#endif

#endif
