#include "client/target_pool.hpp"

#include <algorithm>
#include <string>

#include "base/log.hpp"
#include "client/context.hpp"
#include "client/upstream_pool.hpp"

namespace gatehouse::client {
namespace {

constexpr std::int64_t kUnresolvableMs = 1'000;

}  // namespace

TargetPool::TargetPool(Context& context, UpstreamPool& pool, std::size_t index)
    : context_(context),
      pool_(pool),
      index_(index),
      health_(pool.upstream().settings().eject_after, pool.upstream().settings().eject_ms),
      refresh_([](void* self) { static_cast<TargetPool*>(self)->resolve(); }, this) {
  if (target().address) {
    refused_ = !allows(upstream().settings().addresses, *target().address);
    if (!refused_) addresses_.push_back(*target().address);
  }
  address_bad_until_ms_.resize(addresses_.size());
}

TargetPool::~TargetPool() {
  for (auto* list : {&idle_, &busy_})
    while (Connection* connection = list->pop_front()) delete connection;
}

const Upstream& TargetPool::upstream() const noexcept {
  return pool_.upstream();
}

void TargetPool::wait_for_addresses(AddressWaiter& waiter) {
  waiters_.push_back(&waiter);
  if (!resolving_) resolve();
}

void TargetPool::resolve() {
  resolving_ = true;
  context_.resolver->resolve(target().host, [weak = weak_from_this()](Result<net::Resolver::Addresses> answer) {
    if (const auto self = weak.lock()) self->resolved(std::move(answer));
  });
}

void TargetPool::resolved(Result<net::Resolver::Addresses> answer) {
  resolving_ = false;
  const std::int64_t refresh_ms = upstream().settings().dns_refresh_ms;
  if (refresh_ms > 0 && (answer || !addresses_.empty())) context_.loop.timers().arm(refresh_, refresh_ms);
  if (!answer) {
    base::log(base::Level::Warn,
              addresses_.empty() ? "upstream target has no address" : "upstream target keeps its old addresses",
              {{"upstream", upstream().settings().name}, {"target", target().text}, {"error", answer.error().text}});
    if (addresses_.empty()) have_no_address(CallError::Resolve, answer.error().text);
    return;
  }
  // What is kept here is all that is ever connected to: a name is not looked up again between judging and connecting.
  const std::string first = answer->front().text();
  std::erase_if(*answer, [rule = upstream().settings().addresses](const base::IpAddress& address) {
    return !allows(rule, address);
  });
  refused_ = answer->empty();
  if (*answer != addresses_) {
    addresses_ = std::move(*answer);
    address_bad_until_ms_.assign(addresses_.size(), 0);
    next_address_ = 0;
    for (Connection* connection = idle_.first(); connection != nullptr;) {
      Connection* const next = idle_.next(connection);
      if (std::find(addresses_.begin(), addresses_.end(), connection->address()) == addresses_.end())
        discard(*connection);
      connection = next;
    }
  }
  if (refused_)
    return have_no_address(CallError::Address,
                           "`" + target().host + "` is " + first + ", which may not be connected to");
  for (std::size_t n = waiters_.size(); n != 0; --n)
    if (AddressWaiter* waiter = waiters_.pop_front()) waiter->on_addresses();
}

void TargetPool::have_no_address(CallError error, std::string_view detail) {
  unresolvable_until_ms_ = context_.loop.timers().now_ms() + kUnresolvableMs;
  // Those that wait again while they are told wait for the next answer.
  for (std::size_t n = waiters_.size(); n != 0; --n)
    if (AddressWaiter* waiter = waiters_.pop_front()) waiter->on_no_addresses(error, detail);
}

const base::IpAddress& TargetPool::next_address() noexcept {
  const std::int64_t now_ms = context_.loop.timers().now_ms();
  const std::size_t count = addresses_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = (next_address_ + i) % count;
    if (address_bad_until_ms_[at] > now_ms) continue;
    next_address_ = (at + 1) % count;
    return addresses_[at];
  }
  const std::size_t at = next_address_ % count;
  next_address_ = (at + 1) % count;
  return addresses_[at];
}

void TargetPool::address_failed(const base::IpAddress& address) noexcept {
  const auto found = std::find(addresses_.begin(), addresses_.end(), address);
  if (found == addresses_.end()) return;
  address_bad_until_ms_[static_cast<std::size_t>(found - addresses_.begin())] =
      context_.loop.timers().now_ms() + upstream().settings().eject_ms;
}

bool TargetPool::full() const noexcept {
  const std::uint32_t most = upstream().settings().max_connections;
  return most != 0 && idle_.empty() && busy_.size() >= most;
}

Connection* TargetPool::take_idle(Connection::User& user) noexcept {
  Connection* connection = idle_.last();
  if (connection == nullptr) return nullptr;
  idle_.remove(connection);
  busy_.push_back(connection);
  context_.metrics.idle_connections.subtract();
  connection->use(user);
  return connection;
}

Connection* TargetPool::connect(Connection::User& user, CallError& error, std::string& detail) {
  // A call that trusts no kept connection makes room for its own.
  const std::uint32_t most = upstream().settings().max_connections;
  if (most != 0 && !idle_.empty() && idle_.size() + busy_.size() >= most) discard(*idle_.first());
  auto connection = std::make_unique<Connection>(*this);
  if (!connection->connect(user, error, detail)) return nullptr;
  busy_.push_back(connection.get());
  return connection.release();
}

void TargetPool::give_back(Connection& connection) {
  const UpstreamSettings& settings = upstream().settings();
  if (pool_.dropped() || settings.max_idle == 0 || !connection.park(settings.idle_timeout_ms))
    return discard(connection);
  if (idle_.size() >= settings.max_idle) discard(*idle_.first());
  busy_.remove(&connection);
  idle_.push_back(&connection);
  context_.metrics.idle_connections.add();
}

void TargetPool::discard(Connection& connection) {
  const bool idle = connection.idle();
  connection.close();
  if (connection.link.linked) {
    if (idle) context_.metrics.idle_connections.subtract();
    (idle ? idle_ : busy_).remove(&connection);
  }
  context_.bury(std::unique_ptr<Connection>(&connection));
}

void TargetPool::close_idle() {
  while (Connection* connection = idle_.first()) discard(*connection);
}

}  // namespace gatehouse::client
