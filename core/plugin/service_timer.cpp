// gatehouse.timer/1: the wheel of the loop that the operation's worker has.
#include <algorithm>
#include <optional>

#include "plugin/instance.hpp"
#include "plugin/services.hpp"

namespace gatehouse::plugin {
namespace {

constexpr std::uint64_t kLongestMs = 86'400'000;

class TimerOperation final : public Operation {
 public:
  TimerOperation(Operations& home, std::uint64_t ms, gh_done_fn done, void* user) noexcept
      : home_(home), ms_(static_cast<std::int64_t>(ms)), done_(done), user_(user) {}

  // [loop]
  void arm(net::Loop& loop) noexcept {
    if (stopped_) return;
    // The wheel counts from the start of the turn, and the turn may have taken its time.
    const std::int64_t late_ns = std::max<std::int64_t>(loop.clock().monotonic_ns() - loop.now_ns(), 0);
    timer_.emplace(&TimerOperation::fire, this);
    loop.timers().arm(*timer_, ms_ + (late_ns + 999'999) / 1'000'000);
  }

 private:
  static void fire(void* user) {
    auto& self = *static_cast<TimerOperation*>(user);
    self.timer_.reset();
    self.home_.finish(self, GH_OK);
  }
  void call_back(std::int32_t status, std::uint32_t worker) override { done_(user_, status, worker); }
  void stop() noexcept override {
    stopped_ = true;
    timer_.reset();
  }
  bool cancellable() const noexcept override { return true; }

  Operations& home_;
  const std::int64_t ms_;
  const gh_done_fn done_;
  void* const user_;
  std::optional<net::Timer> timer_;  // [loop]
  bool stopped_ = false;             // [loop] maybe before arm()
};

std::int32_t GH_CALL start(const gh_host* host, std::uint64_t call_id, std::uint64_t ms, gh_done_fn done, void* user,
                           std::uint64_t* id) noexcept {
  if (host == nullptr || done == nullptr || ms < 1 || ms > kLongestMs) return GH_E_INVALID;
  Instance& instance = Instance::of(host);
  Operations& operations = instance.operations();
  std::shared_ptr<TimerOperation> op;
  try {
    op = std::make_shared<TimerOperation>(operations, ms, done, user);
  } catch (...) {
    return GH_E_LIMIT;
  }
  if (const std::int32_t code = operations.open(call_id, op); code != GH_OK) return code;
  const Workers::Worker& worker = instance.workers().all[op->worker()];
  try {
    if (worker.mailbox->is_current())
      op->arm(*worker.loop);
    else
      worker.mailbox->post([op, loop = worker.loop] { op->arm(*loop); });
  } catch (...) {
    operations.forget(*op);
    return GH_E_LIMIT;
  }
  if (id != nullptr) *id = op->ticket();
  operations.returning(*op);
  return GH_OK;
}

std::int32_t GH_CALL cancel(const gh_host* host, std::uint64_t id) noexcept {
  if (host == nullptr) return GH_E_INVALID;
  return Instance::of(host).operations().cancel(id) ? GH_OK : GH_E_NOTFOUND;
}

}  // namespace

const gh_timer kTimerService = {sizeof(gh_timer), 0, &start, &cancel};

}  // namespace gatehouse::plugin
