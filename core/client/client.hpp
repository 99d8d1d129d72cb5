#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "base/metrics.hpp"
#include "client/upstream.hpp"
#include "http/body.hpp"
#include "http/headers.hpp"
#include "http/method.hpp"
#include "http/response.hpp"
#include "net/buffer.hpp"
#include "net/executor.hpp"
#include "net/loop.hpp"

namespace gatehouse::client {

/// One request to send. All views (and the body) stay good until the call is over: they are read again for a retry.
struct OutboundRequest {
  http::Method method = http::Method::Get;
  std::string_view target;              // origin-form: path and query, already normalised and safe
  std::string_view host;                // Host; empty: the target's authority
  const http::Headers* headers = nullptr;   // end-to-end headers; Host, Connection and framing are the client's own
  http::BodySource* body = nullptr;     // null: none. Framed by its length(); unknown: chunked
  std::int64_t response_timeout_ms = 30'000;  // from start() until the response head is complete
  std::int64_t body_idle_ms = 30'000;   // between two reads of the response body, two writes of the request body
};

/// Why there is no response, or no whole one.
enum class CallError : std::uint8_t { None, Resolve, Connect, Tls, NoTarget, Busy, Timeout, Closed, Malformed, RequestBody };
std::string_view name(CallError error) noexcept;

class Call;

/// Told what becomes of a call. [loop] Never from inside start().
class CallOwner {
 public:
  /// The response head (final: 1xx are skipped, 101 is Malformed). Its views, and call.body(), stay good until the call
  /// is destroyed or cancelled. The owner pulls the body to its End, then drops the call.
  virtual void on_response(Call& call, const http::ResponseHead& head) = 0;
  /// No response will come. After on_response() nothing more is told: the body Fails instead.
  virtual void on_failure(Call& call, CallError error, std::string_view detail) = 0;

 protected:
  ~CallOwner() = default;
};

/// One request under way. Owned by who started it through CallHandle; pooled by the Client, so that starting one
/// allocates nothing once warm. [loop]
class Call {
 public:
  virtual http::BodySource& body() noexcept = 0;
  /// Which target answered: `host:port`; empty before one was chosen.
  virtual std::string_view target() const noexcept = 0;
  /// Monotonic; 0 = did not happen.
  virtual std::int64_t sent_ns() const noexcept = 0;

 protected:
  ~Call() = default;
  friend struct CallDeleter;
  /// Ends the call: an unfinished one closes its connection, a finished one has given it back to the pool already.
  virtual void release() noexcept = 0;
};
struct CallDeleter {
  void operator()(Call* call) const noexcept { call->release(); }
};
using CallHandle = std::unique_ptr<Call, CallDeleter>;

/// Per worker: counters that any thread may read.
struct ClientMetrics {
  base::Counter requests, retries, connects, connect_failures, ejections, open_connections, idle_connections;
};

/// Outbound HTTP/1.1 of one worker: pools of kept-alive connections per upstream and target, choice of target, passive
/// health, retries where that is safe (idempotent method, nothing of a response seen, no body byte taken; or a reused
/// connection that died before the first response byte), DNS off the loop and refreshed, TLS. [loop]
class Client {
 public:
  /// `resolver`: an executor share for getaddrinfo.
  Client(net::Loop& loop, net::BufferPool& buffers, std::shared_ptr<net::Executor::Share> resolver);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Starts a call. `upstream` and `request` stay good until the call is released.
  CallHandle start(const std::shared_ptr<const Upstream>& upstream, const OutboundRequest& request, CallOwner& owner);

  /// After a reload: pools of upstreams that are not in `kept` are drained and forgotten once their calls are over.
  void retain(const std::vector<std::shared_ptr<const Upstream>>& kept);
  /// Closes idle connections; calls under way go on. For shutdown.
  void close_idle() noexcept;
  const ClientMetrics& metrics() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::client
