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
#define GH_ABI_DRAFT 2

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
/* Why a fetch has no response: the callback's status. */
#define GH_E_REFUSED                                                                                                   \
  (-20)                      /* not granted: this host, plain HTTP, a private address, a redirect that is not followed \
                              */
#define GH_E_DNS (-21)       /* the host's name has no address */
#define GH_E_ADDRESS (-22)   /* its addresses are all private, loopback or link-local, and those are not allowed */
#define GH_E_CONNECT (-23)   /* refused, unreachable, or closed before a whole response was there */
#define GH_E_TLS (-24)       /* no TLS, or a certificate that is not trusted or of another name */
#define GH_E_TIMEOUT (-25)   /* not whole within timeout_ms */
#define GH_E_TOO_LARGE (-26) /* head or body larger than allowed */
#define GH_E_PROTOCOL (-27)  /* what came is not HTTP */

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
  /* The index-th value of a header; `name` in lower case. GH_E_NOTFOUND when there are fewer. [any] Lines that the
   * client's Connection names are not there: they are not forwarded. All others are, in their order: who judges the
   * first only must make sure that there is no second, or the upstream may read another. */
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
  gh_str reason;        /* private: for the log, never sent to the client; must not hold a secret */
  gh_str error_text;    /* $context.authorizer.error */
  gh_str message;       /* of a refusal: for the client, where AWS has such a text; at most 64 KiB */
  gh_str response_type; /* of a refusal: `UNAUTHORIZED`; one of the status that `kind` has */
  gh_str error_type;    /* of a refusal: x-amzn-ErrorType */

  gh_vals context; /* for integration and log */
  gh_vals claims;
  gh_strs scopes; /* all of the token; items NULL: not known. Handed on where the route asks for scopes */
  gh_policies policies;
  gh_conditions conditions; /* principal tags and session facts, as condition keys */
  gh_vals identity;         /* $context.identity.*, authorizer.iam: no condition keys */
  /* gh_key.caller of a look-up made for this very call (gatehouse.identity/1), with GH_ALLOW: the host then knows
   * principal, account, policies, condition keys and identity facts by itself, and none of them may be given beside it.
   * 0: none. */
  uint64_t caller;
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

/* ---- services that call back ----
 * A function of these services that returns GH_OK calls back exactly once, and never before it has returned; one that
 * returns anything else does not call back at all. Callbacks of a GH_F_NONBLOCKING plugin come on the event loop of the
 * worker that the call belongs to (call_id 0: worker 0) and must not block; `worker` is its index. Those of others come
 * on the executor, `worker` is GH_WORKER_NONE. What is asked for a call ends with it: when the call was answered or
 * nobody waits for it any more, the callback comes soon with GH_E_GONE. What is asked with call_id 0 ends when the
 * instance does: the host calls back with GH_E_GONE before it calls destroy. Pointers given to a callback are good
 * during it. A callback may do all that authorize() may. */
typedef void(GH_CALL* gh_done_fn)(void* user, int32_t status, uint32_t worker);
typedef void(GH_CALL* gh_bytes_fn)(void* user, int32_t status, const gh_str* bytes, uint32_t worker);

#define GH_SVC_TIMER "gatehouse.timer/1"
typedef struct gh_timer {
  uint32_t struct_size;
  uint32_t zero;
  /* Calls `done` once, with GH_OK, `ms` (1 to 86,400,000) milliseconds from now. *id: for cancel; may be NULL.
   * GH_E_LIMIT: the instance has too many timers. [any] */
  int32_t(GH_CALL* start)(const gh_host*, uint64_t call_id, uint64_t ms, gh_done_fn done, void* user, uint64_t* id);
  /* `done` comes soon, with GH_E_GONE. GH_E_NOTFOUND: it has come, or is about to. [any] */
  int32_t(GH_CALL* cancel)(const gh_host*, uint64_t id);
} gh_timer;

#define GH_SVC_EXECUTOR "gatehouse.executor/1"
typedef struct gh_executor {
  uint32_t struct_size;
  uint32_t zero;
  /* Calls `work` on a thread that may block, with GH_OK and GH_WORKER_NONE whatever the plugin's flags, or with
   * GH_E_GONE when call or instance ended before a thread was free. Threads and queue are those of the plugin's share.
   * GH_E_LIMIT: the queue is full. [any] */
  int32_t(GH_CALL* run)(const gh_host*, uint64_t call_id, gh_done_fn work, void* user);
} gh_executor;

/* Metrics appear as gatehouse_plugin_NAME{authorizer="...",LABELS}. Names match [a-z][a-z0-9_]{0,63}; at most 64 an
 * instance, label sets counted. They are declared in create or start. */
#define GH_SVC_METRICS "gatehouse.metrics/1"
typedef struct gh_metrics {
  uint32_t struct_size;
  uint32_t zero;
  /* Give a handle for add and observe. `labels` may be NULL. The same name and labels again: the same handle.
   * GH_E_INVALID: a bad name, or one that is another kind already; GH_E_LIMIT: too many; GH_E_STATE: too late. [setup]
   */
  int32_t(GH_CALL* counter)(const gh_host*, const gh_str* name, const gh_str* help, const gh_kvs* labels,
                            uint32_t* handle);
  int32_t(GH_CALL* histogram)(const gh_host*, const gh_str* name, const gh_str* help, const gh_kvs* labels,
                              uint32_t* handle);                           /* of durations */
  void(GH_CALL* add)(const gh_host*, uint32_t handle, uint64_t value);     /* to a counter. [any] */
  void(GH_CALL* observe_ns)(const gh_host*, uint32_t handle, uint64_t ns); /* in a histogram. [any] */
} gh_metrics;

/* Bytes by key, of this instance alone, shared by its threads, bounded: the least recently used go first. Lost when the
 * instance ends. */
#define GH_SVC_CACHE "gatehouse.cache/1"
typedef struct gh_cache {
  uint32_t struct_size;
  uint32_t zero;
  /* Calls `use` before it returns, with GH_OK and the value; GH_E_NOTFOUND (and no call) when there is none. [any] */
  int32_t(GH_CALL* get)(const gh_host*, const gh_str* key, gh_bytes_fn use, void* user);
  /* Keeps a copy for `ttl_s` seconds (1 to 86,400). GH_E_LIMIT: key or value too large (1,024 bytes; 1 MiB). [any] */
  int32_t(GH_CALL* put)(const gh_host*, const gh_str* key, const gh_str* value, int32_t ttl_s);
  int32_t(GH_CALL* remove)(const gh_host*, const gh_str* key); /* GH_OK, GH_E_NOTFOUND. [any] */
} gh_cache;

#define GH_SVC_SECRETS "gatehouse.secrets/1"
typedef struct gh_secrets {
  uint32_t struct_size;
  uint32_t zero;
  /* A secret by its name under `secrets:` of the authorizer in gatehouse.yaml. Calls `use` before it returns, with
   * GH_OK and the bytes; GH_E_NOTFOUND (and no call) when there is none of that name. [any] */
  int32_t(GH_CALL* get)(const gh_host*, const gh_str* name, gh_bytes_fn use, void* user);
} gh_secrets;

/* HTTP to elsewhere: pooled, over TLS with verified certificates. There only when the operator grants it, under the
 * authorizer: `grants: {http: {hosts: [idp.example.com], allow_private: false, allow_http: false}}`. */
#define GH_SVC_HTTP "gatehouse.http/1"
#define GH_FETCH_ALLOW_HTTP 1u /* plain http:// URLs */
#define GH_FETCH_ALLOW_PRIVATE                                                           \
  2u /* private, loopback and link-local addresses; the operator must allow them as well \
      */
typedef struct gh_http_request {
  uint32_t struct_size;
  uint32_t timeout_ms; /* for everything, redirects included; 0: 10,000; at most 60,000 */
  uint64_t call_id;
  uint64_t max_response_bytes; /* of the body; 0: 1 MiB; at most 16 MiB */
  uint32_t max_redirects;      /* to follow, at most 10, for GET and HEAD, from https to https, each host granted; 0: a
                                  redirect is a response like others */
  uint32_t flags;              /* GH_FETCH_ */
  gh_str method;               /* GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS */
  gh_str url;                  /* absolute; no user information, no fragment */
  gh_kvs headers;              /* Host, framing and hop-by-hop headers are the host's own: GH_E_INVALID */
  gh_str body;                 /* at most 1 MiB; copied */
  gh_str ca_pem;               /* certificates to trust instead of the system's; empty: the system's */
} gh_http_request;
typedef struct gh_http_response {
  uint32_t struct_size;
  int32_t status; /* HTTP status, or GH_E_ why there is none; unknown negative numbers are failures as well */
  gh_kvs headers; /* names in lower case, repeats kept */
  gh_str body;    /* whole */
  gh_str url;     /* that gave this response, after redirects */
  gh_str error;   /* for the log, when status is negative */
} gh_http_response;
typedef void(GH_CALL* gh_http_fn)(void* user, const gh_http_response*, uint32_t worker);
typedef struct gh_http {
  uint32_t struct_size;
  uint32_t zero;
  /* Everything in the request is copied before it returns. GH_E_INVALID: the request breaks the contract; GH_E_LIMIT:
   * the instance has too many fetches under way; GH_E_GONE: nobody waits for the call any more. [any] */
  int32_t(GH_CALL* fetch)(const gh_host*, const gh_http_request*, gh_http_fn done, void* user);
} gh_http;

/* The body of the request under judgement. It is read from the client when somebody first asks, kept (in memory, then
 * in a file) and sent to the integration afterwards. Ask after the cheap checks: an unsigned client should not make the
 * gateway read ten megabytes. One question at a time for a call. There only when the operator grants it: `grants:
 * {body: true}`. */
#define GH_SVC_BODY "gatehouse.body/1"
#define GH_HASH_SHA256 1u
typedef struct gh_body {
  uint32_t struct_size;
  uint32_t zero;
  /* Calls `done` with the digest's bytes (32 for SHA-256) over the whole body, an empty one included. The status is
   * GH_E_TOO_LARGE for a body above the route's limit, GH_E_LIMIT when no room is left to keep it, GH_E_CONNECT when
   * the client did not send all of it. GH_E_UNSUPPORTED: an unknown algorithm; GH_E_STATE: a question is open. [any] */
  int32_t(GH_CALL* hash)(const gh_host*, uint64_t call_id, uint32_t algorithm, gh_bytes_fn done, void* user);
  /* Calls `done` with the whole body; with GH_E_TOO_LARGE when it has more than `max` bytes (at most 10 MiB). [any] */
  int32_t(GH_CALL* read)(const gh_host*, uint64_t call_id, uint64_t max, gh_bytes_fn done, void* user);
} gh_body;

/* Policies that the host weighs for the authorizer, compiled once. */
#define GH_SVC_POLICY "gatehouse.policy/1"
typedef struct gh_policy_compiler {
  uint32_t struct_size;
  uint32_t zero;
  /* Compiles a policy document; *handle, never 0, names it in the answers of this instance, with that role
   * (gh_policy.handle). `execute-api:/` in a policy of GH_ROLE_RESOURCE stands for whatever API names the authorizer.
   * In create or start. GH_E_CONFIG: the document is wrong, and gh_err says where; when the plugin refuses with
   * GH_E_CONFIG in turn the operator is told all of it. GH_E_UNSUPPORTED: a role that cannot be compiled ahead;
   * GH_E_LIMIT: more than 64; GH_E_STATE: too late. [setup] */
  int32_t(GH_CALL* compile)(const gh_host*, uint32_t role, const gh_str* json, uint64_t* handle, gh_err*);
} gh_policy_compiler;

/* Callers by their access keys, from the gateway's store of identities: what it takes to verify a signature (AWS
 * Signature Version 4), and who it is that signed. Never a secret: signing keys are good for one date, region and
 * service. There only when the operator grants it: `grants: {identity: true}`. */
#define GH_SVC_IDENTITY "gatehouse.identity/1"
#define GH_KEY_OK 1u
#define GH_KEY_UNKNOWN 2u   /* no such access key, or a temporary one without its session token */
#define GH_KEY_INACTIVE 3u  /* switched off, or whose it was is no more */
#define GH_KEY_BAD_TOKEN 4u /* a session token that is not ours, not of this key, or beside a key that has none */
#define GH_KEY_EXPIRED 5u   /* a session token of ours past its end */
typedef struct gh_key_query {
  uint32_t struct_size;
  uint32_t zero;
  uint64_t call_id;
  gh_str access_key_id;
  gh_str session_token; /* ptr NULL: the request has none */
  gh_str date;          /* of the credential scope: `20260115` */
  gh_str region;
  gh_str service;
} gh_key_query;
typedef struct gh_key {
  uint32_t struct_size;
  uint32_t status; /* GH_KEY_; any other number: refuse */
  /* 32 bytes: the signing key of that secret for date, region and service. Where the status is not GH_KEY_OK, a dummy:
   * go through the same motions with it before refusing, so that the time tells nobody which keys exist. */
  gh_str signing_key;
  uint64_t caller;      /* for gh_answer.caller; 0 unless GH_KEY_OK */
  gh_str principal_arn; /* of a role session the session's; for the log. Empty unless GH_KEY_OK */
} gh_key;
typedef void(GH_CALL* gh_key_fn)(void* user, int32_t status, const gh_key*, uint32_t worker);
typedef struct gh_identity {
  uint32_t struct_size;
  uint32_t zero;
  /* GH_OK: *out is filled (its caller sets struct_size) and good until the calling function returns; `done` is not
   * called. GH_PENDING: `done` comes as callbacks of services do, with GH_OK and the key, or with GH_E_FAILED and no
   * key when the store cannot be asked: fail the call then. GH_E_LIMIT: too many look-ups wait. One look-up at a time
   * for a call (GH_E_STATE). Everything in the query is copied before it returns. [any] */
  int32_t(GH_CALL* lookup)(const gh_host*, const gh_key_query*, gh_key* out, gh_key_fn done, void* user);
} gh_identity;

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
GH_PIN_(answer, sizeof(gh_answer) == 288);
GH_PIN_(host_service, offsetof(gh_host, service) == 40);
GH_PIN_(host_complete, offsetof(gh_host, complete) == 48);
GH_PIN_(log_write, offsetof(gh_log, write) == 16);
GH_PIN_(clock_unix, offsetof(gh_clock, unix_ms) == 16);
GH_PIN_(timer, sizeof(gh_timer) == 24);
GH_PIN_(executor, sizeof(gh_executor) == 16);
GH_PIN_(metrics, sizeof(gh_metrics) == 40);
GH_PIN_(cache, sizeof(gh_cache) == 32);
GH_PIN_(secrets, sizeof(gh_secrets) == 16);
GH_PIN_(http_request_method, offsetof(gh_http_request, method) == 32);
GH_PIN_(http_request, sizeof(gh_http_request) == 112);
GH_PIN_(http_response_body, offsetof(gh_http_response, body) == 24);
GH_PIN_(http_response, sizeof(gh_http_response) == 72);
GH_PIN_(http, sizeof(gh_http) == 16);
GH_PIN_(body, sizeof(gh_body) == 24);
GH_PIN_(policy_compiler, sizeof(gh_policy_compiler) == 16);
GH_PIN_(key_query, sizeof(gh_key_query) == 96);
GH_PIN_(key, sizeof(gh_key) == 48);
GH_PIN_(identity, sizeof(gh_identity) == 16);
GH_PIN_(authorizer_authorize, offsetof(gh_authorizer, authorize) == 24);
GH_PIN_(authorizer, sizeof(gh_authorizer) == 64);
GH_PIN_(module_plugin, offsetof(gh_module, plugin) == 24);
GH_PIN_(module, sizeof(gh_module) == 40);
#endif

#endif
