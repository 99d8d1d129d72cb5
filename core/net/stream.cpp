#include "net/stream.hpp"

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace gatehouse::net {
namespace {

// The C library's own calls are cancellation points: where threads are, two locked instructions around each of them,
// and no thread here is ever cancelled. The sanitizers see only the library's.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
ssize_t receive(int fd, std::span<char> into) noexcept {
  return ::recv(fd, into.data(), into.size(), 0);
}
ssize_t send_one(int fd, const iovec& from) noexcept {
  return ::send(fd, from.iov_base, from.iov_len, MSG_NOSIGNAL);
}
ssize_t send_all(int fd, const msghdr& from) noexcept {
  return ::sendmsg(fd, &from, MSG_NOSIGNAL);
}
#else
ssize_t receive(int fd, std::span<char> into) noexcept {
  return ::syscall(SYS_recvfrom, fd, into.data(), into.size(), 0, nullptr, nullptr);
}
ssize_t send_one(int fd, const iovec& from) noexcept {
  return ::syscall(SYS_sendto, fd, from.iov_base, from.iov_len, MSG_NOSIGNAL, nullptr, 0);
}
ssize_t send_all(int fd, const msghdr& from) noexcept {
  return ::syscall(SYS_sendmsg, fd, &from, MSG_NOSIGNAL);
}
#endif

}  // namespace

Result<void> Stream::open(Loop& loop, int fd, Owner& owner, Rank rank) {
  close();
  if (auto added = loop.add(fd, *this, rank); !added) {
    ::close(fd);
    return added;
  }
  loop_ = &loop;
  owner_ = &owner;
  fd_ = fd;
  rank_ = rank;
  readable_ = writable_ = peer_closed_ = hangup_ = false;
  return {};
}

Io Stream::read(std::span<char> into) {
  if (filter_ != nullptr) [[unlikely]]
    return filter_->read(into);
  return read_plain(into);
}

Io Stream::write(std::span<const iovec> from) {
  if (filter_ != nullptr) [[unlikely]]
    return filter_->write(from);
  return write_plain(from);
}

Io Stream::write(std::string_view from) {
  const iovec one{const_cast<char*>(from.data()), from.size()};
  return write({&one, 1});
}

Io Stream::read_plain(std::span<char> into) {
  if (!readable_) return {Io::State::Blocked, 0, 0};
  for (;;) {
    const ssize_t n = receive(fd_, into);
    if (n > 0) {
      // Short means drained; but after the peer's end the end itself is still to be read.
      if (static_cast<std::size_t>(n) < into.size() && !peer_closed_) readable_ = false;
      return {Io::State::Ok, static_cast<std::size_t>(n), 0};
    }
    if (n == 0) {
      peer_closed_ = true;
      return {Io::State::End, 0, 0};
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      readable_ = false;
      return {Io::State::Blocked, 0, 0};
    }
    return {Io::State::Error, 0, errno};
  }
}

Io Stream::write_plain(std::span<const iovec> from) {
  if (!writable_) return {Io::State::Blocked, 0, 0};
  std::size_t size = 0;
  for (const iovec& part : from) size += part.iov_len;
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(from.data());
  message.msg_iovlen = from.size();
  for (;;) {
    const ssize_t n = from.size() == 1 ? send_one(fd_, from[0]) : send_all(fd_, message);
    if (n >= 0) {
      if (static_cast<std::size_t>(n) < size) writable_ = false;
      return {Io::State::Ok, static_cast<std::size_t>(n), 0};
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      writable_ = false;
      return {Io::State::Blocked, 0, 0};
    }
    return {Io::State::Error, 0, errno};
  }
}

void Stream::on_events(std::uint32_t events) {
  const bool was_readable = readable_;
  const bool was_closed = peer_closed_;
  const bool was_writable = writable_;
  if ((events & (EPOLLRDHUP | EPOLLHUP)) != 0) peer_closed_ = true;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
  if ((events & EPOLLOUT) != 0) writable_ = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) hangup_ = true;

  if (readable_ && (!was_readable || peer_closed_ != was_closed)) owner_->on_readable();
  if (fd_ >= 0 && hangup_) {
    owner_->on_hangup();
    return;
  }
  if (fd_ >= 0 && writable_ && !was_writable) owner_->on_writable();
}

std::size_t Stream::unacknowledged() const noexcept {
  int bytes = 0;
  return fd_ >= 0 && ::ioctl(fd_, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

void Stream::shutdown_write() noexcept {
  if (fd_ < 0) return;
  if (filter_ != nullptr) filter_->shutdown();
  ::shutdown(fd_, SHUT_WR);
}

void Stream::close(bool reset) noexcept {
  if (fd_ < 0) return;
  if (filter_ != nullptr && !reset) filter_->shutdown();
  if (reset) {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  loop_->remove(fd_, *this, rank_);
  ::close(fd_);
  fd_ = -1;
  filter_.reset();
}

}  // namespace gatehouse::net
