#pragma once
#include <memory>
#include <string>
#include <thread>

#include "admin/control.hpp"
#include "admin/handler.hpp"
#include "config/config.hpp"
#include "config/diagnostics.hpp"
#include "net/buffer.hpp"
#include "net/loop.hpp"
#include "server/server.hpp"

namespace gatehouse::app {

/// The admin socket with an event loop and a thread of its own.
class AdminServer {
 public:
  AdminServer() = default;
  ~AdminServer() { stop(); }
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// False after a fault, which is told. `control` outlives this, or stop() is called before.
  bool start(admin::Control& control, const config::Admin& settings, config::Diagnostics& diagnostics);
  void stop();
  /// Path of the socket; empty before start().
  const std::string& address() const noexcept { return address_; }

 private:
  std::string address_;
  std::unique_ptr<admin::Handler> handler_;
  std::unique_ptr<net::Loop> loop_;
  std::unique_ptr<net::BufferPool> buffers_;
  server::SharedLimits limits_;
  std::unique_ptr<server::Server> server_;
  std::thread thread_;
};

}  // namespace gatehouse::app
