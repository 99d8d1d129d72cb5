#include "server/acceptor.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.hpp"

namespace gatehouse::server {
namespace {

constexpr int kBatch = 64;
constexpr int kWholeQueue = 1 << 20;
// Descriptors or memory have run out: nobody tells when there are some again.
constexpr std::int64_t kRetryMs = 100;

std::atomic<std::uint64_t> next_id{1};

std::shared_ptr<const ListenerFacts> facts_of(const ListenSocket& socket) {
  auto facts = std::make_shared<ListenerFacts>();
  facts->name = socket.settings().name;
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&bound), &size);
  facts->unix_socket = bound.ss_family == AF_UNIX;
  if (bound.ss_family == AF_INET) facts->port = ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);
  if (bound.ss_family == AF_INET6) facts->port = ntohs(reinterpret_cast<const sockaddr_in6&>(bound).sin6_port);
  return facts;
}

}  // namespace

Acceptor::Acceptor(Worker& worker, std::shared_ptr<ListenSocket> socket)
    : worker_(worker),
      socket_(std::move(socket)),
      facts_(facts_of(*socket_)),
      more_([](void* self) { static_cast<Acceptor*>(self)->accept_some(kBatch); }, this),
      retry_([](void* self) { static_cast<Acceptor*>(self)->accept_some(kBatch); }, this) {}

Acceptor::~Acceptor() {
  if (watching_) worker_.loop.remove(socket_->fd(), *this);
}

Result<void> Acceptor::start() {
  const bool shared = facts_->unix_socket || !socket_->settings().reuse_port;
  auto added = shared ? worker_.loop.add_shared_listener(socket_->fd(), *this) : worker_.loop.add(socket_->fd(), *this);
  watching_ = added.has_value();
  return added;
}

void Acceptor::on_events(std::uint32_t) {
  accept_some(kBatch);
}

void Acceptor::empty_queue() {
  accept_some(kWholeQueue);
}

void Acceptor::accept_some(int most) {
  for (int i = 0; i < most; ++i) {
    switch (accept_one()) {
      case Accepted::One:
        continue;
      case Accepted::None:
        return;
      case Accepted::Exhausted:
        worker_.loop.timers().arm(retry_, kRetryMs);
        return;
    }
  }
  worker_.loop.defer(more_);
}

Acceptor::Accepted Acceptor::accept_one() {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const int fd = ::accept4(socket_->fd(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    switch (errno) {
      case EAGAIN:
        return Accepted::None;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        if (!retry_.armed())
          base::log(base::Level::Error, "accepting connections has to wait",
                    {{"listener", facts_->name}, {"reason", std::strerror(errno)}});
        return Accepted::Exhausted;
      case EBADF:
      case EINVAL:
      case ENOTSOCK:
        return Accepted::None;
      default:
        return Accepted::One;  // that one connection failed (accept(2)); the next may not
    }
  }
  if (!worker_.admit()) {
    ::close(fd);
    return Accepted::One;
  }
  base::IpAddress peer;
  std::uint16_t port = 0;
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    peer = base::IpAddress::v4(ntohl(v4.sin_addr.s_addr));
    port = ntohs(v4.sin_port);
  } else if (from.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    std::memcpy(peer.bytes.data(), &v6.sin6_addr, 16);
    port = ntohs(v6.sin6_port);
  }
  auto connection =
      std::make_unique<Connection>(worker_, facts_, peer, port, next_id.fetch_add(1, std::memory_order_relaxed));
  Connection& opened = *connection;
  worker_.add(std::move(connection));
  if (!opened.open(fd)) opened.close();
  return Accepted::One;
}

}  // namespace gatehouse::server
