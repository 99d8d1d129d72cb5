#include "client/call.hpp"

#include <system_error>

#include "base/log.hpp"
#include "client/context.hpp"

namespace gatehouse::client {
namespace {

constexpr std::uint32_t kMostInterimHeads = 8;
// What a response head may cost. Less than a small buffer, and less lines than Headers holds, so that others find room
// for theirs.
constexpr http::HeadLimits kLimits{4096, net::BufferPool::kSmall - 1, 112};

std::string io_text(const net::Io& io) {
  return std::generic_category().message(io.error);
}

std::string_view why_no_target(CallError error) noexcept {
  switch (error) {
    case CallError::Busy:
      return "no connection is free";
    case CallError::Address:
      return "no target has an address that may be used";
    default:
      return "no target resolves";
  }
}

}  // namespace

PooledCall::PooledCall(Context& context)
    : context_(context),
      body_(context.buffers, *this),
      deadline_([](void* self) { static_cast<PooledCall*>(self)->on_deadline(); }, this),
      idle_([](void* self) { static_cast<PooledCall*>(self)->on_idle(); }, this) {}

void PooledCall::start(UpstreamPool& pool, const Upstream& upstream, const OutboundRequest& request, CallOwner& owner) {
  pool_ = &pool;
  pool.call_begins();
  upstream_ = &upstream;
  request_ = &request;
  owner_ = &owner;
  tried_ = {};
  sent_ns_ = 0;
  retries_left_ = pool.upstream().settings().retries;
  fresh_only_ = false;
  error_ = CallError::None;
  context_.metrics.requests.add();
  context_.loop.timers().arm(deadline_, request.response_timeout_ms);
  watching_body_ = request.body != nullptr;
  if (watching_body_) request.body->set_sink(this);
  starting_ = true;
  attempt();
  starting_ = false;
}

void PooledCall::attempt() {
  CallError error = CallError::None;
  TargetPool* const target = pool_->choose(tried_, error);
  if (target == nullptr) return fail(error, why_no_target(error));
  target_ = target;
  target_text_ = upstream_->targets()[target->index()].text;
  target->call_begins();
  probe_ = target->health().chosen(context_.loop.timers().now_ms());
  reused_ = heard_ = false;
  interim_heads_ = 0;
  if (!fresh_only_) connection_ = target->take_idle(*this);
  if (connection_ != nullptr) {
    reused_ = true;
    return send();
  }
  if (target->has_addresses()) return connect();
  state_ = State::Resolving;
  target->wait_for_addresses(*this);
}

void PooledCall::connect() {
  state_ = State::Connecting;
  CallError error = CallError::None;
  std::string detail;
  connection_ = target_->connect(*this, error, detail);
  if (connection_ == nullptr) attempt_failed(error, detail);
}

void PooledCall::on_addresses() {
  connect();
}
void PooledCall::on_no_addresses(CallError error, std::string_view detail) {
  attempt_failed(error, detail);
}
void PooledCall::on_connect_failed(CallError error, std::string_view detail) {
  attempt_failed(error, detail);
}

void PooledCall::on_connected() {
  send();
  // The edge may have come before there was a request to answer.
  if (state_ == State::Waiting && connection_->stream().readable()) read_head();
}

void PooledCall::send() {
  state_ = State::Waiting;
  parser_.reset();
  const Framing framing = Framing::of(*request_);
  const std::string_view host = request_->host.empty() ? target_->target().authority : request_->host;
  const std::size_t size = request_head_size(*request_, host);
  net::Buffer head = context_.buffers.acquire(size <= net::BufferPool::kSmall ? net::BufferPool::kSmall : size);
  write_request_head(*request_, host, framing, head);
  writer_.begin(std::move(head), framing, request_->body);
  sending_ = true;
  write();
}

void PooledCall::write() {
  // Once the response has begun, idle_ watches over its body.
  const bool waiting_for_head = state_ == State::Waiting;
  switch (writer_.run(connection_->stream())) {
    case RequestWriter::State::Done:
      sent_ns_ = context_.loop.now_ns();
      stop_watching_body();
      sending_ = false;
      [[fallthrough]];
    case RequestWriter::State::WaitBody:
      if (waiting_for_head && idle_.armed()) context_.loop.timers().disarm(idle_);
      return;
    case RequestWriter::State::Blocked:
      if (waiting_for_head) context_.loop.timers().arm(idle_, request_->body_idle_ms);
      return;
    case RequestWriter::State::BodyFailed:
      if (waiting_for_head)
        return fail(CallError::RequestBody, "the request's body failed or was not as long as it said");
      return body_.break_off(http::BodyError::Closed);
    case RequestWriter::State::Broken:
      if (!waiting_for_head) return stop_sending();
      if (starting_) return attempt_failed(CallError::Closed, "closed before the request");
      // A peer that refuses a request may answer before it closes.
      connection_->stream().assume_readable();
      return read_head();
  }
}

void PooledCall::on_body() {
  if (connection_ != nullptr && sending_) write();
}

void PooledCall::on_connection_writable() {
  if (sending_) write();
  if (connection_ == nullptr || !connection_->encrypted()) return;
  if (state_ == State::Waiting)
    read_head();
  else if (state_ == State::Body)
    body_.wake();
}

void PooledCall::on_connection_readable() {
  if (sending_ && connection_->encrypted()) write();
  if (connection_ == nullptr) return;
  if (state_ == State::Waiting) {
    read_head();
  } else if (state_ == State::Body) {
    context_.loop.timers().disarm(idle_);
    body_.wake();
  }
}

void PooledCall::read_head() {
  for (;;) {
    if (!in_.has_memory()) in_ = context_.buffers.acquire(net::BufferPool::kSmall);
    const net::Io io = connection_->stream().read(in_.room());
    switch (io.state) {
      case net::Io::State::Ok:
        heard_ = true;
        in_.filled(io.bytes);
        if (judge_heads()) return;
        continue;
      case net::Io::State::Blocked:
        if (in_.empty()) in_.release();
        return;
      case net::Io::State::End:
        return attempt_failed(CallError::Closed,
                              heard_ ? "closed within the response head" : "closed before the response");
      case net::Io::State::Error:
        return attempt_failed(CallError::Closed, io_text(io));
    }
  }
}

// True: nothing more is to be read for the head.
bool PooledCall::judge_heads() {
  for (;;) {
    http::ParseFault fault;
    switch (parser_.parse(in_.data(), kLimits, head_, fault)) {
      case http::ParseState::NeedMore:
        return false;
      case http::ParseState::Refused:
        attempt_failed(fault.status == 431 ? CallError::HeadTooLarge : CallError::Malformed, fault.what);
        return true;
      case http::ParseState::Complete:
        break;
    }
    if (head_.status >= 200) {
      deliver();
      return true;
    }
    if (head_.status == 101 || ++interim_heads_ > kMostInterimHeads) {
      attempt_failed(CallError::Malformed, head_.status == 101 ? "101 was not asked for" : "too many 1xx heads");
      return true;
    }
    in_.consume(head_.head_bytes);
    in_.compact();
    parser_.reset();
  }
}

ResponseBody::Kind PooledCall::body_kind() const noexcept {
  if (request_->method == http::Method::Head || http::never_has_body(head_.status)) return ResponseBody::Kind::None;
  if (head_.chunked) return ResponseBody::Kind::Chunked;
  return head_.content_length >= 0 ? ResponseBody::Kind::Length : ResponseBody::Kind::UntilClose;
}

void PooledCall::deliver() {
  context_.loop.timers().disarm(deadline_);
  context_.loop.timers().disarm(idle_);
  target_->health().succeeded();
  probe_ = false;
  in_.skip(head_.head_bytes);
  state_ = State::Body;
  body_.begin(connection_->stream(), in_, body_kind(), head_.content_length);
  owner_->on_response(*this, head_);
}

void PooledCall::stop_watching_body() noexcept {
  if (std::exchange(watching_body_, false)) request_->body->set_sink(nullptr);
}

void PooledCall::stop_sending() noexcept {
  stop_watching_body();
  sending_ = false;
  writer_.stop();
}

void PooledCall::body_received(bool clean) noexcept {
  context_.loop.timers().disarm(idle_);
  Connection* const connection = connection_;
  connection_ = nullptr;
  const bool sent = sent_ns_ != 0;
  if (sending_) stop_sending();  // a response that is over before the request is
  if (head_.keep_alive && sent && clean)
    target_->give_back(*connection);
  else
    target_->discard(*connection);
  leave_target();
}

void PooledCall::body_broken() noexcept {
  if (sending_) stop_sending();
  drop_connection();
  leave_target();
}

void PooledCall::body_waits() noexcept {
  context_.loop.timers().arm(idle_, request_->body_idle_ms);
}

bool PooledCall::may_retry(CallError error) noexcept {
  if (heard_ || writer_.body_taken()) return false;
  if (error != CallError::Resolve && error != CallError::Connect && error != CallError::Tls &&
      error != CallError::Closed)
    return false;
  if (writer_.written() != 0 && !http::is_idempotent(request_->method)) return false;
  if (reused_ && !fresh_only_) {
    // The peer closed it while it was idle, which is its right: this costs no retry.
    fresh_only_ = true;
    return true;
  }
  tried_.add(target_->index());
  if (retries_left_ == 0) return false;
  --retries_left_;
  return true;
}

void PooledCall::attempt_failed(CallError error, std::string_view detail) {
  const std::string why(detail);  // may be a view into what is closed now
  sent_ns_ = 0;
  const bool stale = reused_ && error == CallError::Closed && !heard_;
  const bool ours = state_ == State::Resolving || (error == CallError::Timeout && writer_.waits_for_body());
  drop_connection();
  if (!stale && !ours && target_->health().failed(context_.loop.timers().now_ms(), std::exchange(probe_, false))) {
    context_.metrics.ejections.add();
    base::log(base::Level::Warn, "upstream target ejected",
              {{"upstream", pool_->upstream().settings().name},
               {"target", target_->target().text},
               {"cause", std::string(name(error))},
               {"detail", why}});
  }
  const bool again = may_retry(error);
  leave_target();
  writer_.stop();
  in_.release();
  context_.loop.timers().disarm(idle_);
  if (!again) return fail(error, why);
  context_.metrics.retries.add();
  attempt();
}

void PooledCall::fail(CallError error, std::string_view detail) {
  error_ = error;
  detail_ = detail;
  net::TimerWheel& timers = context_.loop.timers();
  timers.disarm(deadline_);
  timers.disarm(idle_);
  drop_connection();
  leave_target();
  stop_sending();
  in_.release();
  state_ = State::Over;
  context_.fail_later(this);
}

void PooledCall::tell_failure() {
  owner_->on_failure(*this, error_, detail_);
}

void PooledCall::drop_connection() noexcept {
  if (connection_ == nullptr) return;
  target_->discard(*connection_);
  connection_ = nullptr;
}

void PooledCall::leave_target() noexcept {
  if (target_ == nullptr) return;
  if (waiting.linked) target_->stop_waiting(*this);
  if (std::exchange(probe_, false)) target_->health().abandoned();
  std::exchange(target_, nullptr)->call_ends();
}

void PooledCall::on_deadline() {
  attempt_failed(CallError::Timeout, "no response in time");
}

void PooledCall::on_idle() {
  if (state_ == State::Body) return body_.break_off(http::BodyError::Timeout);
  attempt_failed(CallError::Timeout, "the upstream does not take the request");
}

void PooledCall::release() noexcept {
  net::TimerWheel& timers = context_.loop.timers();
  timers.disarm(deadline_);
  timers.disarm(idle_);
  if (link.linked) context_.not_failed(this);
  drop_connection();
  leave_target();
  stop_sending();
  body_.reset();
  in_.release();
  detail_.clear();
  target_text_ = {};
  state_ = State::Free;
  pool_->call_ends();
  context_.give_back_call(this);
}

}  // namespace gatehouse::client
