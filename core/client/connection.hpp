#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "client/client.hpp"
#include "client/list.hpp"
#include "net/stream.hpp"
#include "net/timer.hpp"
#include "net/tls.hpp"

namespace gatehouse::client {

class TargetPool;

/// One outbound connection: TCP or a Unix socket, TLS on it, then either used by one call or idle in its pool. It tries
/// the target's addresses in turn until one answers. Holds no buffer: bytes belong to the call. [loop]
class Connection final : private net::Stream::Owner {
 public:
  /// The call that uses the connection. Told from the loop only, and nothing after on_connect_failed().
  class User {
   public:
    virtual void on_connected() = 0;
    virtual void on_connect_failed(CallError error, std::string_view detail) = 0;
    virtual void on_connection_readable() = 0;  // or dead: a read tells
    virtual void on_connection_writable() = 0;

   protected:
    ~User() = default;
  };

  explicit Connection(TargetPool& pool);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Begins to connect. False: it failed at once, `error` and `detail` say why and nobody is told.
  bool connect(User& user, CallError& error, std::string& detail);
  /// Takes it out of idleness.
  void use(User& user) noexcept;
  /// Lets it be idle: false when it cannot be, for the peer has closed it or sent something unasked.
  bool park(std::int64_t idle_timeout_ms) noexcept;
  /// Closes it. The object itself lives until the end of the loop's turn.
  void close() noexcept;

  net::Stream& stream() noexcept { return stream_; }
  bool idle() const noexcept { return state_ == State::Idle; }
  bool encrypted() const noexcept { return tls_ != nullptr; }
  /// Which of the pool's addresses it went to; meaningless for a Unix socket.
  const base::IpAddress& address() const noexcept { return address_; }

  Link<Connection> link;  // in the pool's list of idle or of busy connections, or in the graveyard

 private:
  enum class State : std::uint8_t { New, Connecting, Handshaking, Busy, Idle, Closed };

  void on_readable() override;
  void on_writable() override;
  void on_hangup() override;
  bool try_next_address(std::string& detail);
  bool open(int fd, std::string& detail);
  void address_failed(std::string_view why);
  void begin_tls();
  void go_on_with_tls();
  void ready();
  void failed(CallError error, std::string_view detail);
  void on_timer();
  bool quiet() noexcept;
  void close_stream() noexcept;

  TargetPool& pool_;
  User* user_ = nullptr;
  net::Stream stream_;
  net::Timer timer_;               // connecting: of this address; idle: of the connection
  net::TlsFilter* tls_ = nullptr;  // owned by stream_
  base::IpAddress address_;
  std::int64_t deadline_ms_ = 0;  // connecting: of all addresses and TLS
  std::int64_t share_ms_ = 0;     // of one address
  std::uint32_t addresses_left_ = 0;
  State state_ = State::New;
};

}  // namespace gatehouse::client
