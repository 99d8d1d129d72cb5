#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

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
#include "net/resolver.hpp"

namespace gatehouse::client {

class Context;

/// One request to send. All views (and the body) stay good until the call is over: they are read again for a retry.
/// Nothing in them may hold CR, LF or NUL: they come from a parser, or were checked as it does.
struct OutboundRequest {
  http::Method method = http::Method::Get;
  std::string_view target;                    // origin-form: path and query, already normalised and safe
  std::string_view host;                      // Host; empty: the target's authority
  const http::Headers* headers = nullptr;     // end-to-end headers; Host, Connection and framing are the client's own
  http::BodySource* body = nullptr;           // null: none. Framed by its length(); unknown: chunked
  std::int64_t response_timeout_ms = 30'000;  // from start() until the response head is complete
  // Between two reads of the response body (while its owner waits), and two writes of the request body (while the
  // upstream does not take it).
  std::int64_t body_idle_ms = 30'000;
};

/// Why there is no response, or no whole one.
enum class CallError : std::uint8_t {
  None,
  Resolve,  // the target's name has no address
  Address,  // its addresses are none that the upstream's address rule allows
  Connect,  // refused, unreachable or not in time
  Tls,
  NoTarget,      // no name of the upstream resolves
  Busy,          // every target has its max_connections
  Timeout,       // no response head in time, or the upstream does not take the request
  Closed,        // before the response head was complete
  Malformed,     // not HTTP
  HeadTooLarge,  // more than a head may cost
  RequestBody,   // the request's body failed, or was not as long as it said
};
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
  /// Which target was chosen last, as the configuration has it: `host:port`; empty before that. Good for as long as the
  /// upstream that was given to start().
  virtual std::string_view target() const noexcept = 0;
  /// When the whole request had gone to the kernel. Monotonic; 0 = that did not happen.
  virtual std::int64_t sent_ns() const noexcept = 0;

 protected:
  virtual ~Call() = default;
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
/// health, DNS off the loop and refreshed, TLS. [loop]
///
/// A call is tried again, on another target where there is one, when nothing of a response came, no body byte was
/// taken, and either no byte of the request was sent or its method is idempotent: `retries` times. A kept-alive
/// connection that turns out to be dead costs no retry, once per call, under the same conditions: a POST that was sent
/// is not sent again.
///
/// When all targets are ejected, the one whose ejection ends first is tried: NoTarget comes only when none resolves.
///
/// A response that comes before the whole request was sent ends the sending; its connection is not used again.
class Client {
 public:
  /// `resolver`: an executor share for getaddrinfo.
  Client(net::Loop& loop, net::BufferPool& buffers, std::shared_ptr<net::Executor::Share> resolver);
  /// With names of one's own: for tests.
  Client(net::Loop& loop, net::BufferPool& buffers, std::unique_ptr<net::Resolver> resolver);
  /// Every call has been released before.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Starts a call. `upstream` and `request` stay good until the call is released.
  CallHandle start(const std::shared_ptr<const Upstream>& upstream, const OutboundRequest& request, CallOwner& owner);

  /// After a reload: pools of upstreams that are not in `kept` are drained and forgotten once their calls are over.
  /// Those that stay take TLS files as they were loaded for `kept`.
  void retain(const std::vector<std::shared_ptr<const Upstream>>& kept);
  /// Closes idle connections; calls under way go on. For shutdown.
  void close_idle() noexcept;
  /// About once a second: gives memory back that a flood has left.
  void trim() noexcept;
  const ClientMetrics& metrics() const noexcept;

 private:
  std::unique_ptr<Context> context_;
};

}  // namespace gatehouse::client
