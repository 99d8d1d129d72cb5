#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "net/loop.hpp"
#include "server/exchange_pool.hpp"
#include "server/response_head.hpp"
#include "server/server.hpp"

namespace gatehouse::server {

class Connection;
class Acceptor;

/// What the connections of one Server share. [loop]
struct Worker {
  Worker(net::Loop& l, net::BufferPool& b, http::Handler& h, ServerSettings s, SharedLimits& limits);
  ~Worker();

  void add(std::unique_ptr<Connection> connection) noexcept;
  /// The connection closed: it is destroyed when no event can reach it any more.
  void forget(Connection& connection) noexcept;
  void schedule(Connection& connection) noexcept;
  /// True when one more may be open; it is counted then. At a limit, the connection that has been idle longest is
  /// closed to make room, so that clients which only wait lock nobody out.
  bool admit() noexcept;
  /// An open connection waits for its client's next request, or does so no longer.
  void now_idle(Connection& connection) noexcept;
  void now_busy(Connection& connection) noexcept;
  void drain(std::function<void()> done);
  void close_all() noexcept;
  std::string_view date_line() noexcept { return date.at(loop.now_unix_ms()); }

  net::Loop& loop;
  net::BufferPool& buffers;
  http::Handler& handler;
  ServerSettings settings;
  SharedLimits& shared;
  ServerMetrics metrics;
  ExchangePool exchanges;
  DateLine date;
  std::vector<std::unique_ptr<Acceptor>> acceptors;
  bool draining = false;

 private:
  void end_of_turn();
  void bury() noexcept;
  void link_first(Connection& connection) noexcept;
  void unlink(Connection& connection) noexcept;
  net::Chore chore_;
  // INVARIANT: from first_idle_ on, all are idle, longest first; before it, none is.
  Connection* all_ = nullptr;
  Connection* last_ = nullptr;
  Connection* first_idle_ = nullptr;
  Connection* scheduled_first_ = nullptr;
  Connection* scheduled_last_ = nullptr;
  Connection* dead_ = nullptr;
  std::uint32_t open_ = 0;
  std::function<void()> drained_;
};

}  // namespace gatehouse::server
