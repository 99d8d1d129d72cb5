// An AsyncAuthorizer: answers from a thread of its own, or drops the call.
#include <gatehouse/authorizer.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
namespace gh = gatehouse;

namespace {

struct Patient : gh::AsyncAuthorizer {
  static constexpr auto info = gh::Info("answers later").nonblocking();
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::pair<std::string, gh::Call>> waiting;
  bool stopping = false;
  std::thread thread;

  explicit Patient(const gh::Config&) {}
  void start() override {
    thread = std::thread([this] {
      std::unique_lock lock(mutex);
      for (;;) {
        changed.wait(lock, [this] { return stopping || !waiting.empty(); });
        if (waiting.empty()) return;
        auto [user, call] = std::move(waiting.front());
        waiting.pop_front();
        lock.unlock();
        call.complete(user == "nobody" ? gh::deny("nobody is not let in") : gh::allow(user).context("from", "thread"));
        lock.lock();
      }
    });
  }
  void stop() override {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    changed.notify_all();
    thread.join();
  }
  void authorize(const gh::Request& r, gh::Call call) override {
    const auto user = r.header("x-user");
    if (user == "drop") return;
    if (user == "throw") throw std::runtime_error("thrown after taking the call");
    if (user == "now") return call.complete(gh::allow("now"));
    {
      const std::lock_guard lock(mutex);
      waiting.emplace_back(std::string(user), std::move(call));
    }
    changed.notify_all();
  }
};

}  // namespace
GATEHOUSE_AUTHORIZER(Patient, "frozen.later-cpp", "1.0.0")
