#include "random_config.hpp"

#include <string>
#include <utility>
#include <vector>

namespace gatehouse::config {
namespace {

class Maker {
 public:
  explicit Maker(std::mt19937& random) : random_(random) {}

  Config make() {
    Config c;
    gateway(c.gateway);
    c.admin.enabled = chance();
    if (chance()) c.admin.socket = "/run/" + word();
    for (std::size_t i = 0; i < some(3); ++i) {
      Listener l;
      l.name = name("l", i);
      l.address =
          pick<std::string>({"127.0.0.1:0", "[::1]:0", "unix:/run/" + l.name, "127.0.0.1:" + std::to_string(8000 + i)});
      l.backlog = static_cast<std::uint32_t>(between(1, 65535));
      l.insecure_plaintext = chance();
      c.listeners.push_back(l);
    }
    for (std::size_t i = 0; i < some(3); ++i) c.upstreams.push_back(upstream(i));
    for (std::size_t i = 0; i < 1 + some(3); ++i) c.authorizers.push_back(authorizer(i));
    for (std::size_t i = 0; i < some(3); ++i) c.apis.push_back(api(i, c));
    for (std::size_t i = 0; i < some(2); ++i) c.domains.push_back(domain(i, c));
    for (std::size_t i = 0; i < some(3); ++i) c.plugins.directories.push_back("/lib/" + word());
    if (chance()) c.plugins.staging_directory = "/run/" + word();
    return c;
  }

 private:
  std::int64_t between(std::int64_t min, std::int64_t max) {
    return std::uniform_int_distribution<std::int64_t>(min, max)(random_);
  }
  bool chance() { return between(0, 1) == 1; }
  std::size_t some(std::size_t most) { return static_cast<std::size_t>(between(0, static_cast<std::int64_t>(most))); }
  template <class T>
  T pick(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(all.size()) - 1))];
  }
  std::string word() {
    std::string out(1, pick<char>({'a', 'b', 'q', 'z'}));
    for (std::size_t n = some(6); n > 0; --n) out += pick<char>({'a', 'e', 'x', '0', '9', '-', '_'});
    return out + "e";
  }
  static std::string name(const char* prefix, std::size_t i) { return prefix + std::to_string(i); }
  // Texts that YAML could take for something else.
  std::string text() {
    return pick<std::string>({"",
                              " ",
                              "true",
                              "null",
                              "~",
                              "no",
                              "1",
                              "0x10",
                              "1e3",
                              ".inf",
                              "a: b",
                              "a # b",
                              "#x",
                              "- a",
                              "[a",
                              "{a}",
                              "*a",
                              "&a",
                              "!a",
                              "%a",
                              "@a",
                              "`a",
                              "|",
                              ">",
                              "'",
                              "\"",
                              "\\",
                              "a\\nb",
                              "line\nbreak",
                              "tab\there",
                              "\n",
                              " lead",
                              "trail ",
                              "caf\xC3\xA9",
                              "\xF0\x9F\x98\x80",
                              "${stageVariables.x}",
                              "$",
                              "$$",
                              "${env:NOT_A_REFERENCE}",
                              "${file:x}",
                              "?",
                              "? a",
                              ":",
                              "a:",
                              "---",
                              "...",
                              "<<",
                              "\x7f",
                              "\xC2\x85",
                              "\xE2\x80\xA8",
                              word()});
  }
  std::string header_value() {
    return pick<std::string>(
        {"", "a", "a b", "'", "\"", "true", "1", "a: b", "\xC3\xA9", "${stageVariables.x}", word()});
  }
  std::map<std::string, std::string> headers() {
    std::map<std::string, std::string> out;
    for (std::size_t i = 0; i < some(3); ++i) out["x-" + word()] = header_value();
    return out;
  }
  std::int64_t ms(std::int64_t least) {
    return pick<std::int64_t>({least, 999, 1000, 1500, 60'000, 90'000, 3'600'000});
  }
  std::uint32_t small() { return static_cast<std::uint32_t>(between(0, 1000)); }

  void gateway(Gateway& g) {
    g.region = word().substr(0, 1) + "-1";
    g.account_id = pick<std::string>({"000000000000", "111122223333"});
    g.extended = chance();
    g.workers = static_cast<std::uint32_t>(between(0, 1024));
    g.executor_threads = static_cast<std::uint32_t>(between(1, 1024));
    g.limits.request_line_bytes = static_cast<std::uint32_t>(between(64, 65536));
    g.limits.header_bytes = static_cast<std::uint32_t>(between(256, 65536));
    g.limits.header_count = static_cast<std::uint32_t>(between(1, 128));
    g.limits.body_bytes = pick<std::int64_t>({0, 1, 1023, 1024, 1 << 20, 10'485'760, std::int64_t{1} << 40});
    g.limits.connections = 1 + small();
    g.limits.connections_per_worker = 1 + small();
    g.limits.requests_per_connection = small();
    g.timeouts = {ms(1), ms(1), ms(1), ms(1), ms(0), ms(1)};
    g.kept_bodies.memory_bytes = pick<std::int64_t>({0, 1023, 32 << 20, std::int64_t{1} << 40});
    g.kept_bodies.file_bytes = pick<std::int64_t>({0, 1, 256 << 20});
    g.kept_bodies.directory = pick<std::string>({"", "/var/tmp"});
    g.request_path = {chance(), chance()};
    g.access_log.enabled = chance();
    g.access_log.path = pick<std::string>({"-", "/var/log/a.log"});
    for (std::size_t i = 0; i < some(3); ++i) g.access_log.format[word()] = text();
    g.log_format = pick<std::string>({"text", "json"});
    g.log_level = pick<std::string>({"debug", "info", "warning", "error"});
    g.adopt_request_id = chance();
    g.rest_method_fallthrough = chance();
    g.mapping_prefix_compat = chance();
    g.deny_message_current = chance();
  }

  Upstream upstream(std::size_t i) {
    Upstream u;
    u.name = name("u", i);
    for (std::size_t n = 0; n < 1 + some(2); ++n)
      u.targets.push_back(pick<std::string>({"127.0.0.1:80", "[::1]:443", "a.example.com:8080"}));
    u.balance = chance() ? Upstream::Balance::RoundRobin : Upstream::Balance::LeastConnections;
    if (chance()) {
      UpstreamTls tls;
      tls.verify = chance();
      if (tls.verify && chance()) tls.ca_file = "/ca/" + word();
      if (chance()) {
        tls.certificate_file = "/c/" + word();
        tls.key_file = "/k/" + word();
      }
      if (chance()) tls.server_name = "orders.internal";
      u.tls = tls;
    }
    u.connect_timeout_ms = ms(1);
    u.idle_timeout_ms = ms(1);
    u.dns_refresh_ms = ms(1000);
    if (u.dns_refresh_ms < 1000) u.dns_refresh_ms = 1000;
    u.max_connections = small();
    u.max_idle = small();
    u.retries = static_cast<std::uint32_t>(between(0, 10));
    u.eject_after = small();
    u.eject_ms = ms(1);
    u.preserve_host = chance();
    return u;
  }

  std::string json(int depth) {
    const std::int64_t kind = between(0, depth > 0 ? 6 : 4);
    switch (kind) {
      case 0:
        return "null";
      case 1:
        return chance() ? "true" : "false";
      case 2:
        return pick<std::string>({"0", "-1", "1.50", "1e3", "-0.5E+2"});
      case 5: {
        std::string out = "[";
        for (std::size_t i = 0; i < some(3); ++i) out += (i == 0 ? "" : ",") + json(depth - 1);
        return out + "]";
      }
      case 6:
        return json_map(depth);
      default:
        return pick<std::string>({"\"\"", "\"true\"", "\"1\"", "\"a b\"", "\"\\n\"", "\"caf\xC3\xA9\"", "\"null\"",
                                  "\"[x\"", "\"\\\"\\\\\""});
    }
  }
  std::string json_map(int depth) {
    std::string out = "{";
    for (std::size_t i = 0, n = some(3); i < n; ++i)
      out += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":" + json(depth - 1);
    return out + "}";
  }

  Authorizer authorizer(std::size_t i) {
    Authorizer a;
    a.name = name("a", i);
    a.type = pick<AuthorizerType>({AuthorizerType::Request, AuthorizerType::Network, AuthorizerType::Resource});
    a.plugin = pick<std::string>({"com.example.a", "gatehouse.b"});
    a.placement_given = a.in_process = a.plugin[0] == 'c' || chance();
    if (is_identity(a.type)) {
      a.identity_sources_given = chance();
      if (a.identity_sources_given)
        for (std::size_t n = 0; n < some(3); ++n) a.identity_sources.push_back("$request.header.x" + std::to_string(n));
      if (chance()) a.result_ttl_seconds = 0;
      if (chance()) a.payload_format_version = chance() ? "1.0" : "2.0";
    }
    if (chance()) a.timeout_ms = pick<std::int64_t>({50, 999, 1500, 30'000});
    a.settings.json = base::Secret(chance() ? "{}" : json_map(3));
    return a;
  }

  std::string of_type(const Config& c, AuthorizerType type) {
    std::vector<std::string> names;
    for (const Authorizer& a : c.authorizers)
      if (a.type == type) names.push_back(a.name);
    return names.empty() ? std::string() : pick(names);
  }

  Api api(std::size_t i, const Config& c) {
    Api a;
    a.name = name("api", i);
    a.id = chance() ? a.name : "id" + std::to_string(i);
    a.type = chance() ? ApiType::Http : ApiType::Rest;
    const bool http = a.type == ApiType::Http;
    a.disable_default_endpoint = chance();
    for (std::size_t n = 0; n < some(2); ++n)
      a.hosts.push_back(pick<std::string>({"localhost", "a.example.com", "[::1]"}));
    for (std::size_t n = 0; n < 1 + some(2); ++n) {
      Stage stage;
      stage.name = http && n == 0 ? "$default" : name("s", n);
      for (std::size_t v = 0; v < some(3); ++v) stage.variables["v" + std::to_string(v)] = header_value();
      a.stages.push_back(stage);
    }
    for (std::size_t n = 0; n < some(4); ++n) a.routes.push_back(route(n, http, c));
    if (const std::string network = of_type(c, AuthorizerType::Network); !network.empty() && chance())
      a.network.push_back(network);
    if (!http || c.gateway.extended) a.resource_policy = chance() ? of_type(c, AuthorizerType::Resource) : "";
    if (http && chance()) {
      Cors cors;
      cors.allow_credentials = chance();
      if (chance()) cors.allow_origins = {cors.allow_credentials ? "https://a.example.com" : "*"};
      if (chance()) cors.allow_methods = {"GET", "*"};
      if (chance()) cors.allow_headers = {"x-" + word()};
      if (chance()) cors.expose_headers = {"*"};
      if (chance()) cors.max_age_seconds = between(-1, 86400);
      a.cors = cors;
    }
    if (!http)
      for (std::size_t n = 0; n < some(2); ++n) {
        GatewayResponse r;
        r.type = n == 0 ? "DEFAULT_4XX" : "THROTTLED";
        if (chance()) r.status = static_cast<int>(between(200, 599));
        if (chance()) r.headers["x-a"] = pick<std::string>({"'*'", "''", "context.requestId", "stageVariables.v"});
        if (chance()) r.templates["application/json"] = text();
        a.gateway_responses.push_back(r);
      }
    return a;
  }

  Route route(std::size_t i, bool http, const Config& c) {
    Route r;
    r.key = pick<std::string>({"GET", "ANY", "POST"}) + pick<std::string>({" /", " /x/{id}/", " /x.y/"}) +
            std::to_string(i) + pick<std::string>({"", "/{p+}"});
    if (http && i == 0 && chance()) r.key = "$default";
    const std::string identity = of_type(c, AuthorizerType::Request);
    r.authorizer = identity.empty() || chance() ? "none" : identity;
    if (chance()) r.body_bytes = between(1, 1'000'000);
    if (chance()) {
      MockIntegration mock;
      mock.status = static_cast<int>(between(200, 599));
      mock.headers = headers();
      mock.body = text();
      r.integration = mock;
      return r;
    }
    HttpProxyIntegration proxy;
    if (!c.upstreams.empty() && chance()) {
      proxy.upstream = pick(c.upstreams).name;
      proxy.path = pick<std::string>({"", "/", "/x/{id}", "/${stageVariables.v}/y", "/a%20b"});
    } else {
      proxy.uri = pick<std::string>({"http://a.example.com", "https://a.example.com:8443/x/{id}", "http://[::1]:80/"});
    }
    if (chance()) proxy.timeout_ms = pick<std::int64_t>({50, 1000, 29'000, 900'000});
    r.integration = proxy;
    return r;
  }

  Domain domain(std::size_t i, const Config& c) {
    Domain d;
    d.name = pick<std::string>({"d", "*.d"}) + std::to_string(i) + ".example.com";
    if (c.apis.empty()) return d;
    for (const char* path : {"", "v1", "v1/orders", "$-_.+!*'()"}) {
      if (chance()) continue;
      const Api& api = pick(c.apis);
      d.mappings.push_back({path, api.name, pick(api.stages).name, {}, {}, {}});
    }
    return d;
  }

  std::mt19937& random_;
};

}  // namespace

Config random_config(std::mt19937& random) {
  return Maker(random).make();
}

}  // namespace gatehouse::config
