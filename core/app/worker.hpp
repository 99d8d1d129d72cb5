#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "base/metrics.hpp"
#include "base/random.hpp"
#include "client/client.hpp"
#include "client/fetch_client.hpp"
#include "gateway/serve.hpp"
#include "net/buffer.hpp"
#include "net/executor.hpp"
#include "net/loop.hpp"
#include "server/server.hpp"

namespace gatehouse::app {

/// One worker: a thread with its loop, and everything that only this thread touches.
class Worker {
 public:
  struct Environment {
    std::uint32_t index = 0;
    base::Registry* registry = nullptr;
    gateway::AccessLogWriter* access_log = nullptr;
    std::shared_ptr<net::Executor::Share> resolver;
    std::shared_ptr<net::Executor::Share> fetch_resolver;  // names that plugins ask for must not hold up upstreams'
    server::SharedLimits* limits = nullptr;
    server::ServerSettings settings;
    std::function<void(std::shared_ptr<const gateway::Gateway>)> retire;
  };
  explicit Worker(Environment environment);
  /// After stop().
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  net::Loop& loop() noexcept { return loop_; }
  client::Client& client() noexcept { return client_; }
  client::FetchClient& fetches() noexcept { return fetches_; }
  gateway::Serve& serve() noexcept { return serve_; }
  server::Server& server() noexcept { return server_; }

  void run() {
    thread_ = std::thread([this] { loop_.run(); });
  }
  /// [any but the worker's own thread]
  void stop();

 private:
  static void on_second(void* self);
  net::Loop loop_;
  net::BufferPool buffers_;
  base::SystemRandom random_;
  client::Client client_;
  client::FetchClient fetches_;
  gateway::Serve serve_;
  server::Server server_;
  net::Timer second_;
  std::thread thread_;
};

}  // namespace gatehouse::app
