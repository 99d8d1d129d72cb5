#include "client/context.hpp"

#include <algorithm>
#include <cassert>

namespace gatehouse::client {
namespace {

// A call is some 6 kB: a burst's are given back.
constexpr std::size_t kMostFreeCalls = 512;

}  // namespace

Context::Context(net::Loop& loop_in, net::BufferPool& buffers_in, std::unique_ptr<net::Resolver> resolver_in)
    : loop(loop_in),
      buffers(buffers_in),
      resolver(std::move(resolver_in)),
      sweep_([](void* self) { static_cast<Context*>(self)->sweep(); }, this) {
  free_calls_.reserve(kMostFreeCalls);
}

Context::~Context() {
  assert(calls_out_ == 0 && failed_.empty());
  // Nobody is to be told an address any more, and connections tell their pools that they close.
  resolver.reset();
  pools_.clear();
  dropped_.clear();
}

UpstreamPool& Context::pool_of(const std::shared_ptr<const Upstream>& upstream) {
  if (const auto known = by_address_.find(upstream.get()); known != by_address_.end()) return *known->second;
  auto& pool = pools_[upstream->id()];
  if (pool == nullptr) pool = std::make_unique<UpstreamPool>(*this, upstream);
  by_address_.emplace(upstream.get(), pool.get());
  known_.push_back(upstream);
  return *pool;
}

void Context::retain(const std::vector<std::shared_ptr<const Upstream>>& kept) {
  by_address_.clear();
  known_.clear();
  std::unordered_map<std::string, std::unique_ptr<UpstreamPool>> stay;
  for (const auto& upstream : kept) {
    auto found = pools_.find(upstream->id());
    if (found == pools_.end()) continue;
    found->second->replace(upstream);
    stay.insert(pools_.extract(found));
  }
  pools_.swap(stay);
  for (auto& [id, pool] : stay) {
    UpstreamPool& gone = *pool;
    dropped_.push_back(std::move(pool));
    gone.drop();
  }
}

void Context::close_idle() {
  for (auto& [id, pool] : pools_)
    for (const auto& target : pool->targets()) target->close_idle();
}

void Context::forget(UpstreamPool& pool) {
  const auto found =
      std::find_if(dropped_.begin(), dropped_.end(), [&](const auto& one) { return one.get() == &pool; });
  assert(found != dropped_.end());
  dead_pools_.push_back(std::move(*found));
  dropped_.erase(found);
  loop.defer(sweep_);
}

void Context::trim() noexcept {
  free_calls_.clear();
  calls_.trim();
}

PooledCall* Context::take_call() {
  ++calls_out_;
  if (free_calls_.empty()) return calls_.make(*this);
  PooledCall* const call = free_calls_.back().release();
  free_calls_.pop_back();
  return call;
}

void Context::give_back_call(PooledCall* call) noexcept {
  --calls_out_;
  OwnedCall owned(call, GiveBack{&calls_});
  if (free_calls_.size() < kMostFreeCalls) return free_calls_.push_back(std::move(owned));
  // We may be inside one of its own functions.
  dead_calls_.push_back(std::move(owned));
  loop.defer(sweep_);
}

void Context::fail_later(PooledCall* call) {
  failed_.push_back(call);
  loop.defer(sweep_);
}

void Context::bury(std::unique_ptr<Connection> connection) {
  dead_connections_.push_back(std::move(connection));
  loop.defer(sweep_);
}

void Context::sweep() {
  // What owners do when they are told belongs to the next sweep.
  for (std::size_t n = failed_.size(); n != 0; --n)
    if (PooledCall* call = failed_.pop_front()) call->tell_failure();
  const auto calls = std::exchange(dead_calls_, {});
  const auto connections = std::exchange(dead_connections_, {});
  const auto pools = std::exchange(dead_pools_, {});
}

}  // namespace gatehouse::client
