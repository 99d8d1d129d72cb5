#pragma once
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "http/exchange.hpp"
#include "net/buffer.hpp"
#include "net/loop.hpp"
#include "server/server.hpp"

namespace gatehouse::server {

/// A body that the test feeds by hand.
class FedBody final : public http::BodySource {
 public:
  explicit FedBody(std::int64_t length = -1) : length_(length) {}
  void feed(std::string text) {
    parts_.push_back(std::move(text));
    tell();
  }
  void end() {
    ended_ = true;
    tell();
  }
  void fail() {
    failed_ = true;
    tell();
  }
  State pull() override {
    ++pulls;
    if (!parts_.empty()) return State::Ready;
    if (failed_) return State::Failed;
    if (ended_) return State::End;
    waiting_ = true;
    return State::Waiting;
  }
  std::string_view data() const noexcept override { return parts_.empty() ? std::string_view() : parts_.front(); }
  void consume(std::size_t n) noexcept override {
    parts_.front().erase(0, n);
    if (parts_.front().empty()) parts_.pop_front();
  }
  void set_sink(http::BodySink* sink) noexcept override { sink_ = sink; }
  std::int64_t length() const noexcept override { return length_; }
  http::BodyError error() const noexcept override { return failed_ ? http::BodyError::Closed : http::BodyError::None; }
  const http::Headers* trailers() const noexcept override { return trailer.size() != 0 ? &trailer : nullptr; }
  void set_limit(std::int64_t) noexcept override {}
  bool has_sink() const noexcept { return sink_ != nullptr; }

  int pulls = 0;
  http::Headers trailer;

 private:
  void tell() {
    if (!std::exchange(waiting_, false)) return;
    if (sink_ != nullptr) sink_->on_body();
  }
  std::deque<std::string> parts_;
  http::BodySink* sink_ = nullptr;
  std::int64_t length_;
  bool ended_ = false;
  bool failed_ = false;
  bool waiting_ = false;
};

/// Answers by path, as each test sets it up; remembers how exchanges ended.
class TestHandler final : public http::Handler {
 public:
  using Route = std::function<void(http::Exchange&)>;

  void on(std::string path, Route route) { routes_[std::move(path)] = std::move(route); }

  void start(http::Exchange& exchange) override {
    ++started;
    inside_ = true;
    const auto route = routes_.find(exchange.request.target);
    if (route != routes_.end())
      route->second(exchange);
    else
      text(exchange, 200, "hello");
    inside_ = false;
  }
  void finished(http::Exchange& exchange, http::Ending ending) noexcept override {
    EXPECT_FALSE(inside_) << "finished() from inside start()";
    EXPECT_FALSE(replying_) << "finished() from inside respond()";
    endings.push_back(ending);
    if (on_finished) on_finished(exchange, ending);
  }
  void refused(const http::ConnectionFacts&, int status, std::string_view what) noexcept override {
    refusals.emplace_back(status, what);
  }

  /// A response whose text is a constant or lives in the exchange.
  void text(http::Exchange& exchange, std::uint16_t status, std::string_view body) {
    http::ResponseHead head;
    head.status = status;
    auto* source = new (exchange.arena.allocate(sizeof(http::MemoryBody))) http::MemoryBody(body);
    reply(exchange, head, source);
  }
  void reply(http::Exchange& exchange, const http::ResponseHead& head, http::BodySource* body) {
    replying_ = true;
    exchange.respond(head, body);
    replying_ = false;
  }

  std::function<void(http::Exchange&, http::Ending)> on_finished;
  int started = 0;
  std::vector<http::Ending> endings;
  std::vector<std::pair<int, std::string>> refusals;

 private:
  std::map<std::string, Route, std::less<>> routes_;
  bool inside_ = false;
  bool replying_ = false;
};

/// Reads a request body to its end, then calls back. One at a time.
class Collector final : public http::BodySink {
 public:
  void collect(http::Exchange& exchange, std::function<void(std::string, http::BodyError)> done) {
    exchange_ = &exchange;
    done_ = std::move(done);
    text_.clear();
    exchange.body().set_sink(this);
    on_body();
  }
  void on_body() override {
    http::BodySource& body = exchange_->body();
    for (;;) switch (body.pull()) {
        case http::BodySource::State::Ready:
          text_ += body.data();
          body.consume(body.data().size());
          break;
        case http::BodySource::State::Waiting:
          return;
        case http::BodySource::State::End:
          return done_(text_, http::BodyError::None);
        case http::BodySource::State::Failed:
          return done_(text_, body.error());
      }
  }

 private:
  http::Exchange* exchange_ = nullptr;
  std::function<void(std::string, http::BodyError)> done_;
  std::string text_;
};

/// A server on a loop that the test turns by hand, with a clock that stands still: 1994-11-06T08:49:37Z.
class Harness {
 public:
  static constexpr std::string_view kDate = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

  void start() {
    ListenerSettings listener;
    listener.name = "test";
    listener.address = address;
    auto opened = ListenSocket::open(listener);
    ASSERT_TRUE(opened) << opened.error().text;
    socket = *opened;
    server = std::make_unique<Server>(loop, buffers, handler, settings, shared);
    ASSERT_TRUE(server->listen(socket));
  }
  void turn(int times = 1) {
    for (int i = 0; i < times; ++i) loop.turn(0);
  }
  /// Time passes, with what it brings.
  void pass(std::int64_t ms) {
    turn();
    clock.advance_ms(ms);
    turn(2);
  }
  /// Turns until it holds; false when it does not within a second or so.
  bool until(const std::function<bool()>& condition) {
    for (int i = 0; i < 2000; ++i) {
      if (condition()) return true;
      loop.turn(i < 1000 ? 0 : 1);
    }
    return condition();
  }

  base::FixedClock clock{784'111'777'000};
  net::Loop loop{clock};
  net::BufferPool buffers;
  TestHandler handler;
  SharedLimits shared;
  ServerSettings settings;
  std::string address = "127.0.0.1:0";
  std::shared_ptr<ListenSocket> socket;
  std::unique_ptr<Server> server;
};

/// A raw client in the same thread: whoever waits turns the server's loop.
class Client {
 public:
  explicit Client(Harness& harness) : harness_(harness) {
    sockaddr_storage to{};
    socklen_t size = sizeof to;
    ::getsockname(harness.socket->fd(), reinterpret_cast<sockaddr*>(&to), &size);
    fd_ = ::socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), size), 0);
    harness.turn(2);
  }
  Client(Client&& other) noexcept
      : harness_(other.harness_), fd_(std::exchange(other.fd_, -1)), got_(std::move(other.got_)) {}
  ~Client() { close(); }

  void send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
      if (n < 0 && errno != EAGAIN) {
        ADD_FAILURE() << "sending: " << errno;
        return;
      }
      harness_.turn();
    }
    harness_.turn();
  }
  /// As much as the socket takes; what the server says to it is no matter.
  std::size_t try_send(std::string_view text) {
    const ssize_t n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    harness_.turn();
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  void half_close() {
    ::shutdown(fd_, SHUT_WR);
    harness_.turn();
  }
  void close(bool reset = false) {
    if (fd_ < 0) return;
    if (reset) {
      const linger now{1, 0};
      ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    ::close(std::exchange(fd_, -1));
    harness_.turn(2);
  }
  /// That many bytes and no more from the socket, without a turn of the loop.
  std::string read_some(std::size_t n) {
    std::string out(n, '\0');
    const ssize_t got = ::recv(fd_, out.data(), n, MSG_DONTWAIT | MSG_WAITALL);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }

  /// Everything up to and with `end`.
  std::string read_until(std::string_view end) {
    std::size_t at = std::string::npos;
    harness_.until([&] { return (at = got_.find(end)) != std::string::npos || !poll(); });
    at = got_.find(end);
    return take(at == std::string::npos ? got_.size() : at + end.size());
  }
  std::string read(std::size_t n) {
    harness_.until([&] { return got_.size() >= n || !poll(); });
    return take(std::min(n, got_.size()));
  }
  /// A response with Content-Length, or without a body.
  std::string response() {
    std::string head = read_until("\r\n\r\n");
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string::npos ? head : head + read(static_cast<std::size_t>(std::atol(head.c_str() + at + 16)));
  }
  /// Everything until the server closes; `ended()` says how.
  std::string read_all() {
    harness_.until([&] { return !poll(); });
    return take(got_.size());
  }
  /// What is there and what the next few turns bring.
  std::string read_now() {
    harness_.turn(3);
    poll();
    return take(got_.size());
  }
  bool ended() {
    harness_.turn(2);
    poll();
    return ended_;
  }
  bool was_reset() const { return reset_; }
  int fd() const { return fd_; }

 private:
  /// False when nothing more can come.
  bool poll() {
    std::string block(1 << 16, '\0');
    while (!ended_) {
      const ssize_t n = ::recv(fd_, block.data(), block.size(), MSG_DONTWAIT);
      if (n > 0) {
        got_.append(block, 0, static_cast<std::size_t>(n));
        continue;
      }
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) return true;
      ended_ = true;
      reset_ = n < 0;
    }
    return false;
  }
  std::string take(std::size_t n) {
    std::string out = got_.substr(0, n);
    got_.erase(0, n);
    return out;
  }

  Harness& harness_;
  int fd_ = -1;
  std::string got_;
  bool ended_ = false;
  bool reset_ = false;
};

inline constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// The answer of TestHandler to kGet.
inline std::string hello(std::string_view extra = "") {
  return "HTTP/1.1 200 OK\r\n" + std::string(Harness::kDate) + "Content-Length: 5\r\n" + std::string(extra) +
         "\r\nhello";
}

class ServerTest : public testing::Test {
 protected:
  void start() { harness.start(); }
  Client connect() { return Client(harness); }
  std::string ask(Client& client, std::string_view request) {
    client.send(request);
    return client.response();
  }
  std::string post(std::string_view path, std::string_view body) {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
  }
  const ServerMetrics& metrics() { return harness.server->metrics(); }

  Harness harness;
};

}  // namespace gatehouse::server
