#include "server/connection.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <utility>

#include "base/log.hpp"

namespace gatehouse::server {
namespace {

// What one connection may do before the others get their turn: some twenty small pipelined requests.
constexpr int kStepsPerTurn = 64;
constexpr int kReadsPerTurn = 8;
// A closing connection reads on for so long, so that a client that still sends gets to see the response (RFC
// 9112, 9.6).
constexpr std::int64_t kLingerMs = 2'000;
constexpr std::uint32_t kLingerBytes = 1u << 20;
// While draining: for the request of a connection that was accepted but has sent nothing.
constexpr std::int64_t kDrainGraceMs = 1'000;
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

Connection::Connection(Worker& worker, std::shared_ptr<const ListenerFacts> listener, const base::IpAddress& peer,
                       std::uint16_t peer_port, std::uint64_t id) noexcept
    : worker_(worker),
      timer_(on_timer, this),
      listener_(std::move(listener)),
      peer_(peer),
      id_(id),
      peer_port_(peer_port) {}

Result<void> Connection::open(int fd) {
  auto opened = stream_.open(worker_.loop, fd, *this);
  if (opened) arm(worker_.draining ? kDrainGraceMs : worker_.settings.header_read_ms);
  return opened;
}

void Connection::schedule() noexcept {
  if (state_ != State::Closed) worker_.schedule(*this);
}

void Connection::run() {
  running_ = true;
  int steps = 0;
  while (state_ != State::Closed && step() == Step::Again)
    if (++steps == kStepsPerTurn) {
      schedule();
      break;
    }
  running_ = false;
}

Connection::Step Connection::step() {
  switch (state_) {
    case State::New:
    case State::Idle:
      return begin_head();
    case State::Head:
      return read_head();
    case State::Handling:
      if (exchange_->aborted) break;
      if (exchange_->answered) {
        state_ = State::Writing;
        return write();
      }
      if (!exchange_->writer.flush_ahead(stream_)) kill(http::Ending::ClientGone);
      return Step::Wait;
    case State::Writing:
      if (exchange_->aborted) break;
      return write();
    case State::Discarding:
      return discard();
    case State::Lingering:
      return linger();
    case State::Closed:
      return Step::Wait;
  }
  kill(http::Ending::Truncated);
  return Step::Wait;
}

// ---- the head

Connection::Step Connection::begin_head() {
  if (!stream_.readable()) return Step::Wait;
  exchange_ = worker_.exchanges.take();
  exchange_->owner = this;
  // One byte past the limit is room enough to see that it is passed.
  exchange_->in = worker_.buffers.acquire(
      std::max<std::size_t>(net::BufferPool::kSmall, std::size_t{worker_.settings.head.head_bytes} + 1));
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

// ---- the response

bool Connection::keeps_alive(const http::BodySource* source) const noexcept {
  const ServerExchange& x = *exchange_;
  const ServerSettings& settings = worker_.settings;
  const RequestBody& body = x.request_body;
  if (!x.request.keep_alive || x.close_wanted || body.failed() || body.owes_continue()) return false;
  if (settings.requests_per_connection != 0 && requests_ >= settings.requests_per_connection) return false;
  // A large body that nobody has asked for will not be read.
  if (!body.begun() && source != &body && body.payload_left() > static_cast<std::int64_t>(settings.discard_bytes))
    return false;
  // A pipelined request whose first byte is here is still served.
  return !worker_.draining || (body.complete() && !body.rest().empty());
}

void Connection::respond(const http::ResponseHead& head, http::BodySource* source) {
  ServerExchange& x = *exchange_;
  ResponseShape shape;
  shape.to_head = x.request.method == http::Method::Head;
  shape.old_client = x.request.minor_version == 0;
  shape.keep_alive = keeps_alive(source);
  if (const http::Header* te = x.request.headers.find(http::HeaderId::Te))
    shape.with_trailers = http::has_token(te->value, "trailers");
  shape.date_line = worker_.date_line();
  shape.server_name = worker_.settings.server_name;
  if (x.writer.begin(head, source, shape, worker_.buffers)) {
    x.status = head.status;
    x.writer.set_sink(x);
  } else {
    base::log(base::Level::Warn, "a response was dropped: its status or one of its header lines cannot be sent",
              {{"status", std::to_string(head.status)}});
    http::ResponseHead error;
    error.status = x.status = 500;
    error.headers.add("Content-Type", "application/json");
    x.refusal.assign(R"({"message":"Internal Server Error"})");
    x.writer.begin(error, &x.refusal, shape, worker_.buffers);
  }
  if (!running_) schedule();
}

Connection::Step Connection::write() {
  ServerExchange& x = *exchange_;
  const std::uint64_t before = x.writer.bytes_sent();
  const ResponseWriter::Result result = x.writer.write(stream_);
  const std::uint64_t sent = x.writer.bytes_sent() - before;
  worker_.metrics.bytes_out.add(sent);
  switch (result) {
    case ResponseWriter::Result::Done:
      return response_done();
    case ResponseWriter::Result::Blocked:
      if (sent != 0 || x.write_deadline_ms < 0) await_client();
      arm_for_exchange();
      return Step::Wait;
    case ResponseWriter::Result::Waiting:
      x.write_deadline_ms = -1;
      arm_for_exchange();
      return Step::Wait;
    case ResponseWriter::Result::Yield:
      x.write_deadline_ms = -1;
      schedule();
      return Step::Wait;
    case ResponseWriter::Result::Gone:
      kill(http::Ending::ClientGone);
      return Step::Wait;
    case ResponseWriter::Result::Failed:
      break;
  }
  // An end that comes too early is seen as such, unless the end of the connection is the only end there is.
  const bool reset = x.writer.ends_with_connection();
  finish(http::Ending::Truncated);
  x.request.keep_alive = true;
  return reset ? closed(true) : begin_linger();
}

Connection::Step Connection::response_done() {
  ServerExchange& x = *exchange_;
  finish(http::Ending::Complete);
  if (x.writer.closes() || x.close_wanted || x.request_body.failed() || x.request_body.owes_continue())
    return begin_linger();
  if (x.request_body.complete()) return next_request();
  if (x.request_body.payload_left() > static_cast<std::int64_t>(worker_.settings.discard_bytes)) return begin_linger();
  budget_left_ = static_cast<std::uint32_t>(
      std::min<std::size_t>(worker_.settings.discard_bytes, std::numeric_limits<std::uint32_t>::max()));
  state_ = State::Discarding;
  return Step::Again;
}

void Connection::finish(http::Ending ending) noexcept {
  ServerExchange& x = *exchange_;
  x.body_deadline_ms = x.write_deadline_ms = -1;
  worker_.loop.timers().disarm(timer_);
  x.request_body.set_sink(nullptr);
  x.writer.drop_body();
  x.bytes_sent = x.writer.bytes_sent();
  x.body_bytes_sent = x.writer.body_bytes_sent();
  x.bytes_received = x.request_body.received();
  if (std::exchange(x.started, false)) worker_.handler.finished(x, ending);
}

Connection::Step Connection::next_request() {
  ServerExchange& x = *exchange_;
  net::Buffer rest = x.request_body.take_rest();
  if (!x.pinned()) {
    if (!rest.empty()) x.in = std::move(rest);
    x.in.consume(0);
    x.clear();
  } else {
    const std::string_view bytes = rest.empty() ? x.in.data() : rest.data();
    ServerExchange* const fresh = worker_.exchanges.take();
    fresh->in = worker_.buffers.acquire(
        std::max({net::BufferPool::kSmall, std::size_t{worker_.settings.head.head_bytes} + 1, bytes.size()}));
    fresh->in.append(bytes);
    fresh->owner = this;
    release_exchange();
    exchange_ = fresh;
  }
  state_ = State::Head;
  head_timed_ = false;
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

// ---- the end

Connection::Step Connection::begin_linger() {
  const ServerExchange& x = *exchange_;
  const bool last_word = !x.request.keep_alive && x.request_body.complete() && x.request_body.rest().empty();
  if (last_word && !stream_.readable()) return closed();
  release_exchange();
  stream_.shutdown_write();
  state_ = State::Lingering;
  budget_left_ = kLingerBytes;
  arm(kLingerMs);
  return Step::Again;
}

Connection::Step Connection::linger() {
  net::Buffer scratch;
  for (int reads = 0; reads < kReadsPerTurn; ++reads) {
    if (!stream_.readable()) return Step::Wait;
    if (!scratch.has_memory()) scratch = worker_.buffers.acquire(net::BufferPool::kLarge);
    const net::Io io = read(scratch.room());
    if (io.state == net::Io::State::Blocked) return Step::Wait;
    if (io.state != net::Io::State::Ok || io.bytes > budget_left_) return closed();
    budget_left_ -= static_cast<std::uint32_t>(io.bytes);
  }
  return Step::Again;
}

Connection::Step Connection::closed(bool reset) noexcept {
  close(reset);
  return Step::Wait;
}

void Connection::close(bool reset) noexcept {
  if (state_ == State::Closed) return;
  if (exchange_ != nullptr) {
    finish(http::Ending::ClientGone);
    release_exchange();
  }
  state_ = State::Closed;
  worker_.loop.timers().disarm(timer_);
  stream_.close(reset);
  worker_.forget(*this);
}

void Connection::kill(http::Ending ending) noexcept {
  if (state_ == State::Closed) return;
  if (exchange_ != nullptr) finish(ending);
  close(ending == http::Ending::Timeout);
}

void Connection::release_exchange() noexcept {
  worker_.exchanges.give_back(std::exchange(exchange_, nullptr));
}

void Connection::drain() {
  switch (state_) {
    case State::New:
    case State::Idle:
      // A request that has arrived meanwhile is served; its event may be on the way.
      stream_.assume_readable();
      run();
      if (state_ == State::Idle) close();
      if (state_ == State::New) arm(kDrainGraceMs);
      break;
    default:
      break;
  }
}

// ---- what the loop says

void Connection::on_readable() {
  switch (state_) {
    case State::Handling:
    case State::Writing:
      if (exchange_->request_body.waiting()) {
        exchange_->body_deadline_ms = -1;
        arm_for_exchange();
        exchange_->request_body.wake();
      }
      break;
    default:
      run();
  }
}

void Connection::on_writable() {
  if (state_ == State::Writing || state_ == State::Handling) run();
}

void Connection::on_hangup() {
  kill(http::Ending::ClientGone);
}

void Connection::on_timer(void* self) {
  static_cast<Connection*>(self)->expire();
}

void Connection::expire() {
  ServerMetrics& metrics = worker_.metrics;
  switch (state_) {
    case State::New:
      metrics.header_timeouts.add();
      close();
      break;
    case State::Head:
      metrics.header_timeouts.add();
      refuse(408, "request head not complete in time");
      run();
      break;
    case State::Idle:
      metrics.idle_timeouts.add();
      close();
      break;
    case State::Discarding:
      metrics.body_timeouts.add();
      close();
      break;
    case State::Lingering:
      close();
      break;
    case State::Handling:
    case State::Writing: {
      ServerExchange& x = *exchange_;
      const std::int64_t now = worker_.loop.timers().now_ms();
      if (x.write_deadline_ms >= 0 && now >= x.write_deadline_ms) {
        // The socket takes more only when a good part of its buffer is free: a slow client may be reading all the
        // while.
        if (taken() <= x.taken) {
          metrics.write_timeouts.add();
          kill(http::Ending::Timeout);
          break;
        }
        await_client();
      }
      const bool body_late = x.body_deadline_ms >= 0 && now >= x.body_deadline_ms;
      if (body_late) x.body_deadline_ms = -1;
      arm_for_exchange();
      if (body_late && x.request_body.waiting()) {
        metrics.body_timeouts.add();
        x.request_body.fail(http::BodyError::Timeout);
      }
      break;
    }
    case State::Closed:
      break;
  }
}

std::int64_t Connection::taken() const noexcept {
  return static_cast<std::int64_t>(exchange_->writer.bytes_sent()) -
         static_cast<std::int64_t>(stream_.unacknowledged());
}

void Connection::await_client() noexcept {
  exchange_->write_deadline_ms = worker_.loop.timers().now_ms() + worker_.settings.write_idle_ms;
  exchange_->taken = taken();
}

void Connection::arm(std::int64_t delay_ms) noexcept {
  worker_.loop.timers().arm(timer_, delay_ms);
}

void Connection::arm_for_exchange() noexcept {
  const std::int64_t body = exchange_->body_deadline_ms;
  const std::int64_t write = exchange_->write_deadline_ms;
  const std::int64_t first = body < 0 ? write : write < 0 ? body : std::min(body, write);
  if (first < 0)
    worker_.loop.timers().disarm(timer_);
  else
    arm(first - worker_.loop.timers().now_ms());
}

// ---- for the request body

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
