#pragma once
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "client/fetch_client.hpp"
#include "plugin/host.hpp"

namespace gatehouse::plugin::test {

inline std::string good_plugins() {
  return GATEHOUSE_TEST_PLUGINS "/good";
}
inline std::string broken_plugins() {
  return GATEHOUSE_TEST_PLUGINS "/broken";
}
inline std::string libcxx_plugins() {
  return GATEHOUSE_TEST_PLUGINS "/libcxx";
}
inline std::string example_plugins() {
  return GATEHOUSE_EXAMPLE_PLUGINS;
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The staged libraries that are mapped now.
inline std::set<std::string> mapped_libraries() {
  std::set<std::string> out;
  std::ifstream in("/proc/self/maps");
  for (std::string line; std::getline(in, line);) {
    const std::size_t at = line.find('/');
    if (at != std::string::npos && line.find("/gatehouse-plugins-") != std::string::npos) out.insert(line.substr(at));
  }
  return out;
}

/// A directory of the test's own, beside its program: there the chain of owners is right.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string path = std::string(GATEHOUSE_TEST_PLUGINS) + "/tmp-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) std::abort();
    path_ = path;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& bytes) const {
    const std::string path = path_ + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    std::filesystem::permissions(path, std::filesystem::perms(0644));
    return path;
  }

 private:
  std::string path_;
};

/// Collects the log's lines for as long as it lives.
class LogCapture {
 public:
  LogCapture() {
    base::set_log(base::Level::Info,
                  [this](base::Level, std::string_view message, std::initializer_list<base::Field> fields) {
                    std::string line(message);
                    for (const base::Field& f : fields) line.append(" ").append(f.key).append("=").append(f.value);
                    const std::lock_guard lock(mutex_);
                    lines_.push_back(std::move(line));
                  });
  }
  ~LogCapture() { base::set_log(base::Level::Error, nullptr); }
  bool holds(std::string_view part) const { return count(part) > 0; }
  std::size_t count(std::string_view part) const {
    const std::lock_guard lock(mutex_);
    std::size_t n = 0;
    for (const std::string& line : lines_) n += line.find(part) != std::string::npos ? 1 : 0;
    return n;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// A pipe whose ends a plugin and its test hold: what says "go on" and "I am here" without sleeping.
class Gate {
 public:
  Gate() {
    if (::pipe(ends_) != 0) std::abort();
  }
  ~Gate() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void open(int times = 1) const {
    const std::string bytes(static_cast<std::size_t>(times), 'x');
    if (::write(ends_[1], bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
  }
  /// Waits until the other side has written a byte.
  bool passed() const {
    pollfd p{ends_[0], POLLIN, 0};
    char byte;
    return ::poll(&p, 1, 10'000) == 1 && ::read(ends_[0], &byte, 1) == 1;
  }

 private:
  int ends_[2] = {-1, -1};
};

class FakeExchange final : public http::Exchange {
 public:
  http::BodySource& body() noexcept override { return body_; }
  void respond(const http::ResponseHead&, http::BodySource*) override {}
  void abort() noexcept override {}
  void close_after() noexcept override {}
  bool responded() const noexcept override { return false; }
  int unpinned_times = 0;

 private:
  void unpinned() noexcept override { ++unpinned_times; }
  http::MemoryBody body_;
};

/// One request and the question about it.
class Asked final : public access::Question {
 public:
  Asked() {
    target_.wire_path = "/prod/orders/%37";
    target_.path = "/prod/orders/7";
    target_.raw_query = "a=1&b=x+y%21&a=2";
    target_.has_query = true;
    connection_.peer_text = "192.0.2.9";
    connection_.peer_port = 40000;
    connection_.listener = "public";
    connection_.id = 17;
    exchange.request.authority = "api.example.com:8080";
    facts.account_id = "111122223333";
    facts.region = "eu-central-1";
    facts.api_id = "orders";
    facts.stage = "prod";
    facts.route_key = "GET /orders/{id}";
    facts.resource_path = "/orders/{id}";
    facts.arn = "arn:aws:execute-api:eu-central-1:111122223333:orders/prod/GET/orders/7";
    facts.request_id = "r-1";
    facts.domain = "api.example.com";
    facts.api_path = "/orders/7";
    facts.request = &exchange.request;
    facts.target = &target_;
    facts.connection = &connection_;
    facts.source_ip_text = "198.51.100.7";
    facts.time_unix_ms = 1'700'000'000'000;
  }
  void header(std::string_view name, std::string_view value) { exchange.request.headers.add(name, value); }

  void answered(const access::Answer& given) override {
    answer = given;
    ++answers;
  }
  base::Arena& arena() noexcept override { return exchange.arena; }
  void pin() noexcept override { exchange.pin(); }
  void unpin() noexcept override { exchange.unpin(); }
  access::RequestBody* body() noexcept override { return kept; }

  access::RequestBody* kept = nullptr;
  FakeExchange exchange;
  access::Facts facts;
  std::optional<access::Answer> answer;
  int answers = 0;

 private:
  http::Target target_;
  http::ConnectionFacts connection_;
};

inline config::Authorizer authorizer(const std::string& plugin, const std::string& settings = "{}",
                                     config::AuthorizerType type = config::AuthorizerType::Request) {
  config::Authorizer out;
  out.name = "gate";
  out.type = type;
  out.plugin = plugin;
  out.in_process = out.placement_given = true;
  out.settings.json = base::Secret(settings);
  return out;
}

/// A host with one worker, whose loop is this thread's.
class HostTest : public ::testing::Test {
 protected:
  HostTest() { make_host({}); }

  void make_host(std::vector<std::string> directories) {
    Host::Options options;
    options.workers = 1;
    options.share_threads = 2;
    options.share_queue = 2;
    options.max_pinned_calls = 3;
    options.metrics = &registry;
    options.limits.start_ms = start_ms;
    options.limits.retire_ms = retire_ms;
    host = std::make_unique<Host>(options, executor, clock);
    host->attach(0, loop);
    host->attach_fetches(0, fetches);
    plugins.directories = directories.empty() ? std::vector<std::string>{good_plugins()} : std::move(directories);
    host->scan(plugins);
    loop.turn(0);
  }
  std::shared_ptr<access::Authorizer> make(const config::Authorizer& settings) {
    auto made = host->make(settings);
    if (!made) ADD_FAILURE() << made.error().text;
    return made ? *made : nullptr;
  }
  std::shared_ptr<access::Authorizer> misbehaving(const std::string& plugin, const std::string& what) {
    return make(authorizer("test." + plugin, R"({"do": ")" + what + R"(", "gate": )" + std::to_string(gate.read_end()) +
                                                 R"(, "say": )" + std::to_string(say.write_end()) + "}"));
  }
  /// Asks, and turns the loop until there is an answer.
  access::Answer ask(access::Authorizer& who, Asked& asked) {
    who.authorize(asked.facts, 0, asked);
    until([&] { return asked.answers > 0; });
    EXPECT_EQ(asked.answers, 1);
    return asked.answer.value_or(access::Answer::failed("test", "no answer"));
  }
  void until(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done() && std::chrono::steady_clock::now() < limit) loop.turn(10);
    EXPECT_TRUE(done());
  }

  /// Whether a library of this test's is mapped (others may have been kept for ever before).
  bool mapped() const {
    for (const std::string& path : mapped_libraries())
      if (before_.count(path) == 0) return true;
    return false;
  }

  const std::set<std::string> before_ = mapped_libraries();
  std::int64_t start_ms = 20'000;
  std::int64_t retire_ms = 20'000;
  Gate gate;
  Gate say;
  LogCapture log;
  base::FixedClock clock{1'700'000'000'000};
  base::Registry registry;
  net::Loop loop;
  net::Executor executor{4};
  client::FetchClient fetches{loop, executor.share("fetch resolver", 1, 16)};
  config::Plugins plugins;
  std::unique_ptr<Host> host;
};

}  // namespace gatehouse::plugin::test
