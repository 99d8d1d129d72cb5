#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "base/ip.hpp"
#include "client/client.hpp"
#include "client/connection.hpp"
#include "client/health.hpp"
#include "client/list.hpp"
#include "net/resolver.hpp"
#include "net/timer.hpp"

namespace gatehouse::client {

class Context;
class UpstreamPool;

/// Who waits for the first look-up of a name. Told from the loop.
class AddressWaiter {
 public:
  virtual void on_addresses() = 0;
  /// Resolve: the name has none; Address: it has none that the upstream's rule allows.
  virtual void on_no_addresses(CallError error, std::string_view detail) = 0;
  Link<AddressWaiter> waiting;

 protected:
  ~AddressWaiter() = default;
};

/// One target of an upstream on one worker: its addresses, connections and health. [loop]
class TargetPool final : public std::enable_shared_from_this<TargetPool> {
 public:
  TargetPool(Context& context, UpstreamPool& pool, std::size_t index);
  /// Closes everything; nobody may use a connection of it any more.
  ~TargetPool();

  Context& context() noexcept { return context_; }
  const Upstream& upstream() const noexcept;
  const Upstream::Target& target() const noexcept { return upstream().targets()[index_]; }
  std::size_t index() const noexcept { return index_; }
  Health& health() noexcept { return health_; }

  // Addresses. A name is looked up when it is first needed, then anew each dns_refresh; while a look-up fails the old
  // addresses stay in use. Those that the upstream's address rule refuses are never among them.
  bool has_addresses() const noexcept { return !addresses_.empty() || !target().unix_path.empty(); }
  /// False for a moment after a first look-up that failed, so that calls fail at once instead of queueing.
  bool may_resolve(std::int64_t now_ms) const noexcept {
    return !target().address && (resolving_ || now_ms >= unresolvable_until_ms_);
  }
  /// The name has addresses, and the rule refuses all of them.
  bool refused() const noexcept { return refused_; }
  void wait_for_addresses(AddressWaiter& waiter);
  void stop_waiting(AddressWaiter& waiter) noexcept { waiters_.remove(&waiter); }
  const net::Resolver::Addresses& addresses() const noexcept { return addresses_; }
  /// Round robin over those that did not fail lately; over all when all did.
  const base::IpAddress& next_address() noexcept;
  void address_failed(const base::IpAddress& address) noexcept;

  // Connections.
  bool full() const noexcept;
  /// The one used last, or null.
  Connection* take_idle(Connection::User& user) noexcept;
  /// Null: it failed at once; `error` and `detail` say why.
  Connection* connect(Connection::User& user, CallError& error, std::string& detail);
  /// A response is over: the connection is idle or closed now.
  void give_back(Connection& connection);
  void discard(Connection& connection);
  void close_idle();

  // Calls that have chosen this target.
  std::uint32_t active() const noexcept { return active_; }
  void call_begins() noexcept { ++active_; }
  void call_ends() noexcept { --active_; }

 private:
  void resolve();
  void resolved(Result<net::Resolver::Addresses> answer);
  void have_no_address(CallError error, std::string_view detail);

  Context& context_;
  UpstreamPool& pool_;
  const std::size_t index_;
  Health health_;
  net::Resolver::Addresses addresses_;
  std::vector<std::int64_t> address_bad_until_ms_;
  std::size_t next_address_ = 0;
  std::int64_t unresolvable_until_ms_ = 0;
  bool resolving_ = false;
  bool refused_ = false;
  net::Timer refresh_;
  List<AddressWaiter, &AddressWaiter::waiting> waiters_;
  List<Connection, &Connection::link> idle_;  // the last one is the one used last
  List<Connection, &Connection::link> busy_;
  std::uint32_t active_ = 0;
};

}  // namespace gatehouse::client
