#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>
#include <fstream>

#include "harness.hpp"

namespace gatehouse::server {
namespace {

ListenerSettings at(std::string address) {
  ListenerSettings settings;
  settings.name = "test";
  settings.address = std::move(address);
  return settings;
}

class UnixSocketTest : public ServerTest {
 protected:
  void SetUp() override {
    char name[] = "/tmp/gatehouse-listen-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
    path_ = directory_ + "/server.sock";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string directory_, path_;
};

TEST(ListenSocket, SaysThePortThatTheSystemChose) {
  const auto socket = ListenSocket::open(at("127.0.0.1:0"));
  ASSERT_TRUE(socket) << socket.error().text;
  EXPECT_EQ((*socket)->address().substr(0, 10), "127.0.0.1:");
  EXPECT_NE((*socket)->address(), "127.0.0.1:0");
  EXPECT_EQ((*socket)->settings().name, "test");
}

TEST(ListenSocket, ReusePortSharesAnAddressAmongWorkers) {
  const auto first = ListenSocket::open(at("127.0.0.1:0"));
  ASSERT_TRUE(first);
  const auto second = ListenSocket::open(at((*first)->address()));
  EXPECT_TRUE(second) << second.error().text;
  ListenerSettings alone = at((*first)->address());
  alone.reuse_port = false;
  const auto third = ListenSocket::open(alone);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Code::Conflict);
  EXPECT_NE(third.error().text.find("`" + (*first)->address() + "`"), std::string::npos) << third.error().text;
}

TEST(ListenSocket, FaultyAddressesAreNamed) {
  for (const char* address : {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "localhost:80",
                              "::1:80", "[127.0.0.1:80", "[127.0.0.1]:80", "127.1:80", "unix:", "unix:relative"}) {
    const auto socket = ListenSocket::open(at(address));
    ASSERT_FALSE(socket) << address;
    EXPECT_EQ(socket.error().code, Code::Invalid) << address;
    EXPECT_NE(socket.error().text.find("`" + std::string(address) + "`"), std::string::npos) << socket.error().text;
  }
  EXPECT_EQ(ListenSocket::open(at("unix:/" + std::string(200, 'x'))).error().code, Code::Invalid);
  EXPECT_EQ(ListenSocket::open(at("192.0.2.1:0")).error().code, Code::Unavailable);
}

TEST_F(ServerTest, ServesIPv6AndSaysSo) {
  if (const auto probe = ListenSocket::open(at("[::1]:0")); !probe) GTEST_SKIP() << probe.error().text;
  harness.address = "[::1]:0";
  std::string peer;
  harness.handler.on("/peer", [&](http::Exchange& exchange) {
    peer = exchange.connection->peer_text;
    harness.handler.text(exchange, 200, "ok");
  });
  start();
  EXPECT_EQ(harness.socket->address().substr(0, 6), "[::1]:");
  Client client = connect();
  ask(client, "GET /peer HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(peer, "::1");
}

TEST(ListenSocket, IPv6AnyLeavesIPv4Alone) {
  // Another program may have that port of IPv4's; not five times.
  bool free = false;
  for (int time = 0; time < 5 && !free; ++time) {
    const auto six = ListenSocket::open(at("[::]:0"));
    if (!six) GTEST_SKIP() << six.error().text;
    const std::string port = (*six)->address().substr((*six)->address().rfind(':'));
    free = ListenSocket::open(at("0.0.0.0" + port)).has_value();
  }
  EXPECT_TRUE(free);
}

TEST_F(ServerTest, AcceptedSocketsDoNotDelay) {
  start();
  Client client = connect();
  // Nagle would hold the second small write back until the first is acknowledged.
  int on = 0;
  socklen_t size = sizeof on;
  ASSERT_EQ(::getsockopt(harness.socket->fd(), IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
  EXPECT_NE(on, 0);
}

TEST_F(UnixSocketTest, ServesWithItsMode) {
  ListenerSettings settings = at("unix:" + path_);
  settings.unix_mode = 0600;
  std::string peer;
  harness.handler.on("/peer", [&](http::Exchange& exchange) {
    peer = exchange.connection->peer_text;
    harness.handler.text(exchange, 200, "ok");
  });
  auto opened = ListenSocket::open(settings);
  ASSERT_TRUE(opened) << opened.error().text;
  harness.socket = *opened;
  harness.server =
      std::make_unique<Server>(harness.loop, harness.buffers, harness.handler, harness.settings, harness.shared);
  ASSERT_TRUE(harness.server->listen(harness.socket));
  struct stat found {};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  Client client = connect();
  EXPECT_NE(ask(client, "GET /peer HTTP/1.1\r\nHost: a\r\n\r\n").find("ok"), std::string::npos);
  EXPECT_EQ(peer, "unix:");
  client.half_close();
  EXPECT_TRUE(client.ended());
  harness.server.reset();
  harness.socket.reset();
  opened->reset();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixSocketTest, ALiveSocketIsNotReplaced) {
  const auto first = ListenSocket::open(at("unix:" + path_));
  ASSERT_TRUE(first);
  const auto second = ListenSocket::open(at("unix:" + path_));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::Conflict);
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(UnixSocketTest, AStaleSocketIs) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  const int dead = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(dead);
  const auto socket = ListenSocket::open(at("unix:" + path_));
  EXPECT_TRUE(socket) << socket.error().text;
}

TEST_F(UnixSocketTest, AnotherFileIsLeftAlone) {
  std::ofstream(path_) << "precious";
  const auto socket = ListenSocket::open(at("unix:" + path_));
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code, Code::Conflict);
  EXPECT_EQ(std::filesystem::file_size(path_), 8u);
}

TEST_F(UnixSocketTest, ASuccessorsFileIsNotRemoved) {
  auto first = ListenSocket::open(at("unix:" + path_));
  ASSERT_TRUE(first);
  std::filesystem::remove(path_);
  const auto second = ListenSocket::open(at("unix:" + path_));
  ASSERT_TRUE(second);
  first->reset();
  EXPECT_TRUE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace gatehouse::server
