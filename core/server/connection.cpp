#include "server/connection.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::server {
namespace {

// What one connection may do before the others get their turn: some twenty small pipelined requests.
constexpr int kStepsPerTurn = 64;
constexpr int kReadsPerTurn = 8;
// A closing connection reads on for so long, so that a client that still sends gets to see the response: RFC 9112, 9.6.
constexpr std::int64_t kLingerMs = 2'000;
constexpr std::uint32_t kLingerBytes = 1u << 20;
// While draining: for the request of a connection that was accepted but has sent nothing.
constexpr std::int64_t kDrainGraceMs = 1'000;

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

}  // namespace gatehouse::server
