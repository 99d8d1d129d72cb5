#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/ip.hpp"
#include "base/secret.hpp"

/// The configuration as plain structs: what gatehouse.yaml(5) says, read and checked member by member, before any of it
/// is compiled. Names are those of the YAML. Every struct that a fault may point at keeps where it stands.
namespace gatehouse::config {

/// A value of `settings:` kept as it was written, for the plugin's own schema: JSON text (canonical: members in the
/// order of the file, numbers as written), secrets already resolved.
struct Settings {
  base::Secret json;               // "{}" when there are none: a secret, since `${env:...}` values are in it
  std::vector<std::string> names;  // of its members; never their values
  std::string directory;           // of the file they stand in: what relative paths in them start from
  bool production = false;         // as the gateway's: files that others could change are refused
  Where where;
};

enum class ApiType : std::uint8_t { Rest, Http, Websocket };
std::string_view name(ApiType type) noexcept;

struct Limits {  // gateway.limits; each with the default of spec api-types section 9
  std::uint32_t request_line_bytes = 8192;
  std::uint32_t header_bytes = 10240;  // request line and headers together
  std::uint32_t header_count = 100;
  std::int64_t body_bytes = 10'485'760;
  std::uint32_t connections = 10'000;  // in all; a listener past it closes the new one
  std::uint32_t connections_per_worker = 10'000;
  std::uint32_t requests_per_connection = 0;    // 0: no limit
  std::uint32_t result_cache_entries = 10'000;  // of one authorizer
  std::int64_t result_cache_bytes = 16'777'216;
};

struct Timeouts {                        // gateway.timeouts, in milliseconds in YAML as `10s`, `500ms`
  std::int64_t header_read_ms = 10'000;  // first byte to end of head
  std::int64_t body_idle_ms = 30'000;    // between two reads of a request body
  std::int64_t write_idle_ms = 30'000;   // between two writes that the client takes
  std::int64_t keep_alive_ms = 310'000;  // idle between requests (spec section 9)
  std::int64_t drain_ms = 30'000;        // SIGTERM: to finish what was begun
  std::int64_t authorizer_ms = 0;        // a call's deadline; 0: by API type (LA-B0, LA-B1); an authorizer's own wins
};

struct RequestPath {  // gateway.request_path, spec AT-1E
  bool remove_dot_segments = false;
  bool keep_encoded_slash = false;
};

struct AccessLog {
  bool enabled = true;
  std::string path = "-";                     // "-": standard output
  std::map<std::string, std::string> format;  // member -> `$context.x` text; empty: the default members
  Where where;
};

struct Plugins {
  std::vector<std::string> directories;  // empty: ../lib/gatehouse/plugins beside the binary
  std::string staging_directory;         // empty: a private one under the run directory
  Where where;
};

/// Room for request bodies that authorizers read, of each worker.
struct KeptBodies {
  std::int64_t memory_bytes = 32 * 1024 * 1024;
  std::int64_t file_bytes = 256 * 1024 * 1024;
  std::string directory;  // empty: $TMPDIR or /var/tmp
  Where where, directory_where;
};

struct Gateway {
  std::string region = "us-east-1";
  std::string account_id = "000000000000";
  bool production = false;
  bool extended = false;      // compatibility: aws | extended
  std::uint32_t workers = 0;  // 0: one a processor
  std::uint32_t executor_threads = 8;
  Limits limits;
  Timeouts timeouts;
  RequestPath request_path;
  KeptBodies kept_bodies;
  std::vector<base::IpNetwork> trusted_proxies;  // whose X-Forwarded-For / Forwarded is believed
  AccessLog access_log;
  std::string log_format = "text";  // text | json
  std::string log_level = "info";
  bool adopt_request_id = false;        // AT-90
  bool rest_method_fallthrough = true;  // AT-16
  bool mapping_prefix_compat = false;   // AT-53
  bool deny_message_current = true;     // deny_message_style: current | classic (LA-91)
  Where where;
};

struct Admin {
  bool enabled = true;
  std::string socket;  // empty: ${RUNTIME_DIRECTORY or /run/gatehouse or $XDG_RUNTIME_DIR/gatehouse}/admin.sock
  Where where;
};

struct Listener {
  std::string name;
  std::string address;  // `0.0.0.0:8080`, `[::]:8080`, `unix:/run/gatehouse/api.sock`
  std::uint32_t backlog = 4096;
  bool insecure_plaintext = false;  // production: plain HTTP off loopback all the same; who writes it vouches
  Where where, address_where;
};

struct UpstreamTls {
  bool verify = true;
  std::string ca_file;  // empty: the system's
  std::string certificate_file, key_file;
  std::string server_name;  // SNI and the name verified; empty: the target's host
  Where where;
};

struct Upstream {
  std::string name;
  std::vector<std::string> targets;  // host:port
  enum class Balance : std::uint8_t { RoundRobin, LeastConnections } balance = Balance::RoundRobin;
  std::optional<UpstreamTls> tls;
  std::int64_t connect_timeout_ms = 3'000;
  std::int64_t idle_timeout_ms = 60'000;  // of a pooled connection
  std::int64_t dns_refresh_ms = 30'000;
  std::uint32_t max_connections = 0;  // per worker and target; 0: no limit
  std::uint32_t max_idle = 600;       // per worker and target
  std::uint32_t retries = 1;          // on another target or a fresh connection, where safe
  std::uint32_t eject_after = 5;      // consecutive failures; 0: never
  std::int64_t eject_ms = 10'000;     // first ejection; doubles up to 16 times that
  bool preserve_host = false;         // client's Host instead of the target's
  Where where;
};

enum class AuthorizerType : std::uint8_t {
  Token,
  Request,
  Jwt,
  Cognito,
  Iam,
  ResourcePolicy,
  PrivateEndpoint,
  MutualTls,
  Network,
  Resource
};
std::string_view name(AuthorizerType type) noexcept;
constexpr bool is_identity(AuthorizerType t) noexcept {
  return t <= AuthorizerType::Iam;
}

/// What an authorizer's plugin may fetch.
struct HttpGrant {
  std::vector<std::string> hosts;  // `api.example.com`, `*.example.com`
  bool allow_private = false;
  bool allow_http = false;
  bool implied = false;  // by a bundled plugin's type: any host, but to read only; never from the file
  Where where, hosts_where;
};

/// Services that a plugin gets only when they are granted.
struct Grants {
  std::optional<HttpGrant> http;
  bool body = false;
  bool identity = false;
  Where where, http_where, body_where, identity_where;
};

struct Authorizer {
  std::string name;
  AuthorizerType type = AuthorizerType::Request;
  std::string plugin;       // id
  bool in_process = false;  // placement: in_process | sandboxed; must be written when not bundled
  bool placement_given = false;
  std::vector<std::string> identity_sources;
  bool identity_sources_given = false;
  std::string validation_expression;     // `type: token`: of the token; `cognito`: of its `aud`; empty: all are good
  bool strict_identity_sources = false;  // LA-25: REST checks them without caching, too
  std::int64_t result_ttl_seconds = -1;  // -1: not given
  std::string payload_format_version;    // 1.0 or 2.0; empty: not given, which is 2.0
  std::int64_t timeout_ms = 0;           // 0: gateway.timeouts.authorizer, else LA-B0, LA-B1
  Settings settings;
  std::map<std::string, base::Secret> secrets;
  Grants grants;
  Where where;
  Where result_ttl_where, identity_sources_where, plugin_where;
  Where type_where, placement_where, payload_format_version_where, secrets_where;
  Where validation_expression_where, strict_identity_sources_where;
};

/// A service of the gateway's own.
struct ServiceIntegration {
  enum class Kind : std::uint8_t { Sts, IamApi, IdentityPool } kind = Kind::Sts;
  // Of sts and identity_pool: where the keys of web identities may be fetched from.
  bool allow_private_issuer = false;
  bool allow_insecure_issuer = false;
  std::vector<std::string> allow_origins;  // of identity_pool: browsers' pages that may ask
  Where where;
};
std::string_view name(ServiceIntegration::Kind kind) noexcept;

struct MockIntegration {
  int status = 200;
  std::map<std::string, std::string> headers;
  std::string body;
  Where where;
};

/// One entry of `request_parameters`, in AWS's words: `overwrite:header.X-Tenant`, `$context.authorizer.tenant`.
struct RequestParameter {
  std::string target, value;
  Where where;
};

struct HttpProxyIntegration {
  std::string uri;  // or upstream + path
  std::string upstream;
  std::string path;  // with {name} and ${stageVariables.x}; empty: the request's path
  std::vector<RequestParameter> request_parameters;
  bool forward_security_token = false;  // x-amz-security-token of a signature that was verified here
  bool strip_signing_headers = false;   // that signature goes no further, on HTTP APIs either
  std::int64_t timeout_ms = 0;          // 0: 29 s (REST), 30 s (HTTP)
  Where where, uri_where, upstream_where, path_where;
};

using Integration = std::variant<MockIntegration, HttpProxyIntegration, ServiceIntegration>;

inline constexpr std::size_t kMostScopes = 10;  // JW-04

struct Route {
  std::string key;                  // `GET /orders/{id}`, `ANY /x`, `$default`
  std::string authorizer;           // "none" is written out; never empty
  std::vector<std::string> scopes;  // one of them will do; of `type: jwt` and `cognito` only
  Integration integration;
  std::int64_t body_bytes = 0;  // 0: gateway.limits
  Where where, authorizer_where, scopes_where;
};

struct Stage {
  std::string name;
  std::map<std::string, std::string> variables;
  Where where;
};

struct Cors {  // HTTP APIs (AT-70 to AT-75)
  std::vector<std::string> allow_origins, allow_methods, allow_headers, expose_headers;
  bool allow_credentials = false;
  std::optional<std::int64_t> max_age_seconds;
  Where where, allow_credentials_where;
};

struct GatewayResponse {  // REST only (AT-60 to AT-64)
  std::string type;       // UNAUTHORIZED, DEFAULT_4XX, ...
  std::optional<int> status;
  std::map<std::string, std::string>
      headers;  // name -> 'literal' | context.x | method.request.header.x | stageVariables.x
  std::map<std::string, std::string> templates;  // content type -> text
  Where where;
};

struct Api {
  std::string name;
  std::string id;  // for ARNs and $context.apiId; defaults to the name
  ApiType type = ApiType::Http;
  bool disable_default_endpoint = false;  // routing by /{stage} on any host
  std::vector<std::string> hosts;         // default-endpoint hosts; empty: any host
  std::vector<Stage> stages;
  std::vector<Route> routes;
  std::vector<std::string> network;  // network authorizers, in order
  std::string resource_policy;       // name of an authorizer of type `resource`; empty: none
  std::optional<Cors> cors;
  std::vector<GatewayResponse> gateway_responses;
  bool require_authorizer_allow = false;  // the resource policy's Allow does not stand in for the authorizer's
  Where where, id_where, network_where, resource_policy_where, gateway_responses_where;
};

struct Mapping {
  std::string path;  // base path without slashes; "" = (none)
  std::string api, stage;
  Where where, api_where, stage_where;
};

struct Domain {
  std::string name;  // `api.example.com`, `*.example.com`; lower case
  std::vector<Mapping> mappings;
  Where where;
};

/// Where the key ring is that secrets and sessions are sealed with: exactly one.
struct MasterKey {
  std::string file;
  std::string env;         // name of an environment variable
  std::string credential;  // name of a systemd credential
  Where where;
};

/// The store of identities: exactly one of the three.
struct Identity {
  std::string sqlite;      // path
  std::string postgresql;  // connection string; may hold a password: never shown
  std::string file;        // identities.yaml
  std::optional<MasterKey> master_key;
  std::uint32_t cache_entries = 10'000;  // callers that a worker remembers
  std::int64_t max_stale_ms = 5'000;     // how long callers stay known while the store cannot be asked
  Where where, sqlite_where, postgresql_where, file_where;
};

/// One whole configuration.
struct Config {
  Gateway gateway;
  Admin admin;
  std::vector<Listener> listeners;
  std::vector<Upstream> upstreams;
  std::vector<Authorizer> authorizers;
  std::vector<Api> apis;
  std::vector<Domain> domains;
  std::optional<Identity> identity;
  Plugins plugins;
  std::vector<std::string> files;  // the file and its includes, for `reload` and messages
};

}  // namespace gatehouse::config
