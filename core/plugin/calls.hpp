#pragma once
#include <unordered_map>

#include "plugin/instance.hpp"
#include "plugin/request_view.hpp"

namespace gatehouse::plugin {

/// One worker's side of an authorizer.
struct Instance::PerWorker {
  PerWorker(std::uint32_t worker, std::uint32_t first_generation) noexcept : table(worker, first_generation) {}
  CallTable table;
  std::unordered_map<const access::Question*, std::uint64_t> waiting;  // [loop] calls that somebody waits for
};

/// The call that this thread is inside of: complete() for it only stores.
struct Instance::Frame {
  Instance* instance;
  std::uint64_t id;
  base::Arena* arena;  // null on the executor, whose threads must not touch the request's
  access::ApiType api_type;
  access::Answer answer;
  bool answered = false;
};

/// Something that happened to a call on another thread, on its way to the loop.
class Instance::Notice {
 public:
  Notice(Instance* instance, std::uint64_t id, Event event, std::int32_t code) noexcept
      : instance_(instance), id_(id), event_(event), code_(code) {
    instance_->count(instance_->notices_, 1);
  }
  Notice(const Notice&) = delete;
  Notice& operator=(const Notice&) = delete;
  ~Notice() {
    if (!arrived_) instance_->lost(id_);
    instance_->count(instance_->notices_, -1);
  }
  void arrive() noexcept {
    arrived_ = true;
    instance_->on_event(id_, event_, code_);
  }

 private:
  Instance* instance_;
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
