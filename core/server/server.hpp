#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/metrics.hpp"
#include "http/exchange.hpp"
#include "http/parser.hpp"
#include "net/buffer.hpp"
#include "net/loop.hpp"

namespace gatehouse::server {

struct ListenerSettings {
  std::string name;
  std::string address;  // `0.0.0.0:8080`, `[::]:8080` (IPv6 only), `127.0.0.1:0`, `unix:/path`
  int backlog = 4096;
  bool reuse_port = true;  // false: one shared descriptor (Unix sockets always)
  int unix_mode = 0;       // file mode of a Unix socket, 0: as the umask says
};

/// A bound, listening descriptor. Opened before privileges drop and before workers start; each worker gets its own
/// (SO_REUSEPORT) or a share of one (Unix sockets).
class ListenSocket {
 public:
  /// The error names the address and says what the system said. A stale Unix socket file is replaced only when nobody
  /// answers on it.
  static Result<std::shared_ptr<ListenSocket>> open(const ListenerSettings& settings);
  ~ListenSocket();
  int fd() const noexcept { return fd_; }
  /// `127.0.0.1:40123`: with the port that the system chose.
  const std::string& address() const noexcept { return address_; }
  const ListenerSettings& settings() const noexcept { return settings_; }

 private:
  ListenSocket() = default;
  int fd_ = -1;
  ListenerSettings settings_;
  std::string address_;
  std::uint64_t device_ = 0;  // of a Unix socket's file, which goes with the socket
  std::uint64_t inode_ = 0;
};

/// Limits and deadlines of the connections; may be replaced while serving: a connection looks at them anew per request.
/// At a limit of connections a new one takes the place of the worker's longest idle one; where none is idle, it is
/// closed at once.
struct ServerSettings {
  http::HeadLimits head;
  std::uint32_t connections = 10'000;  // of all workers together: see SharedLimits
  std::uint32_t connections_per_worker = 10'000;
  std::uint32_t requests_per_connection = 0;
  std::int64_t header_read_ms = 10'000;
  std::int64_t body_idle_ms = 30'000;
  std::int64_t write_idle_ms = 30'000;
  std::int64_t keep_alive_ms = 310'000;
  std::size_t discard_bytes = 65'536;  // of an unread request body, to keep the connection
  std::string server_name;             // Server header; empty: none
};

/// Counted by all workers together.
struct SharedLimits {
  std::atomic<std::uint32_t> connections{0};
};

struct ServerMetrics {
  base::Counter accepted, rejected_connections, open_connections, requests, refused_requests, header_timeouts,
      body_timeouts, write_timeouts, idle_timeouts, bytes_in, bytes_out;
};

/// The client side of one worker: accepts, speaks HTTP/1.1, gives exchanges to a Handler. [loop] unless said otherwise.
/// Not destroyed from inside a call of its own. An exchange that is still pinned then lives until its last unpin(),
/// also when the buffers are gone by then; its block is lost to them.
class Server {
 public:
  Server(net::Loop& loop, net::BufferPool& buffers, http::Handler& handler, ServerSettings settings,
         SharedLimits& shared);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Starts accepting; nothing when it accepts on that socket already.
  Result<void> listen(std::shared_ptr<ListenSocket> socket);
  /// Stops accepting on sockets that are not in `kept` (reload): their accept queues are drained first.
  void retain_listeners(const std::vector<std::shared_ptr<ListenSocket>>& kept);
  void set_settings(ServerSettings settings);
  /// Stops accepting (queues drained first), closes idle connections, lets every request whose first byte was read
  /// finish with `Connection: close`; calls `done` when no connection is left, from the loop. A connection that has
  /// sent nothing yet has a second to do so. A second call changes nothing.
  void drain(std::function<void()> done);
  /// Closes everything now: the deadline of a drain. Not from inside a call of the handler's.
  void close_all() noexcept;
  /// About once a second: gives memory back that a flood has left.
  void trim() noexcept;
  const ServerMetrics& metrics() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::server
