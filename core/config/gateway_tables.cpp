#include "base/text.hpp"
#include "config/config.hpp"
#include "config/reader.hpp"
#include "config/syntax.hpp"

namespace gatehouse::config {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kHour = 3600 * kSecond;

const Object& limits_table() {
  static const Object table{
      .name = "limits",
      .doc = "the limits",
      .fields = {
          field("request_line_bytes", &Limits::request_line_bytes, size(64, 65536),
                "longest request line; a longer one is answered 414"),
          field("header_bytes", &Limits::header_bytes, size(256, 65536),
                "request line and header lines together; more is answered 431"),
          field("header_count", &Limits::header_count, count(1, 128),
                "header lines of a request; more are answered 431"),
          field("body_bytes", &Limits::body_bytes, size64(0, std::int64_t{1} << 40),
                "request body; a larger one is answered 413"),
          field("connections", &Limits::connections, count(1, 1'000'000),
                "client connections in all; one more takes the place of an idle one, or is closed"),
          field("connections_per_worker", &Limits::connections_per_worker, count(1, 1'000'000),
                "client connections of one worker"),
          field("requests_per_connection", &Limits::requests_per_connection, count(0, 1'000'000'000),
                "requests before a kept-alive connection is closed; 0: no limit"),
          field("result_cache_entries", &Limits::result_cache_entries, count(1, 10'000'000),
                "answers that are kept of one authorizer; the least recently used go first"),
          field("result_cache_bytes", &Limits::result_cache_bytes, size64(65536, std::int64_t{1} << 36),
                "memory that they may take"),
      }};
  return table;
}

const Object& timeouts_table() {
  static const Object table{
      .name = "timeouts",
      .doc = "the timeouts",
      .fields = {
          field("header_read", &Timeouts::header_read_ms, duration(1, kHour),
                "from the first byte of a request to the end of its headers; later is answered 408"),
          field("body_idle", &Timeouts::body_idle_ms, duration(1, kHour), "between two reads of a request body"),
          field("write_idle", &Timeouts::write_idle_ms, duration(1, kHour), "between two writes that the client takes"),
          field("keep_alive", &Timeouts::keep_alive_ms, duration(1, 24 * kHour), "idle time between two requests"),
          field("drain", &Timeouts::drain_ms, duration(0, kHour), "at SIGTERM: to finish the requests that were begun"),
          no_default(
              field("authorizer", &Timeouts::authorizer_ms, duration(1, kHour),
                    "for an authorizer to answer; an authorizer's own `timeout` wins; without either 10s, or 29s "
                    "for the identity authorizers of REST APIs")),
      }};
  return table;
}

const Object& request_path_table() {
  static const Object table{
      .name = "request_path",
      .doc = "the request path rules",
      .fields = {
          field("dot_segments", &RequestPath::remove_dot_segments, switch_word("reject", "remove"),
                "what becomes of a path with `.` or `..` segments, plain or encoded"),
          field("encoded_slash", &RequestPath::keep_encoded_slash, switch_word("reject", "keep"),
                "what becomes of a path with `%2F`; an encoded backslash or NUL is always refused"),
      }};
  return table;
}

const Object& kept_bodies_table() {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  static const Object table{
      .name = "kept_bodies",
      .doc = "the room for kept request bodies",
      .fields = {
          field("memory_bytes", &KeptBodies::memory_bytes, size64(0, kMost),
                "memory of each worker; what has no room there goes to a file"),
          field("file_bytes", &KeptBodies::file_bytes, size64(0, kMost),
                "disk of each worker; a body that has no room there either is answered 503. 0: no files"),
          field("directory", &KeptBodies::directory, path("directory"),
                "where the files go, which have no names; without it $TMPDIR, or /var/tmp. Must be there and writable",
                &KeptBodies::directory_where),
      }};
  return table;
}

const Object& access_log_table() {
  static const Object table{
      .name = "access_log",
      .doc = "the access log",
      .fields = {
          field("enabled", &AccessLog::enabled, boolean(), "one JSON line per request"),
          field("path", &AccessLog::path, path("file", true), "file to append to; `-` is standard output"),
          field("format", &AccessLog::format,
                map_of({"member", "", {}}, text({"text with $context variables", "", {}})),
                "member names and their text, with `$context.requestId` and the like replaced; without it the usual "
                "members"),
      }};
  return table;
}

const TextRule kRegion{"region", "^[a-z0-9-]{1,64}$", [](std::string_view text) -> std::string {
                         const bool good = !text.empty() && text.size() <= 64 &&
                                           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == text.npos;
                         return good ? "" : "takes lower-case letters, digits and `-`, at most 64";
                       }};
const TextRule kAccount{"account id", "^[0-9]{12}$", [](std::string_view text) -> std::string {
                          const bool good = text.size() == 12 && text.find_first_not_of("0123456789") == text.npos;
                          return good ? "" : "is not 12 digits";
                        }};

Value<base::IpNetwork> network() {
  const Value<std::string> as_text = text(
      {"network", "", [](std::string_view text) -> std::string {
         return base::IpNetwork::parse(text) ? "" : "is not an address or a block as `10.0.0.0/8` (host bits zero)";
       }});
  return {as_text.type,
          [as_text](Reader& reader, const Node& node, std::string_view key, base::IpNetwork& value) {
            std::string read;
            as_text.read(reader, node, key, read);
            if (read.ends_with("/0"))
              reader.warning(node.mark,
                             quoted(key) + ": " + quoted(node) + " believes what anybody says the client's address is");
            if (const auto parsed = base::IpNetwork::parse(read)) value = *parsed;
          },
          [](const base::IpNetwork&) { return std::string(); }};
}

}  // namespace

const Object& gateway_table() {
  static const Object table{
      .name = "gateway",
      .doc = "`gateway`",
      .fields =
          {
              field("region", &Gateway::region, text(kRegion), "region in ARNs and `$context`"),
              field("account_id", &Gateway::account_id, text(kAccount), "account in ARNs and `$context`; in quotes"),
              field("production", &Gateway::production, boolean(),
                    "refuse what is for trying out only: plain-HTTP listeners that other machines reach"),
              field("compatibility", &Gateway::extended, switch_word("aws", "extended"),
                    "`aws` refuses what AWS refuses; `extended` allows each documented extension"),
              field("workers", &Gateway::workers, count(0, 1024), "event loops; 0: one a processor"),
              field("executor_threads", &Gateway::executor_threads, count(1, 1024),
                    "threads for plugins that may block, and for DNS"),
              field("limits", &Gateway::limits, object<Limits>(limits_table), "what a client may use"),
              field("timeouts", &Gateway::timeouts, object<Timeouts>(timeouts_table), "how long each step may take"),
              field("request_path", &Gateway::request_path, object<RequestPath>(request_path_table),
                    "paths that could be read in two ways"),
              field("kept_bodies", &Gateway::kept_bodies, object<KeptBodies>(kept_bodies_table),
                    "room for request bodies that authorizers read before they are passed on"),
              field("trusted_proxies", &Gateway::trusted_proxies, list_of(network()),
                    "peers whose `X-Forwarded-For` and `Forwarded` are believed; without it nobody's are"),
              field("access_log", &Gateway::access_log, object<AccessLog>(access_log_table), "the access log"),
              field("log_format", &Gateway::log_format,
                    words<std::string>({{"text", "text"}, {"json", "json"}}, "log_format"), "of the server's own log"),
              field(
                  "log_level", &Gateway::log_level,
                  words<std::string>({{"debug", "debug"}, {"info", "info"}, {"warning", "warning"}, {"error", "error"}},
                                     "log_level"),
                  "of the server's own log"),
              field("adopt_request_id", &Gateway::adopt_request_id, boolean(),
                    "take a UUID in the client's `x-amzn-RequestId` for the request's id (REST)"),
              field("rest_method_fallthrough", &Gateway::rest_method_fallthrough, boolean(),
                    "REST: a resource without the method lets a less specific one answer, as AWS does; `false` answers "
                    "403"),
              field("mapping_prefix_compat", &Gateway::mapping_prefix_compat, boolean(),
                    "domains with a mapping of several levels match by string prefix, as AWS does, so that "
                    "`/ordersandmore` reaches `orders`"),
              field("deny_message_style", &Gateway::deny_message_current, switch_word("classic", "current"),
                    "wording of REST's ACCESS_DENIED: with AWS's reasons of 2026 or before"),
          },
      .not_built = {
          {"allow_method_override", "`X-HTTP-Method-Override`"},
          {"raw_gateway_templates", "gateway response templates without JSON escaping"},
          {"throttling", "rate limits of the whole gateway"},
          {"accounts", "identities of several accounts"},
          {"identity", "the identity store"},
          {"cache", "the shared result cache"},
          {"waf", "web application firewall hook"},
          {"tracing", "X-Ray or OpenTelemetry export"},
      }};
  return table;
}

const Object& admin_table() {
  static const Object table{
      .name = "admin",
      .doc = "`admin`",
      .fields =
          {
              field("enabled", &Admin::enabled, boolean(),
                    "serve status, metrics, reload and explain on a Unix socket (mode 0600)"),
              field(
                  "socket", &Admin::socket, path("path"),
                  "the socket; without it `admin.sock` in $RUNTIME_DIRECTORY, else for root in /run/gatehouse, else in "
                  "$XDG_RUNTIME_DIR/gatehouse, else in /tmp/gatehouse-UID"),
          },
      .not_built = {{"address", "the admin interface over TCP"}, {"tls", "TLS for the admin interface"}}};
  return table;
}

const Object& listener_table() {
  static const Object table{
      .name = "listener",
      .doc = "a listener",
      .fields =
          {
              required(field("address", &Listener::address, text(listen_rule()),
                             "`0.0.0.0:8080`, `[::]:8080` or `unix:/run/gatehouse/api.sock`",
                             &Listener::address_where)),
              field("backlog", &Listener::backlog, count(1, 65535),
                    "connections that the kernel keeps until they are accepted"),
              field("insecure_plaintext", &Listener::insecure_plaintext, boolean(),
                    "with `production: true` or `type: iam`: plain HTTP off loopback all the same, "
                    "because something in front of it ends TLS"),
          },
      .not_built = {
          {"tls", "TLS on a listener"},
          {"client_certificates", "mutual TLS"},
          {"mutual_tls", "mutual TLS"},
          {"proxy_protocol", "PROXY protocol"},
          {"endpoint", "VPC endpoint tags"},
          {"http2", "HTTP/2"},
      }};
  return table;
}

const Object& plugins_table() {
  static const Object table{
      .name = "plugins",
      .doc = "`plugins`",
      .fields =
          {
              field("directories", &Plugins::directories, list_of(path("directory")),
                    "where plugins are looked for; without it `../lib/gatehouse/plugins` beside the server"),
              field("staging_directory", &Plugins::staging_directory, path("directory"),
                    "where the copies go that are loaded, not mounted noexec; without it a private directory in "
                    "$RUNTIME_DIRECTORY, $XDG_RUNTIME_DIR or the temporary directory"),
          },
      .not_built = {{"grants", "grants to all authorizers of a plugin: write them under the authorizer"}}};
  return table;
}

namespace {

// Followed while the text is read (document.cpp); the row is for the schema, the manual and "did you mean".
Field include() {
  const auto files = list_of(text({"file", "", {}}), false, true);
  Field out;
  out.name = "include";
  out.doc = "files whose sections belong to this configuration; relative to this one";
  out.type = files.type;
  out.read = [](Reader&, const Member&, void*) {};
  return out;
}

}  // namespace

const Object& config_table() {
  static const Object table{
      .name = "configuration",
      .doc = "the file",
      .fields =
          {
              include(),
              field("gateway", &Config::gateway, object<Gateway>(gateway_table), "settings of the whole gateway"),
              field("admin", &Config::admin, object<Admin>(admin_table), "the admin interface"),
              field("listeners", &Config::listeners,
                    named<Listener>(name_rule("listener"), listener_table,
                                    [](Reader&, const Member& member, Listener& out) { out.name = member.key; }),
                    "where clients connect"),
              field("upstreams", &Config::upstreams,
                    named<Upstream>(name_rule("upstream"), upstream_table,
                                    [](Reader&, const Member& member, Upstream& out) { out.name = member.key; }),
                    "pools of servers that requests are passed on to"),
              field("authorizers", &Config::authorizers,
                    named<Authorizer>(name_rule("authorizer"), authorizer_table,
                                      [](Reader& reader, const Member& member, Authorizer& out) {
                                        out.name = member.key;
                                        if (out.name == "none")
                                          reader.fault(
                                              member.mark,
                                              "authorizer `none` cannot be defined: it means that there is none");
                                      }),
                    "who decides about requests"),
              field("apis", &Config::apis,
                    named<Api>(name_rule("API"), api_table,
                               [](Reader&, const Member& member, Api& out) { out.name = member.key; }),
                    "the APIs, their stages and routes"),
              field(
                  "domains", &Config::domains,
                  named<Domain>(domain_rule(), domain_table,
                                [](Reader&, const Member& member, Domain& out) { out.name = base::lower(member.key); }),
                  "custom domains and what their base paths lead to"),
              field("identity", &Config::identity, optional(object<Identity>(identity_table)),
                    "accounts, users, roles and access keys"),
              field("plugins", &Config::plugins, object<Plugins>(plugins_table), "where plugins are"),
          },
      .not_built = {
          {"usage_plans", "usage plans and quotas"},
          {"api_keys", "API keys"},
          {"vpc_endpoints", "VPC endpoints and their policies"},
          {"vpc_links", "private integrations"},
          {"policies", "stored policies"},
          {"truststores", "truststores of mutual TLS"},
          {"account", "account-wide settings"},
          {"redis", "state shared by several machines"},
          {"store", "state shared by several machines"},
      }};
  return table;
}

}  // namespace gatehouse::config
