#include <algorithm>

#include "base/text.hpp"
#include "config/config.hpp"
#include "config/reader.hpp"
#include "config/syntax.hpp"

namespace gatehouse::config {
namespace {

constexpr std::size_t kMaxStageVariables = 100;  // AT-50

const Object& stage_table() {
  static const Object table{
      .name = "stage",
      .doc = "a stage",
      .fields =
          {
              field("variables", &Stage::variables, map_of(variable_name_rule(), text(variable_value_rule())),
                    "stage variables, at most 100; not for secrets"),
          },
      .not_built =
          {
              {"throttling", "rate limits"},
              {"method_settings", "settings per method"},
              {"route_settings", "settings per route"},
              {"cache", "response caching"},
              {"canary", "canary releases"},
              {"access_log", "an access log per stage"},
              {"client_certificate", "backend client certificates: give an upstream `tls:`"},
              {"waf", "web application firewall hook"},
              {"web_acl", "web application firewall hook"},
              {"documentation_version", "documentation"},
              {"tracing", "tracing"},
          },
      .before = [](Reader& reader, const Node& node, void*) {
        for (const Member& member : node.members)
          if (member.key == "variables" && member.value.members.size() > kMaxStageVariables)
            reader.fault(member.mark, "more than 100 stage variables", Code::Limit);
      }};
  return table;
}

const Object& cors_table() {
  static const Object table{
      .name = "cors",
      .doc = "`cors`",
      .fields = {
          field("allow_origins", &Cors::allow_origins, list_of(text(origin_rule()), false, true),
                "`https://app.example.com`, `*`, `https://*`, `http://*`"),
          field("allow_methods", &Cors::allow_methods, list_of(text(method_rule()), false, true), "methods, or `*`"),
          field("allow_headers", &Cors::allow_headers, list_of(text(header_or_star_rule()), false, true),
                "request headers, or `*`"),
          field("expose_headers", &Cors::expose_headers, list_of(text(header_or_star_rule()), false, true),
                "response headers that scripts may read, or `*`"),
          field("allow_credentials", &Cors::allow_credentials, boolean(),
                "cookies and Authorization; not together with the origin `*`", &Cors::allow_credentials_where),
          field("max_age_seconds", &Cors::max_age_seconds, optional(count64(-1, 86400)),
                "how long a browser keeps the preflight's answer"),
      }};
  return table;
}

const Object& gateway_response_table() {
  static const Object table{
      .name = "gateway_response",
      .doc = "a gateway response",
      .fields = {
          field("status", &GatewayResponse::status, optional(narrowed<int>(count64(200, 599))),
                "status instead of the usual one"),
          field("headers", &GatewayResponse::headers, map_of(header_name_rule(), text(header_mapping_rule())),
                "headers: `'literal'` in single quotes (so YAML needs double ones around them), `context.name`, "
                "`stageVariables.name`, `method.request.header.name`, `.querystring.name` or `.path.name`"),
          field("templates", &GatewayResponse::templates, map_of(content_type_rule(), text({"template", "", {}})),
                "content type: body, with `$context.error.messageString` and the like replaced"),
      }};
  return table;
}

const TextRule kApiId{
    "API id", "^[A-Za-z0-9_-]{1,64}$", [](std::string_view text) -> std::string {
      const bool good = !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return base::is_digit(c) || c == '_' || c == '-' || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z');
      });
      return good ? "" : "takes letters, digits, `_` and `-`, at most 64";
    }};

Value<std::string> resource_policy() {
  Value<std::string> out = text({"authorizer name", "", {}});
  out.read = [as_text = out.read](Reader& reader, const Node& node, std::string_view key, std::string& value) {
    if (node.kind == Node::Kind::Map) return reader.not_built(node.mark, "a resource policy in the file");
    as_text(reader, node, key, value);
  };
  return out;
}

const Object& mapping_table() {
  static const Object table{.name = "mapping",
                            .doc = "a mapping",
                            .fields = {
                                required(field("api", &Mapping::api, text({"API name", "", {}}),
                                               "name of one of `apis`", &Mapping::api_where)),
                                required(field("stage", &Mapping::stage, text({"stage name", "", {}}),
                                               "one of its stages", &Mapping::stage_where)),
                            }};
  return table;
}

}  // namespace

const Object& api_table() {
  static const Object table{
      .name = "api",
      .doc = "an API",
      .fields =
          {
              required(field(
                  "type", &Api::type,
                  words<ApiType>(
                      {{"http", ApiType::Http}, {"rest", ApiType::Rest}, {"websocket", ApiType::Websocket, false}},
                      "API type"),
                  "whose rules of routing and errors apply: HTTP API or REST API")),
              no_default(field("id", &Api::id, text(kApiId), "id in ARNs and `$context.apiId`; without it the name",
                               &Api::id_where)),
              field("disable_default_endpoint", &Api::disable_default_endpoint, boolean(),
                    "reachable through `domains` only, not by `/{stage}/...`"),
              field("hosts", &Api::hosts, list_of(text(host_rule()), false, true),
                    "host names of the default endpoint; without it any that no domain claims"),
              required(field("stages", &Api::stages,
                             named<Stage>(
                                 stage_rule(), stage_table,
                                 [](Reader&, const Member& member, Stage& out) { out.name = member.key; }, true),
                             "the stages; `$default: {}` serves an HTTP API at the root")),
              required(field("routes", &Api::routes,
                             named<Route>(route_key_rule(), route_table,
                                          [](Reader&, const Member& member, Route& out) { out.key = member.key; }),
                             "`GET /orders/{id}`, `ANY /{proxy+}`, `$default` (HTTP): what is served, and who may")),
              field("network", &Api::network, list_of(text({"authorizer name", "", {}}), false, true),
                    "network authorizers of all routes, in this order", &Api::network_where),
              field("resource_policy", &Api::resource_policy, resource_policy(),
                    "REST: an authorizer of type `resource_policy` or `resource`, asked for all routes",
                    &Api::resource_policy_where),
              field("require_authorizer_allow", &Api::require_authorizer_allow, boolean(),
                    "REST, with `resource_policy`: where an authorizer's policy says nothing of a method, the resource "
                    "policy's Allow does not let in, as it does on AWS"),
              field("cors", &Api::cors, optional(object<Cors>(cors_table)),
                    "HTTP: answer preflights and add CORS headers"),
              field("gateway_responses", &Api::gateway_responses,
                    named<GatewayResponse>(
                        gateway_response_rule(), gateway_response_table,
                        [](Reader&, const Member& member, GatewayResponse& out) { out.type = member.key; }),
                    "REST: errors of the gateway itself, by response type", &Api::gateway_responses_where),
          },
      .not_built = {
          {"api_key_required", "API keys"},
          {"api_key_source", "API keys"},
          {"usage_plans", "usage plans and quotas"},
          {"throttling", "rate limits"},
          {"vpc_endpoints", "VPC endpoints"},
          {"private_endpoint", "private endpoints"},
          {"endpoint_identity", "endpoint policies"},
          {"endpoint_type", "endpoint types"},
          {"endpoint_policy", "endpoint policies"},
          {"mutual_tls", "mutual TLS"},
          {"waf", "web application firewall hook"},
          {"web_acl", "web application firewall hook"},
          {"models", "request validation"},
          {"request_validators", "request validation"},
          {"binary_media_types", "binary media types"},
          {"minimum_compression_size", "compression"},
          {"route_selection_expression", "WebSocket APIs"},
          {"validation_expression", "a pattern that tokens must match"},
          {"openapi", "OpenAPI import"},
      }};
  return table;
}

const Object& domain_table() {
  static const Object table{
      .name = "domain",
      .doc = "a domain",
      .fields =
          {
              required(field("mappings", &Domain::mappings,
                             named<Mapping>(base_path_rule(), mapping_table,
                                            [](Reader&, const Member& member, Mapping& out) {
                                              out.path = member.key == "(none)" ? "" : member.key;
                                            }),
                             "base path: API and stage; `(none)` is what no other base path takes")),
          },
      .not_built = {
          {"mutual_tls", "mutual TLS"},
          {"tls", "TLS on a listener"},
          {"certificate", "TLS on a listener"},
          {"security_policy", "TLS on a listener"},
          {"routing_rules", "routing rules"},
          {"routing_mode", "routing rules"},
          {"policy", "private custom domains"},
          {"endpoint_type", "endpoint types"},
          {"endpoint_access_mode", "endpoint types"},
          {"ip_address_type", "address types"},
      }};
  return table;
}

}  // namespace gatehouse::config
