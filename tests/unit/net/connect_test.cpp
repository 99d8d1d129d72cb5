#include "net/connect.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "net/stream.hpp"

namespace gatehouse::net {
namespace {

struct Owner final : Stream::Owner {
  void on_readable() override {}
  void on_writable() override { connected = true; }
  void on_hangup() override { refused = true; }
  bool connected = false, refused = false;
};

Endpoint listen_on(const char* ip, int& fd) {
  const auto address = base::IpAddress::parse(ip);
  const bool v4 = address->is_v4();
  fd = ::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 bound{};
  socklen_t size = sizeof bound;
  if (v4) {
    auto& four = reinterpret_cast<sockaddr_in&>(bound);
    four.sin_family = AF_INET;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size = sizeof four;
  } else {
    bound.sin6_family = AF_INET6;
    bound.sin6_addr = in6addr_loopback;
  }
  if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&bound), size) != 0 || ::listen(fd, 1) != 0) return {};
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
  return {*address, ntohs(bound.sin6_port)};
}

TEST(Connect, ReachesAListenerOnEitherFamily) {
  for (const char* ip : {"127.0.0.1", "::1"}) {
    int listener = -1;
    const Endpoint to = listen_on(ip, listener);
    if (to.port == 0) {
      ASSERT_STRNE(ip, "127.0.0.1");
      ::close(listener);
      continue;  // a machine without IPv6
    }
    const auto fd = begin_connect(to);
    ASSERT_TRUE(fd) << fd.error().text;
    int on = 0;
    socklen_t size = sizeof on;
    ::getsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, &size);
    EXPECT_NE(on, 0);
    Loop loop;
    Owner owner;
    Stream stream;
    ASSERT_TRUE(stream.open(loop, *fd, owner));
    for (int i = 0; i < 100 && !owner.connected; ++i) loop.turn(50);
    EXPECT_TRUE(owner.connected);
    EXPECT_EQ(connect_error(stream.fd()), 0);
    ::close(listener);
  }
}

TEST(Connect, RefusalIsAHangupWithItsReason) {
  int listener = -1;
  const Endpoint to = listen_on("127.0.0.1", listener);
  ::close(listener);
  const auto fd = begin_connect(to);
  ASSERT_TRUE(fd);
  Loop loop;
  Owner owner;
  Stream stream;
  ASSERT_TRUE(stream.open(loop, *fd, owner));
  for (int i = 0; i < 100 && !owner.refused; ++i) loop.turn(50);
  EXPECT_TRUE(owner.refused);
  EXPECT_FALSE(owner.connected);
  EXPECT_EQ(connect_error(stream.fd()), ECONNREFUSED);
}

TEST(Connect, UnixErrorsNameThePath) {
  const auto absent = begin_connect_unix("/nonexistent/socket");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, Code::Unavailable);
  EXPECT_NE(absent.error().text.find("/nonexistent/socket"), std::string::npos);
  EXPECT_EQ(begin_connect_unix(std::string(200, 'x')).error().code, Code::Invalid);
  EXPECT_EQ(begin_connect_unix("").error().code, Code::Invalid);
}

TEST(Endpoint, Text) {
  EXPECT_EQ((Endpoint{*base::IpAddress::parse("10.0.0.1"), 80}.text()), "10.0.0.1:80");
  EXPECT_EQ((Endpoint{*base::IpAddress::parse("::1"), 443}.text()), "[::1]:443");
}

}  // namespace
}  // namespace gatehouse::net
