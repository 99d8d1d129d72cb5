// gatehouse/testing/instance.hpp -- one instance of the plugin in a gateway of fakes: its life, and one request at a
// time. Part of testing.hpp.
#pragma once
#include <gatehouse/testing/services.hpp>
#include <gatehouse/testing/settings.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace gatehouse::testing {

/// What a Harness is made of first. Steered by one thread; the plugin may use as many as it likes.
class Instance {
 public:
  /// `settings`: JSON, held to the plugin's schema. Nothing of the plugin runs before start(), or the first
  /// authorize().
  explicit Instance(std::string_view settings = "{}", gh_module_fn entry = &gatehouse_module_v1)
      : settings_(settings), module_(entry()) {
    if (module_ == nullptr || module_->abi_major != GH_ABI_MAJOR) throw Error("the entry gives no module of this ABI");
    desc_ = module_->plugin(0);
    table_ = static_cast<const gh_authorizer*>(module_->iface(0, GH_IFACE_AUTHORIZER));
    if (desc_ == nullptr || table_ == nullptr) throw Error("the module has no authorizer");
    fakes_.nonblocking = (desc_->flags & GH_F_NONBLOCKING) != 0;
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance() {
    try {
      stop();
    } catch (const std::exception& x) {
      std::fprintf(stderr, "gatehouse/testing.hpp: %s\n", x.what());
      std::abort();  // a test that did not look must not pass
    }
  }

  // ---- the plugin's life ----
  /// create and start. Throws Error with the plugin's words when it refuses.
  void start() {
    if (plugin_ != nullptr) return;
    for (const char* const* id = desc_->services; id != nullptr && *id != nullptr; ++id)
      if (fakes_.c.service(&fakes_.c, *id) == nullptr)
        throw Error(std::string("the gateway lacks `") + *id + "`, which the plugin needs");
    const Settings settings(settings_, desc_->settings_schema, "under-test");
    gh_err e{};
    e.struct_size = sizeof e;
    gh_plugin* made = nullptr;
    if (table_->create(&fakes_.c, settings.c(), &made, &e) != GH_OK) throw Error(e.msg);
    if (made == nullptr) throw Error("create gave no instance");
    plugin_ = made;
    if (table_->start(plugin_, &e) != GH_OK) {
      table_->destroy(plugin_);
      plugin_ = nullptr;
      throw Error(e.msg);
    }
    const Hold hold(fakes_.mutex);
    fakes_.may_declare = false;
  }
  /// Why start() refuses; empty when it does not.
  std::string refusal() {
    try {
      start();
    } catch (const Error& x) {
      return x.what();
    }
    return {};
  }
  /// stop and destroy; throws Error when the plugin broke the contract.
  void stop() {
    if (plugin_ != nullptr) {
      std::unique_lock<std::mutex> hold(fakes_.mutex);
      for (auto& [id, q] : fakes_.calls) {
        if (!q->over) q->answer = TestAnswer::failure("deadline", "the gateway ended");
        q->over = true;
        fakes_.ended(id);
      }
      drain(hold);
      hold.unlock();
      table_->stop(plugin_);
      hold.lock();
      fakes_.ending = true;
      fakes_.ended(0);
      drain(hold);
      for (const auto& [id, q] : fakes_.calls)
        if (!q->answered) fakes_.complaints.push_back("a call was never answered");
      hold.unlock();
      table_->destroy(plugin_);
      plugin_ = nullptr;
    }
    {
      const Hold hold(fakes_.mutex);
      closing_ = true;
      fakes_.changed.notify_all();
    }
    for (std::thread& t : threads_) t.join();
    threads_.clear();
    complain();
  }

  // ---- requests ----
  /// A call that was begun and not waited for.
  class Pending {
   public:
    explicit Pending(std::shared_ptr<Question> q) : q_(std::move(q)) {}
    std::uint64_t id() const noexcept { return q_->id; }

   private:
    friend class Instance;
    std::shared_ptr<Question> q_;
  };
  /// Asks, runs the callbacks that are there, and gives the answer; failed with code `deadline` when none comes.
  TestAnswer authorize(const TestRequest& request) { return wait(begin(request)); }
  /// Asks and returns when authorize() has: for plugins that wait for time. advance() or settle(), then answer().
  Pending begin(const TestRequest& request) { return Pending(ask(request, 0)); }
  bool answered(const Pending& p) const {
    const Hold hold(fakes_.mutex);
    return p.q_->over;
  }
  /// Waits for the answer as authorize() does.
  TestAnswer wait(const Pending& p) {
    TestAnswer out = await(p.q_, Engine::kAny);
    complain();
    return out;
  }
  /// Nobody waits for it any more, as when a client goes away: the plugin gets its hint and still owes an answer.
  void cancel(const Pending& p) {
    give_up(*p.q_, "gone");
    settle();
  }
  /// Runs every callback that is due now.
  void settle() {
    std::unique_lock<std::mutex> hold(fakes_.mutex);
    drain(hold);
  }

  /// Breaches of the contract so far, taken away: for tests that mean them.
  std::vector<std::string> take_complaints() {
    return locked([&] { return std::exchange(fakes_.complaints, {}); });
  }
  const gh_plugin_desc& description() const noexcept { return *desc_; }

 protected:
  using Hold = std::lock_guard<std::mutex>;
  template <class F>
  auto locked(const F& f) const -> decltype(f()) {
    const Hold hold(fakes_.mutex);
    return f();
  }
  void complain() {
    const std::vector<std::string> all = take_complaints();
    if (all.empty()) return;
    std::string text = "the plugin broke the contract: ";
    for (const std::string& one : all) text += (&one == &all.front() ? "" : "; ") + one;
    throw Error(text);
  }

  std::shared_ptr<Question> ask(const TestRequest& request, std::uint32_t worker) {
    start();
    auto q = std::make_shared<Question>();
    q->request = std::make_unique<ShownRequest>(request, desc_->needs);
    q->worker = worker;
    q->api_type = request.api_type;
    const gh_request* shown = &q->request->c;
    {
      const Hold hold(fakes_.mutex);
      q->id = fakes_.next_id++;
      gh_request& c = q->request->c;
      c.call_id = q->id;
      c.worker = fakes_.nonblocking ? worker : GH_WORKER_NONE;
      c.time_unix_ms = request.time_unix_ms.value_or(fakes_.unix_ms);
      c.deadline_ns = fakes_.now_ns + 5'000'000'000u;
      fakes_.calls.emplace(q->id, q);
    }
    const std::int32_t status = table_->authorize(plugin_, shown);
    const Hold hold(fakes_.mutex);
    q->inside = false;
    const bool later = status == GH_PENDING && (desc_->flags & GH_F_ASYNC) != 0;
    if (!q->answered && !later) {
      q->answer = status < 0 ? TestAnswer::failure("error", "the plugin returned an error")
                             : TestAnswer::failure("missing", "the plugin returned without an answer");
      q->answered = q->over = true;
      fakes_.ended(q->id);
    }
    fakes_.forget(q->id);
    return q;
  }
  void give_up(Question& q, const char* code) {
    {
      const Hold hold(fakes_.mutex);
      if (q.over) return;
      q.over = true;
      q.answer = TestAnswer::failure(code, "nobody waits for it any more");
      fakes_.ended(q.id);
    }
    table_->cancel(plugin_, q.id);
  }
  TestAnswer await(const std::shared_ptr<Question>& q, std::uint32_t worker) {
    std::unique_lock<std::mutex> hold(fakes_.mutex);
    const auto until = std::chrono::steady_clock::now() + patience_;
    while (!q->over) {
      if (fakes_.run_one(hold, worker, threads_.empty())) continue;
      if (fakes_.changed.wait_until(hold, until) == std::cv_status::timeout && !q->over) {
        hold.unlock();
        give_up(*q, "deadline");
        hold.lock();
        drain(hold);
      }
    }
    // A second answer is noticed when everything that was under way is done.
    if (worker == Engine::kAny) drain(hold);
    return q->answer;
  }
  void drain(std::unique_lock<std::mutex>& hold) {
    for (;;) {
      if (fakes_.run_one(hold, Engine::kAny, threads_.empty())) continue;
      if (fakes_.running == 0 && fakes_.jobs.empty()) return;
      fakes_.changed.wait(hold);
    }
  }
  void serve_executor() {
    std::unique_lock<std::mutex> hold(fakes_.mutex);
    while (!closing_) {
      // Worker 17 is nobody's: only what may block.
      if (!fakes_.run_one(hold, Engine::kWorkers + 1, true)) fakes_.changed.wait(hold);
    }
  }
  std::string settings_;
  const gh_module* module_;
  const gh_plugin_desc* desc_ = nullptr;
  const gh_authorizer* table_ = nullptr;
  gh_plugin* plugin_ = nullptr;
  mutable Services fakes_;
  std::vector<std::thread> threads_;
  bool closing_ = false;
  std::chrono::milliseconds patience_{5000};
};

}  // namespace gatehouse::testing
