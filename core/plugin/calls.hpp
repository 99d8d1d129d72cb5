#pragma once
#include <unordered_map>

#include "plugin/instance.hpp"
#include "plugin/request_view.hpp"

namespace gatehouse::plugin {

/// One worker's side of an authorizer.
struct Instance::PerWorker {
  PerWorker(Instance& instance, std::uint32_t worker, std::uint32_t first_generation) noexcept
      : owner(instance), table(worker, first_generation), worker_(worker) {}
  std::uint32_t worker() const noexcept { return worker_; }
  /// INVARIANT: there as long as a call of the table is not Free.
  Instance& owner;
  CallTable table;
  std::unordered_map<const access::Question*, std::uint64_t> waiting;  // [loop] calls that somebody waits for

 private:
  const std::uint32_t worker_;
};

/// The call that this thread is inside of: complete() for it only stores.
struct Instance::Frame {
  Instance* instance;
  std::uint64_t id;
  Call* call;
  base::Arena* arena;  // null on the executor, whose threads must not touch the request's
  access::ApiType api_type;
  access::Answer* answer;  // where it goes; of the loop only
  bool answered = false;
};

/// Something that happened to a call on another thread, on its way to the loop. It may find the call over and the
/// authorizer gone, so it holds nothing but the table.
class Instance::Notice {
 public:
  Notice(std::shared_ptr<PerWorker> where, std::uint64_t id, Event event, std::int32_t code) noexcept
      : where_(std::move(where)), id_(id), event_(event), code_(code) {}
  Notice(const Notice&) = delete;
  Notice& operator=(const Notice&) = delete;
  /// One that does not arrive, because the loop is closed.
  ~Notice() {
    if (!arrived_) lost(*where_, id_);
  }
  void arrive() noexcept {
    arrived_ = true;
    Call* call = where_->table.find(id_);
    if (call != nullptr && Call::state(call->word.load(std::memory_order_acquire)) != CallState::Free)
      where_->owner.on_event(*call, id_, event_, code_);
  }

 private:
  std::shared_ptr<PerWorker> where_;
  std::uint64_t id_;
  Event event_;
  std::int32_t code_;
  bool arrived_ = false;
};

/// A call on its way through the executor.
class Instance::Task {
 public:
  Task(Instance* instance, std::uint64_t id, const gh_request* request) noexcept
      : instance_(instance), id_(id), request_(request) {
    instance_->count(instance_->executing_, 1);
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (!ran_) instance_->post(id_, Event::Returned, GH_E_FAILED);
    instance_->count(instance_->executing_, -1);
  }
  void run() noexcept {
    ran_ = true;
    instance_->run_on_executor(id_, request_);
  }

 private:
  Instance* instance_;
  std::uint64_t id_;
  const gh_request* request_;
  bool ran_ = false;
};

}  // namespace gatehouse::plugin
