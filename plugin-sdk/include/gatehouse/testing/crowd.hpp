// gatehouse/testing/crowd.hpp -- many requests from many threads at once. Part of testing.hpp.
#pragma once
#include <gatehouse/testing/time.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace gatehouse::testing {

/// What many requests came to.
struct Tally {
  std::size_t asked = 0, allowed = 0, denied = 0, unauthorized = 0, failed = 0, abstained = 0;
};

class CrowdedInstance : public TimedInstance {
 public:
  using TimedInstance::TimedInstance;

  class Threads {
   public:
    /// Asks `times` times on each thread. Each is an event loop of its own to a nonblocking() plugin.
    Tally repeat(std::size_t times, const TestRequest& request) {
      return repeat(times, [&](std::size_t, std::size_t) { return request; });
    }
    /// `make(thread, round)` gives the request.
    template <class Make>
    auto repeat(std::size_t times, const Make& make) -> decltype(make(std::size_t(), std::size_t()), Tally()) {
      return instance_.run_threads(count_, times, make);
    }

   private:
    friend class CrowdedInstance;
    Threads(CrowdedInstance& h, std::size_t count) : instance_(h), count_(count) {}
    CrowdedInstance& instance_;
    std::size_t count_;
  };
  /// At most 16.
  Threads threads(std::size_t count) {
    if (count < 1 || count > Engine::kWorkers) throw Error("threads() takes 1 to 16");
    return Threads(*this, count);
  }

 private:
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
};

}  // namespace gatehouse::testing
