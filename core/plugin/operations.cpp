#include "plugin/operations.hpp"

#include <utility>

#include "plugin/keep.hpp"

namespace gatehouse::plugin {
namespace {

constexpr std::uint64_t kSerial = 0xffff'ffff'ffff;

}  // namespace

/// An operation on its way to another thread. One that does not arrive, because the loop or the executor is closed, is
/// left to drain().
class Operations::Delivery {
 public:
  explicit Delivery(std::shared_ptr<Operation> op) noexcept : op_(std::move(op)) {}
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  ~Delivery() {
    if (op_ != nullptr) op_->home_->strand(std::move(op_));
  }
  std::shared_ptr<Operation> arrive() noexcept { return std::move(op_); }

 private:
  std::shared_ptr<Operation> op_;
};

Operations::Operations(Caller& caller, bool on_loops, std::shared_ptr<Share> share,
                       std::shared_ptr<const Workers> workers, std::uint64_t first_ticket)
    : caller_(caller),
      on_loops_(on_loops),
      share_(std::move(share)),
      workers_(std::move(workers)),
      next_ticket_(first_ticket) {
  for (std::size_t i = 0; i < workers_->all.size(); ++i) lanes_.push_back(std::make_unique<Lane>());
}

std::int32_t Operations::open(std::uint64_t call_id, const std::shared_ptr<Operation>& op) try {
  std::uint32_t worker = 0;
  Call* slot = nullptr;
  if (call_id != 0) {
    slot = caller_.find(call_id);
    if (slot == nullptr) return GH_E_NOTFOUND;
    worker = CallTable::worker_of(call_id);
  }
  if (workers_->all[worker].mailbox == nullptr) return GH_E_STATE;
  if (pending_.fetch_add(1) >= kMost) return over(), GH_E_LIMIT;
  op->home_ = shared_from_this();
  op->call_id_ = call_id;
  op->worker_ = worker;
  op->ticket_ = std::uint64_t{worker} << 48 | (next_ticket_.fetch_add(1, std::memory_order_relaxed) & kSerial);

  Lane& lane = *lanes_[worker];
  const std::lock_guard lock(lane.mutex);
  const auto refused = [&](std::int32_t code) {
    lane.open.erase(op->ticket_);
    op->home_.reset();
    over();
    return code;
  };
  if (!lane.open.emplace(op->ticket_, op).second) return refused(GH_E_LIMIT);
  if (closed_.load()) return refused(GH_E_GONE);
  if (slot == nullptr) return GH_OK;
  Operation*& first = lane.calls[call_id];
  // Whoever takes the call out of Open sees kOperations from here on, and waits for this lock in end().
  std::uint64_t word = slot->word.load(std::memory_order_acquire);
  do {
    const bool same = Call::generation(word) == CallTable::generation_of(call_id);
    if (same && Call::state(word) == CallState::Open) continue;
    if (first == nullptr) lane.calls.erase(call_id);
    return refused(same && Call::state(word) != CallState::Queued ? GH_E_GONE : GH_E_NOTFOUND);
  } while (!slot->word.compare_exchange_weak(word, word | Call::kOperations, std::memory_order_acq_rel,
                                             std::memory_order_acquire));
  op->next_ = first;
  if (first != nullptr) first->previous_ = op.get();
  first = op.get();
  op->linked_ = true;
  return GH_OK;
} catch (...) {
  // Out of memory; nothing is linked yet.
  if (op->home_ != nullptr) {
    {
      Lane& lane = *lanes_[op->worker_];
      const std::lock_guard lock(lane.mutex);
      lane.open.erase(op->ticket_);
    }
    op->home_.reset();
    over();
  }
  return GH_E_LIMIT;
}

void Operations::unlink(Lane& lane, Operation& op) noexcept {
  if (!std::exchange(op.linked_, false)) return;
  if (op.next_ != nullptr) op.next_->previous_ = op.previous_;
  if (op.previous_ != nullptr)
    op.previous_->next_ = op.next_;
  else if (op.next_ != nullptr)
    lane.calls[op.call_id_] = op.next_;
  else
    lane.calls.erase(op.call_id_);
  op.next_ = op.previous_ = nullptr;
}

std::shared_ptr<Operation> Operations::take(Operation& op) noexcept {
  Lane& lane = *lanes_[op.worker_];
  const std::lock_guard lock(lane.mutex);
  unlink(lane, op);
  const auto found = lane.open.find(op.ticket_);
  if (found == lane.open.end()) return nullptr;
  auto out = std::move(found->second);
  lane.open.erase(found);
  return out;
}

bool Operations::decide(Operation& op, std::int32_t status, bool ended) noexcept {
  std::uint64_t state = op.state_.load(std::memory_order_acquire);
  std::uint64_t next = 0;
  do {
    if (phase(state) != Phase::Starting && phase(state) != Phase::Running) return false;
    next = std::uint64_t{static_cast<std::uint32_t>(status)} << 32 | (ended ? kEnded : 0) |
           static_cast<std::uint64_t>(phase(state) == Phase::Starting ? Phase::Early : Phase::Decided);
  } while (!op.state_.compare_exchange_weak(state, next, std::memory_order_acq_rel, std::memory_order_acquire));
  if (phase(next) == Phase::Decided) dispatch(take(op));
  return true;
}

void Operations::returning(Operation& op) noexcept {
  std::uint64_t state = op.state_.load(std::memory_order_acquire);
  std::uint64_t next = 0;
  do {
    const Phase to = phase(state) == Phase::Early ? Phase::Decided : Phase::Running;
    next = (state & ~std::uint64_t{0xff}) | static_cast<std::uint64_t>(to);
  } while (!op.state_.compare_exchange_weak(state, next, std::memory_order_acq_rel, std::memory_order_acquire));
  if (phase(next) == Phase::Decided) dispatch(take(op));
}

void Operations::forget(Operation& op) noexcept {
  op.state_.store(static_cast<std::uint64_t>(Phase::Forgotten), std::memory_order_release);
  take(op);
  over();
}

bool Operations::finish(Operation& op, std::int32_t status) noexcept {
  return decide(op, status, false);
}

bool Operations::cancel(std::uint64_t ticket) noexcept {
  const std::uint64_t worker = ticket >> 48;
  if (worker >= lanes_.size()) return false;
  std::shared_ptr<Operation> op;
  {
    Lane& lane = *lanes_[worker];
    const std::lock_guard lock(lane.mutex);
    const auto found = lane.open.find(ticket);
    if (found == lane.open.end() || !found->second->cancellable()) return false;
    op = found->second;
  }
  return decide(*op, GH_E_GONE, true);
}

void Operations::end(std::uint64_t call_id) noexcept {
  Lane& lane = *lanes_[CallTable::worker_of(call_id)];
  for (;;) {
    std::shared_ptr<Operation> op;
    {
      const std::lock_guard lock(lane.mutex);
      const auto first = lane.calls.find(call_id);
      if (first == lane.calls.end()) return;
      op = lane.open.find(first->second->ticket_)->second;
      unlink(lane, *op);
    }
    decide(*op, GH_E_GONE, true);
  }
}

void Operations::close() noexcept {
  closed_ = true;
  for (const auto& lane : lanes_) {
    for (;;) {
      std::shared_ptr<Operation> op;
      {
        const std::lock_guard lock(lane->mutex);
        // Those that are decided already, in a service function that has not returned, leave by themselves.
        for (const auto& [ticket, candidate] : lane->open) {
          const Phase now = phase(candidate->state_.load(std::memory_order_acquire));
          if (now != Phase::Starting && now != Phase::Running) continue;
          op = candidate;
          break;
        }
      }
      if (op == nullptr) break;
      decide(*op, GH_E_GONE, true);
    }
  }
}

void Operations::dispatch(std::shared_ptr<Operation> op) noexcept {
  if (op->brings_thread()) return;
  if (on_loops_ || ended(op->state_.load(std::memory_order_acquire)))
    to_loop(std::move(op));
  else
    to_share(std::move(op));
}

void Operations::to_loop(std::shared_ptr<Operation> op) noexcept {
  const Workers::Worker& worker = workers_->all[op->worker_];
  std::shared_ptr<Delivery> delivery;
  try {
    delivery = std::make_shared<Delivery>(op);
    // Never from here: the plugin's code may be what has brought us.
    auto task = [this, delivery] { on_loop(delivery->arrive()); };
    if (worker.mailbox->is_current())
      worker.loop->defer(std::move(task));
    else
      worker.mailbox->post(std::move(task));
  } catch (...) {
    if (delivery == nullptr) strand(std::move(op));  // else it says so itself
  }
}

void Operations::on_loop(std::shared_ptr<Operation> op) noexcept {
  if (ended(op->state_.load(std::memory_order_acquire))) op->stop();
  if (on_loops_)
    call(op, op->worker_);
  else
    to_share(std::move(op));
}

void Operations::to_share(std::shared_ptr<Operation> op) noexcept {
  std::shared_ptr<Delivery> delivery;
  try {
    delivery = std::make_shared<Delivery>(op);
    share_->executor->run_anyway([this, delivery] { call(delivery->arrive(), GH_WORKER_NONE); });
  } catch (...) {
    if (delivery == nullptr) strand(std::move(op));
  }
}

void Operations::run(Operation& op, std::int32_t status) noexcept {
  decide(op, status, false);
  caller_.run(op, Operations::status(op.state_.load(std::memory_order_acquire)), GH_WORKER_NONE);
  over();
}

void Operations::call(const std::shared_ptr<Operation>& op, std::uint32_t worker) noexcept {
  caller_.run(*op, status(op->state_.load(std::memory_order_acquire)), worker);
  over();
}

void Operations::strand(std::shared_ptr<Operation> op) noexcept {
  const auto self = shared_from_this();  // drain() may let go of everything else
  decide(*op, GH_E_GONE, false);
  const std::lock_guard lock(mutex_);
  op->next_ = std::exchange(stranded_, op.get());
  op->self_ = std::move(op);
  changed_.notify_all();
}

bool Operations::drain(std::chrono::milliseconds limit) noexcept {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::unique_lock lock(mutex_);
  for (;;) {
    while (stranded_ != nullptr) {
      const std::shared_ptr<Operation> op = std::move(stranded_->self_);
      stranded_ = std::exchange(op->next_, nullptr);
      lock.unlock();
      call(op, on_loops_ && !op->brings_thread() ? op->worker_ : GH_WORKER_NONE);
      // Nobody could stop it, so what it has on a loop that is going down may still point to it.
      if (ended(op->state_.load(std::memory_order_acquire))) keep_for_ever(op);
      lock.lock();
    }
    if (pending_.load() == 0) return true;
    if (changed_.wait_until(lock, deadline) == std::cv_status::timeout && stranded_ == nullptr)
      return pending_.load() == 0;
  }
}

void Operations::over() noexcept {
  if (pending_.fetch_sub(1) != 1 || !closed_.load()) return;
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

}  // namespace gatehouse::plugin
