#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

/// An upstream as raw as a test wants it: a script per connection, on a thread of its own, on loopback and port 0.
namespace gatehouse::test {

class Peer {
 public:
  Peer(int fd, int number) : index(number), fd_(fd) {}
  ~Peer() { close(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  const int index;  // 0 for the first connection

  /// The next head with its blank line; empty when the peer closed.
  std::string head() {
    for (;;) {
      const std::size_t end = seen_.find("\r\n\r\n");
      if (end != std::string::npos) return take(end + 4);
      if (!more()) return {};
    }
  }
  std::string exactly(std::size_t n) {
    while (seen_.size() < n)
      if (!more()) break;
    return take(n);
  }
  /// The payload of a chunked body.
  std::string chunks() {
    std::string out;
    for (;;) {
      const std::string line = until("\r\n");
      if (line.empty()) return out + "<cut>";
      const std::size_t size = std::strtoul(line.c_str(), nullptr, 16);
      const std::string data = exactly(size + 2);
      if (size == 0) return out;
      out += data.substr(0, size);
    }
  }
  std::string until(std::string_view mark) {
    for (;;) {
      const std::size_t end = seen_.find(mark);
      if (end != std::string::npos) return take(end + mark.size());
      if (!more()) return {};
    }
  }
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  bool answer(std::string_view body, std::string_view headers = {}) {
    std::string text = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    text.append(headers).append("\r\n").append(body);
    return send(text);
  }
  /// Until the other side has closed; what it still sent is thrown away.
  void wait_for_close() {
    while (more()) seen_.clear();
  }
  void finish() { ::shutdown(fd_, SHUT_WR); }
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  /// From another thread: whatever blocks in here ends.
  void interrupt() {
    const std::lock_guard lock(mutex_);
    if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
  }
  int fd() const { return fd_; }

 private:
  std::string take(std::size_t n) {
    std::string out = seen_.substr(0, n);
    seen_.erase(0, n);
    return out;
  }
  bool more() {
    pollfd wait{fd_, POLLIN, 0};
    if (fd_ < 0 || ::poll(&wait, 1, 20'000) <= 0) return false;
    char bytes[65536];
    const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
    if (n <= 0) return false;
    seen_.append(bytes, static_cast<std::size_t>(n));
    return true;
  }

  std::mutex mutex_;
  int fd_;
  std::string seen_;
};

class RawUpstream {
 public:
  using Script = std::function<void(Peer&)>;

  explicit RawUpstream(Script script, std::string unix_path = {}, int receive_buffer = 0,
                       std::uint32_t ip = INADDR_LOOPBACK, std::uint16_t port = 0)
      : script_(std::move(script)), unix_path_(std::move(unix_path)) {
    if (unix_path_.empty()) {
      listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (receive_buffer != 0) ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(ip);
      address.sin_port = htons(port);
      ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
      socklen_t size = sizeof address;
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
      port_ = ntohs(address.sin_port);
    } else {
      listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      unix_path_.copy(address.sun_path, sizeof address.sun_path - 1);
      ::unlink(unix_path_.c_str());
      ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
    ::listen(listener_, 128);
    accepting_ = std::thread([this] { accept(); });
  }
  ~RawUpstream() { stop(); }
  RawUpstream(const RawUpstream&) = delete;
  RawUpstream& operator=(const RawUpstream&) = delete;

  /// Nobody listens any more, and every connection is closed.
  void stop() {
    if (!accepting_.joinable()) return;
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    ::close(listener_);
    {
      const std::lock_guard lock(mutex_);
      for (Peer& peer : peers_) peer.interrupt();
    }
    for (std::thread& thread : threads_) thread.join();
    if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
  }

  std::uint16_t port() const { return port_; }
  std::string address() const {
    return unix_path_.empty() ? "127.0.0.1:" + std::to_string(port_) : "unix:" + unix_path_;
  }
  int connections() const { return connections_; }
  std::atomic<int> requests{0};  // for scripts to count

 private:
  void accept() {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0 || stopping_) {
        if (fd >= 0) ::close(fd);
        return;
      }
      const std::lock_guard lock(mutex_);
      Peer& peer = peers_.emplace_back(fd, connections_++);
      threads_.emplace_back([this, &peer] {
        script_(peer);
        peer.close();
      });
    }
  }

  Script script_;
  std::string unix_path_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread accepting_;
  std::mutex mutex_;
  std::list<Peer> peers_;
  std::list<std::thread> threads_;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopping_{false};
};

/// Answers every request of a connection with `body` until the client closes; reads Content-Length and chunked bodies.
inline RawUpstream::Script serves(std::string body) {
  return [body](Peer& peer) {
    for (std::string head = peer.head(); !head.empty(); head = peer.head()) {
      if (const std::size_t at = head.find("Content-Length: "); at != std::string::npos)
        peer.exactly(std::strtoul(head.c_str() + at + 16, nullptr, 10));
      else if (head.find("Transfer-Encoding: chunked") != std::string::npos)
        peer.chunks();
      if (!peer.answer(body)) return;
    }
  };
}

}  // namespace gatehouse::test
