#include "server/server.hpp"

#include <algorithm>
#include <utility>

#include "server/acceptor.hpp"
#include "server/connection.hpp"
#include "server/worker.hpp"

namespace gatehouse::server {

Worker::Worker(net::Loop& l, net::BufferPool& b, http::Handler& h, ServerSettings s, SharedLimits& limits)
    : loop(l),
      buffers(b),
      handler(h),
      settings(std::move(s)),
      shared(limits),
      chore_([](void* self) { static_cast<Worker*>(self)->end_of_turn(); }, this) {}

Worker::~Worker() {
  acceptors.clear();
  close_all();
  for (Connection* at = scheduled_first_; at != nullptr; at = at->next_scheduled_) at->scheduled_ = false;
  bury();
}

bool Worker::admit() noexcept {
  for (;;) {
    const std::uint32_t all = shared.connections.fetch_add(1, std::memory_order_relaxed);
    if (all < settings.connections && open_ < settings.connections_per_worker) return true;
    shared.connections.fetch_sub(1, std::memory_order_relaxed);
    if (first_idle_ == nullptr) break;
    first_idle_->close();
  }
  metrics.rejected_connections.add();
  return false;
}

void Worker::link_first(Connection& connection) noexcept {
  connection.previous_ = nullptr;
  connection.next_ = all_;
  (all_ != nullptr ? all_->previous_ : last_) = &connection;
  all_ = &connection;
}

void Worker::unlink(Connection& connection) noexcept {
  if (first_idle_ == &connection) first_idle_ = connection.next_;
  (connection.previous_ != nullptr ? connection.previous_->next_ : all_) = connection.next_;
  (connection.next_ != nullptr ? connection.next_->previous_ : last_) = connection.previous_;
}

void Worker::now_idle(Connection& connection) noexcept {
  unlink(connection);
  connection.previous_ = last_;
  connection.next_ = nullptr;
  (last_ != nullptr ? last_->next_ : all_) = &connection;
  last_ = &connection;
  if (first_idle_ == nullptr) first_idle_ = &connection;
}

void Worker::now_busy(Connection& connection) noexcept {
  unlink(connection);
  link_first(connection);
}

void Worker::add(std::unique_ptr<Connection> connection) noexcept {
  link_first(*connection.release());
  ++open_;
  metrics.accepted.add();
  metrics.open_connections.add();
}

void Worker::forget(Connection& connection) noexcept {
  unlink(connection);
  connection.previous_ = nullptr;
  connection.next_ = dead_;
  dead_ = &connection;
  --open_;
  shared.connections.fetch_sub(1, std::memory_order_relaxed);
  metrics.open_connections.subtract();
  loop.defer(chore_);
}

void Worker::schedule(Connection& connection) noexcept {
  if (connection.scheduled_) return;
  connection.scheduled_ = true;
  connection.next_scheduled_ = nullptr;
  if (scheduled_last_ != nullptr)
    scheduled_last_->next_scheduled_ = &connection;
  else
    scheduled_first_ = &connection;
  scheduled_last_ = &connection;
  loop.defer(chore_);
}

void Worker::end_of_turn() {
  // What is scheduled from here on waits for the next turn: one round for everybody.
  Connection* at = std::exchange(scheduled_first_, nullptr);
  scheduled_last_ = nullptr;
  while (at != nullptr) {
    Connection& connection = *at;
    at = connection.next_scheduled_;
    connection.scheduled_ = false;
    connection.run();
  }
  bury();
  if (open_ == 0 && draining && drained_) std::exchange(drained_, nullptr)();
}

void Worker::bury() noexcept {
  Connection* at = std::exchange(dead_, nullptr);
  while (at != nullptr) {
    Connection* const next = at->next_;
    if (at->scheduled_) {
      at->next_ = dead_;
      dead_ = at;
    } else {
      delete at;
    }
    at = next;
  }
}

void Worker::drain(std::function<void()> done) {
  if (draining) return;
  draining = true;
  drained_ = std::move(done);
  for (const auto& acceptor : acceptors) acceptor->empty_queue();
  acceptors.clear();
  for (Connection* at = all_; at != nullptr;) {
    Connection* const next = at->next_;
    at->drain();
    at = next;
  }
  loop.defer(chore_);
}

void Worker::close_all() noexcept {
  while (all_ != nullptr) all_->kill(http::Ending::Truncated);
}

struct Server::Impl : Worker {
  using Worker::Worker;
};

Server::Server(net::Loop& loop, net::BufferPool& buffers, http::Handler& handler, ServerSettings settings,
               SharedLimits& shared)
    : impl_(std::make_unique<Impl>(loop, buffers, handler, std::move(settings), shared)) {}

Server::~Server() = default;

Result<void> Server::listen(std::shared_ptr<ListenSocket> socket) {
  if (impl_->draining) return fail(Code::Unavailable, "the server is stopping");
  for (const auto& acceptor : impl_->acceptors)
    if (acceptor->socket() == socket) return {};
  auto acceptor = std::make_unique<Acceptor>(*impl_, std::move(socket));
  if (auto started = acceptor->start(); !started) return started;
  impl_->acceptors.push_back(std::move(acceptor));
  return {};
}

void Server::retain_listeners(const std::vector<std::shared_ptr<ListenSocket>>& kept) {
  std::erase_if(impl_->acceptors, [&](const std::unique_ptr<Acceptor>& acceptor) {
    if (std::find(kept.begin(), kept.end(), acceptor->socket()) != kept.end()) return false;
    acceptor->empty_queue();
    return true;
  });
}

void Server::set_settings(ServerSettings settings) {
  impl_->settings = std::move(settings);
}

void Server::drain(std::function<void()> done) {
  impl_->drain(std::move(done));
}

void Server::close_all() noexcept {
  impl_->close_all();
}

void Server::trim() noexcept {
  impl_->exchanges.trim();
}

const ServerMetrics& Server::metrics() const noexcept {
  return impl_->metrics;
}

}  // namespace gatehouse::server
