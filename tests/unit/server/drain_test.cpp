#include <gtest/gtest.h>

#include "harness.hpp"

namespace gatehouse::server {
namespace {

using http::Ending;

class DrainTest : public ServerTest {
 protected:
  void SetUp() override {
    harness.handler.on("/later", [this](http::Exchange& exchange) { waiting.push_back(&exchange); });
    start();
  }
  void drain() {
    harness.server->drain([this] { done = true; });
  }
  static constexpr std::string_view kLater = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";
  std::vector<http::Exchange*> waiting;
  bool done = false;
};

TEST_F(DrainTest, NothingOpenIsDoneAtOnceButNotInsideTheCall) {
  drain();
  EXPECT_FALSE(done);
  harness.turn();
  EXPECT_TRUE(done);
}

TEST_F(DrainTest, IdleConnectionsClose) {
  Client client = connect();
  EXPECT_EQ(ask(client, kGet), hello());
  drain();
  EXPECT_TRUE(client.ended());
  EXPECT_FALSE(client.was_reset());
  EXPECT_TRUE(done);
}

TEST_F(DrainTest, RequestsBegunAreFinished) {
  Client working = connect();
  working.send(kLater);
  Client partial = connect();
  partial.send("GET / HTT");
  FedBody fed(5);
  harness.handler.on("/fed", [&](http::Exchange& exchange) { harness.handler.reply(exchange, {}, &fed); });
  Client streaming = connect();
  streaming.send("GET /fed HTTP/1.1\r\nHost: a\r\n\r\n");
  streaming.read_until("\r\n\r\n");
  drain();
  harness.turn(3);
  EXPECT_FALSE(done);
  harness.handler.text(*waiting[0], 200, "hello");
  EXPECT_EQ(working.read_all(), hello("Connection: close\r\n"));
  partial.send("P/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(partial.read_all(), hello("Connection: close\r\n"));
  fed.feed("hello");
  EXPECT_EQ(streaming.read_all(), "hello");
  working.close();
  partial.close();
  streaming.close();
  EXPECT_TRUE(harness.until([&] { return done; }));
  EXPECT_EQ(harness.handler.endings, std::vector<Ending>(3, Ending::Complete));
}

TEST_F(DrainTest, PipelinedRequestsThatWereReadAreFinished) {
  Client client = connect();
  client.send(std::string(kLater) + std::string(kGet) + "GET / HT");
  drain();
  harness.turn();
  harness.handler.text(*waiting[0], 200, "hello");
  EXPECT_EQ(client.response(), hello());
  EXPECT_EQ(client.response(), hello());
  client.send("TP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_all(), hello("Connection: close\r\n"));
}

TEST_F(DrainTest, AcceptQueueIsEmptiedFirst) {
  // Connected and sent, while the loop stood still.
  sockaddr_storage to{};
  socklen_t size = sizeof to;
  ::getsockname(harness.socket->fd(), reinterpret_cast<sockaddr*>(&to), &size);
  std::vector<int> fds;
  for (int i = 0; i < 200; ++i) {
    fds.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(fds.back(), reinterpret_cast<sockaddr*>(&to), size), 0);
    ASSERT_EQ(::send(fds.back(), kGet.data(), kGet.size(), 0), static_cast<ssize_t>(kGet.size()));
  }
  drain();
  harness.socket.reset();
  harness.turn(20);
  for (const int fd : fds) {
    std::string got(1000, '\0');
    got.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::recv(fd, got.data(), got.size(), MSG_DONTWAIT))));
    EXPECT_EQ(got, hello("Connection: close\r\n"));
    ::close(fd);
  }
  EXPECT_TRUE(harness.until([&] { return done; }));
  const int late = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_NE(::connect(late, reinterpret_cast<sockaddr*>(&to), size), 0);
  ::close(late);
}

TEST_F(DrainTest, AcceptedButSilentHasASecond) {
  Client silent = connect();
  Client spoke = connect();
  drain();
  harness.pass(900);
  EXPECT_FALSE(silent.ended());
  spoke.send(kGet);
  EXPECT_EQ(spoke.read_all(), hello("Connection: close\r\n"));
  harness.pass(100);
  EXPECT_TRUE(silent.ended());
  spoke.close();
  EXPECT_TRUE(harness.until([&] { return done; }));
}

TEST_F(DrainTest, RequestThatArrivedInTimeIsServed) {
  Client client = connect();
  EXPECT_EQ(ask(client, kGet), hello());
  // In the socket, but the loop has not seen it.
  ASSERT_EQ(::send(client.fd(), kGet.data(), kGet.size(), 0), static_cast<ssize_t>(kGet.size()));
  drain();
  EXPECT_EQ(client.read_all(), hello("Connection: close\r\n"));
}

TEST_F(DrainTest, CloseAllEndsTheRest) {
  Client client = connect();
  client.send(kLater);
  drain();
  harness.turn(2);
  EXPECT_FALSE(done);
  harness.server->close_all();
  EXPECT_TRUE(client.ended());
  harness.turn();
  EXPECT_TRUE(done);
  EXPECT_EQ(harness.handler.endings, std::vector<Ending>{Ending::Truncated});
}

TEST_F(DrainTest, ASecondCallChangesNothing) {
  Client client = connect();
  client.send(kLater);
  drain();
  harness.server->drain([] { FAIL(); });
  EXPECT_FALSE(harness.server->listen(harness.socket).has_value());
  harness.handler.text(*waiting[0], 200, "hello");
  EXPECT_EQ(client.read_all(), hello("Connection: close\r\n"));
  client.close();
  EXPECT_TRUE(harness.until([&] { return done; }));
}

TEST_F(DrainTest, ListenersThatAreNotRetainedAreEmptiedAndLeft) {
  ListenerSettings settings;
  settings.name = "other";
  settings.address = "127.0.0.1:0";
  auto other = ListenSocket::open(settings);
  ASSERT_TRUE(other);
  ASSERT_TRUE(harness.server->listen(*other));
  Client kept_open = connect();
  EXPECT_EQ(ask(kept_open, kGet), hello());
  sockaddr_storage to{};
  socklen_t size = sizeof to;
  ::getsockname(harness.socket->fd(), reinterpret_cast<sockaddr*>(&to), &size);
  const int queued = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::connect(queued, reinterpret_cast<sockaddr*>(&to), size), 0);
  ASSERT_EQ(::send(queued, kGet.data(), kGet.size(), 0), static_cast<ssize_t>(kGet.size()));
  harness.server->retain_listeners({*other});
  harness.socket = *other;
  harness.turn(3);
  std::string got(1000, '\0');
  got.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::recv(queued, got.data(), got.size(), MSG_DONTWAIT))));
  EXPECT_EQ(got, hello());
  ::close(queued);
  EXPECT_EQ(ask(kept_open, kGet), hello()) << "connections of the listener live on";
  Client fresh = connect();
  EXPECT_EQ(ask(fresh, kGet), hello());
}

}  // namespace
}  // namespace gatehouse::server
