#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include "access/decision.hpp"
#include "access/facts.hpp"
#include "client/client.hpp"
#include "http/exchange.hpp"
#include "net/loop.hpp"

namespace gatehouse::integration {

/// Why an integration has no answer; `gateway/respond` turns it into the API type's status and body.
enum class Failure : std::uint8_t {
  Unreachable,  // resolve, connect, TLS, no healthy target, pool full
  Timeout,
  BadResponse,      // the upstream broke HTTP
  Configuration,    // a stage variable that is missing, a path that cannot be built
  RequestTooLarge,  // the request body passed its limit while it was sent
  RequestBroken,    // the client's body was malformed, timed out or ended early
};
std::string_view name(Failure failure) noexcept;

class Invocation;
class Service;
class ServiceCall;
struct ServiceResponse;

/// Told how it went. [loop] Possibly from inside invoke().
class InvocationOwner {
 public:
  /// A response: the owner adds its own headers and sends it. Views and body stay good until the invocation is reset.
  virtual void on_response(http::ResponseHead& head, http::BodySource* body) = 0;
  virtual void on_failure(Failure failure, std::string_view detail) = 0;

 protected:
  ~InvocationOwner() = default;
};

/// How a response is obtained. Immutable, shared by all workers.
class Integration {
 public:
  virtual ~Integration() = default;
  /// `mock`, `http_proxy`
  virtual std::string_view kind() const noexcept = 0;
  /// What the trace and the log call it: upstream's name, `mock`.
  virtual std::string_view name() const noexcept = 0;
  virtual void invoke(Invocation& invocation) const = 0;
  /// In whose words refusals of its routes are told; null: in those of the API type.
  virtual const Service* service() const noexcept { return nullptr; }
};

/// One use of an integration: what it may know of the request, and the state it keeps while it waits (in the request's
/// context, so that invoking allocates nothing). Knows the principal and context, never the answers.
class Invocation final : private client::CallOwner {
 public:
  // Set by the owner before invoke():
  http::Exchange* exchange = nullptr;
  const access::Facts* facts = nullptr;
  const access::Decision* decision = nullptr;
  client::Client* client = nullptr;
  net::Loop* loop = nullptr;
  InvocationOwner* owner = nullptr;
  std::int64_t timeout_ms = 29'000;
  std::int64_t body_idle_ms = 30'000;
  /// The request's body as an authorizer has had it kept; null: nobody has, and the exchange's is sent.
  http::BodySource* kept_body = nullptr;
  bool trusted_peer = false;  // the peer's X-Forwarded-*/Forwarded may be kept

  // For the log. The target's text is the upstream's own.
  std::string_view upstream_target;

  /// Cancels whatever goes on and forgets everything.
  void reset() noexcept;

 private:
  friend class HttpProxy;
  friend class Mock;
  friend class ServiceIntegration;
  friend class ServiceCall;
  void deliver(const ServiceResponse& response);
  void on_response(client::Call& call, const http::ResponseHead& head) override;
  void on_failure(client::Call& call, client::CallError error, std::string_view detail) override;

  access::ApiType api_type_ = access::ApiType::Http;
  client::OutboundRequest outbound_;
  http::Headers headers_;
  http::ResponseHead response_;
  http::MemoryBody memory_;
  client::CallHandle call_;
  std::shared_ptr<ServiceCall> service_call_;
};

}  // namespace gatehouse::integration
