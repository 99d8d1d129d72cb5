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
#include <gatehouse/testing/crowd.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::testing {

/// One instance of the plugin in a gateway of fakes. What a test does with it stands in its bases, one idea a header:
/// its life and requests in Instance, clocks in TimedInstance, threads in CrowdedInstance. Here is what the fakes give,
/// and what they saw.
class Harness : public CrowdedInstance {
 public:
  using CrowdedInstance::CrowdedInstance;

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

  /// An access key that look-ups find; another of the same id is replaced.
  Harness& access_key(AccessKey key) {
    const Hold hold(fakes_.mutex);
    fakes_.identities.put(std::move(key));
    return *this;
  }
  Harness& access_key(std::string_view id, std::string_view secret) {
    AccessKey key;
    key.id = std::string(id);
    key.secret = std::string(secret);
    return access_key(std::move(key));
  }
  /// Look-ups come later instead of at once; with a status other than GH_OK they bring that instead of a key.
  Harness& lookups_wait(std::int32_t outcome = GH_OK) {
    const Hold hold(fakes_.mutex);
    fakes_.identities.at_once = false;
    fakes_.identities.outcome = outcome;
    return *this;
  }

  // ---- what happened ----
  /// Answers that the plugin gave in time, in all.
  std::size_t answers() const {
    return locked([&] { return fakes_.answers; });
  }
  /// Look-ups of access keys.
  std::size_t lookups() const {
    return locked([&] { return fakes_.identities.lookups; });
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
};

}  // namespace gatehouse::testing
