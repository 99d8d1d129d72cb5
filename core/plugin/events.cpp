// What happens to calls that were not answered at once: on the loop, but for post().
#include <utility>

#include "plugin/answer.hpp"
#include "plugin/calls.hpp"

namespace gatehouse::plugin {

using access::Answer;

void Instance::wait_for(Call& call, std::uint64_t id, access::Question& question) {
  per_worker_[CallTable::worker_of(id)]->waiting.emplace(&question, id);
  call.question = call.pinned = &question;
  question.pin();
  count(owed_, 1);
}

void Instance::count(int& of, int change) noexcept {
  // Told under the lock: once it is free the instance may be gone.
  const std::lock_guard lock(mutex_);
  of += change;
  if (of == 0) quiet_.notify_all();
}

void Instance::post(std::uint64_t id, Event event, std::int32_t code) noexcept {
  const std::uint32_t worker = CallTable::worker_of(id);
  try {
    auto notice = std::make_shared<Notice>(per_worker_[worker], id, event, code);
    workers_->all[worker].mailbox->post([notice] { notice->arrive(); });
  } catch (...) {
    lost(*per_worker_[worker], id);
  }
}

void Instance::lost(PerWorker& where, std::uint64_t id) noexcept {
  Call* call = where.table.find(id);
  if (call == nullptr) return;
  // The loop is gone and its requests with it; what is left is to owe nothing, once.
  std::uint64_t word = call->word.load(std::memory_order_acquire);
  do {
    if (Call::generation(word) != CallTable::generation_of(id) || Call::state(word) == CallState::Free) return;
  } while (!call->word.compare_exchange_weak(word, Call::with(word, CallState::Free), std::memory_order_acq_rel,
                                             std::memory_order_acquire));
  where.owner.end_operations(word, id);
  where.owner.count(where.owner.owed_, -1);
}

void Instance::on_event(Call& call, std::uint64_t id, Event event, std::int32_t code) noexcept {
  if (event == Event::Returned)
    on_returned(call, id, code);
  else
    settle(call, id);
}

void Instance::on_returned(Call& call, std::uint64_t id, std::int32_t code) noexcept {
  call.code_inside = false;
  if (std::exchange(call.thread_pinned, false) && share_->pinned_threads.fetch_sub(1) == share_->threads)
    complain("the plugin came back: it is asked again");
  if (code == GH_PENDING && (flags_ & GH_F_ASYNC) != 0) return settle(call, id);

  // It owes nothing any more: what is not answered by now never is.
  std::uint64_t word = call.word.load(std::memory_order_acquire);
  for (;;) {
    const CallState state = Call::state(word);
    CallState next{};
    if (state == CallState::Open || state == CallState::Queued)
      next = CallState::Free;
    else if (state == CallState::Gone)
      next = CallState::GoneAnswered;
    else
      return settle(call, id);
    if (call.word.compare_exchange_weak(word, Call::with(word, next), std::memory_order_acq_rel,
                                        std::memory_order_acquire))
      break;
  }
  if (Call::state(word) == CallState::Gone) return settle(call, id);
  end_operations(word, id);
  if (Call::state(word) == CallState::Queued)
    return deliver(call, id, Answer::failed("queue", "too many calls of the plugin wait for a thread"));
  if (code == GH_PENDING) {
    complain("the plugin wants to answer later and does not say so in its flags");
    return deliver(call, id, Answer::failed("missing", "the plugin returned GH_PENDING without GH_F_ASYNC"));
  }
  if (code < 0) {
    complain("the plugin returned an error and no answer");
    return deliver(call, id, Answer::failed("error", "the plugin returned an error and no answer"));
  }
  complain("the plugin returned without an answer");
  deliver(call, id, Answer::failed("missing", "the plugin returned without an answer"));
}

void Instance::settle(Call& call, std::uint64_t id) noexcept {
  if (call.code_inside) return;  // the chain goes on after the code has returned
  const std::uint64_t word = call.word.load(std::memory_order_acquire);
  if (Call::state(word) == CallState::GoneAnswered) return release(call, id);
  if (Call::state(word) != CallState::Answered) return;
  if (call.question == nullptr) return release(call, id);
  if (Call::twice(word)) return deliver(call, id, Answer::failed("twice", "the plugin answered a call twice"));
  if (too_late(call.deadline_ns)) {
    complain("the plugin answered after the deadline");
    return deliver(call, id, Answer::failed("deadline", "the plugin answered after the deadline"));
  }
  Answer answer = Answer::failed("memory", "out of memory");
  try {
    if (call.owned != nullptr) answer = copy_answer(call.owned->answer, call.question->arena());
  } catch (...) {
  }
  deliver(call, id, answer);
}

void Instance::deliver(Call& call, std::uint64_t id, const Answer& answer) noexcept {
  access::Question* question = std::exchange(call.question, nullptr);
  if (question != nullptr) per_worker_[CallTable::worker_of(id)]->waiting.erase(question);
  release(call, id);
  if (question != nullptr) question->answered(answer);
}

void Instance::release(Call& call, std::uint64_t id) noexcept {
  access::Question* pinned = call.pinned;
  if (call.counts_as_pinned && share_->pinned_calls.fetch_sub(1) == share_->max_pinned_calls)
    complain("the plugin paid what it owed: it is asked again");
  per_worker_[CallTable::worker_of(id)]->table.close(call, id);
  // May end the request and with it the last use of this authorizer, which then waits for what follows.
  pinned->unpin();
  count(owed_, -1);
}

void Instance::cancel(access::Question& question) noexcept {
  for (std::size_t i = 0; i < per_worker_.size(); ++i) {
    const net::Loop* loop = workers_->all[i].loop;
    if (loop == nullptr || !loop->is_current()) continue;
    const auto found = per_worker_[i]->waiting.find(&question);
    if (found == per_worker_[i]->waiting.end()) continue;
    const std::uint64_t id = found->second;
    per_worker_[i]->waiting.erase(found);
    return give_up(*per_worker_[i]->table.find(id), id);
  }
}

void Instance::give_up(Call& call, std::uint64_t id) noexcept {
  call.question = nullptr;
  std::uint64_t word = call.word.load(std::memory_order_acquire);
  do {
    // Answered: the loop will hear of it and let go.
    if (Call::state(word) != CallState::Open && Call::state(word) != CallState::Queued) return;
  } while (!call.word.compare_exchange_weak(word, Call::with(word, CallState::Gone), std::memory_order_acq_rel,
                                            std::memory_order_acquire));
  // The plugin will not see it; strangers who come and leave must not fill the queue of those who stay.
  if (Call::state(word) == CallState::Queued) return static_cast<void>(share_->executor->take_back(call.task));
  end_operations(word, id);
  const bool late = too_late(call.deadline_ns);
  if (late) complain("the plugin did not answer before the deadline");
  call.counts_as_pinned = true;
  if (share_->pinned_calls.fetch_add(1) + 1 == share_->max_pinned_calls)
    complain("the plugin owes too many answers: it is not asked until it has answered");
  // A thread is stuck when its own time is up. A client that hangs up says nothing about the plugin, or strangers could
  // open the breaker by connecting and leaving; the queue's bound still holds.
  if (call.code_inside && late) {
    call.thread_pinned = true;
    if (share_->pinned_threads.fetch_add(1) + 1 == share_->threads)
      complain("all threads of the plugin are stuck in its code: it is not asked until one comes back");
  }
  hint(id);
}

void Instance::tell_gone(std::uint64_t id) noexcept {
  try {
    api_->cancel(plugin_, id);
  } catch (...) {
    complain("the plugin threw an exception across the ABI");
  }
}

// One task for all hints at hand: they take no place of a call, and one thread at most.
void Instance::hint(std::uint64_t id) noexcept {
  if (on_loop()) return tell_gone(id);
  const std::lock_guard lock(hints_mutex_);
  try {
    hints_.push_back(id);
    if (hinting_) return;
    count(executing_, 1);
    const std::shared_ptr<void> over(nullptr, [this](void*) { count(executing_, -1); });
    hinting_ = share_->executor->run_anyway([this, over] { give_hints(); });
  } catch (...) {
    // Out of memory: it is only a hint.
  }
  if (!hinting_) hints_.clear();
}

void Instance::give_hints() noexcept {
  std::vector<std::uint64_t> ids;
  for (;;) {
    ids.clear();
    {
      const std::lock_guard lock(hints_mutex_);
      ids.swap(hints_);
      hinting_ = !ids.empty();
      if (!hinting_) return;
    }
    for (const std::uint64_t id : ids) tell_gone(id);
  }
}

}  // namespace gatehouse::plugin
