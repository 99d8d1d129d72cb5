#include "client/connection.hpp"

#include <algorithm>
#include <array>
#include <system_error>

#include "client/context.hpp"
#include "client/target_pool.hpp"
#include "net/connect.hpp"

namespace gatehouse::client {
namespace {

constexpr std::uint32_t kMostAddresses = 4;  // of one name, tried for one call
constexpr std::int64_t kLeastShareMs = 100;

}  // namespace

Connection::Connection(TargetPool& pool)
    : pool_(pool), timer_([](void* self) { static_cast<Connection*>(self)->on_timer(); }, this) {}

Connection::~Connection() {
  close();
}

bool Connection::connect(User& user, CallError& error, std::string& detail) {
  user_ = &user;
  state_ = State::Connecting;
  const Upstream& upstream = pool_.upstream();
  net::TimerWheel& timers = pool_.context().loop.timers();
  deadline_ms_ = timers.now_ms() + upstream.settings().connect_timeout_ms;
  error = CallError::Connect;
  if (pool_.target().unix_path.empty()) {
    addresses_left_ = std::min(static_cast<std::uint32_t>(pool_.addresses().size()), kMostAddresses);
    share_ms_ = upstream.settings().connect_timeout_ms;
    if (addresses_left_ > 1) share_ms_ = std::min(share_ms_, std::max(share_ms_ / addresses_left_, kLeastShareMs));
    if (try_next_address(detail)) return true;
  } else if (auto fd = net::begin_connect_unix(pool_.target().unix_path); !fd) {
    detail = fd.error().text;
  } else if (open(*fd, detail)) {
    timers.arm(timer_, upstream.settings().connect_timeout_ms);
    return true;
  }
  pool_.context().metrics.connect_failures.add();
  return false;
}

bool Connection::try_next_address(std::string& detail) {
  while (addresses_left_ != 0) {
    --addresses_left_;
    address_ = pool_.next_address();
    // The pool keeps none that the rule refuses; this is the last place to see it.
    if (!allows(pool_.upstream().settings().addresses, address_)) {
      detail = "an address that may not be connected to";
      continue;
    }
    auto fd = net::begin_connect({address_, pool_.target().port});
    if (fd) {
      if (!open(*fd, detail)) return false;
      const std::int64_t left_ms = deadline_ms_ - pool_.context().loop.timers().now_ms();
      pool_.context().loop.timers().arm(timer_, std::max<std::int64_t>(1, std::min(share_ms_, left_ms)));
      return true;
    }
    detail = fd.error().text;
    if (fd.error().code == Code::Limit) return false;
    pool_.address_failed(address_);
  }
  return false;
}

bool Connection::open(int fd, std::string& detail) {
  auto opened = stream_.open(pool_.context().loop, fd, *this, net::Rank::First);
  if (!opened) {
    detail = opened.error().text;
    return false;
  }
  pool_.context().metrics.open_connections.add();
  return true;
}

void Connection::address_failed(std::string_view why) {
  pool_.address_failed(address_);
  close_stream();
  std::string detail(why);
  if (addresses_left_ != 0 && pool_.context().loop.timers().now_ms() < deadline_ms_ && try_next_address(detail)) return;
  failed(CallError::Connect, detail);
}

void Connection::begin_tls() {
  const Upstream& upstream = pool_.upstream();
  auto filter = net::TlsFilter::client(upstream.tls(), stream_, upstream.server_name(pool_.target()));
  if (!filter) return failed(CallError::Tls, filter.error().text);
  state_ = State::Handshaking;
  tls_ = filter->get();
  stream_.set_filter(std::move(*filter));
  const std::int64_t left_ms = deadline_ms_ - pool_.context().loop.timers().now_ms();
  pool_.context().loop.timers().arm(timer_, std::max<std::int64_t>(1, left_ms));
  go_on_with_tls();
}

void Connection::go_on_with_tls() {
  switch (tls_->handshake()) {
    case net::TlsFilter::Handshake::Pending:
      return;
    case net::TlsFilter::Handshake::Done:
      return ready();
    case net::TlsFilter::Handshake::Failed: {
      const std::string why = tls_->error();
      return failed(CallError::Tls, why);
    }
  }
}

void Connection::ready() {
  state_ = State::Busy;
  Context& context = pool_.context();
  context.loop.timers().disarm(timer_);
  context.metrics.connects.add();
  user_->on_connected();
}

void Connection::failed(CallError error, std::string_view detail) {
  pool_.context().metrics.connect_failures.add();
  User* user = user_;
  // Copied: closing the stream takes the filter, and what it says, away.
  const std::string text(detail);
  user->on_connect_failed(error, text);
}

void Connection::use(User& user) noexcept {
  pool_.context().loop.timers().disarm(timer_);
  user_ = &user;
  state_ = State::Busy;
}

bool Connection::park(std::int64_t idle_timeout_ms) noexcept {
  if (!quiet()) return false;
  user_ = nullptr;
  state_ = State::Idle;
  pool_.context().loop.timers().arm(timer_, idle_timeout_ms);
  return true;
}

// What an idle connection says was not asked for: the next response would not be the answer to the next request.
bool Connection::quiet() noexcept {
  if (!stream_.is_open() || stream_.peer_closed()) return false;
  if (!stream_.readable()) return true;
  std::array<char, 1> byte;
  return stream_.read(byte).state == net::Io::State::Blocked;
}

void Connection::close_stream() noexcept {
  if (!stream_.is_open()) return;
  tls_ = nullptr;
  stream_.close();
  pool_.context().metrics.open_connections.subtract();
}

void Connection::close() noexcept {
  if (state_ == State::Closed) return;
  state_ = State::Closed;
  user_ = nullptr;
  pool_.context().loop.timers().disarm(timer_);
  close_stream();
}

void Connection::on_readable() {
  switch (state_) {
    case State::Handshaking:
      return go_on_with_tls();
    case State::Busy:
      return user_->on_connection_readable();
    case State::Idle:
      if (!quiet()) pool_.discard(*this);
      return;
    default:
      return;
  }
}

void Connection::on_writable() {
  switch (state_) {
    case State::Connecting:
      return pool_.upstream().tls() == nullptr ? ready() : begin_tls();
    case State::Handshaking:
      return go_on_with_tls();
    case State::Busy:
      return user_->on_connection_writable();
    default:
      return;
  }
}

void Connection::on_hangup() {
  switch (state_) {
    case State::Connecting: {
      const int error = net::connect_error(stream_.fd());
      return address_failed("connect: " + (error == 0 ? "hung up" : std::generic_category().message(error)));
    }
    case State::Handshaking:
      return go_on_with_tls();
    case State::Busy:
      return user_->on_connection_readable();
    case State::Idle:
      return pool_.discard(*this);
    default:
      return;
  }
}

void Connection::on_timer() {
  switch (state_) {
    case State::Connecting:
      return address_failed("connect: timed out");
    case State::Handshaking:
      return failed(CallError::Tls, "handshake timed out");
    case State::Idle:
      return pool_.discard(*this);
    default:
      return;
  }
}

}  // namespace gatehouse::client
