#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/client.hpp"
#include "net/resolver.hpp"
#include "unit/client/raw_upstream.hpp"

namespace gatehouse::test {

/// Names to addresses as a test says; answers when it is told to.
class TableResolver final : public net::Resolver {
 public:
  explicit TableResolver(net::Loop& loop) : loop_(loop) {}
  void resolve(std::string_view host, Callback answer) override {
    ++asked;
    pending_.emplace_back(std::string(host), std::move(answer));
    if (!hold)
      loop_.defer([this, alive = std::weak_ptr<int>(alive_)] {
        if (!alive.expired()) answer_all();
      });
  }
  void answer_all() {
    for (auto& [host, answer] : std::exchange(pending_, {})) {
      const auto found = names.find(host);
      if (found == names.end())
        answer(fail(Code::NotFound, "no such name"));
      else
        answer(found->second);
    }
  }
  void set(const std::string& host, std::initializer_list<std::string_view> addresses) {
    names[host].clear();
    for (std::string_view text : addresses) names[host].push_back(*base::IpAddress::parse(text));
  }
  std::map<std::string, Addresses> names;
  bool hold = false;
  int asked = 0;

 private:
  net::Loop& loop_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  std::vector<std::pair<std::string, Callback>> pending_;
};

/// A worker with a client, turned by the test itself.
class World {
 public:
  explicit World(const base::Clock& clock = base::system_clock())
      : loop(clock),
        buffers(),
        names(new TableResolver(loop)),
        client(loop, buffers, std::unique_ptr<net::Resolver>(names)) {
    loop.turn(0);
  }

  /// Turns the loop until `done`, at most ten seconds of real time. False when time ran out.
  bool until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      loop.turn(5);
    }
    return true;
  }
  void turn(int times = 3) {
    for (int i = 0; i < times; ++i) loop.turn(0);
  }

  net::Loop loop;
  net::BufferPool buffers;
  TableResolver* names;
  client::Client client;
};

/// Starts one call and keeps what becomes of it.
class Told final : public client::CallOwner, public http::BodySink {
 public:
  explicit Told(World& world) : world_(world) {}
  ~Told() { handle.reset(); }

  client::OutboundRequest request;
  http::Headers headers;
  http::MemoryBody memory;
  bool hold = false;  // the body is left alone: pull by drain()
  std::size_t most_at_once = ~std::size_t{0};

  int status = 0;
  std::string reason, body, detail, target;
  std::vector<std::pair<std::string, std::string>> got_headers;
  std::string trailers;
  client::CallError error = client::CallError::None;
  http::BodyError body_error = http::BodyError::None;
  std::int64_t length = 0;
  bool ended = false;
  bool over() const { return ended || error != client::CallError::None || body_error != http::BodyError::None; }

  Told& start(const std::shared_ptr<const client::Upstream>& upstream) {
    if (request.target.empty()) request.target = "/";
    request.headers = &headers;
    starting_ = true;
    handle = world_.client.start(upstream, request, *this);
    starting_ = false;
    return *this;
  }
  Told& run(const std::shared_ptr<const client::Upstream>& upstream) {
    start(upstream);
    EXPECT_TRUE(world_.until([this] { return over(); })) << "no end in time";
    return *this;
  }
  Told& post(std::string_view text) {
    request.method = http::Method::Post;
    memory.assign(text);
    request.body = &memory;
    return *this;
  }
  void drain() {
    http::BodySource& source = handle->body();
    for (;;) {
      switch (source.pull()) {
        case http::BodySource::State::Ready: {
          const std::string_view data = source.data().substr(0, most_at_once);
          body.append(data);
          source.consume(data.size());
          break;
        }
        case http::BodySource::State::Waiting:
          return;
        case http::BodySource::State::End:
          if (source.trailers() != nullptr)
            for (const http::Header& line : *source.trailers())
              trailers.append(line.name).append("=").append(line.value);
          ended = true;
          return;
        case http::BodySource::State::Failed:
          body_error = source.error();
          return;
      }
    }
  }

  client::CallHandle handle;

 private:
  void on_response(client::Call& call, const http::ResponseHead& head) override {
    EXPECT_FALSE(starting_) << "told from inside start()";
    EXPECT_EQ(status, 0) << "told twice";
    status = head.status;
    reason = head.reason;
    for (const http::Header& header : head.headers) got_headers.emplace_back(header.name, header.value);
    length = call.body().length();
    target = call.target();
    call.body().set_sink(this);
    if (!hold) drain();
  }
  void on_failure(client::Call&, client::CallError why, std::string_view text) override {
    EXPECT_FALSE(starting_) << "told from inside start()";
    EXPECT_EQ(status, 0) << "a failure after a response";
    error = why;
    detail = text;
  }
  void on_body() override {
    if (!hold) drain();
  }

  World& world_;
  bool starting_ = false;
};

inline std::shared_ptr<const client::Upstream> upstream_of(client::UpstreamSettings settings) {
  if (settings.name.empty()) settings.name = "test";
  auto made = client::Upstream::make(std::move(settings));
  EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().text);
  return made ? *made : nullptr;
}
inline std::shared_ptr<const client::Upstream> upstream_of(const RawUpstream& raw) {
  client::UpstreamSettings settings;
  settings.targets = {raw.address()};
  return upstream_of(std::move(settings));
}

}  // namespace gatehouse::test
