#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "server/connection.hpp"

// The incoming half of a connection: heads, what the parser refuses, bodies.
namespace gatehouse::server {
namespace {

constexpr int kReadsPerTurn = 8;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::size_t write_v4(char* out, const unsigned char* bytes) noexcept {
  char* at = out;
  for (int i = 0; i < 4; ++i) {
    if (i != 0) *at++ = '.';
    at = std::to_chars(at, at + 3, bytes[i]).ptr;
  }
  return static_cast<std::size_t>(at - out);
}

}  // namespace

Connection::Step Connection::begin_head() {
  if (!stream_.readable()) return Step::Wait;
  exchange_ = worker_.exchanges.take();
  exchange_->owner = this;
  // One byte past the limit is room enough to see that it is passed.
  exchange_->in = worker_.buffers.acquire(
      std::max<std::size_t>(net::BufferPool::kSmall, std::size_t{worker_.settings.head.head_bytes} + 1));
  if (state_ == State::Idle) worker_.now_busy(*this);
  state_ = State::Head;
  head_timed_ = false;
  return Step::Again;
}

Connection::Step Connection::read_head() {
  ServerExchange& x = *exchange_;
  for (;;) {
    if (!x.in.empty()) {
      http::ParseFault fault;
      switch (x.parser.parse(x.in.data(), worker_.settings.head, x.request, fault)) {
        case http::ParseState::Complete:
          return begin_request();
        case http::ParseState::Refused:
          return refuse(fault.status, fault.what);
        case http::ParseState::NeedMore:
          break;
      }
      if (x.in.size() + x.in.room().size() <= worker_.settings.head.head_bytes) x.in.compact();
    }
    const net::Io io = read(x.in.room());
    switch (io.state) {
      case net::Io::State::Ok:
        x.in.filled(io.bytes);
        continue;
      case net::Io::State::Blocked:
        return head_incomplete();
      case net::Io::State::End:
        if (x.in.empty()) return closed();
        return refuse(400, "end of the connection inside a request head");
      case net::Io::State::Error:
        return closed();
    }
  }
}

Connection::Step Connection::head_incomplete() {
  if (exchange_->in.empty()) return become_idle();
  if (!std::exchange(head_timed_, true)) arm(worker_.settings.header_read_ms);
  return Step::Wait;
}

Connection::Step Connection::become_idle() {
  release_exchange();
  if (requests_ == 0) {
    state_ = State::New;  // the clock has been running since it was accepted
  } else {
    if (worker_.draining) return closed();
    state_ = State::Idle;
    worker_.now_idle(*this);
    arm(worker_.settings.keep_alive_ms);
  }
  return Step::Wait;
}

Connection::Step Connection::begin_request() {
  ServerExchange& x = *exchange_;
  ++requests_;
  worker_.metrics.requests.add();
  worker_.loop.timers().disarm(timer_);
  x.in.skip(x.request.head_bytes);
  x.request_body.begin(*this, x.in, x.request);
  fill_facts();
  x.start_ns = worker_.loop.now_ns();
  x.started = true;
  state_ = State::Handling;
  worker_.handler.start(x);
  return Step::Again;
}

void Connection::fill_facts() {
  ServerExchange& x = *exchange_;
  x.connection = &x.facts;
  if (x.facts.id == id_) return;
  x.facts.id = id_;
  x.facts.peer = peer_;
  x.facts.peer_port = peer_port_;
  x.facts.local_port = listener_->port;
  x.facts.listener = listener_->name;
  if (listener_->unix_socket) {
    x.facts.peer_text = "unix:";
  } else if (peer_.is_v4()) {
    x.facts.peer_text = {x.peer_text.data(), write_v4(x.peer_text.data(), peer_.bytes.data() + 12)};
  } else {
    ::inet_ntop(AF_INET6, peer_.bytes.data(), x.peer_text.data(), static_cast<socklen_t>(x.peer_text.size()));
    x.facts.peer_text = x.peer_text.data();
  }
}

// The listener's own answer: to a request that never reaches the handler.
Connection::Step Connection::refuse(int status, std::string_view what) {
  ServerExchange& x = *exchange_;
  worker_.metrics.refused_requests.add();
  fill_facts();
  x.request.keep_alive = true;  // so that the close is ours, and lingers
  x.request.headers.clear();
  x.answered = true;
  state_ = State::Writing;
  x.refusal.assign(x.arena.join({R"({"message":")", http::reason_phrase(status), R"("})"}));
  http::ResponseHead head;
  head.status = static_cast<std::uint16_t>(status);
  head.headers.add("Content-Type", "application/json");
  ResponseShape shape;
  shape.keep_alive = false;
  shape.date_line = worker_.date_line();
  shape.server_name = worker_.settings.server_name;
  x.writer.begin(head, &x.refusal, shape, worker_.buffers);
  worker_.handler.refused(x.facts, status, what);
  return Step::Again;
}

Connection::Step Connection::discard() {
  RequestBody& body = exchange_->request_body;
  for (int reads = 0; reads < kReadsPerTurn; ++reads) {
    switch (body.pull()) {
      case http::BodySource::State::Ready: {
        const std::size_t n = body.data().size();
        if (n > budget_left_) return begin_linger();
        budget_left_ -= static_cast<std::uint32_t>(n);
        body.consume(n);
        break;
      }
      case http::BodySource::State::Waiting:
        arm(worker_.settings.body_idle_ms);
        return Step::Wait;
      case http::BodySource::State::End:
        return next_request();
      case http::BodySource::State::Failed:
        return begin_linger();
    }
  }
  return Step::Again;
}

net::Io Connection::read(std::span<char> into) {
  const net::Io io = stream_.read(into);
  worker_.metrics.bytes_in.add(io.bytes);
  return io;
}

net::Io Connection::read_body(std::span<char> into) {
  return read(into);
}

net::BufferPool& Connection::buffers() noexcept {
  return worker_.buffers;
}

void Connection::body_is_awaited() noexcept {
  if (state_ != State::Handling && state_ != State::Writing) return;
  exchange_->body_deadline_ms = worker_.loop.timers().now_ms() + worker_.settings.body_idle_ms;
  arm_for_exchange();
}

void Connection::send_continue() {
  // Behind a final response it would be taken for the next one.
  if (!exchange_->answered) exchange_->writer.send_ahead(stream_, kContinue);
}

}  // namespace gatehouse::server
