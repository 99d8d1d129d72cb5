#include "client/upstream_pool.hpp"

#include <algorithm>

#include "client/context.hpp"

namespace gatehouse::client {

UpstreamPool::UpstreamPool(Context& context, std::shared_ptr<const Upstream> upstream)
    : context_(context), upstream_(std::move(upstream)) {
  targets_.reserve(upstream_->targets().size());
  for (std::size_t i = 0; i < upstream_->targets().size(); ++i)
    targets_.push_back(std::make_shared<TargetPool>(context_, *this, i));
}

TargetPool* UpstreamPool::pick(const TriedTargets& tried, bool also_tried, std::int64_t now_ms, bool& full) noexcept {
  const bool least = upstream_->settings().balance == Balance::LeastConnections;
  const std::size_t count = targets_.size();
  TargetPool* best = nullptr;
  TargetPool* first_back = nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = next_ + i < count ? next_ + i : next_ + i - count;
    TargetPool* const one = targets_[at].get();
    if (tried.has(at) && !also_tried) continue;
    if (!one->has_addresses() && !one->may_resolve(now_ms)) continue;
    if (one->full()) {
      full = true;
      continue;
    }
    if (!one->health().available(now_ms)) {
      if (first_back == nullptr || one->health().until_ms() < first_back->health().until_ms()) first_back = one;
      continue;
    }
    if (best != nullptr && one->active() >= best->active()) continue;
    best = one;
    if (!least || one->active() == 0) break;
  }
  if (best == nullptr) best = first_back;
  if (best != nullptr) next_ = best->index() + 1 == count ? 0 : best->index() + 1;
  return best;
}

TargetPool* UpstreamPool::choose(const TriedTargets& tried, CallError& error) noexcept {
  const std::int64_t now_ms = context_.loop.timers().now_ms();
  bool full = false;
  TargetPool* chosen = pick(tried, false, now_ms, full);
  if (chosen == nullptr) chosen = pick(tried, true, now_ms, full);
  if (chosen == nullptr) {
    const bool refused = std::all_of(targets_.begin(), targets_.end(), [](const auto& one) { return one->refused(); });
    error = full ? CallError::Busy : refused ? CallError::Address : CallError::NoTarget;
  }
  return chosen;
}

void UpstreamPool::drop() {
  dropped_ = true;
  for (const auto& target : targets_) target->close_idle();
  maybe_forget();
}

void UpstreamPool::maybe_forget() {
  if (!dropped_ || forgotten_ || calls_ != 0) return;
  forgotten_ = true;
  context_.forget(*this);
}

}  // namespace gatehouse::client
