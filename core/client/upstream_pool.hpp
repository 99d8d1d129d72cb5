#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "client/target_pool.hpp"
#include "client/upstream.hpp"

namespace gatehouse::client {

/// Targets that a call has failed on already: the others come first. Those past the 64th are not remembered.
class TriedTargets {
 public:
  void add(std::size_t index) noexcept {
    if (index < 64) bits_ |= std::uint64_t{1} << index;
  }
  bool has(std::size_t index) const noexcept { return index < 64 && ((bits_ >> index) & 1) != 0; }

 private:
  std::uint64_t bits_ = 0;
};

/// The targets of one upstream on one worker, and the choice among them. [loop]
class UpstreamPool {
 public:
  UpstreamPool(Context& context, std::shared_ptr<const Upstream> upstream);

  const Upstream& upstream() const noexcept { return *upstream_; }
  /// After a reload: equal settings, newly loaded files.
  void replace(std::shared_ptr<const Upstream> upstream) noexcept { upstream_ = std::move(upstream); }
  std::vector<std::shared_ptr<TargetPool>>& targets() noexcept { return targets_; }

  /// Where the next call goes: by the upstream's balance among the targets that are healthy, can be resolved and have
  /// room, those not tried before first. When all of these are ejected, the one whose ejection ends first: a guess is
  /// better than a sure refusal. Null: Busy when one had no room, Address when the
  /// address rule refuses all of them, else NoTarget (no name resolves).
  TargetPool* choose(const TriedTargets& tried, CallError& error) noexcept;

  void call_begins() noexcept { ++calls_; }
  void call_ends() {
    --calls_;
    maybe_forget();
  }
  /// No new idle connections; forgotten once its calls are over.
  void drop();
  bool dropped() const noexcept { return dropped_; }
  void maybe_forget();

 private:
  TargetPool* pick(const TriedTargets& tried, bool also_tried, std::int64_t now_ms, bool& full) noexcept;

  Context& context_;
  std::shared_ptr<const Upstream> upstream_;
  std::vector<std::shared_ptr<TargetPool>> targets_;
  std::size_t next_ = 0;
  std::size_t calls_ = 0;
  bool dropped_ = false;
  bool forgotten_ = false;
};

}  // namespace gatehouse::client
