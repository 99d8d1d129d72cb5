#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/ip.hpp"
#include "base/text.hpp"
#include "server/server.hpp"

namespace gatehouse::server {
namespace {

constexpr std::string_view kUnix = "unix:";

tl::unexpected<Error> refuse(const ListenerSettings& settings, const std::string& why, Code code = Code::Unavailable) {
  return fail(code, "listening on `" + settings.address + "`: " + why);
}

tl::unexpected<Error> refuse_with_errno(const ListenerSettings& settings, int error) {
  return refuse(settings, std::strerror(error), error == EACCES || error == EPERM ? Code::Refused : Code::Unavailable);
}

struct Parsed {
  base::IpAddress ip;
  bool bracketed = false;
  std::uint16_t port = 0;
};

std::optional<Parsed> parse(std::string_view address) {
  Parsed out;
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = address.substr(0, colon);
  const auto port = base::parse_integer<std::uint16_t>(address.substr(colon + 1));
  out.bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (out.bracketed) host = host.substr(1, host.size() - 2);
  const auto ip = base::IpAddress::parse(host);
  if (!port || !ip || (host.find(':') != std::string_view::npos) != out.bracketed) return std::nullopt;
  out.ip = *ip;
  out.port = *port;
  return out;
}

/// A socket file that nobody answers on is what a crashed server left.
Result<void> remove_stale(const ListenerSettings& settings, const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(address.sun_path, &found) != 0)
    return errno == ENOENT ? Result<void>() : Result<void>(refuse_with_errno(settings, errno));
  if (!S_ISSOCK(found.st_mode)) return refuse(settings, "a file that is no socket is in the way", Code::Conflict);
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) return refuse_with_errno(settings, errno);
  const int answer = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
  ::close(probe);
  if (answer != ECONNREFUSED) return refuse(settings, "another process listens there", Code::Conflict);
  if (::unlink(address.sun_path) != 0 && errno != ENOENT) return refuse_with_errno(settings, errno);
  return {};
}

Result<int> open_unix(const ListenerSettings& settings) {
  const std::string path = settings.address.substr(kUnix.size());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path[0] != '/' || path.size() >= sizeof address.sun_path || path.find('\0') != std::string::npos)
    return refuse(
        settings,
        "the path must be absolute and at most " + std::to_string(sizeof address.sun_path - 1) + " bytes long",
        Code::Invalid);
  std::memcpy(address.sun_path, path.data(), path.size());
  if (auto removed = remove_stale(settings, address); !removed) return tl::unexpected(removed.error());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return refuse_with_errno(settings, errno);
  // The mode is set before anybody can connect: that takes listen().
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      (settings.unix_mode != 0 && ::chmod(address.sun_path, static_cast<mode_t>(settings.unix_mode)) != 0) ||
      ::listen(fd, settings.backlog) != 0) {
    const int error = errno;
    ::close(fd);
    return refuse_with_errno(settings, error);
  }
  return fd;
}

Result<int> open_tcp(const ListenerSettings& settings, std::string& bound) {
  const auto parsed = parse(settings.address);
  if (!parsed)
    return refuse(settings, "not an address; write `ADDRESS:PORT`, `[ADDRESS]:PORT` or `unix:/PATH`", Code::Invalid);
  try {
    const Poco::Net::SocketAddress address(parsed->ip.text(), parsed->port);
    Poco::Net::ServerSocket socket;
    // An IPv6 address means IPv6: `0.0.0.0` and `[::]` can both be given.
    if (parsed->bracketed && !parsed->ip.is_v4())
      socket.bind6(address, true, settings.reuse_port, true);
    else
      socket.bind(address, true, settings.reuse_port);
    const int on = 1;
    // Accepted sockets inherit it.
    ::setsockopt(socket.impl()->sockfd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    socket.setBlocking(false);
    socket.listen(settings.backlog);
    bound = socket.address().toString();
    const int fd = ::fcntl(socket.impl()->sockfd(), F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return refuse_with_errno(settings, errno);
    return fd;
  } catch (const Poco::Exception& error) {
    if (error.code() == EADDRINUSE) return refuse(settings, "another process listens there", Code::Conflict);
    return error.code() != 0 ? refuse_with_errno(settings, error.code()) : refuse(settings, error.displayText());
  }
}

}  // namespace

Result<std::shared_ptr<ListenSocket>> ListenSocket::open(const ListenerSettings& settings) {
  const bool is_unix = std::string_view(settings.address).substr(0, kUnix.size()) == kUnix;
  std::string bound = settings.address;
  const Result<int> fd = is_unix ? open_unix(settings) : open_tcp(settings, bound);
  if (!fd) return tl::unexpected(fd.error());
  std::shared_ptr<ListenSocket> out(new ListenSocket);
  out->fd_ = *fd;
  out->settings_ = settings;
  out->address_ = std::move(bound);
  if (is_unix) {
    struct stat made {};
    if (::stat(settings.address.c_str() + kUnix.size(), &made) == 0) {
      out->device_ = made.st_dev;
      out->inode_ = made.st_ino;
    }
  }
  return out;
}

ListenSocket::~ListenSocket() {
  if (fd_ < 0) return;
  ::close(fd_);
  if (inode_ == 0) return;
  // Another server may have put its own in place of ours.
  const char* const path = settings_.address.c_str() + kUnix.size();
  struct stat found {};
  if (::lstat(path, &found) == 0 && found.st_dev == device_ && found.st_ino == inode_) ::unlink(path);
}

}  // namespace gatehouse::server
