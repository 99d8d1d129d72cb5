// gatehouse/testing.hpp -- unit tests of a plugin without a server. Header-only, for any test framework. The plugin's
// source is compiled into the test program and entered through its C entry, as the gateway does:
//
//   gatehouse::testing::Harness h(R"({"token": "s3cret-token-value"})");
//   auto a = h.authorize(gatehouse::testing::request("GET", "/pets").header("x-token", "s3cret-token-value"));
//   assert(a.allowed() && a.context("tier") == "gold" && h.answers() == 1);
//
// What the fakes do: the clock stands still until advance() or set_time(); callbacks come when the test waits in
// authorize(), settle() or advance(); each answer is held to the contract. What breaks the contract throws Error from
// the function that noticed it, or from stop().
#pragma once
#include <gatehouse/testing/services.hpp>
#include <gatehouse/testing/settings.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>

namespace gatehouse::testing {

/// What many requests came to.
struct Tally {
  std::size_t asked = 0, allowed = 0, denied = 0, unauthorized = 0, failed = 0, abstained = 0;
};

/// One instance of the plugin in a gateway of fakes. Steered by one thread; the plugin may use as many as it likes.
class Harness {
 public:
  /// `settings`: JSON, held to the plugin's schema. Nothing of the plugin runs before start(), or the first
  /// authorize().
  explicit Harness(std::string_view settings = "{}", gh_module_fn entry = &gatehouse_module_v1)
      : settings_(settings), module_(entry()) {
    if (module_ == nullptr || module_->abi_major != GH_ABI_MAJOR) throw Error("the entry gives no module of this ABI");
    desc_ = module_->plugin(0);
    table_ = static_cast<const gh_authorizer*>(module_->iface(0, GH_IFACE_AUTHORIZER));
    if (desc_ == nullptr || table_ == nullptr) throw Error("the module has no authorizer");
    fakes_.nonblocking = (desc_->flags & GH_F_NONBLOCKING) != 0;
  }
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;
  ~Harness() {
    try {
      stop();
    } catch (const std::exception& x) {
      std::fprintf(stderr, "gatehouse/testing.hpp: %s\n", x.what());
      std::abort();  // a test that did not look must not pass
    }
  }

  // ---- before the plugin starts, or at any time ----
  Harness& secret(std::string_view name, std::string_view value) {
    const Hold hold(fakes_.mutex);
    fakes_.secrets[std::string(name)] = std::string(value);
    return *this;
  }
  /// A fetch of that method and URL gets this. The latest word counts.
  Harness& http(std::string_view method, std::string_view url, int status, std::string_view body = {},
                TestRequest::Pairs headers = {}) {
    const Hold hold(fakes_.mutex);
    fakes_.served.push_back(
        {std::string(method), std::string(url), status, std::string(body), std::move(headers), false});
    return *this;
  }
  /// `why`: GH_E_DNS, GH_E_TLS and so on.
  Harness& http_fails(std::string_view method, std::string_view url, std::int32_t why) {
    return http(method, url, why);
  }
  /// No response until the fetch's own timeout; advance() lets it pass.
  Harness& http_hangs(std::string_view method, std::string_view url) {
    http(method, url, GH_E_TIMEOUT);
    fakes_.served.back().hangs = true;
    return *this;
  }
  /// Each function of that service refuses, or finds nothing, with `status`; GH_OK heals it.
  Harness& fail_service(std::string_view id, std::int32_t status = GH_E_LIMIT) {
    const Hold hold(fakes_.mutex);
    fakes_.failing.erase(std::string(id));
    if (status != GH_OK) fakes_.failing.emplace(std::string(id), status);
    return *this;
  }
  /// The gateway lacks that service. Before start().
  Harness& without_service(std::string_view id) {
    fakes_.missing.insert(std::string(id));
    return *this;
  }
  /// What is asked of the executor runs on threads of its own; without, on the thread that waits.
  Harness& executor_threads(std::size_t count) {
    while (threads_.size() < count) threads_.emplace_back([this] { serve_executor(); });
    return *this;
  }
  /// Real time after which authorize() takes a call for overdue, as the gateway does at its deadline.
  Harness& patience(std::chrono::milliseconds real) {
    patience_ = real;
    return *this;
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
    friend class Harness;
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

  // ---- time ----
  void set_time(std::int64_t unix_ms) {
    const Hold hold(fakes_.mutex);
    fakes_.unix_ms = unix_ms;
  }
  /// `2026-01-01T00:00:00Z`
  void set_time(const char* iso) {
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    char z = 0;
    if (std::sscanf(iso, "%4d-%2d-%2dT%2d:%2d:%2d%c", &y, &mo, &d, &h, &mi, &s, &z) != 7 || z != 'Z' || mo < 1 ||
        mo > 12)
      throw Error("set_time wants 2026-01-01T00:00:00Z");
    const std::int64_t year = mo <= 2 ? y - 1 : y, era = year / 400, of_era = year - era * 400;
    const std::int64_t day = (153 * (mo + (mo > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    const std::int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day - 719468;
    set_time(((days * 24 + h) * 60 + mi) * 60'000 + s * 1000LL);
  }
  std::int64_t unix_ms() const {
    return locked([&] { return fakes_.unix_ms; });
  }
  /// Lets `ms` pass on both clocks and runs the callbacks that become due, in their order.
  void advance(std::uint64_t ms) {
    std::unique_lock<std::mutex> hold(fakes_.mutex);
    const std::uint64_t end = fakes_.now_ns + ms * 1'000'000;
    const auto go = [&](std::uint64_t to) {
      fakes_.unix_ms += static_cast<std::int64_t>((to - fakes_.now_ns) / 1'000'000);
      fakes_.now_ns = to;
    };
    drain(hold);
    for (;;) {
      auto next = fakes_.dues.end();
      for (auto due = fakes_.dues.begin(); due != fakes_.dues.end(); ++due)
        if (due->at_ns <= end && (next == fakes_.dues.end() || due->at_ns < next->at_ns)) next = due;
      if (next == fakes_.dues.end()) break;
      go(next->at_ns > fakes_.now_ns ? next->at_ns : fakes_.now_ns);
      Job job = std::move(next->job);
      fakes_.dues.erase(next);
      fakes_.soon(std::move(job));
      drain(hold);
    }
    go(end);
  }

  // ---- many at once ----
  class Threads {
   public:
    /// Asks `times` times on each thread. Each is an event loop of its own to a nonblocking() plugin.
    Tally repeat(std::size_t times, const TestRequest& request) {
      return repeat(times, [&](std::size_t, std::size_t) { return request; });
    }
    /// `make(thread, round)` gives the request.
    template <class Make>
    auto repeat(std::size_t times, const Make& make) -> decltype(make(std::size_t(), std::size_t()), Tally()) {
      return harness_.run_threads(count_, times, make);
    }

   private:
    friend class Harness;
    Threads(Harness& h, std::size_t count) : harness_(h), count_(count) {}
    Harness& harness_;
    std::size_t count_;
  };
  /// At most 16.
  Threads threads(std::size_t count) {
    if (count < 1 || count > Engine::kWorkers) throw Error("threads() takes 1 to 16");
    return Threads(*this, count);
  }

  // ---- what happened ----
  /// Answers that the plugin gave in time, in all.
  std::size_t answers() const {
    return locked([&] { return fakes_.answers; });
  }
  std::vector<Fetched> fetches() const {
    return locked([&] { return fakes_.fetched; });
  }
  std::vector<LogLine> log() const {
    return locked([&] { return fakes_.log; });
  }
  bool logged(std::string_view part) const {
    return locked([&] {
      return std::any_of(fakes_.log.begin(), fakes_.log.end(),
                         [&](const LogLine& line) { return line.text.find(part) != std::string::npos; });
    });
  }
  /// Sum of a counter, or of a histogram's nanoseconds: `hits`, `hits{kind="a"}`.
  std::uint64_t metric(std::string_view name) const {
    return locked([&] {
      const auto found = fakes_.metrics.find(name);
      if (found == fakes_.metrics.end()) throw Error("no metric `" + std::string(name) + "` was declared");
      return found->second;
    });
  }
  std::size_t cached() const {
    return locked([&] { return fakes_.cache.size(); });
  }
  void clear_cache() {
    const Hold hold(fakes_.mutex);
    fakes_.cache.clear();
  }
  /// Breaches of the contract so far, taken away: for tests that mean them.
  std::vector<std::string> take_complaints() {
    return locked([&] { return std::exchange(fakes_.complaints, {}); });
  }
  const gh_plugin_desc& description() const noexcept { return *desc_; }

 private:
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
  template <class Make>
  Tally run_threads(std::size_t count, std::size_t times, const Make& make) {
    start();
    Tally tally;
    std::size_t working = count;
    std::exception_ptr thrown;
    std::vector<std::thread> all;
    for (std::size_t t = 0; t < count; ++t)
      all.emplace_back([&, t] {
        const auto worker = static_cast<std::uint32_t>(t);
        Tally own;
        try {
          for (std::size_t i = 0; i < times; ++i) {
            const TestAnswer a = await(ask(make(t, i), worker), worker);
            ++own.asked;
            (a.allowed()        ? own.allowed
             : a.denied()       ? own.denied
             : a.unauthorized() ? own.unauthorized
             : a.abstained()    ? own.abstained
                                : own.failed)++;
          }
        } catch (...) {
          const Hold hold(fakes_.mutex);
          thrown = std::current_exception();
        }
        std::unique_lock<std::mutex> hold(fakes_.mutex);
        tally.asked += own.asked, tally.allowed += own.allowed, tally.denied += own.denied;
        tally.unauthorized += own.unauthorized, tally.failed += own.failed, tally.abstained += own.abstained;
        --working;
        fakes_.changed.notify_all();
        // Others may wait for what comes on this loop.
        while (working > 0)
          if (!fakes_.run_one(hold, worker, threads_.empty())) fakes_.changed.wait(hold);
      });
    for (std::thread& t : all) t.join();
    if (thrown) std::rethrow_exception(thrown);
    settle();
    complain();
    return tally;
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
