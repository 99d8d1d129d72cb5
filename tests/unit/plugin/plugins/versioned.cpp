// The plugin that is replaced while it is at work: says which build answered. Built twice, with another PLUGIN_VERSION,
// for each way of answering: on the loop, on the executor, and later from a thread of its own.
#include <gatehouse/authorizer.hpp>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
namespace gh = gatehouse;

namespace {

// A static of a template: without the version script the dynamic linker makes one of the two builds' (STB_GNU_UNIQUE),
// and the new build answers with the old one's version.
template <class T>
const std::string& version() {
  static const auto text = std::make_shared<const std::string>(PLUGIN_VERSION);
  return *text;
}

gh::Answer judge(const gh::Request& request) {
  if (request.header("x-user") == "who") return gh::unauthorized("Version " + version<gh::Request>());
  return gh::allow(request.header("x-user"));
}

#if PLUGIN_LATER
struct Versioned : gh::AsyncAuthorizer {
  static constexpr auto info = gh::Info("answers later, with the build's version").nonblocking();
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::pair<gh::Answer, gh::Call>> waiting;
  bool stopping = false;
  std::thread thread;

  explicit Versioned(const gh::Config&) {}
  void start() override {
    thread = std::thread([this] {
      std::unique_lock lock(mutex);
      for (;;) {
        changed.wait(lock, [this] { return stopping || !waiting.empty(); });
        if (waiting.empty()) return;
        auto [answer, call] = std::move(waiting.front());
        waiting.pop_front();
        lock.unlock();
        call.complete(answer);
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
  void authorize(const gh::Request& request, gh::Call call) override {
    {
      const std::lock_guard lock(mutex);
      waiting.emplace_back(judge(request), std::move(call));
    }
    changed.notify_all();
  }
};
#else
struct Versioned : gh::Authorizer {
#if PLUGIN_ON_LOOP
  static constexpr auto info = gh::Info("answers with the build's version").nonblocking();
#else
  static constexpr auto info = gh::Info("answers with the build's version");
#endif
  explicit Versioned(const gh::Config&) {
#if PLUGIN_REFUSES_TO_BE_MADE
    throw gh::ConfigError("this build cannot be made");
#endif
  }
  void start() override {
#if PLUGIN_REFUSES_TO_START
    throw std::runtime_error("this build does not start");
#endif
  }
  gh::Answer authorize(const gh::Request& request) override {
    return judge(request);
  }
};
#endif

}  // namespace
GATEHOUSE_AUTHORIZER(Versioned, PLUGIN_ID, PLUGIN_VERSION)
