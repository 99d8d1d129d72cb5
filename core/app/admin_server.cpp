#include "app/admin_server.hpp"

#include "app/paths.hpp"

namespace gatehouse::app {
namespace {

server::ServerSettings admin_settings() {
  server::ServerSettings out;
  out.connections = out.connections_per_worker = 64;
  out.keep_alive_ms = 30'000;
  return out;
}

}  // namespace

bool AdminServer::start(admin::Control& control, const config::Admin& admin, config::Diagnostics& diagnostics) {
  address_ = admin_socket(admin);
  if (admin.socket.empty()) {
    auto made = make_private_directory(runtime_directory());
    if (!made) {
      made.error().text += " (needed for the admin socket: set `admin.socket`, or `admin: {enabled: false}`)";
      diagnostics.error(std::move(made.error()).at(admin.where));
      return false;
    }
  }
  server::ListenerSettings settings;
  settings.name = "admin";
  settings.address = "unix:" + address_;
  settings.unix_mode = 0600;
  auto socket = server::ListenSocket::open(settings);
  if (!socket) {
    diagnostics.error(std::move(socket.error()).at(admin.where));
    return false;
  }
  handler_ = std::make_unique<admin::Handler>(control);
  loop_ = std::make_unique<net::Loop>();
  buffers_ = std::make_unique<net::BufferPool>();
  server_ = std::make_unique<server::Server>(*loop_, *buffers_, *handler_, admin_settings(), limits_);
  auto listening = server_->listen(std::move(*socket));
  if (!listening) {
    diagnostics.error(std::move(listening.error()).at(admin.where));
    return false;
  }
  thread_ = std::thread([this] { loop_->run(); });
  return true;
}

void AdminServer::stop() {
  if (thread_.joinable()) {
    loop_->stop();
    thread_.join();
  }
  server_.reset();
}

}  // namespace gatehouse::app
