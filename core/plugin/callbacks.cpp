// The plugin's code when a service calls it back.
#include <utility>

#include "plugin/answer.hpp"
#include "plugin/calls.hpp"

namespace gatehouse::plugin {

using access::Answer;

namespace {

// What a callback on an event loop may take before the log names it.
constexpr std::int64_t kLongNs = 100'000'000;

}  // namespace

Call* Instance::find(std::uint64_t call_id) noexcept {
  if (!CallTable::is_id(call_id) || CallTable::worker_of(call_id) >= per_worker_.size()) return nullptr;
  return per_worker_[CallTable::worker_of(call_id)]->table.find(call_id);
}

void Instance::end_operations(std::uint64_t word, std::uint64_t id) noexcept {
  if ((word & Call::kOperations) != 0) operations_->end(id);
}

void Instance::call_back(Operation& op, std::int32_t status, std::uint32_t worker) noexcept {
  try {
    Caller::call_back(op, status, worker);
  } catch (...) {
    complain("the plugin threw an exception across the ABI in a callback");
  }
}

std::int32_t Instance::show(std::string_view bytes, gh_bytes_fn use, void* user) noexcept {
  std::uint32_t worker = GH_WORKER_NONE;
  for (std::uint32_t i = 0; on_loop() && i < workers_->all.size(); ++i)
    if (workers_->all[i].mailbox != nullptr && workers_->all[i].mailbox->is_current()) worker = i;
  const gh_str value{bytes.data(), bytes.size()};
  try {
    use(user, GH_OK, &value, worker);
    return GH_OK;
  } catch (...) {
    complain("the plugin threw an exception across the ABI in a callback");
    return GH_E_EXCEPTION;
  }
}

void Instance::run(Operation& op, std::int32_t status, std::uint32_t worker) noexcept {
  if (worker == GH_WORKER_NONE || !workers_->all[worker].mailbox->is_current()) return call_back(op, status, worker);

  // On the call's own loop nobody but this callback can end the call's wait, so that an answer to it is written in
  // place, as inside authorize(), and needs no post.
  const std::uint64_t id = op.call_id();
  Call* const call = id == 0 ? nullptr : find(id);
  Answer answer;
  Frame frame{this, 0, nullptr, nullptr, access::ApiType::Http, &answer, false};
  if (call != nullptr && call->question != nullptr &&
      Call::state(call->word.load(std::memory_order_acquire)) == CallState::Open) {
    frame.id = id;
    frame.call = call;
    frame.arena = &call->question->arena();
    frame.api_type = call->api_type;
  }
  const std::int64_t before = clock_.monotonic_ns();
  Frame* const outer = std::exchange(frame_, &frame);
  call_back(op, status, worker);
  frame_ = outer;
  if (clock_.monotonic_ns() - before > kLongNs)
    complain("the plugin held up the event loop in a callback: it must not be NONBLOCKING");

  if (!frame.answered) return;
  if (Call::twice(call->word.load(std::memory_order_acquire)))
    answer = Answer::failed("twice", "the plugin answered a call twice");
  else if (too_late(call->deadline_ns)) {
    complain("the plugin answered after the deadline");
    answer = Answer::failed("deadline", "the plugin answered after the deadline");
  }
  deliver(*call, id, answer);
}

}  // namespace gatehouse::plugin
