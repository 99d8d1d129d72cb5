// gatehouse.body/1: the body of the request under judgement, from whoever keeps it for the call's question.
#include <new>
#include <utility>

#include "plugin/calls.hpp"
#include "plugin/services.hpp"

namespace gatehouse::plugin {
namespace {

constexpr std::uint64_t kMostBytes = 10 * 1024 * 1024;

std::int32_t status_of(access::BodyOutcome outcome) noexcept {
  switch (outcome) {
    case access::BodyOutcome::Whole:
      return GH_OK;
    case access::BodyOutcome::TooLarge:
      return GH_E_TOO_LARGE;
    case access::BodyOutcome::NoRoom:
      return GH_E_LIMIT;
    case access::BodyOutcome::Broken:
      return GH_E_CONNECT;
  }
  return GH_E_FAILED;
}

}  // namespace

/// One question for a body. The answer is written on the loop before finish() and read by call_back() behind it.
class BodyOperation final : public Operation, public access::BodyReader {
 public:
  BodyOperation(std::shared_ptr<Operations> home, std::shared_ptr<Instance::PerWorker> where, std::int64_t max_bytes,
                gh_bytes_fn done, void* user) noexcept
      : home_(std::move(home)), where_(std::move(where)), max_bytes_(max_bytes), done_(done), user_(user) {}

  /// [any] One question at a time for a call. False: another is open.
  bool claim(std::uint64_t call_id) noexcept {
    Call* const call = where_->table.find(call_id);
    if (call == nullptr) return true;  // open() says what is wrong with it
    std::uint64_t before = call->body_question.load(std::memory_order_acquire);
    do {
      if (before == call_id) return false;
    } while (!call->body_question.compare_exchange_weak(before, call_id, std::memory_order_acq_rel,
                                                        std::memory_order_acquire));
    claimed_ = call;
    claimed_id_ = call_id;
    return true;
  }
  /// [any] Another question may come.
  void give_up_claim() noexcept {
    Call* const call = std::exchange(claimed_, nullptr);
    std::uint64_t mine = claimed_id_;
    if (call != nullptr) call->body_question.compare_exchange_strong(mine, 0, std::memory_order_acq_rel);
  }

  /// [loop] Behind the function that asked: the call waits for its answer by now, or is over.
  void begin(const std::shared_ptr<BodyOperation>& self) noexcept {
    Call* const call = where_->table.find(call_id());
    if (stopped_ || call == nullptr) return;
    const std::uint64_t word = call->word.load(std::memory_order_acquire);
    const bool open =
        Call::generation(word) == CallTable::generation_of(call_id()) && Call::state(word) == CallState::Open;
    // One that is over has ended its operations, and with them this.
    if (!open || call->question == nullptr) return;
    access::RequestBody* const body = call->question->body();
    try {
      if (body != nullptr) return body->ask(self, max_bytes_);
    } catch (const std::bad_alloc&) {
      // As if there were no room.
    }
    home_->finish(*this, body != nullptr ? GH_E_LIMIT : GH_E_UNSUPPORTED);
  }

 private:
  void on_request_body(access::BodyAnswer answer) noexcept override {
    if (stopped_) return;
    const std::int32_t status = status_of(answer.outcome);
    answer_ = std::move(answer);
    home_->finish(*this, status);
  }
  bool listening() const noexcept override { return !stopped_; }
  void stop() noexcept override { stopped_ = true; }

  void call_back(std::int32_t status, std::uint32_t worker) override {
    // The callback may ask again.
    give_up_claim();
    const gh_str none{nullptr, 0};
    if (status != GH_OK) return done_(user_, status, &none, worker);
    const bool digest = max_bytes_ == access::RequestBody::kDigestOnly;
    const gh_str bytes = digest ? gh_str{reinterpret_cast<const char*>(answer_.sha256.data()), answer_.sha256.size()}
                                : gh_str{answer_.bytes->data(), answer_.bytes->size()};
    done_(user_, status, &bytes, worker);
  }

  const std::shared_ptr<Operations> home_;
  const std::shared_ptr<Instance::PerWorker> where_;
  const std::int64_t max_bytes_;
  const gh_bytes_fn done_;
  void* const user_;
  access::BodyAnswer answer_;
  bool stopped_ = false;  // [loop]
  Call* claimed_ = nullptr;
  std::uint64_t claimed_id_ = 0;
};

namespace {

std::int32_t GH_CALL hash(const gh_host* host, std::uint64_t call_id, std::uint32_t algorithm, gh_bytes_fn done,
                          void* user) noexcept {
  if (host == nullptr || done == nullptr) return GH_E_INVALID;
  if (algorithm != GH_HASH_SHA256) return GH_E_UNSUPPORTED;
  return Instance::of(host).ask_body(call_id, access::RequestBody::kDigestOnly, done, user);
}

std::int32_t GH_CALL read(const gh_host* host, std::uint64_t call_id, std::uint64_t max, gh_bytes_fn done,
                          void* user) noexcept {
  if (host == nullptr || done == nullptr || max > kMostBytes) return GH_E_INVALID;
  return Instance::of(host).ask_body(call_id, static_cast<std::int64_t>(max), done, user);
}

}  // namespace

std::int32_t Instance::ask_body(std::uint64_t call_id, std::int64_t max_bytes, gh_bytes_fn done, void* user) noexcept {
  if (!CallTable::is_id(call_id) || CallTable::worker_of(call_id) >= per_worker_.size()) return GH_E_NOTFOUND;
  const std::uint32_t index = CallTable::worker_of(call_id);
  std::shared_ptr<BodyOperation> op;
  std::function<void()> task;
  try {
    op = std::make_shared<BodyOperation>(operations_, per_worker_[index], max_bytes, done, user);
    task = [op] { op->begin(op); };
  } catch (...) {
    return GH_E_LIMIT;
  }
  if (!op->claim(call_id)) return GH_E_STATE;
  if (const std::int32_t code = operations_->open(call_id, op); code != GH_OK) return op->give_up_claim(), code;
  const Workers::Worker& worker = workers_->all[index];
  try {
    if (worker.mailbox->is_current())
      worker.loop->defer(std::move(task));
    else
      worker.mailbox->post(std::move(task));
  } catch (...) {
    operations_->forget(*op);
    op->give_up_claim();
    return GH_E_LIMIT;
  }
  operations_->returning(*op);
  return GH_OK;
}

const gh_body kBodyService = {sizeof(gh_body), 0, &hash, &read};

}  // namespace gatehouse::plugin
