// Fetches when it starts, as a plugin does that discovers its keys: without an answer it does not start.
#include <condition_variable>
#include <gatehouse/authorizer.hpp>
#include <memory>
#include <mutex>
#include <stdexcept>
namespace gh = gatehouse;

namespace {

struct Found {
  std::mutex mutex;
  std::condition_variable changed;
  bool came = false;
  std::string text, error;
};

struct Discovery : gh::Authorizer {
  static constexpr auto info = gh::Info("discovers what it needs when it starts").nonblocking().services({GH_SVC_HTTP});
  gh::Host& host;
  std::string who;
  Discovery(const gh::Config&, gh::Host& h) : host(h) {}

  void start() override {
    auto found = std::make_shared<Found>();
    const std::int32_t asked =
        host.fetch(gh::Fetch("GET", "https://idp.example.com/who"), [found](const gh::FetchResult& result) {
          const std::lock_guard<std::mutex> lock(found->mutex);
          found->came = true;
          if (!result.came() || result.status() != 200)
            found->error = result.came() ? "status " + std::to_string(result.status()) : result.error();
          else
            found->text = result.body();
          found->changed.notify_all();
        });
    // A fetch that is refused calls nobody back.
    if (asked != GH_OK) throw std::runtime_error(std::string("discovery: ") + gh::status_text(asked));
    std::unique_lock<std::mutex> lock(found->mutex);
    found->changed.wait(lock, [&] { return found->came; });
    if (!found->error.empty()) throw std::runtime_error("discovery: " + found->error);
    who = found->text;
  }
  gh::Answer authorize(const gh::Request& request) override {
    return request.header("x-user").empty() ? gh::unauthorized("User") : gh::allow(who);
  }
};

}  // namespace
GATEHOUSE_AUTHORIZER(Discovery, "test.discovery", "1.0.0")
