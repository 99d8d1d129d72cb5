#pragma once
#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <span>

#include "net/loop.hpp"

namespace gatehouse::net {

/// What a read or write came to.
struct Io {
  enum class State : std::uint8_t { Ok, Blocked, End, Error };
  State state = State::Ok;
  std::size_t bytes = 0;
  int error = 0;  // errno, for Error
};

/// What stands between a Stream and its bytes when that is not the plain socket: TLS. Same contract as Stream.
class Filter {
 public:
  virtual ~Filter() = default;
  virtual Io read(std::span<char> into) = 0;
  virtual Io write(std::span<const iovec> from) = 0;
  /// The last words before close (TLS close_notify). Best effort, never blocks.
  virtual void shutdown() noexcept = 0;
};

/// A connected, non-blocking stream socket on a loop. It remembers what the edge-triggered events said, so that a read
/// or write that must block costs no system call:
///   - a short read means drained, unless the peer has closed its side;
///   - a short write means full until the next EPOLLOUT.
/// The owner is told of readiness through Owner; it then reads or writes until Blocked. It may close() the stream
/// inside these calls but destroys it only after they return (Loop::destroy_later). [loop]
class Stream final : private Watcher {
 public:
  class Owner {
   public:
    /// Bytes or the peer's end are there. Told once until a read is Blocked or short.
    virtual void on_readable() = 0;
    /// Connected; later, writable again after a write was Blocked or short.
    virtual void on_writable() = 0;
    /// Comes after on_readable() of the same event. The connection is dead (reset, HUP on both sides). Reads may still
    /// find bytes; writes fail.
    virtual void on_hangup() = 0;

   protected:
    ~Owner() = default;
  };

  Stream() = default;
  ~Stream() { close(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Takes a connected (or connecting) non-blocking descriptor. On failure the descriptor is closed.
  Result<void> open(Loop& loop, int fd, Owner& owner, Rank rank = Rank::Ordinary);
  void set_filter(std::unique_ptr<Filter> filter) noexcept { filter_ = std::move(filter); }
  bool is_open() const noexcept { return fd_ >= 0; }
  int fd() const noexcept { return fd_; }

  Io read(std::span<char> into);
  Io write(std::span<const iovec> from);
  Io write(std::string_view from);
  /// False: a read is sure to be Blocked.
  bool readable() const noexcept { return readable_ || filter_ != nullptr; }
  bool writable() const noexcept { return writable_; }
  /// Makes the next read ask the kernel whatever the events said: before an idle connection is closed.
  void assume_readable() noexcept { readable_ = true; }
  bool peer_closed() const noexcept { return peer_closed_; }

  /// Bytes that were written but that the peer has not acknowledged. One system call.
  std::size_t unacknowledged() const noexcept;

  /// No more writes from us; the peer sees an end. Reads go on (lingering close).
  void shutdown_write() noexcept;
  /// Idempotent. `reset`: tell the peer with a RST instead of a FIN.
  void close(bool reset = false) noexcept;

 private:
  void on_events(std::uint32_t events) override;
  Io read_plain(std::span<char> into);
  Io write_plain(std::span<const iovec> from);
  friend class PlainBio;

  Loop* loop_ = nullptr;
  Owner* owner_ = nullptr;
  std::unique_ptr<Filter> filter_;
  int fd_ = -1;
  Rank rank_ = Rank::Ordinary;
  bool readable_ = false;
  bool writable_ = false;
  bool peer_closed_ = false;
  bool hangup_ = false;
};

}  // namespace gatehouse::net
