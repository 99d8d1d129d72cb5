#include "conformance/stage.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "plugin/answer.hpp"

namespace gatehouse::conformance {
namespace {

/// On a loop: services called inside authorize() or a callback call back only after it has returned.
thread_local std::vector<std::function<void()>>* deferred = nullptr;

std::int64_t thread_cpu_ns() noexcept {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}
long voluntary_switches() noexcept {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

access::ApiType api_type_of(std::uint32_t type) noexcept {
  return type == GH_API_REST        ? access::ApiType::Rest
         : type == GH_API_WEBSOCKET ? access::ApiType::Websocket
                                    : access::ApiType::Http;
}

template <class F>
void inside_plugin(F&& f) {
  std::vector<std::function<void()>> after;
  auto* const before = std::exchange(deferred, &after);
  f();
  deferred = before;
  for (auto& work : after) work();
}

}  // namespace

struct Stage::Call {
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t id = 0;
  std::uint64_t generation = 0;
  const gh_authorizer* api = nullptr;
  gh_plugin* plugin = nullptr;
  std::shared_ptr<Request> request;
  std::uint32_t api_type = 0;
  Outcome outcome;
  bool begun = true;  // inside authorize(), or behind it
  bool returned = true;
  bool gone = false;
};

struct Stage::Operation {
  std::uint64_t call_id;
  Looper* where;
  std::uint32_t worker;
  std::function<void(std::int32_t, std::uint32_t)> callback;
  std::optional<Looper::Ticket> ticket;
};

Stage::Stage(Services services, const gh_plugin_desc& description, Memory::Kind memory)
    : services_(services),
      flags_(description.flags),
      memory_(memory),
      host_(static_cast<gh_host*>(memory_.room(sizeof(gh_host)))) {
  for (const char* const* id = description.services; id != nullptr && *id != nullptr; ++id) required_.emplace_back(*id);
  host_->struct_size = sizeof *host_;
  host_->abi_minor = GH_ABI_MINOR;
  host_->worker_count = kWorkers;
  host_->impl = this;
  host_->name = "gatehouse plugin check";
  host_->version = GATEHOUSE_VERSION;
  host_->service = &Stage::service;
  host_->complete = &Stage::complete;
  for (std::uint32_t i = 0; i < kWorkers; ++i) {
    calls_.push_back(std::make_unique<Call>());
    loops_.push_back(std::make_unique<Looper>());
  }
  executor_ = std::make_unique<Looper>(kShare);
}

Stage::~Stage() {
  loops_.clear();
  executor_.reset();
}

void Stage::misdeed(std::string what) {
  const std::lock_guard lock(mutex_);
  if (misdeeds_.size() < 8 && std::find(misdeeds_.begin(), misdeeds_.end(), what) == misdeeds_.end())
    misdeeds_.push_back(std::move(what));
}

std::string Stage::misdeeds() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const std::string& m : misdeeds_) out += (out.empty() ? "" : "; ") + m;
  return out;
}

std::uint64_t Stage::begin(const gh_authorizer& api, gh_plugin* plugin, std::shared_ptr<Request> request,
                           std::uint32_t worker) {
  Call& call = *calls_[worker];
  gh_request& r = request->c();
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(call.mutex);
    // The top bit is always set, so that no id is 0; the worker stands in the low byte.
    id = call.id = std::uint64_t{1} << 63 | ++call.generation << 8 | worker;
    call.api = &api;
    call.plugin = plugin;
    call.api_type = r.api_type;
    call.outcome = Outcome{};
    call.begun = call.returned = call.gone = false;
    r.call_id = id;
    r.worker = on_loop() ? worker : GH_WORKER_NONE;
    r.deadline_ns = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>((Looper::Clock::now() + limit).time_since_epoch())
            .count());
    call.request = std::move(request);
  }
  (on_loop() ? *loops_[worker] : *executor_).post([this, &call] { run(call); });
  return id;
}

void Stage::run(Call& call) noexcept {
  std::shared_ptr<Request> request;
  {
    const std::lock_guard lock(call.mutex);
    request = call.request;
    call.begun = true;
  }
  call.changed.notify_all();
  const std::uint64_t id = request->c().call_id;
  bool threw = false;
  std::int32_t code = GH_E_EXCEPTION;
  std::int64_t wall_ns = 0, cpu_ns = 0;
  long waits = 0;
  inside_plugin([&] {
    const long waits_before = voluntary_switches();
    const std::int64_t cpu_before = thread_cpu_ns();
    const auto before = Looper::Clock::now();
    try {
      code = call.api->authorize(call.plugin, &request->c());
    } catch (...) {
      threw = true;
    }
    wall_ns = std::chrono::nanoseconds(Looper::Clock::now() - before).count();
    cpu_ns = thread_cpu_ns() - cpu_before;
    waits = voluntary_switches() - waits_before;
  });
  bool over = false;
  {
    const std::lock_guard lock(call.mutex);
    Outcome& o = call.outcome;
    o.code = code;
    o.threw = threw;
    o.wall_ns = wall_ns;
    o.cpu_ns = cpu_ns;
    o.waits = waits;
    o.inside = o.answers > 0;
    call.returned = true;
    over = o.answers > 0 || code != GH_PENDING;
    if (over && close_memory && (o.answers > 0 || code < 0)) request->memory().close();
  }
  if (over) end_call(id);
  call.changed.notify_all();
}

std::int32_t GH_CALL Stage::complete(const gh_host* host, std::uint64_t id, const gh_answer* answer) noexcept {
  auto& self = *static_cast<Stage*>(host->impl);
  const std::uint64_t worker = id & 0xff;
  if (worker >= kWorkers || (id >> 63) == 0) {
    self.misdeed("it answered a call that nobody asked for");
    return GH_E_NOTFOUND;
  }
  Call& call = *self.calls_[worker];
  bool over = false;
  {
    const std::lock_guard lock(call.mutex);
    if (call.id != id) {
      self.misdeed((id & ~(std::uint64_t{1} << 63)) >> 8 > call.generation ? "it answered a call that nobody asked for"
                                                                           : "it answered a call again that was over");
      return GH_E_NOTFOUND;
    }
    if (call.outcome.answers > 0) {
      ++call.outcome.answers;
      self.misdeed("it answered a call twice");
      return GH_E_STATE;
    }
    if (answer == nullptr || answer->struct_size == 0) {
      call.outcome.invalid = "complete() got no answer";
      return GH_E_INVALID;
    }
    call.outcome.answers = 1;
    call.outcome.kind = GH_HAS(answer, kind) ? answer->kind : 0;
    if (call.outcome.kind < GH_ALLOW || call.outcome.kind > GH_ABSTAIN)
      call.outcome.invalid = "`kind` is unknown: " + std::to_string(call.outcome.kind);
    if (self.judge_answers) {
      base::Arena arena;
      access::Answer judged;
      if (!plugin::read_answer(answer, api_type_of(call.api_type), arena, judged))
        call.outcome.invalid = std::string(judged.reason);
    }
    over = call.returned;
    if (over && self.close_memory) call.request->memory().close();
    if (call.gone) {
      call.changed.notify_all();
      return GH_E_GONE;
    }
  }
  if (over) self.end_call(id);
  call.changed.notify_all();
  return GH_OK;
}

Outcome Stage::finish(std::uint32_t worker) {
  Call& call = *calls_[worker];
  std::unique_lock lock(call.mutex);
  const auto done = [&] {
    return call.returned && (call.outcome.answers > 0 || call.outcome.code != GH_PENDING || call.outcome.threw);
  };
  const bool in_time =
      call.changed.wait_for(lock, limit, [&] { return call.begun; }) && call.changed.wait_for(lock, limit, done);
  Outcome out = call.outcome;
  out.late = !in_time;
  return out;
}

Outcome Stage::ask(const gh_authorizer& api, gh_plugin* plugin, std::shared_ptr<Request> request,
                   std::uint32_t worker) {
  begin(api, plugin, std::move(request), worker);
  return finish(worker);
}

void Stage::settle() {
  const auto until = Looper::Clock::now() + limit;
  for (const auto& call : calls_) {
    std::unique_lock lock(call->mutex);
    call->changed.wait_until(lock, until, [&] { return call->returned; });
  }
}

void Stage::cancel(const gh_authorizer& api, gh_plugin* plugin, std::uint32_t worker) {
  Call& call = *calls_[worker];
  std::uint64_t id = 0;
  {
    std::unique_lock lock(call.mutex);
    call.changed.wait_for(lock, limit, [&] { return call.returned; });
    call.gone = true;
    id = call.id;
  }
  end_call(id);
  const auto hint = [&] {
    try {
      api.cancel(plugin, id);
    } catch (...) {
      misdeed("it threw an exception in cancel");
    }
  };
  if (!on_loop()) return hint();
  loops_[worker]->post([&] { inside_plugin(hint); });
  loops_[worker]->drain();
}

std::uint32_t Stage::worker_of(std::uint64_t call_id) const noexcept {
  return call_id == 0 ? 0 : static_cast<std::uint32_t>(call_id & 0xff) % kWorkers;
}

Looper& Stage::place(std::uint32_t worker, bool blocking) {
  if (on_loop() && !blocking) return *loops_[worker];
  return *executor_;
}

std::uint64_t Stage::later(std::uint64_t call_id, std::chrono::milliseconds delay, bool blocking, std::int32_t status,
                           std::function<void(std::int32_t, std::uint32_t)> callback) {
  auto operation = std::make_shared<Operation>();
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    operation->call_id = call_id;
    operation->where = &place(worker_of(call_id), blocking);
    operation->worker = on_loop() && !blocking ? worker_of(call_id) : GH_WORKER_NONE;
    operation->callback = std::move(callback);
    number = ++last_operation_;
    operations_.emplace(number, operation);
  }
  auto post = [this, operation, number, delay, status] {
    const std::lock_guard posting(mutex_);
    if (operations_.count(number) == 0) return;  // was cut short
    operation->ticket = operation->where->post(
        [this, operation, number, status] {
          {
            const std::lock_guard lock(mutex_);
            if (operations_.erase(number) == 0) return;  // was cut short
          }
          inside_plugin([&] { operation->callback(status, operation->worker); });
        },
        delay);
  };
  if (deferred != nullptr && on_loop())
    deferred->push_back(std::move(post));
  else
    // From a thread that may block, or of the plugin's own, it cannot be seen when the function has returned.
    operation->where->post(std::move(post), std::chrono::milliseconds(1));
  return number;
}

bool Stage::cut_short(std::uint64_t number) {
  std::shared_ptr<Operation> operation;
  {
    const std::lock_guard lock(mutex_);
    const auto at = operations_.find(number);
    if (at == operations_.end()) return false;
    operation = at->second;
    operations_.erase(at);
    // A plugin that cancels a timer of an hour leaves nothing behind: its memory is being measured.
    if (operation->ticket) operation->where->withdraw(*operation->ticket);
  }
  auto post = [operation] {
    operation->where->post([operation] { inside_plugin([&] { operation->callback(GH_E_GONE, operation->worker); }); });
  };
  if (deferred != nullptr && on_loop())
    deferred->push_back(std::move(post));
  else
    operation->where->post(std::move(post), std::chrono::milliseconds(1));
  return true;
}

void Stage::end_call(std::uint64_t id) {
  std::vector<std::uint64_t> open;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, operation] : operations_)
      if (operation->call_id == id) open.push_back(number);
  }
  for (const std::uint64_t number : open) cut_short(number);
}

void Stage::end_operations() {
  for (int round = 0; round < 3; ++round) {
    std::vector<std::uint64_t> open;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [number, operation] : operations_) open.push_back(number);
    }
    for (const std::uint64_t number : open) cut_short(number);
    // A posting that waits a millisecond, and what it posts.
    std::this_thread::sleep_for(std::chrono::milliseconds(open.empty() ? 0 : 3));
    for (auto& loop : loops_) loop->drain();
    executor_->drain();
  }
}

}  // namespace gatehouse::conformance
