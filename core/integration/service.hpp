#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/caller.hpp"
#include "base/ip.hpp"
#include "integration/integration.hpp"

namespace gatehouse::integration {

/// A request to one of the gateway's own services (sts, iam_api, identity_pool), whole and copied: it is answered on a
/// thread of the executor, where the store may be waited for.
struct ServiceRequest {
  std::string method;
  std::string path;  // normalised, inside the API
  std::string raw_query;
  std::string body;                                   // at most Service::body_limit()
  std::string content_type, target, origin;           // Content-Type, X-Amz-Target, Origin
  bool signature_given = false;                       // an Authorization header or an X-Amz-Algorithm parameter
  std::shared_ptr<const access::KnownCaller> caller;  // null: nobody signed
  base::IpAddress source_ip;
  std::string source_ip_text;
  std::string user_agent;
  bool tls = false;
  std::string request_id;
  std::string account, region;  // the gateway's
  std::string domain;           // Host without the port
  std::int64_t unix_ms = 0;
  std::int64_t deadline_ns = 0;
};

struct ServiceResponse {
  int status = 500;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string log_note;  // for the log: `AssumeRole: AccessDenied ...`; no secret
};

/// A refusal of the access chain in front of a service: what the API type would have said.
struct ServiceRefusal {
  int status = 500;
  std::string_view error_type;  // x-amzn-ErrorType: `InvalidSignatureException`; empty: none
  std::string_view message;
  std::string_view request_id;
};

/// One of the gateway's own services: what it answers, apart from how the request came. Immutable. [any]
class Service {
 public:
  virtual ~Service() = default;
  virtual std::string_view kind() const noexcept = 0;  // `sts`, `iam_api`, `identity_pool`
  virtual std::size_t body_limit() const noexcept { return 64 * 1024; }
  /// May block, within the deadline. An exception becomes the API's 500.
  virtual ServiceResponse answer(const ServiceRequest& request) const = 0;
  /// A refusal in the service's own words; must not block. [loop]
  virtual ServiceResponse refused(const ServiceRefusal& refusal) const = 0;
};

}  // namespace gatehouse::integration
