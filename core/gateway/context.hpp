#pragma once
#include <cstdint>
#include <string_view>

#include "access/chain.hpp"
#include "base/trace.hpp"
#include "gateway/gateway.hpp"
#include "gateway/responses.hpp"
#include "http/exchange.hpp"
#include "http/target.hpp"
#include "integration/integration.hpp"
#include "net/timer.hpp"

namespace gatehouse::gateway {

/// What refused a request, for `respond`, the log and the templates. Views are constants or the arena's.
struct Refusal {
  ResponseType type = ResponseType::ApiConfigurationError;
  std::uint16_t status = 500;
  std::string_view message;  // the public text; null data = JSON null
  std::string_view member = "message";
  std::string_view error_type;  // x-amzn-ErrorType, REST
  std::string_view challenge;   // WWW-Authenticate
  std::string_view plain;       // a text/plain body instead of JSON
  bool customisable = true;
  bool set = false;
};

/// All that is known of one request. Each step of the path writes its part once. Plain data: what happens is `serve`'s.
class RequestContext {
 public:
  http::Exchange* exchange = nullptr;
  const Gateway* gateway = nullptr;
  const Stage* stage = nullptr;  // null until the host table chose
  const Api* api = nullptr;
  const Route* route = nullptr;

  http::Target target;
  routing::Selection selection;
  routing::Match match;
  std::string_view request_id;  // REST: UUID; HTTP: same as extended_id
  std::string_view extended_id;
  std::string_view domain;  // Host without port
  base::IpAddress source_ip;
  std::string_view source_ip_text;
  bool peer_trusted = false;

  access::Facts facts;
  access::Decision decision;
  bool has_decision = false;
  Refusal refusal;
  base::Trace trace;

  std::uint16_t integration_status = 0;
  std::string_view integration_target;
  std::string_view integration_error;
  std::int64_t start_unix_ms = 0;
  std::int64_t authorizer_start_ns = 0, authorizer_end_ns = 0;
  std::int64_t integration_start_ns = 0, integration_end_ns = 0;
  std::int64_t end_ns = 0;  // when the response was out; 0 before
  http::Ending ending = http::Ending::Complete;

  access::ApiType api_type() const noexcept { return api != nullptr ? api->type : access::ApiType::Http; }
  /// The path for logs: normalised, or as received when it could not be; never the query, which may hold a token.
  std::string_view shown_path() const noexcept;
  /// `$context.x` of the parts that are not plain members.
  std::string_view path_parameter(std::string_view name) const noexcept;
  std::string_view stage_variable(std::string_view name) const noexcept;
};

}  // namespace gatehouse::gateway
