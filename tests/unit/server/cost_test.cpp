// Counts what a request costs in heap allocations and system calls once everything is warm.
#include <gtest/gtest.h>

#include <dlfcn.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdarg>
#include <cstdlib>
#include <new>

#include "harness.hpp"

namespace {
bool counting = false;
std::size_t allocations = 0;
std::size_t receives = 0;
std::size_t sends = 0;
std::size_t controls = 0;

void* counted(std::size_t size) {
  if (counting) ++allocations;
  if (void* const memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

// Ours instead of libc's: the server's calls are counted; the test's client uses read() and write().
extern "C" {
long syscall(long number, ...) noexcept {
  static auto* const real = reinterpret_cast<long (*)(long, ...)>(::dlsym(RTLD_NEXT, "syscall"));
  if (number == SYS_recvfrom) ++receives;
  if (number == SYS_sendto || number == SYS_sendmsg) ++sends;
  va_list given;
  va_start(given, number);
  std::array<long, 6> arguments;
  for (long& argument : arguments) argument = va_arg(given, long);
  va_end(given);
  return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}
ssize_t recv(int fd, void* into, std::size_t size, int flags) {
  return ::syscall(SYS_recvfrom, fd, into, size, flags, nullptr, nullptr);
}
ssize_t send(int fd, const void* from, std::size_t size, int flags) {
  return ::syscall(SYS_sendto, fd, from, size, flags, nullptr, 0);
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  return ::syscall(SYS_sendmsg, fd, message, flags);
}
int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  ++controls;
  return static_cast<int>(::syscall(SYS_epoll_ctl, epoll, operation, fd, event));
}
}

namespace gatehouse::server {
namespace {

/// Answers at once, at the end of the turn, or with the request's own body; without memory of its own.
class LeanHandler final : public http::Handler {
 public:
  explicit LeanHandler(net::Loop& loop) : loop_(loop) {}
  void start(http::Exchange& exchange) override {
    if (exchange.request.target == "/later") {
      waiting_ = &exchange;
      loop_.defer(chore_);
      return;
    }
    http::ResponseHead head;
    head.headers.add("Content-Type", "text/plain");
    if (exchange.request.has_body()) {
      exchange.respond(head, &exchange.body());
      return;
    }
    hello_.assign("hello");
    exchange.respond(head, &hello_);
  }
  void finished(http::Exchange&, http::Ending) noexcept override {}

 private:
  void answer_waiting() {
    hello_.assign("hello");
    waiting_->respond({}, &hello_);
  }
  net::Loop& loop_;
  http::MemoryBody hello_;
  http::Exchange* waiting_ = nullptr;
  net::Chore chore_{[](void* self) { static_cast<LeanHandler*>(self)->answer_waiting(); }, this};
};

class CostTest : public testing::Test {
 protected:
  void SetUp() override {
    ListenerSettings listener;
    listener.address = "127.0.0.1:0";
    auto opened = ListenSocket::open(listener);
    ASSERT_TRUE(opened);
    socket_ = *opened;
    ASSERT_TRUE(server_.listen(socket_));
    sockaddr_storage to{};
    socklen_t size = sizeof to;
    ::getsockname(socket_->fd(), reinterpret_cast<sockaddr*>(&to), &size);
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), size), 0);
  }
  void TearDown() override { ::close(fd_); }
  /// Sends, turns the loop until nothing more comes, and drops what came.
  void exchange(const std::string& request) {
    ASSERT_EQ(::write(fd_, request.data(), request.size()), static_cast<ssize_t>(request.size()));
    char block[16384];
    bool any = false;
    for (int quiet = 0; quiet < 10;) {
      loop_.turn(0);
      pollfd ready{fd_, POLLIN, 0};
      if (::poll(&ready, 1, 0) == 1) {
        ASSERT_GT(::read(fd_, block, sizeof block), 0);
        any = true;
        quiet = 0;
      } else {
        ++quiet;
      }
    }
    ASSERT_TRUE(any);
  }

  net::Loop loop_;
  net::BufferPool buffers_;
  LeanHandler handler_{loop_};
  SharedLimits shared_;
  std::shared_ptr<ListenSocket> socket_;
  Server server_{loop_, buffers_, handler_, {}, shared_};
  int fd_ = -1;
};

TEST_F(CostTest, NoAllocationForAWarmRequest) {
  const std::string chunk(3000, 'x');
  const std::string requests[] = {
      std::string(kGet),
      "GET /later HTTP/1.1\r\nHost: a\r\n\r\n",
      std::string(kGet) + std::string(kGet) + std::string(kGet),
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n" + chunk,
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nbb8\r\n" + chunk + "\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n" + std::string(90'000, 'y'),
  };
  for (const std::string& request : requests) {
    for (int round = 0; round < 20; ++round) {
      if (round == 10) {
        allocations = 0;
        counting = true;
      }
      exchange(request);
    }
    counting = false;
    EXPECT_EQ(allocations, 0u) << request.substr(0, 80);
  }
  EXPECT_EQ(server_.metrics().requests.value(), 20u * 8);
  EXPECT_EQ(buffers_.bytes_in_use(), 0u);
}

TEST_F(CostTest, OneReceiveAndOneSendARequest) {
  const std::string requests[] = {
      std::string(kGet),
      "GET /later HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n" + std::string(300, 'x'),
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
  };
  exchange(std::string(kGet));
  for (const std::string& request : requests) {
    receives = sends = controls = 0;
    for (int i = 0; i < 100; ++i) exchange(request);
    EXPECT_EQ(receives, 100u) << request.substr(0, 80);
    EXPECT_EQ(sends, 100u) << request.substr(0, 80);
    EXPECT_EQ(controls, 0u);
  }
}

}  // namespace
}  // namespace gatehouse::server
