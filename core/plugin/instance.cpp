#include "plugin/instance.hpp"

#include <chrono>
#include <cstring>
#include <thread>

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "plugin/calls.hpp"
#include "plugin/keep.hpp"

namespace gatehouse::plugin {
namespace {

std::string readable(const char* text, std::size_t room) {
  const std::string_view view(text, ::strnlen(text, room));
  if (view.empty()) return "it does not say why";
  return base::is_utf8(view) ? std::string(view) : "its reason is not UTF-8";
}

/// What the thread that starts an instance and the one that waits for it share. Whoever comes second finds the other
/// gone.
struct Starting {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  bool abandoned = false;
  Result<void> result;
};

}  // namespace

Instance::Instance(Identity identity, Provisions provisions, std::shared_ptr<Library> library,
                   std::shared_ptr<Share> share, std::shared_ptr<const Workers> workers, const base::Clock& clock,
                   const Limits& limits)
    : identity_(std::move(identity)),
      provisions_(std::move(provisions)),
      metrics_(provisions_.registry, identity_.name),
      cache_(clock),
      plugin_id_(library->description().id),
      library_(std::move(library)),
      share_(std::move(share)),
      workers_(std::move(workers)),
      clock_(clock),
      limits_(limits),
      flags_(library_->description().flags),
      needs_(library_->description().needs),
      api_(&library_->authorizer()) {
  base::SystemRandom random;
  for (std::uint32_t i = 0; i < workers_->all.size(); ++i)
    per_worker_.push_back(std::make_shared<PerWorker>(*this, i, static_cast<std::uint32_t>(random.next_u64())));
  operations_ = std::make_shared<Operations>(static_cast<Operations::Caller&>(*this), on_loop(), share_, workers_,
                                             random.next_u64());
  host_.struct_size = sizeof host_;
  host_.abi_minor = GH_ABI_MINOR;
  host_.worker_count = static_cast<std::uint32_t>(workers_->all.size());
  host_.impl = this;
  host_.name = "gatehouse";
  host_.version = GATEHOUSE_VERSION;
  host_.service = &Instance::service;
  host_.complete = &Instance::complete;
}

Instance::~Instance() = default;

Result<void> Instance::create(const Settings& settings) {
  const auto refused = [&](const char* call, std::int32_t code, const gh_err& error) -> tl::unexpected<Error> {
    std::string why = readable(error.msg, sizeof error.msg);
    // A gh_err has no room for all that can be wrong in a policy.
    if (code == GH_E_CONFIG && policies_.faults().size() >= sizeof error.msg) why = policies_.faults();
    return fail(code == GH_E_CONFIG ? Code::Invalid : Code::Refused,
                "plugin `" + plugin_id_ + "` refuses in " + call + ": " + why);
  };
  gh_err error{};
  error.struct_size = sizeof error;
  std::int32_t code = GH_E_EXCEPTION;
  gh_plugin* made = nullptr;
  try {
    code = api_->create(&host_, settings.c(), &made, &error);
  } catch (...) {
    std::strcpy(error.msg, "it threw an exception across the ABI");
  }
  if (code != GH_OK) return refused("create", code, error);
  if (made == nullptr)
    return fail(Code::Refused, "plugin `" + plugin_id_ + "` made nothing in create and called it success");
  plugin_ = made;
  error = gh_err{};
  error.struct_size = sizeof error;
  code = GH_E_EXCEPTION;
  try {
    code = api_->start(plugin_, &error);
  } catch (...) {
    std::strcpy(error.msg, "it threw an exception across the ABI");
  }
  metrics_.close();
  policies_.close();
  if (code == GH_OK) return {};
  auto out = refused("start", code, error);
  if (end_operations()) destroy_plugin();
  return out;
}

bool Instance::end_operations() noexcept {
  operations_->close();
  return operations_->drain(std::chrono::milliseconds(limits_.retire_ms));
}

void Instance::destroy_plugin() noexcept {
  if (plugin_ == nullptr) return;
  try {
    api_->destroy(plugin_);
  } catch (...) {
    complain("the plugin threw an exception in destroy");
  }
  plugin_ = nullptr;
}

Result<Instance*> Instance::start(Identity identity, Provisions provisions, std::shared_ptr<Library> library,
                                  std::unique_ptr<Settings> settings, std::shared_ptr<Share> share,
                                  std::shared_ptr<const Workers> workers, const base::Clock& clock,
                                  const Limits& limits) {
  const std::string id = library->description().id;
  auto* instance = new Instance(std::move(identity), std::move(provisions), std::move(library), std::move(share),
                                std::move(workers), clock, limits);
  auto starting = std::make_shared<Starting>();
  const auto run = [instance, starting, given = std::shared_ptr<Settings>(std::move(settings))]() mutable {
    auto result = instance->create(*given);
    given.reset();
    std::unique_lock lock(starting->mutex);
    starting->result = std::move(result);
    starting->done = true;
    starting->changed.notify_all();
    if (!starting->abandoned) return;
    lock.unlock();
    retire(instance);
  };
  try {
    std::thread(run).detach();
  } catch (const std::exception& e) {
    delete instance;
    return fail(Code::Internal, "plugin `" + id + "`: no thread to start it on: " + e.what());
  }

  std::unique_lock lock(starting->mutex);
  if (!starting->changed.wait_for(lock, std::chrono::milliseconds(limits.start_ms), [&] { return starting->done; })) {
    starting->abandoned = true;
    return fail(Code::Timeout, "plugin `" + id + "` did not start within " + std::to_string(limits.start_ms) + " ms");
  }
  if (starting->result) return instance;
  lock.unlock();
  // What it made is gone, but for what it asked of services.
  retire(instance);
  return tl::unexpected(starting->result.error());
}

bool Instance::retire(Instance* instance) noexcept {
  const auto limit = std::chrono::milliseconds(instance->limits_.retire_ms);
  const auto keep = [&](std::string_view why) {
    instance->complain(why);
    instance->library_->keep();
    keep_for_ever(std::shared_ptr<void>(instance, [](void*) {}));
    return false;
  };
  // Before stop(): a plugin may wait there for what it has asked for.
  if (!instance->end_operations()) return keep("a callback of the plugin does not come back: it stays in memory");
  {
    std::unique_lock lock(instance->mutex_);
    if (!instance->quiet_.wait_for(lock, limit, [&] { return instance->executing_ == 0; })) {
      lock.unlock();
      return keep("the plugin's code does not come back: it stays in memory");
    }
  }
  if (instance->plugin_ != nullptr) {
    // stop() has no limit of its own: this thread is there for it.
    try {
      instance->api_->stop(instance->plugin_);
    } catch (...) {
      instance->complain("the plugin threw an exception in stop");
    }
    std::unique_lock lock(instance->mutex_);
    if (!instance->quiet_.wait_for(lock, limit, [&] { return instance->owed_ == 0; })) {
      lock.unlock();
      return keep("the plugin stopped and still owes answers: it stays in memory");
    }
  }
  instance->destroy_plugin();
  delete instance;
  return true;
}

void Instance::complain(std::string_view what) const noexcept {
  const std::int64_t second = clock_.monotonic_ns() / 1'000'000'000;
  const bool fresh = complaint_second_.exchange(second, std::memory_order_relaxed) != second;
  if (fresh) complaints_.store(0, std::memory_order_relaxed);
  const std::uint32_t before = complaints_.fetch_add(1, std::memory_order_relaxed);
  if (before > kComplaints) return;
  if (before == kComplaints) what = "more of the plugin's faults in this second are not written";
  try {
    base::log(base::Level::Warn, what, {{"plugin", plugin_id_}, {"authorizer", identity_.name}});
  } catch (...) {
    // Out of memory: the line is lost, the answer is Failed all the same.
  }
}

}  // namespace gatehouse::plugin
