#include "app/admin_client.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "http/parser.hpp"

namespace gatehouse::app {
namespace {

constexpr std::size_t kMaxReplyBytes = 64u << 20;

struct Descriptor {
  int fd = -1;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Error cannot(const std::string& socket, const std::string& what) {
  return {
      Code::Unavailable,
      what + " `" + socket + "`: " + std::strerror(errno) + " (is the gateway running? name its socket with --admin)",
      {}};
}

}  // namespace

Result<AdminReply> admin_call(const std::string& socket, const std::string& method, const std::string& target) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path)
    return fail(Code::Invalid, "`" + socket + "` is too long for a socket's path");
  std::memcpy(address.sun_path, socket.data(), socket.size());
  Descriptor connection{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (connection.fd < 0 || ::connect(connection.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return tl::unexpected<Error>(cannot(socket, "cannot reach the admin socket"));
  const timeval patience{60, 0};
  ::setsockopt(connection.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);

  const std::string request = method + " " + target + " HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n" +
                              (method == "POST" ? "Content-Length: 0\r\n" : "") + "\r\n";
  if (::send(connection.fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return tl::unexpected<Error>(cannot(socket, "cannot write to the admin socket"));
  std::string bytes;
  for (;;) {
    char block[16384];
    const ssize_t n = ::recv(connection.fd, block, sizeof block, 0);
    if (n == 0) break;
    if (n < 0) {
      if (errno == EINTR) continue;
      return tl::unexpected<Error>(cannot(socket, "cannot read from the admin socket"));
    }
    bytes.append(block, static_cast<std::size_t>(n));
    if (bytes.size() > kMaxReplyBytes) return fail(Code::Limit, "the reply of `" + socket + "` is larger than 64 MiB");
  }
  http::ResponseParser parser;
  http::ResponseHead head;
  http::ParseFault fault;
  if (parser.parse(bytes, {}, head, fault) != http::ParseState::Complete || head.content_length < 0 ||
      bytes.size() - head.head_bytes != static_cast<std::size_t>(head.content_length))
    return fail(Code::Invalid, "the reply of `" + socket + "` is not whole");
  return AdminReply{head.status, bytes.substr(head.head_bytes)};
}

}  // namespace gatehouse::app
