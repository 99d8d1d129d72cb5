#pragma once
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client/client.hpp"

/// A client and its upstream on one thread: the upstream's bytes come when a test says, so that every cut of them is
/// tried the same way each time.
namespace gatehouse::test {

class Wire final : public client::CallOwner, public http::BodySink {
 public:
  Wire() : client_(loop_, buffers_, std::unique_ptr<net::Resolver>()) {
    path_ = "/tmp/gatehouse-wire-" + std::to_string(::getpid()) + ".sock";
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    ::unlink(path_.c_str());
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 16);
    client::UpstreamSettings settings;
    settings.name = "wire";
    settings.targets = {"unix:" + path_};
    settings.retries = 0;
    settings.eject_after = 0;
    upstream_ = *client::Upstream::make(settings);
    loop_.turn(0);
  }
  ~Wire() {
    call_.reset();
    ::close(listener_);
    ::unlink(path_.c_str());
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  struct Outcome {
    int status = 0;
    client::CallError error = client::CallError::None;
    http::BodyError body_error = http::BodyError::None;
    bool ended = false;
    bool kept = false;  // the connection is idle now
    std::string body;
    bool operator==(const Outcome&) const = default;
  };

  /// One call on a fresh connection. The upstream sends `response` in pieces of the sizes given, over and over, and
  /// then closes unless `stay`. At most `pull` bytes of the body are taken at once.
  Outcome call(const client::OutboundRequest& request, std::string_view response, const std::vector<std::size_t>& cuts,
               std::size_t pull, bool stay = false) {
    out_ = {};
    pull_ = pull;
    received.clear();
    call_ = client_.start(upstream_, request, *this);
    int peer = -1;
    for (int i = 0; i < 100 && peer < 0; ++i) {
      loop_.turn(0);
      peer = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    }
    for (int i = 0; i < 3; ++i) loop_.turn(0);
    read_all(peer);
    std::size_t piece = 0;
    while (!response.empty()) {
      const std::string_view next = response.substr(0, cuts[piece++ % cuts.size()]);
      const ssize_t sent = ::send(peer, next.data(), next.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) break;
      if (sent > 0) response.remove_prefix(static_cast<std::size_t>(sent));
      loop_.turn(0);
      read_all(peer);
    }
    if (!stay) ::shutdown(peer, SHUT_WR);
    for (int i = 0; i < 1000 && !over(); ++i) {
      loop_.turn(0);
      read_all(peer);
    }
    loop_.turn(0);
    out_.kept = client_.metrics().idle_connections.value() != 0;
    call_.reset();
    client_.close_idle();
    loop_.turn(0);
    ::close(peer);
    loop_.turn(0);
    return out_;
  }
  bool over() const {
    return out_.ended || out_.error != client::CallError::None || out_.body_error != http::BodyError::None;
  }
  void turn() { loop_.turn(0); }
  /// Nothing is left of the calls that are over.
  bool clean() const { return buffers_.bytes_in_use() == 0 && client_.metrics().open_connections.value() == 0; }

  std::string received;  // by the upstream

 private:
  void on_response(client::Call& call, const http::ResponseHead& head) override {
    out_.status = head.status;
    call.body().set_sink(this);
    on_body();
  }
  void on_failure(client::Call&, client::CallError error, std::string_view) override { out_.error = error; }
  void on_body() override {
    http::BodySource& body = call_->body();
    for (;;) {
      switch (body.pull()) {
        case http::BodySource::State::Ready: {
          const std::string_view data = body.data().substr(0, pull_);
          out_.body.append(data);
          body.consume(data.size());
          break;
        }
        case http::BodySource::State::Waiting:
          return;
        case http::BodySource::State::End:
          out_.ended = true;
          return;
        case http::BodySource::State::Failed:
          out_.body_error = body.error();
          return;
      }
    }
  }
  void read_all(int peer) {
    char bytes[65536];
    for (;;) {
      const ssize_t n = ::recv(peer, bytes, sizeof bytes, 0);
      if (n <= 0) return;
      received.append(bytes, static_cast<std::size_t>(n));
    }
  }

  net::Loop loop_;
  net::BufferPool buffers_;
  client::Client client_;
  std::string path_;
  int listener_ = -1;
  std::shared_ptr<const client::Upstream> upstream_;
  client::CallHandle call_;
  Outcome out_;
  std::size_t pull_ = 0;
};

}  // namespace gatehouse::test
