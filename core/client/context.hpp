#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/slab.hpp"
#include "client/call.hpp"
#include "client/client.hpp"
#include "client/connection.hpp"
#include "client/list.hpp"
#include "client/upstream_pool.hpp"
#include "net/resolver.hpp"

namespace gatehouse::client {

/// What all parts of one worker's client share: the pools, the calls that wait to be used again, and what is to happen
/// at the end of the turn. Every call has been given back before it is destroyed. [loop]
class Context final {
 public:
  Context(net::Loop& loop, net::BufferPool& buffers, std::unique_ptr<net::Resolver> resolver);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  net::Loop& loop;
  net::BufferPool& buffers;
  std::unique_ptr<net::Resolver> resolver;
  ClientMetrics metrics;

  UpstreamPool& pool_of(const std::shared_ptr<const Upstream>& upstream);
  void retain(const std::vector<std::shared_ptr<const Upstream>>& kept);
  void close_idle();
  /// A dropped pool has no calls any more.
  void forget(UpstreamPool& pool);

  void trim() noexcept;
  PooledCall* take_call();
  void give_back_call(PooledCall* call) noexcept;
  /// Tells the call's owner at the end of the turn that it failed.
  void fail_later(PooledCall* call);
  void not_failed(PooledCall* call) noexcept { failed_.remove(call); }
  /// Destroys it at the end of the turn, when no event can reach it any more.
  void bury(std::unique_ptr<Connection> connection);

 private:
  struct GiveBack {
    base::SlabOf<PooledCall>* slab;
    void operator()(PooledCall* call) const noexcept { slab->destroy(call); }
  };
  using OwnedCall = std::unique_ptr<PooledCall, GiveBack>;
  void sweep();

  base::SlabOf<PooledCall> calls_;
  std::unordered_map<std::string, std::unique_ptr<UpstreamPool>> pools_;
  // The same by the objects that were given: no text is hashed per request. They are kept so that an address means the
  // same thing for as long as it stands here.
  std::unordered_map<const Upstream*, UpstreamPool*> by_address_;
  std::vector<std::shared_ptr<const Upstream>> known_;
  std::vector<std::unique_ptr<UpstreamPool>> dropped_;

  List<PooledCall, &PooledCall::link> failed_;
  std::vector<OwnedCall> free_calls_;
  std::size_t calls_out_ = 0;

  std::vector<OwnedCall> dead_calls_;
  std::vector<std::unique_ptr<Connection>> dead_connections_;
  std::vector<std::unique_ptr<UpstreamPool>> dead_pools_;
  net::Chore sweep_;
};

}  // namespace gatehouse::client
