#include "access/event/kinds.hpp"
#include "access/event/parts.hpp"

namespace gatehouse::access::event {

// Section 9.
void websocket_head(JsonText& json, const Facts& facts) {
  json.member("type", "REQUEST");
  json.member("methodArn", facts.arn);
}

void websocket_shared(JsonText& json, const Facts& facts, base::Arena& arena) {
  const auto headers = header_fields(facts.request->headers, arena);
  json.key("headers");
  write_last(json, headers);
  json.key("multiValueHeaders");
  write_all(json, headers);
  if (const auto query = query_fields(facts.target->raw_query, false, arena); !query.empty()) {
    json.key("queryStringParameters");
    write_last(json, query);
    json.key("multiValueQueryStringParameters");
    write_all(json, query);
  }
  json.key("stageVariables");
  write_named(json, facts.stage_variables);
  json.key("requestContext");
  json.open_object();
  json.member("routeKey", "$connect");
  json.member("eventType", "CONNECT");
  json.member("extendedRequestId", facts.extended_request_id);
  write_time(json, facts, "requestTime", "requestTimeEpoch");
  json.member("messageDirection", "IN");
  json.member("stage", facts.stage);
  json.key("connectedAt");
  json.number(facts.connected_unix_ms);
  json.key("identity");
  json.open_object();
  json.member("sourceIp", facts.source_ip_text);
  if (const std::string_view agent = user_agent(facts); agent.data() != nullptr) json.member("userAgent", agent);
  json.close_object();
  json.member("requestId", facts.request_id);
  json.member("domainName", facts.domain);
  json.member("connectionId", facts.connection_id);
  json.member("apiId", facts.api_id);
  json.close_object();
}

}  // namespace gatehouse::access::event
