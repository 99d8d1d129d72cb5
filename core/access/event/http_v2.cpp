#include "access/event/kinds.hpp"
#include "access/event/parts.hpp"

namespace gatehouse::access::event {
namespace {

// With a named stage before the path, without a custom domain's base path.
std::string_view raw_path(const Facts& facts, base::Arena& arena) {
  if (!facts.by_domain) return facts.target->path;
  return facts.stage == "$default" ? facts.api_path : arena.join({"/", facts.stage, facts.api_path});
}

void write_context(JsonText& json, const Facts& facts, std::string_view path) {
  json.key("requestContext");
  json.open_object();
  json.member("accountId", facts.account_id);
  json.member("apiId", facts.api_id);
  if (facts.client_certificate != nullptr) {
    json.key("authentication");
    json.open_object();
    write_client_certificate(json, facts);
    json.close_object();
  }
  json.member("domainName", facts.domain);
  json.member("domainPrefix", domain_prefix(facts));
  json.key("http");
  json.open_object();
  json.member("method", http::name(facts.request->method));
  json.member("path", path);
  json.member("protocol", protocol(facts));
  json.member("sourceIp", facts.source_ip_text);
  json.member("userAgent", user_agent(facts));
  json.close_object();
  json.member("requestId", facts.request_id);
  json.member("routeKey", facts.route_key);
  json.member("stage", facts.stage);
  write_time(json, facts, "time", "timeEpoch");
  json.close_object();
}

}  // namespace

// Section 8.
void http_v2_head(JsonText& json, const Facts& facts) {
  json.member("version", "2.0");
  json.member("type", "REQUEST");
  json.member("routeArn", facts.arn);
  json.key("identitySource");
  if (facts.identity.empty()) {
    json.null();
  } else {
    json.open_array();
    for (const IdentityValue& value : facts.identity) json.string(value.value);
    json.close_array();
  }
}

// LA-54: what is absent is left out.
void http_v2_shared(JsonText& json, const Facts& facts, base::Arena& arena) {
  const std::string_view path = raw_path(facts, arena);
  json.member("routeKey", facts.route_key);
  json.member("rawPath", path);
  json.member("rawQueryString", facts.target->raw_query);
  const auto crumbs = cookies(facts.request->headers, arena);
  if (!crumbs.empty()) {
    json.key("cookies");
    json.open_array();
    for (const std::string_view crumb : crumbs) json.string(crumb);
    json.close_array();
  }
  json.key("headers");  // LA-55: cookies stand in one place only
  write_joined(json, header_fields(facts.request->headers, arena), NameCase::Lower,
               crumbs.empty() ? std::string_view() : std::string_view("cookie"));
  if (const auto query = query_fields(facts.target->raw_query, false, arena); !query.empty()) {
    json.key("queryStringParameters");
    write_joined(json, query, NameCase::AsSent);
  }
  write_context(json, facts, path);
  if (!facts.path_parameters.empty()) {
    json.key("pathParameters");
    write_named(json, facts.path_parameters);
  }
  if (!facts.stage_variables.empty()) {
    json.key("stageVariables");
    write_named(json, facts.stage_variables);
  }
}

}  // namespace gatehouse::access::event
