#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "client/client.hpp"
#include "client/connection.hpp"
#include "client/list.hpp"
#include "client/request_writer.hpp"
#include "client/response_body.hpp"
#include "client/target_pool.hpp"
#include "client/upstream_pool.hpp"
#include "http/parser.hpp"
#include "net/timer.hpp"

namespace gatehouse::client {

class Context;

/// The one kind of Call: chooses a target, takes or opens a connection, sends, reads the head, hands out the body; and
/// tries again where that is safe. Used again after release(). [loop]
class PooledCall final : public Call,
                         private Connection::User,
                         private AddressWaiter,
                         private http::BodySink,
                         private ResponseBody::Host {
 public:
  explicit PooledCall(Context& context);
  ~PooledCall() override = default;

  void start(UpstreamPool& pool, const Upstream& upstream, const OutboundRequest& request, CallOwner& owner);
  /// By the Context, at the end of a turn after fail().
  void tell_failure();

  http::BodySource& body() noexcept override { return body_; }
  std::string_view target() const noexcept override { return target_text_; }
  std::int64_t sent_ns() const noexcept override { return sent_ns_; }

  Link<PooledCall> link;  // in the Context's list of failed calls

 private:
  enum class State : std::uint8_t { Free, Resolving, Connecting, Waiting, Body, Over };

  void release() noexcept override;

  // What happens to the connection and to the request's body.
  void on_connected() override;
  void on_connect_failed(CallError error, std::string_view detail) override;
  void on_connection_readable() override;
  void on_connection_writable() override;
  void on_addresses() override;
  void on_no_addresses(CallError error, std::string_view detail) override;
  void on_body() override;
  void body_received(bool clean) noexcept override;
  void body_broken() noexcept override;
  void body_waits() noexcept override;

  void attempt();
  void connect();
  void send();
  void write();
  void read_head();
  bool judge_heads();
  void deliver();
  ResponseBody::Kind body_kind() const noexcept;
  void stop_watching_body() noexcept;
  void stop_sending() noexcept;
  bool may_retry(CallError error) noexcept;
  void attempt_failed(CallError error, std::string_view detail);
  void fail(CallError error, std::string_view detail);
  void leave_target() noexcept;
  void drop_connection() noexcept;
  void on_deadline();
  void on_idle();

  Context& context_;
  State state_ = State::Free;
  UpstreamPool* pool_ = nullptr;
  const Upstream* upstream_ = nullptr;  // the caller's own, equal to the pool's
  const OutboundRequest* request_ = nullptr;
  CallOwner* owner_ = nullptr;
  TargetPool* target_ = nullptr;  // while the call counts as active there
  std::string_view target_text_;
  Connection* connection_ = nullptr;
  RequestWriter writer_;
  http::ResponseParser parser_;
  http::ResponseHead head_;
  net::Buffer in_;  // the head, and what came behind it
  ResponseBody body_;
  net::Timer deadline_;  // until the head is complete
  net::Timer idle_;      // until the peer takes or gives the next byte of a body
  TriedTargets tried_;
  std::int64_t sent_ns_ = 0;
  std::uint32_t retries_left_ = 0;
  std::uint32_t interim_heads_ = 0;
  bool sending_ = false;        // a part of the request is still to go out
  bool watching_body_ = false;  // we are the sink of the request's body
  bool starting_ = false;       // inside start(): nobody may be told anything
  bool fresh_only_ = false;     // a kept-alive connection died under us: no other one is trusted
  bool reused_ = false;         // this attempt's connection was kept alive
  bool heard_ = false;          // a byte of a response has come in this attempt
  bool probe_ = false;          // this attempt tries an ejected target
  CallError error_ = CallError::None;
  std::string detail_;
};

}  // namespace gatehouse::client
