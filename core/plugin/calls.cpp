#include "plugin/calls.hpp"

#include <new>
#include <thread>
#include <utility>

#include "plugin/answer.hpp"

namespace gatehouse::plugin {

using access::Answer;

constinit thread_local Instance::Frame* Instance::frame_ = nullptr;

namespace {

constexpr std::string_view kTwice = "the plugin answered a call twice";
constexpr std::string_view kLate = "the plugin answered after the deadline";
constexpr std::string_view kInvalid = "the plugin gave an answer that breaks the rules";
constexpr std::string_view kEventTooLarge = "the AWS event that the plugin needs would have more than 1 MiB";
constexpr std::string_view kStranger = "the plugin answered a call that is not one of its own";

/// Moves a call on, whatever another thread does to it meanwhile; false when it stands elsewhere by then.
bool move(Call& call, std::uint64_t id, CallState from, CallState to) noexcept {
  std::uint64_t word = call.word.load(std::memory_order_acquire);
  while (Call::generation(word) == CallTable::generation_of(id) && Call::state(word) == from)
    if (call.word.compare_exchange_weak(word, Call::with(word, to), std::memory_order_acq_rel,
                                        std::memory_order_acquire))
      return true;
  return false;
}

}  // namespace

void Instance::authorize(const access::Facts& facts, std::int64_t deadline_ns, access::Question& question) noexcept {
  Answer answer;
  bool now = true;
  try {
    if (facts.worker >= per_worker_.size())
      answer = Answer::failed("worker", "the request comes from a worker that this gateway does not have");
    else if (share_->open())
      answer = Answer::failed("breaker", "the plugin does not come back from earlier calls");
    else if (on_loop())
      now = call_on_loop(facts, deadline_ns, question, answer);
    else
      now = call_on_executor(facts, deadline_ns, question, answer);
  } catch (const std::bad_alloc&) {
    answer = Answer::failed("memory", "out of memory");
  }
  if (now) question.answered(answer);
}

std::int32_t Instance::ask(const gh_request* request) noexcept {
  try {
    return api_->authorize(plugin_, request);
  } catch (...) {
    complain("the plugin threw an exception across the ABI");
    return GH_E_EXCEPTION;
  }
}

bool Instance::too_late(std::int64_t deadline_ns) const noexcept {
  return deadline_ns > 0 && clock_.monotonic_ns() > deadline_ns;
}

bool Instance::show(const access::Facts& facts, base::Arena& arena, RequestView& view) const {
  view.fill(facts, needs_, identity_.takes_token, arena);
  return (needs_ & GH_NEED_EVENT) == 0 ||
         view.fill_event(facts, access::event_kind(facts.api_type, identity_.takes_token, identity_.payload_v1), arena);
}

bool Instance::call_on_loop(const access::Facts& facts, std::int64_t deadline_ns, access::Question& question,
                            Answer& answer) {
  PerWorker& mine = *per_worker_[facts.worker];
  const bool may_wait = (flags_ & GH_F_ASYNC) != 0;
  base::Arena& arena = question.arena();
  RequestView here;
  RequestView* view = may_wait ? static_cast<RequestView*>(arena.allocate(sizeof here, alignof(RequestView))) : &here;
  if (!show(facts, arena, *view)) return answer = Answer::failed("event_too_large", kEventTooLarge), true;
  const auto opened = mine.table.open(CallState::Open);
  if (!opened) return answer = Answer::failed("calls", "too many calls of this authorizer wait for an answer"), true;
  Call& call = *opened->call;
  call.api_type = facts.api_type;
  call.deadline_ns = deadline_ns;
  view->c.call_id = opened->id;
  view->c.deadline_ns = static_cast<std::uint64_t>(deadline_ns);
  view->c.worker = facts.worker;

  Frame frame{this, opened->id, &call, &arena, facts.api_type, &answer, false};
  Frame* const outer = std::exchange(frame_, &frame);
  const std::int32_t code = ask(&view->c);
  frame_ = outer;

  if (frame.answered) {
    const bool twice = Call::twice(call.word.load(std::memory_order_acquire));
    mine.table.close(call, opened->id);
    if (twice) return answer = Answer::failed("twice", kTwice), true;
    if (too_late(deadline_ns)) {
      complain("the plugin held up the event loop past the deadline: it must not be NONBLOCKING");
      return answer = Answer::failed("deadline", kLate), true;
    }
    return true;
  }
  if (workers_->all[facts.worker].mailbox == nullptr) {
    abandon(call, opened->id);
    return answer =
               Answer::failed("worker", "the plugin did not answer at once, and no event loop is there to wait on"),
           true;
  }
  try {
    wait_for(call, opened->id, question);
  } catch (...) {
    abandon(call, opened->id);
    throw;
  }
  on_returned(call, opened->id, code);
  return false;
}

bool Instance::call_on_executor(const access::Facts& facts, std::int64_t deadline_ns, access::Question& question,
                                Answer& answer) {
  PerWorker& mine = *per_worker_[facts.worker];
  if (workers_->all[facts.worker].mailbox == nullptr)
    return answer = Answer::failed("worker", "the plugin may block, and no event loop is there to wait on"), true;
  base::Arena& arena = question.arena();
  auto* view = static_cast<RequestView*>(arena.allocate(sizeof(RequestView), alignof(RequestView)));
  if (!show(facts, arena, *view)) return answer = Answer::failed("event_too_large", kEventTooLarge), true;
  const auto opened = mine.table.open(CallState::Queued);
  if (!opened) return answer = Answer::failed("calls", "too many calls of this authorizer wait for an answer"), true;
  Call& call = *opened->call;
  call.api_type = facts.api_type;
  call.deadline_ns = deadline_ns;
  view->c.call_id = opened->id;
  view->c.deadline_ns = static_cast<std::uint64_t>(deadline_ns);
  view->c.worker = GH_WORKER_NONE;
  std::shared_ptr<Task> task;
  try {
    task = std::make_shared<Task>(this, opened->id, &view->c);
    wait_for(call, opened->id, question);
  } catch (...) {
    abandon(call, opened->id);
    throw;
  }
  call.code_inside = true;
  call.task = 0;
  try {
    // A task that is refused or dropped says so by its destruction.
    call.task = share_->executor->run([task] { task->run(); });
  } catch (...) {
  }
  return false;
}

void Instance::abandon(Call& call, std::uint64_t id) noexcept {
  // Another thread may be writing an answer at this moment.
  while (!move(call, id, CallState::Open, CallState::Free) && !move(call, id, CallState::Queued, CallState::Free) &&
         Call::state(call.word.load(std::memory_order_acquire)) == CallState::Writing)
    std::this_thread::yield();
  end_operations(call.word.load(std::memory_order_acquire), id);
  per_worker_[CallTable::worker_of(id)]->table.close(call, id);
}

void Instance::run_on_executor(std::uint64_t id, const gh_request* request) noexcept {
  Call* call = per_worker_[CallTable::worker_of(id)]->table.find(id);
  std::int32_t code = GH_E_GONE;
  if (call != nullptr && move(*call, id, CallState::Queued, CallState::Open)) {
    Frame frame{this, id, call, nullptr, access::ApiType::Http, nullptr, false};
    Frame* const outer = std::exchange(frame_, &frame);
    code = ask(request);
    frame_ = outer;
  }
  post(id, Event::Returned, code);
}

std::int32_t GH_CALL Instance::complete(const gh_host* host, std::uint64_t id, const gh_answer* answer) noexcept {
  if (host == nullptr || answer == nullptr) return GH_E_INVALID;
  return static_cast<Instance*>(host->impl)->answer_call(id, answer);
}

std::int32_t Instance::answer_call(std::uint64_t id, const gh_answer* answer) noexcept {
  Frame* const inside = frame_ != nullptr && frame_->instance == this && frame_->id == id ? frame_ : nullptr;
  // The common case: on the loop, inside authorize(). Nobody else reads what is written, so there is no Writing.
  if (inside != nullptr && inside->arena != nullptr && move(*inside->call, id, CallState::Open, CallState::Answered)) {
    inside->answered = true;
    end_operations(inside->call->word.load(std::memory_order_acquire), id);
    return write_in_place(answer, *inside);
  }
  Call* call = nullptr;
  if (CallTable::is_id(id) && CallTable::worker_of(id) < per_worker_.size())
    call = per_worker_[CallTable::worker_of(id)]->table.find(id);
  if (call == nullptr) {
    complain(kStranger);
    return GH_E_NOTFOUND;
  }
  std::uint64_t word = call->word.load(std::memory_order_acquire);
  bool late = false;
  for (;;) {
    if (Call::generation(word) != CallTable::generation_of(id)) {
      complain(kStranger);
      return GH_E_NOTFOUND;
    }
    std::uint64_t next = word;
    switch (Call::state(word)) {
      case CallState::Free:
      case CallState::Queued:
        complain(kStranger);
        return GH_E_NOTFOUND;
      case CallState::Writing:
      case CallState::Answered:
      case CallState::GoneAnswered:
        next |= Call::kTwice;
        break;
      case CallState::Gone:
        late = too_late(call->deadline_ns);  // else the client left: nothing that the plugin did wrong
        next = Call::with(word, CallState::GoneAnswered);
        break;
      case CallState::Open:
        next = Call::with(word, CallState::Writing);
        break;
    }
    if (call->word.compare_exchange_weak(word, next, std::memory_order_acq_rel, std::memory_order_acquire)) break;
  }
  switch (Call::state(word)) {
    case CallState::Open:
      return write_answer(*call, id, answer, inside != nullptr);
    case CallState::Gone:
      if (late) complain(kLate);
      if (inside == nullptr) post(id, Event::Completed, GH_OK);
      return GH_E_GONE;
    default:
      complain(kTwice);
      return GH_E_STATE;
  }
}

std::int32_t Instance::write_in_place(const gh_answer* answer, Frame& frame) noexcept {
  try {
    if (read_answer(answer, frame.api_type, *frame.arena, *frame.answer) &&
        name_caller(*frame.call, answer, *frame.answer))
      return GH_OK;
  } catch (...) {
    *frame.answer = Answer::failed("memory", "out of memory");
  }
  complain(kInvalid);
  return GH_E_INVALID;
}

std::int32_t Instance::write_answer(Call& call, std::uint64_t id, const gh_answer* answer, bool inside) noexcept {
  bool valid = false;
  try {
    call.owned = std::make_unique<OwnedAnswer>();
    valid = read_answer(answer, call.api_type, call.owned->arena, call.owned->answer) &&
            name_caller(call, answer, call.owned->answer);
  } catch (...) {
    call.owned.reset();  // without an answer of its own a call is Failed
  }
  if (!valid) complain(kInvalid);
  move(call, id, CallState::Writing, CallState::Answered);
  end_operations(call.word.load(std::memory_order_acquire), id);
  if (!inside) post(id, Event::Completed, GH_OK);
  return valid ? GH_OK : GH_E_INVALID;
}

}  // namespace gatehouse::plugin
