#include "net/connect.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gatehouse::net {
namespace {

tl::unexpected<Error> refuse(std::string to, int error) {
  const bool exhausted =
      error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM || error == EADDRNOTAVAIL;
  return fail(exhausted ? Code::Limit : Code::Unavailable,
              "connecting to `" + std::move(to) + "`: " + std::strerror(error));
}

Result<int> begin(int family, const sockaddr* address, socklen_t size, const std::string& to) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return refuse(to, errno);
  if (family != AF_UNIX) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  // An interrupted connect goes on in the background like one in progress.
  if (::connect(fd, address, size) != 0 && errno != EINPROGRESS && errno != EINTR) {
    const int error = errno;
    ::close(fd);
    return refuse(to, error);
  }
  return fd;
}

}  // namespace

std::string Endpoint::text() const {
  const std::string host = ip.text();
  return (ip.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

Result<int> begin_connect(const Endpoint& to) {
  if (to.ip.is_v4()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port);
    std::memcpy(&address.sin_addr, to.ip.bytes.data() + 12, 4);
    return begin(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address, to.text());
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(to.port);
  std::memcpy(&address.sin6_addr, to.ip.bytes.data(), 16);
  return begin(AF_INET6, reinterpret_cast<const sockaddr*>(&address), sizeof address, to.text());
}

Result<int> begin_connect_unix(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return fail(Code::Invalid, "Unix socket path `" + std::string(path) + "` must have 1 to " +
                                   std::to_string(sizeof address.sun_path - 1) + " bytes");
  std::memcpy(address.sun_path, path.data(), path.size());
  return begin(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address, "unix:" + std::string(path));
}

int connect_error(int fd) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace gatehouse::net
