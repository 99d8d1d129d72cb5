// Counts what a request costs in heap allocations and system calls once everything is warm.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "harness.hpp"

namespace {
bool counting = false;
std::size_t allocations = 0;

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

TEST(Allocations, NoneForAWarmRequest) {
  net::Loop loop;
  net::BufferPool buffers;
  LeanHandler handler(loop);
  SharedLimits shared;
  ListenerSettings listener;
  listener.address = "127.0.0.1:0";
  auto socket = ListenSocket::open(listener);
  ASSERT_TRUE(socket);
  Server server(loop, buffers, handler, {}, shared);
  ASSERT_TRUE(server.listen(*socket));
  sockaddr_storage to{};
  socklen_t size = sizeof to;
  ::getsockname((*socket)->fd(), reinterpret_cast<sockaddr*>(&to), &size);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), size), 0);

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
      ASSERT_EQ(::send(fd, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
      char block[16384];
      bool any = false;
      for (int quiet = 0; quiet < 10;) {
        loop.turn(0);
        if (::recv(fd, block, sizeof block, MSG_DONTWAIT) > 0) {
          any = true;
          quiet = 0;
        } else {
          ++quiet;
        }
      }
      ASSERT_TRUE(any);
    }
    counting = false;
    EXPECT_EQ(allocations, 0u) << request.substr(0, 80);
  }
  EXPECT_EQ(server.metrics().requests.value(), 20u * 8);
  EXPECT_EQ(buffers.bytes_in_use(), 0u);
  ::close(fd);
}

}  // namespace
}  // namespace gatehouse::server
