#include "net/stream.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace gatehouse::net {
namespace {

struct Owner final : Stream::Owner {
  void on_readable() override { ++readable; }
  void on_writable() override { ++writable; }
  void on_hangup() override { ++hangup; }
  int readable = 0, writable = 0, hangup = 0;
};

class StreamTest : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> fds{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
    peer_ = fds[1];
    ASSERT_TRUE(stream_.open(loop_, fds[0], owner_));
    loop_.turn(0);
  }
  void TearDown() override {
    if (peer_ >= 0) ::close(peer_);
  }
  void peer_sends(std::string_view text) {
    ASSERT_EQ(::send(peer_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    loop_.turn(0);
  }
  std::string read(std::size_t most, Io& io) {
    std::string out(most, '\0');
    io = stream_.read({out.data(), out.size()});
    out.resize(io.bytes);
    return out;
  }

  Loop loop_;
  Owner owner_;
  Stream stream_;
  int peer_ = -1;
};

TEST_F(StreamTest, OpensWritableAndNotReadable) {
  EXPECT_EQ(owner_.writable, 1);
  EXPECT_EQ(owner_.readable, 0);
  Io io;
  read(10, io);
  EXPECT_EQ(io.state, Io::State::Blocked);
}

TEST_F(StreamTest, ShortReadMeansDrained) {
  peer_sends("hello");
  EXPECT_EQ(owner_.readable, 1);
  Io io;
  EXPECT_EQ(read(10, io), "hello");
  EXPECT_FALSE(stream_.readable());
  // The kernel has more by now, but no event said so yet: the stream does not ask.
  ASSERT_EQ(::send(peer_, "more", 4, MSG_NOSIGNAL), 4);
  read(10, io);
  EXPECT_EQ(io.state, Io::State::Blocked);
  loop_.turn(0);
  EXPECT_EQ(owner_.readable, 2);
  EXPECT_EQ(read(10, io), "more");
}

TEST_F(StreamTest, FullReadLeavesItReadable) {
  peer_sends("hello");
  Io io;
  EXPECT_EQ(read(3, io), "hel");
  EXPECT_TRUE(stream_.readable());
  peer_sends("!");
  EXPECT_EQ(owner_.readable, 1) << "told again though it never saw Blocked";
  EXPECT_EQ(read(10, io), "lo!");
  EXPECT_FALSE(stream_.readable());
}

TEST_F(StreamTest, PeersEndIsReadBehindTheLastBytes) {
  ASSERT_EQ(::send(peer_, "bye", 3, MSG_NOSIGNAL), 3);
  ::shutdown(peer_, SHUT_WR);
  loop_.turn(0);
  EXPECT_TRUE(stream_.peer_closed());
  Io io;
  EXPECT_EQ(read(10, io), "bye");
  EXPECT_TRUE(stream_.readable());
  read(10, io);
  EXPECT_EQ(io.state, Io::State::End);
  EXPECT_EQ(owner_.hangup, 0);
  // Half closed: what we write still arrives.
  EXPECT_EQ(stream_.write("answer").bytes, 6u);
  std::array<char, 10> got{};
  EXPECT_EQ(::recv(peer_, got.data(), got.size(), 0), 6);
}

TEST_F(StreamTest, PeersEndIsToldEvenWhileReadable) {
  peer_sends("x");
  EXPECT_EQ(owner_.readable, 1);
  ::shutdown(peer_, SHUT_WR);
  loop_.turn(0);
  EXPECT_EQ(owner_.readable, 2);
}

TEST_F(StreamTest, ShortWriteMeansFullUntilTheEvent) {
  const std::string block(1 << 20, 'x');
  std::size_t sent = 0;
  Io io;
  for (;;) {
    io = stream_.write(block);
    if (io.state != Io::State::Ok) break;
    sent += io.bytes;
    if (io.bytes < block.size()) break;
  }
  EXPECT_FALSE(stream_.writable());
  EXPECT_EQ(stream_.write("y").state, Io::State::Blocked);
  std::string got(1 << 20, '\0');
  std::size_t received = 0;
  while (received < sent) {
    const ssize_t n = ::recv(peer_, got.data(), got.size(), 0);
    ASSERT_GT(n, 0);
    received += static_cast<std::size_t>(n);
  }
  EXPECT_EQ(stream_.write("y").state, Io::State::Blocked) << "no event yet";
  loop_.turn(0);
  EXPECT_EQ(owner_.writable, 2);
  EXPECT_EQ(stream_.write("y").bytes, 1u);
}

TEST_F(StreamTest, GathersInOneWrite) {
  std::string a = "head ", b = "body";
  const std::array<iovec, 2> parts{iovec{a.data(), a.size()}, iovec{b.data(), b.size()}};
  EXPECT_EQ(stream_.write(parts).bytes, 9u);
  std::array<char, 20> got{};
  ASSERT_EQ(::recv(peer_, got.data(), got.size(), 0), 9);
  EXPECT_EQ(std::string_view(got.data(), 9), "head body");
}

TEST_F(StreamTest, PeerGoneIsAHangup) {
  ::close(peer_);
  peer_ = -1;
  loop_.turn(0);
  EXPECT_EQ(owner_.readable, 1);
  EXPECT_EQ(owner_.hangup, 1);
  EXPECT_EQ(stream_.write("x").state, Io::State::Error);
}

TEST_F(StreamTest, CloseIsIdempotentAndSilent) {
  stream_.close();
  stream_.close();
  EXPECT_FALSE(stream_.is_open());
  ::close(peer_);
  peer_ = -1;
  loop_.turn(0);
  EXPECT_EQ(owner_.hangup, 0);
}

TEST_F(StreamTest, OwnerMayCloseInsideItsCallbacks) {
  struct Closer final : Stream::Owner {
    explicit Closer(Stream& s) : stream(s) {}
    void on_readable() override { stream.close(); }
    void on_writable() override { ADD_FAILURE(); }
    void on_hangup() override { ADD_FAILURE(); }
    Stream& stream;
  };
  std::array<int, 2> fds{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
  Stream stream;
  Closer closer(stream);
  ASSERT_EQ(::send(fds[1], "x", 1, 0), 1);
  ::close(fds[1]);
  ASSERT_TRUE(stream.open(loop_, fds[0], closer));
  loop_.turn(0);
  EXPECT_FALSE(stream.is_open());
}

TEST(Stream, ResetIsSeenAsSuch) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), size), 0);
  const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  Loop loop;
  Owner owner;
  Stream stream;
  ASSERT_TRUE(stream.open(loop, accepted, owner));
  loop.turn(0);
  stream.close(true);
  char byte = 0;
  EXPECT_EQ(::recv(client, &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
  ::close(client);
  ::close(listener);
}

}  // namespace
}  // namespace gatehouse::net
