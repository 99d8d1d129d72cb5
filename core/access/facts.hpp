#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "base/ip.hpp"
#include "http/exchange.hpp"
#include "http/target.hpp"

namespace gatehouse::access {

class RequestBody;

enum class ApiType : std::uint8_t { Rest, Http, Websocket };

struct NamedValue {
  std::string_view name;
  std::string_view value;
};

/// The value of one identity source of the authorizer that is asked. `present` false: absent (LA-20).
struct IdentityValue {
  std::string_view source;  // as configured: `$request.header.x-token`
  std::string_view value;
  bool present = false;
  bool repeated = false;  // REST, WebSocket: more than once in the request, so `value` is one of several
};

/// A client certificate as AWS events have it (spec lambda-authorizers section 10).
struct ClientCertificate {
  std::string_view pem, subject_dn, issuer_dn;
  std::string_view serial_number;          // lower-case hex bytes joined with `:`
  std::string_view not_before, not_after;  // `Aug  5 09:36:04 2021 GMT`
};

struct BuiltEvent;

/// What an authorizer may see of a request, and all it may see: never the response, never another's answer. Views live
/// as long as the exchange. Built once per request that has something to ask.
struct Facts {
  ApiType api_type = ApiType::Http;
  std::string_view account_id, region, api_id, stage;
  std::string_view route_key;      // HTTP: `GET /orders/{id}`, `$default`; REST: the same words for resource and method
  std::string_view resource_path;  // the route's path pattern
  std::string_view arn;            // spec lambda-authorizers section 4
  std::string_view action = "execute-api:Invoke";
  std::string_view request_id;
  std::string_view domain;    // Host without the port
  std::string_view api_path;  // normalised path inside the API: stage or base path removed
  const http::RequestHead* request = nullptr;
  const http::Target* target = nullptr;
  const http::ConnectionFacts* connection = nullptr;
  base::IpAddress source_ip;  // the peer's, or what a trusted proxy vouches for
  std::string_view source_ip_text;
  std::int64_t time_unix_ms = 0;
  std::span<const NamedValue> path_parameters;
  std::span<const NamedValue> stage_variables;
  std::span<const std::string_view> route_scopes;
  std::span<const IdentityValue> identity;  // of the authorizer asked
  std::uint32_t worker = 0;

  // For AWS events only; not set where a route has nothing to ask.
  std::string_view extended_request_id;
  std::string_view resource_id;    // REST
  std::string_view deployment_id;  // of what the API's routes are now
  bool by_domain = false;          // a custom domain's mapping chose the API, not its default endpoint
  const ClientCertificate* client_certificate = nullptr;  // given through a domain with mutual TLS
  std::string_view connection_id;                         // WebSocket
  std::int64_t connected_unix_ms = 0;                     // WebSocket
  /// The event that an authorizer of this request was given last, for the next one: access/event.hpp.
  mutable const BuiltEvent* event = nullptr;
  RequestBody* body = nullptr;  // for Question::body(); the owner's
};

}  // namespace gatehouse::access
