#include "config/load.hpp"

#include "support.hpp"

namespace gatehouse::config {
namespace {

TEST(Load, ReadsEveryMember) {
  const Variable token("GATEHOUSE_TEST_TOKEN", "s3cret");
  const Loaded loaded = load_yaml(R"(
gateway:
  region: eu-central-1
  account_id: "111122223333"
  production: false
  compatibility: extended
  workers: 2
  executor_threads: 3
  limits: {request_line_bytes: 4KiB, header_bytes: 9000, header_count: 50, body_bytes: 1MiB, connections: 7, connections_per_worker: 6, requests_per_connection: 5}
  timeouts: {header_read: 1s, body_idle: 2s, write_idle: 3s, keep_alive: 4m, drain: 0ms, authorizer: 1500ms}
  request_path: {dot_segments: remove, encoded_slash: keep}
  trusted_proxies: [10.0.0.0/8, "::1"]
  access_log: {enabled: false, path: logs/a.log, format: {id: $context.requestId}}
  log_format: json
  log_level: debug
  adopt_request_id: true
  rest_method_fallthrough: false
  mapping_prefix_compat: true
  deny_message_style: classic
admin: {enabled: false, socket: /run/x.sock}
listeners:
  z: {address: "0.0.0.0:1", backlog: 9, insecure_plaintext: false}
  a: {address: "unix:/run/a.sock"}
upstreams:
  orders:
    targets: [a:1, "[::1]:2"]
    balance: least_connections
    tls: {verify: true, ca_file: ca.pem, certificate_file: /c.pem, key_file: /k.pem, server_name: orders}
    connect_timeout: 1s
    idle_timeout: 2s
    dns_refresh: 3s
    max_connections: 4
    max_idle: 5
    retries: 6
    eject_after: 7
    eject_time: 8s
    preserve_host: true
authorizers:
  gate:
    type: request
    plugin: com.example.a
    placement: in_process
    identity_sources: $request.header.a
    result_ttl_seconds: 0
    payload_format_version: 2.0
    timeout: 9s
    settings: {token: "${env:GATEHOUSE_TEST_TOKEN}", n: 1.50, t: true, z: ~, s: yes, q: "1", l: [1, [], {}], "k\"": x}
  office: {type: network, plugin: com.example.n, placement: in_process}
  rules: {type: resource, plugin: com.example.r, placement: in_process}
apis:
  shop:
    type: http
    id: abc
    disable_default_endpoint: true
    hosts: [shop.example.com]
    network: [office]
    resource_policy: rules
    stages: {$default: {}, blue: {variables: {colour: blue}}}
    cors: {allow_origins: "https://a", allow_methods: [GET], allow_headers: [x], expose_headers: [y], allow_credentials: true, max_age_seconds: -1}
    routes:
      GET /b/{id}: {authorizer: gate, limits: {body_bytes: 2KiB}, integration: {type: http_proxy, upstream: orders, path: "/x/{id}", timeout: 50ms}}
      GET /a: {authorizer: none, integration: {type: mock, status: 201, headers: {x-a: "1"}, body: hi}}
      $default: {authorizer: none, integration: {type: http_proxy, uri: "https://a/b"}}
  pets:
    type: rest
    stages: {prod: {}}
    routes: {}
    gateway_responses: {THROTTLED: {status: 503, headers: {x-a: "'b'"}, templates: {text/plain: no}}}
domains:
  API.example.com: {mappings: {(none): {api: shop, stage: $default}, v1/x: {api: pets, stage: prod}}}
plugins: {directories: [/p, q], staging_directory: s}
)",
                                  "/etc/gh");
  ASSERT_TRUE(loaded.config) << listed(loaded.diagnostics);
  EXPECT_EQ(listed(loaded.diagnostics), "");
  const Config& c = *loaded.config;
  EXPECT_EQ(c.files, std::vector<std::string>{"test.yaml"});

  const Gateway& g = c.gateway;
  EXPECT_EQ(g.region, "eu-central-1");
  EXPECT_EQ(g.account_id, "111122223333");
  EXPECT_FALSE(g.production);
  EXPECT_TRUE(g.extended);
  EXPECT_EQ(g.workers, 2u);
  EXPECT_EQ(g.executor_threads, 3u);
  EXPECT_EQ(g.limits.request_line_bytes, 4096u);
  EXPECT_EQ(g.limits.header_bytes, 9000u);
  EXPECT_EQ(g.limits.header_count, 50u);
  EXPECT_EQ(g.limits.body_bytes, 1 << 20);
  EXPECT_EQ(g.limits.connections, 7u);
  EXPECT_EQ(g.limits.connections_per_worker, 6u);
  EXPECT_EQ(g.limits.requests_per_connection, 5u);
  EXPECT_EQ(g.timeouts.header_read_ms, 1000);
  EXPECT_EQ(g.timeouts.body_idle_ms, 2000);
  EXPECT_EQ(g.timeouts.write_idle_ms, 3000);
  EXPECT_EQ(g.timeouts.keep_alive_ms, 240'000);
  EXPECT_EQ(g.timeouts.drain_ms, 0);
  EXPECT_EQ(g.timeouts.authorizer_ms, 1500);
  EXPECT_TRUE(g.request_path.remove_dot_segments);
  EXPECT_TRUE(g.request_path.keep_encoded_slash);
  ASSERT_EQ(g.trusted_proxies.size(), 2u);
  EXPECT_TRUE(g.trusted_proxies[0].contains(*base::IpAddress::parse("10.9.9.9")));
  EXPECT_TRUE(g.trusted_proxies[1].contains(*base::IpAddress::parse("::1")));
  EXPECT_FALSE(g.access_log.enabled);
  EXPECT_EQ(g.access_log.path, "/etc/gh/logs/a.log");
  EXPECT_EQ(g.access_log.format, (std::map<std::string, std::string>{{"id", "$context.requestId"}}));
  EXPECT_EQ(g.log_format, "json");
  EXPECT_EQ(g.log_level, "debug");
  EXPECT_TRUE(g.adopt_request_id);
  EXPECT_FALSE(g.rest_method_fallthrough);
  EXPECT_TRUE(g.mapping_prefix_compat);
  EXPECT_FALSE(g.deny_message_current);
  EXPECT_FALSE(c.admin.enabled);
  EXPECT_EQ(c.admin.socket, "/run/x.sock");

  ASSERT_EQ(c.listeners.size(), 2u) << "in the order of the file";
  EXPECT_EQ(c.listeners[0].name, "z");
  EXPECT_EQ(c.listeners[0].address, "0.0.0.0:1");
  EXPECT_EQ(c.listeners[0].backlog, 9u);
  EXPECT_EQ(c.listeners[1].address, "unix:/run/a.sock");
  EXPECT_EQ(c.listeners[1].where.text(), "test.yaml:23:3");

  ASSERT_EQ(c.upstreams.size(), 1u);
  const Upstream& u = c.upstreams[0];
  EXPECT_EQ(u.targets, (std::vector<std::string>{"a:1", "[::1]:2"}));
  EXPECT_EQ(u.balance, Upstream::Balance::LeastConnections);
  ASSERT_TRUE(u.tls);
  EXPECT_EQ(u.tls->ca_file, "/etc/gh/ca.pem") << "relative to the file that names it";
  EXPECT_EQ(u.tls->certificate_file, "/c.pem");
  EXPECT_EQ(u.tls->key_file, "/k.pem");
  EXPECT_EQ(u.tls->server_name, "orders");
  EXPECT_EQ(u.connect_timeout_ms, 1000);
  EXPECT_EQ(u.idle_timeout_ms, 2000);
  EXPECT_EQ(u.dns_refresh_ms, 3000);
  EXPECT_EQ(u.max_connections, 4u);
  EXPECT_EQ(u.max_idle, 5u);
  EXPECT_EQ(u.retries, 6u);
  EXPECT_EQ(u.eject_after, 7u);
  EXPECT_EQ(u.eject_ms, 8000);
  EXPECT_TRUE(u.preserve_host);

  ASSERT_EQ(c.authorizers.size(), 3u);
  const Authorizer& a = c.authorizers[0];
  EXPECT_EQ(a.type, AuthorizerType::Request);
  EXPECT_EQ(a.plugin, "com.example.a");
  EXPECT_TRUE(a.in_process);
  EXPECT_TRUE(a.placement_given);
  EXPECT_EQ(a.identity_sources, std::vector<std::string>{"$request.header.a"});
  EXPECT_TRUE(a.identity_sources_given);
  EXPECT_EQ(a.result_ttl_seconds, 0);
  EXPECT_EQ(a.payload_format_version, "2.0");
  EXPECT_EQ(a.timeout_ms, 9000);
  EXPECT_EQ(a.settings.json.reveal(),
            R"({"token":"s3cret","n":1.50,"t":true,"z":null,"s":"yes","q":"1","l":[1,[],{}],"k\"":"x"})");
  EXPECT_EQ(c.authorizers[1].type, AuthorizerType::Network);
  EXPECT_EQ(c.authorizers[1].settings.json.reveal(), "{}");
  EXPECT_EQ(c.authorizers[1].result_ttl_seconds, -1);
  EXPECT_FALSE(c.authorizers[1].identity_sources_given);

  ASSERT_EQ(c.apis.size(), 2u);
  const Api& api = c.apis[0];
  EXPECT_EQ(api.id, "abc");
  EXPECT_EQ(c.apis[1].id, "pets") << "the name without one";
  EXPECT_EQ(api.type, ApiType::Http);
  EXPECT_TRUE(api.disable_default_endpoint);
  EXPECT_EQ(api.hosts, std::vector<std::string>{"shop.example.com"});
  EXPECT_EQ(api.network, std::vector<std::string>{"office"});
  EXPECT_EQ(api.resource_policy, "rules");
  ASSERT_EQ(api.stages.size(), 2u);
  EXPECT_EQ(api.stages[1].variables.at("colour"), "blue");
  ASSERT_TRUE(api.cors);
  EXPECT_EQ(api.cors->allow_origins, std::vector<std::string>{"https://a"});
  EXPECT_EQ(api.cors->allow_methods, std::vector<std::string>{"GET"});
  EXPECT_EQ(api.cors->allow_headers, std::vector<std::string>{"x"});
  EXPECT_EQ(api.cors->expose_headers, std::vector<std::string>{"y"});
  EXPECT_TRUE(api.cors->allow_credentials);
  EXPECT_EQ(api.cors->max_age_seconds, -1);
  ASSERT_EQ(api.routes.size(), 3u);
  EXPECT_EQ(api.routes[0].key, "GET /b/{id}");
  EXPECT_EQ(api.routes[0].authorizer, "gate");
  EXPECT_EQ(api.routes[0].body_bytes, 2048);
  const auto& proxy = std::get<HttpProxyIntegration>(api.routes[0].integration);
  EXPECT_EQ(proxy.upstream, "orders");
  EXPECT_EQ(proxy.path, "/x/{id}");
  EXPECT_EQ(proxy.timeout_ms, 50);
  const auto& mock = std::get<MockIntegration>(api.routes[1].integration);
  EXPECT_EQ(mock.status, 201);
  EXPECT_EQ(mock.headers.at("x-a"), "1");
  EXPECT_EQ(mock.body, "hi");
  EXPECT_EQ(std::get<HttpProxyIntegration>(api.routes[2].integration).uri, "https://a/b");
  ASSERT_EQ(c.apis[1].gateway_responses.size(), 1u);
  const GatewayResponse& response = c.apis[1].gateway_responses[0];
  EXPECT_EQ(response.type, "THROTTLED");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.at("x-a"), "'b'");
  EXPECT_EQ(response.templates.at("text/plain"), "no");

  ASSERT_EQ(c.domains.size(), 1u);
  EXPECT_EQ(c.domains[0].name, "api.example.com");
  ASSERT_EQ(c.domains[0].mappings.size(), 2u);
  EXPECT_EQ(c.domains[0].mappings[0].path, "");
  EXPECT_EQ(c.domains[0].mappings[1].path, "v1/x");
  EXPECT_EQ(c.domains[0].mappings[1].api, "pets");
  EXPECT_EQ(c.domains[0].mappings[1].stage, "prod");
  EXPECT_EQ(c.plugins.directories, (std::vector<std::string>{"/p", "/etc/gh/q"}));
  EXPECT_EQ(c.plugins.staging_directory, "/etc/gh/s");
}

TEST(Load, ValuesFromOutsideAreTexts) {
  const Variable yes("GATEHOUSE_TEST_B", "true"), number("GATEHOUSE_TEST_N", "42");
  const Loaded loaded = load_yaml(R"(
gateway: {workers: "${env:GATEHOUSE_TEST_N}", adopt_request_id: "${env:GATEHOUSE_TEST_B}", limits: {body_bytes: "${env:GATEHOUSE_TEST_N}MiB"}}
listeners: {a: {address: "127.0.0.1:${env:GATEHOUSE_TEST_N}"}}
authorizers: {a: {type: request, plugin: com.a, placement: in_process, settings: {b: "${env:GATEHOUSE_TEST_B}", n: "${env:GATEHOUSE_TEST_N}"}}}
)");
  ASSERT_TRUE(loaded.config) << listed(loaded.diagnostics);
  EXPECT_EQ(loaded.config->gateway.workers, 42u);
  EXPECT_TRUE(loaded.config->gateway.adopt_request_id);
  EXPECT_EQ(loaded.config->gateway.limits.body_bytes, 42 << 20);
  EXPECT_EQ(loaded.config->listeners[0].address, "127.0.0.1:42");
  EXPECT_EQ(loaded.config->authorizers[0].settings.json.reveal(), R"({"b":"true","n":"42"})");
}

TEST(Load, FaultsComeInTheOrderOfTheFile) {
  const Loaded loaded = load_yaml("apis: {a: {type: x}}\nlisteners: {b: {address: nowhere}}\ngateway: {workers: x}\n");
  EXPECT_FALSE(loaded.config);
  std::uint32_t line = 0;
  for (const Error& error : loaded.diagnostics.errors()) {
    EXPECT_GE(error.where.line, line);
    line = error.where.line;
    EXPECT_EQ(error.where.file, "test.yaml");
  }
  EXPECT_EQ(line, 3u);
}

TEST(Load, AFileThatIsWrongThroughoutIsNotListedForever) {
  std::string unknown = "listeners:\n", undefined = "apis: {a: {type: http, stages: {s: {}}, routes: {";
  for (int i = 0; i < 20'000; ++i) {
    unknown += "  l" + std::to_string(i) + ": {colour: blue}\n";
    undefined += "GET /" + std::to_string(i) + ": {authorizer: absent, integration: {type: mock}}, ";
  }
  std::string anchors = "listeners: [";
  for (int i = 0; i < 20'000; ++i) anchors += "&a x,";
  for (const std::string& text : {unknown, undefined + "}}}\n", anchors + "]\n"}) {
    const Loaded loaded = load_yaml(text);
    EXPECT_FALSE(loaded.config);
    ASSERT_EQ(loaded.diagnostics.errors().size(), Diagnostics::kMost + 1);
    EXPECT_EQ(loaded.diagnostics.errors().back().text, Diagnostics::kMore);
  }
}

TEST(Load, AddsToTheDiagnosticsThatAreThere) {
  Diagnostics diagnostics;
  diagnostics.error({}, "before");
  const auto config = load_text("listeners: {a: {address: \"127.0.0.1:1\"}}\n", "t", ".", diagnostics);
  EXPECT_TRUE(config) << "a fault of somebody else's does not refuse a good text";
  EXPECT_EQ(diagnostics.errors().size(), 1u);
}

TEST(Load, ManyRoutesAreReadInTime) {
  std::string text = "apis:\n  a:\n    type: http\n    stages: {$default: {}}\n    routes:\n";
  for (int i = 0; text.size() < 3'900'000; ++i)
    text += "      GET /r" + std::to_string(i) + "/{id}: {authorizer: none, integration: {type: mock}}\n";
  const Loaded loaded = load_yaml(text);
  ASSERT_TRUE(loaded.config) << listed(loaded.diagnostics);
  EXPECT_GT(loaded.config->apis[0].routes.size(), 50'000u);
}

}  // namespace
}  // namespace gatehouse::config
