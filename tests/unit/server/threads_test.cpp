// Workers in threads of their own, blocking clients in others: for the thread sanitizer, and for what only happens
// then.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "harness.hpp"
#include "net/executor.hpp"

namespace gatehouse::server {
namespace {

/// Answers some requests at once, some from an executor's thread by way of the mailbox.
class ThreadedHandler final : public http::Handler {
 public:
  ThreadedHandler(net::Loop& loop, std::shared_ptr<net::Executor::Share> share)
      : loop_(loop), share_(std::move(share)) {}
  void start(http::Exchange& exchange) override {
    if (exchange.request.target != "/blocking") {
      exchange.respond({}, &exchange.body());
      return;
    }
    exchange.pin();
    exchange.handler_data = &exchange;
    const bool taken = share_->run([this, &exchange] {
      loop_.post([&exchange] {
        if (exchange.handler_data != nullptr) exchange.respond({}, nullptr);
        exchange.unpin();
      });
    });
    if (!taken) {
      http::ResponseHead head;
      head.status = 503;
      exchange.respond(head, nullptr);
      exchange.unpin();
    }
  }
  void finished(http::Exchange& exchange, http::Ending) noexcept override { exchange.handler_data = nullptr; }

 private:
  net::Loop& loop_;
  std::shared_ptr<net::Executor::Share> share_;
};

struct WorkerThread {
  WorkerThread(net::Executor& executor, std::shared_ptr<ListenSocket> socket, SharedLimits& shared,
               ServerSettings settings)
      : handler(loop, executor.share("handler", 2, 10'000)), server(loop, buffers, handler, settings, shared) {
    EXPECT_TRUE(server.listen(std::move(socket)));
    thread = std::thread([this] { loop.run(); });
  }
  void drain() {
    loop.post([this] {
      server.drain([this] {
        drained = true;
        loop.stop();
      });
    });
  }
  net::Loop loop;
  net::BufferPool buffers;
  ThreadedHandler handler;
  Server server;
  std::atomic<bool> drained{false};
  std::thread thread;
};

int connect_to(const sockaddr_storage& to, socklen_t size) {
  const int fd = ::socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{20, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), size) == 0) return fd;
  ::close(fd);
  return -1;
}

/// One response without a body or with Content-Length; empty when the connection ends before its first byte, "cut"
/// when it ends inside.
std::string read_response(int fd, std::string& got) {
  char block[4096];
  for (;;) {
    const std::size_t end = got.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t at = got.find("Content-Length: ");
      const std::size_t size = end + 4 + (at < end ? static_cast<std::size_t>(std::atol(got.c_str() + at + 16)) : 0);
      if (got.size() >= size) {
        std::string out = got.substr(0, size);
        got.erase(0, size);
        return out;
      }
    }
    const ssize_t n = ::recv(fd, block, sizeof block, 0);
    if (n <= 0) return got.empty() ? "" : "cut";
    got.append(block, static_cast<std::size_t>(n));
  }
}

class ThreadsTest : public testing::Test {
 protected:
  void start(ServerSettings settings = {}) {
    ListenerSettings listener;
    listener.name = "test";
    listener.address = "127.0.0.1:0";
    for (int i = 0; i < 2; ++i) {
      auto socket = ListenSocket::open(listener);
      ASSERT_TRUE(socket) << socket.error().text;
      listener.address = (*socket)->address();
      if (i == 0) ::getsockname((*socket)->fd(), reinterpret_cast<sockaddr*>(&to_), &size_);
      workers_.push_back(std::make_unique<WorkerThread>(executor_, *socket, shared_, settings));
    }
  }
  void stop() {
    for (auto& worker : workers_) worker->drain();
    for (auto& worker : workers_)
      if (worker->thread.joinable()) worker->thread.join();
  }
  void TearDown() override {
    stop();
    workers_.clear();
  }

  SharedLimits shared_;
  std::vector<std::unique_ptr<WorkerThread>> workers_;
  net::Executor executor_{2};
  sockaddr_storage to_{};
  socklen_t size_ = sizeof to_;
};

TEST_F(ThreadsTest, DrainUnderLoadLosesNoRequestThatWasRead) {
  start();
  std::atomic<int> answered{0}, cut{0}, wrong{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c)
    clients.emplace_back([&, c] {
      const std::string request = c % 2 == 0 ? "GET /blocking HTTP/1.1\r\nHost: a\r\n\r\n"
                                             : "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
      for (;;) {
        const int fd = connect_to(to_, size_);
        if (fd < 0) return;
        std::string got;
        for (;;) {
          if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) break;
          const std::string answer = read_response(fd, got);
          if (answer.empty()) break;  // closed between two requests
          if (answer == "cut")
            ++cut;
          else if (answer.substr(0, 12) == "HTTP/1.1 200" && (c % 2 == 0 || answer.substr(answer.size() - 3) == "abc"))
            ++answered;
          else
            ++wrong;
          if (answer.find("Connection: close") != std::string::npos) break;
        }
        ::close(fd);
      }
    });
  while (answered < 500) std::this_thread::yield();
  stop();
  workers_.clear();
  for (auto& client : clients) client.join();
  EXPECT_EQ(cut, 0);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(shared_.connections, 0u);
}

TEST_F(ThreadsTest, MutatedRequestsLeaveTheServerUpAndItsMemoryWhole) {
  ServerSettings settings;
  settings.header_read_ms = 200;
  settings.body_idle_ms = 200;
  start(settings);
  std::vector<std::thread> clients;
  for (unsigned c = 0; c < 4; ++c)
    clients.emplace_back([&, c] {
      const std::string seeds[] = {
          std::string(kGet),
          "POST /blocking HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789",
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\nX: y\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
          "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
      };
      std::mt19937 random(c);
      for (int i = 0; i < 300; ++i) {
        std::string text;
        for (unsigned n = random() % 4 + 1; n != 0; --n) text += seeds[random() % std::size(seeds)];
        for (unsigned n = random() % 4; n != 0; --n) {
          const std::size_t at = random() % text.size();
          switch (random() % 4) {
            case 0:
              text[at] = static_cast<char>(random());
              break;
            case 1:
              text.erase(at, random() % 8);
              break;
            case 2:
              text.insert(at, text.substr(random() % text.size(), random() % 20));
              break;
            default:
              text.resize(at + 1);
          }
        }
        const int fd = connect_to(to_, size_);
        ASSERT_GE(fd, 0);
        const std::size_t cut = random() % (text.size() + 1);
        static_cast<void>(!::send(fd, text.data(), cut, MSG_NOSIGNAL));
        static_cast<void>(!::send(fd, text.data() + cut, text.size() - cut, MSG_NOSIGNAL));
        if (random() % 2 == 0) {
          ::shutdown(fd, SHUT_WR);
          char block[4096];
          while (::recv(fd, block, sizeof block, 0) > 0) {
          }
        } else if (random() % 2 == 0) {
          const linger now{1, 0};
          ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        }
        ::close(fd);
      }
    });
  for (auto& client : clients) client.join();
  const int fd = connect_to(to_, size_);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(::send(fd, kGet.data(), kGet.size(), MSG_NOSIGNAL), static_cast<ssize_t>(kGet.size()));
  std::string got;
  EXPECT_EQ(read_response(fd, got).substr(0, 12), "HTTP/1.1 200");
  ::close(fd);
  stop();
  for (auto& worker : workers_) {
    EXPECT_TRUE(worker->drained);
    EXPECT_EQ(worker->server.metrics().open_connections.value(), 0u);
  }
  EXPECT_EQ(shared_.connections, 0u);
}

}  // namespace
}  // namespace gatehouse::server
