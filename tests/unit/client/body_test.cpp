#include <gtest/gtest.h>

#include "unit/client/world.hpp"

namespace gatehouse::client {
namespace {

using test::Peer;
using test::RawUpstream;
using test::serves;
using test::Told;
using test::upstream_of;
using test::World;

std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  std::uint32_t x = 1;
  for (char& c : out) {
    x = x * 1664525 + 1013904223;
    c = static_cast<char>('a' + (x >> 28));
  }
  return out;
}

std::string chunked(std::string_view body, std::size_t size) {
  std::string out;
  char line[24];
  for (std::size_t at = 0; at < body.size(); at += size) {
    const std::string_view part = body.substr(at, size);
    std::snprintf(line, sizeof line, "%zx\r\n", part.size());
    out.append(line).append(part).append("\r\n");
  }
  return out + "0\r\n\r\n";
}

/// A request body that hands out pieces when the test feeds it.
class Fed final : public http::BodySource {
 public:
  explicit Fed(std::int64_t length) : length_(length) {}
  void feed(std::string_view text) { pending_ += text; }
  void end() { end_ = true; }
  void fail(http::BodyError error) { error_ = error; }
  void tell() {
    if (sink_ != nullptr) sink_->on_body();
  }
  bool watched() const { return sink_ != nullptr; }
  std::size_t left() const { return pending_.size(); }

  State pull() override {
    if (!pending_.empty()) return State::Ready;
    if (error_ != http::BodyError::None) return State::Failed;
    return end_ ? State::End : State::Waiting;
  }
  std::string_view data() const noexcept override { return std::string_view(pending_).substr(0, 50'000); }
  void consume(std::size_t n) noexcept override { pending_.erase(0, n); }
  void set_sink(http::BodySink* sink) noexcept override { sink_ = sink; }
  std::int64_t length() const noexcept override { return length_; }
  http::BodyError error() const noexcept override { return error_; }
  void set_limit(std::int64_t) noexcept override {}

 private:
  std::string pending_;
  std::int64_t length_;
  http::BodySink* sink_ = nullptr;
  http::BodyError error_ = http::BodyError::None;
  bool end_ = false;
};

struct Down {
  const char* name;
  std::size_t size;
  std::size_t chunk;  // 0: Content-Length, 1: until close
};
const Down kDown[] = {
    {"just under a small buffer", 16'000, 0},
    {"a small buffer", 16'384, 0},
    {"64 kB", 65'536, 0},
    {"10 MB", 10'000'000, 0},
    {"64 kB until close", 65'536, 1},
    {"10 MB until close", 10'000'000, 1},
    {"10 MB in large chunks", 10'000'000, 1'000'000},
    {"1 MB in small chunks", 1'000'000, 100},
    {"chunks around the buffer", 300'000, 65'536},
};

TEST(ResponseBody, ArrivesWholeInBoundedMemory) {
  for (const Down& c : kDown) {
    const std::string body = pattern(c.size);
    RawUpstream raw([&](Peer& peer) {
      while (!peer.head().empty()) {
        if (c.chunk == 0) {
          peer.answer(body);
        } else if (c.chunk == 1) {
          peer.send("HTTP/1.1 200 OK\r\n\r\n" + body);
          return;
        } else {
          peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body, c.chunk));
        }
      }
    });
    World world;
    const auto upstream = upstream_of(raw);
    for (const std::size_t most : {~std::size_t{0}, std::size_t{777}}) {
      Told told(world);
      told.hold = true;
      told.most_at_once = most;
      told.start(upstream);
      ASSERT_TRUE(world.until([&] { return told.status == 200; }));
      while (!told.over()) {
        told.drain();
        EXPECT_LE(world.buffers.bytes_in_use(), net::BufferPool::kSmall + net::BufferPool::kLarge) << c.name;
        world.loop.turn(told.over() ? 0 : 5);
      }
      EXPECT_TRUE(told.ended) << c.name;
      EXPECT_TRUE(told.body == body) << c.name << ": " << told.body.size();
      told.handle.reset();
      EXPECT_EQ(world.buffers.bytes_in_use(), 0u) << c.name;
    }
    EXPECT_EQ(raw.connections(), c.chunk == 1 ? 2 : 1) << c.name;
  }
}

// The upstream has 64 MB to give; nobody takes them. Its sending gets stuck, and nothing piles up here.
TEST(ResponseBody, NotReadFasterThanItIsPulled) {
  const std::string piece(1'000'000, 'x');
  std::atomic<std::size_t> sent{0};
  RawUpstream raw([&](Peer& peer) {
    peer.head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 64000000\r\n\r\n");
    for (int i = 0; i < 64 && peer.send(piece); ++i) sent += piece.size();
  });
  World world;
  Told told(world);
  told.hold = true;
  told.start(upstream_of(raw));
  ASSERT_TRUE(world.until([&] { return told.status == 200; }));
  std::size_t before = 1;
  while (before != sent) {  // until the sockets' own buffers are full
    before = sent;
    for (int i = 0; i < 20; ++i) world.loop.turn(5);
  }
  EXPECT_LT(sent, 32'000'000u);
  EXPECT_EQ(world.buffers.bytes_in_use(), net::BufferPool::kSmall);
  told.hold = false;
  told.drain();
  EXPECT_TRUE(world.until([&] { return told.over(); }));
  EXPECT_EQ(told.body.size(), 64'000'000u);
}

TEST(ResponseBody, LimitLetsThatMuchThrough) {
  for (const bool in_chunks : {false, true}) {
    const std::string body = pattern(100'000);
    RawUpstream raw([&](Peer& peer) {
      while (!peer.head().empty()) {
        if (in_chunks)
          peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body, 30'000));
        else
          peer.answer(body);
      }
    });
    World world;
    for (const std::int64_t limit : {std::int64_t{100'000}, std::int64_t{99'999}, std::int64_t{0}}) {
      Told told(world);
      told.hold = true;
      told.start(upstream_of(raw));
      ASSERT_TRUE(world.until([&] { return told.status == 200; }));
      told.handle->body().set_limit(limit);
      told.hold = false;
      told.drain();
      EXPECT_TRUE(world.until([&] { return told.over(); }));
      EXPECT_EQ(told.body_error, limit == 100'000 ? http::BodyError::None : http::BodyError::TooLarge);
      EXPECT_TRUE(told.body == body.substr(0, static_cast<std::size_t>(limit)));
    }
  }
}

TEST(RequestBody, GoesOutWhole) {
  const std::string body = pattern(10'000'000);
  for (const bool known : {true, false}) {
    std::string seen;
    RawUpstream raw([&](Peer& peer) {
      for (std::string head = peer.head(); !head.empty(); head = peer.head()) {
        EXPECT_EQ(head.find("Transfer-Encoding: chunked") == std::string::npos, known) << head;
        EXPECT_EQ(head.find("Content-Length: 10000000") != std::string::npos, known) << head;
        seen = known ? peer.exactly(body.size()) : peer.chunks();
        peer.answer("got it");
      }
    });
    World world;
    const auto upstream = upstream_of(raw);
    Fed source(known ? static_cast<std::int64_t>(body.size()) : -1);
    Told told(world);
    told.request.method = http::Method::Post;
    told.request.body = &source;
    told.start(upstream);
    for (std::size_t at = 0; at < body.size(); at += 333'333) {
      source.feed(std::string_view(body).substr(at, 333'333));
      source.tell();
      ASSERT_TRUE(world.until([&] { return source.left() == 0; }));
      EXPECT_LE(world.buffers.bytes_in_use(), net::BufferPool::kSmall);
    }
    source.end();
    source.tell();
    ASSERT_TRUE(world.until([&] { return told.over(); }));
    EXPECT_EQ(told.body, "got it");
    EXPECT_TRUE(seen == body) << seen.size();
    EXPECT_FALSE(source.watched());
    EXPECT_EQ(world.client.metrics().idle_connections.value(), 1u);
  }
}

TEST(RequestBody, EmptyChunkedBody) {
  RawUpstream raw(serves("ok"));
  World world;
  const auto upstream = upstream_of(raw);
  Fed source(-1);
  source.end();
  Told told(world);
  told.request.method = http::Method::Put;
  told.request.body = &source;
  EXPECT_EQ(told.run(upstream).body, "ok");
  EXPECT_EQ(Told(world).run(upstream).body, "ok");
  EXPECT_EQ(raw.connections(), 1);
}

struct Broken {
  const char* name;
  std::int64_t length;
  const char* fed;
  bool end;
  http::BodyError error;
};
const Broken kBroken[] = {
    {"fails at once", 10, "", false, http::BodyError::Closed},
    {"fails half way", 10, "abc", false, http::BodyError::Timeout},
    {"fails, chunked", -1, "abc", false, http::BodyError::TooLarge},
    {"ends too early", 10, "abc", true, http::BodyError::None},
    {"is longer than it said", 3, "abcdef", true, http::BodyError::None},
};

TEST(RequestBody, BrokenOnesEndTheCallAndTheConnection) {
  for (const Broken& c : kBroken) {
    std::string seen;
    std::atomic<bool> closed{false};
    RawUpstream raw([&](Peer& peer) {
      peer.head();
      seen = peer.exactly(100);
      closed = true;
    });
    World world;
    Fed source(c.length);
    Told told(world);
    told.request.method = http::Method::Put;
    told.request.body = &source;
    source.feed(c.fed);
    if (c.end)
      source.end();
    else
      source.fail(c.error);
    told.run(upstream_of(raw));
    EXPECT_EQ(told.error, CallError::RequestBody) << c.name;
    EXPECT_TRUE(world.until([&] { return closed.load(); }));
    EXPECT_EQ(seen.find("0\r\n\r\n"), std::string::npos) << c.name << ": never looks complete";
    EXPECT_EQ(world.client.metrics().ejections.value(), 0u);
    EXPECT_FALSE(source.watched()) << c.name;
  }
}

// 413 before the upload is through: the response arrives, the sending stops, the connection is not used again.
TEST(RequestBody, EarlyResponseEndsTheSending) {
  for (const bool close : {false, true}) {
    RawUpstream raw([&](Peer& peer) {
      if (peer.index != 0) return serves("next")(peer);
      peer.head();
      peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
      if (!close) return peer.wait_for_close();
      peer.finish();
      peer.wait_for_close();
    });
    World world;
    const auto upstream = upstream_of(raw);
    Fed source(100'000'000);
    source.feed(std::string(8'000'000, 'x'));
    Told told(world);
    told.request.method = http::Method::Post;
    told.request.body = &source;
    told.run(upstream);
    EXPECT_EQ(told.status, 413);
    EXPECT_EQ(told.body, "big");
    EXPECT_FALSE(source.watched());
    EXPECT_EQ(world.client.metrics().open_connections.value(), 0u);
    EXPECT_EQ(Told(world).run(upstream).body, "next");
  }
}

// An upstream that resets after an early response has still answered, when the response came first.
TEST(RequestBody, UpstreamThatStopsReading) {
  RawUpstream raw([](Peer& peer) {
    peer.head();
    peer.exactly(100'000);
    peer.close();
  });
  World world;
  Fed source(-1);
  source.feed(std::string(8'000'000, 'x'));
  Told told(world);
  told.request.method = http::Method::Post;
  told.request.body = &source;
  told.run(upstream_of(raw));
  EXPECT_EQ(told.error, CallError::Closed);
  EXPECT_EQ(raw.connections(), 1) << "what was taken from the body cannot be sent again";
}

// Both bodies stream at once: each piece is answered before the next is sent.
TEST(RequestBody, StreamsWhileTheResponseDoes) {
  RawUpstream raw([](Peer& peer) {
    while (!peer.head().empty()) {
      peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 3; ++i) {
        const std::size_t size = std::strtoul(peer.until("\r\n").c_str(), nullptr, 16);
        std::string piece = peer.exactly(size + 2).substr(0, size);
        for (char& c : piece) c = static_cast<char>(c - 32);
        peer.send("3\r\n" + piece + "\r\n");
      }
      peer.until("0\r\n\r\n");
      peer.send("0\r\n\r\n");
    }
  });
  World world;
  const auto upstream = upstream_of(raw);
  for (int round = 0; round < 2; ++round) {
    Fed source(-1);
    Told told(world);
    told.request.method = http::Method::Post;
    told.request.body = &source;
    told.start(upstream);
    ASSERT_TRUE(world.until([&] { return told.status == 200; }));
    std::string wanted;
    for (const char* piece : {"abc", "def", "ghi"}) {
      source.feed(piece);
      source.tell();
      for (const char* c = piece; *c != 0; ++c) wanted += static_cast<char>(*c - 32);
      ASSERT_TRUE(world.until([&] { return told.body == wanted; })) << told.body;
    }
    source.end();
    source.tell();
    ASSERT_TRUE(world.until([&] { return told.over(); }));
    EXPECT_TRUE(told.ended);
  }
  EXPECT_EQ(raw.connections(), 1) << "a request and a response that are both whole leave the connection good";
}

TEST(RequestBody, ThatFailsUnderAResponseBreaksTheResponse) {
  RawUpstream raw([](Peer& peer) {
    peer.head();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    peer.wait_for_close();
  });
  World world;
  Fed source(-1);
  Told told(world);
  told.request.method = http::Method::Post;
  told.request.body = &source;
  told.start(upstream_of(raw));
  ASSERT_TRUE(world.until([&] { return told.body == "abc"; }));
  source.fail(http::BodyError::Closed);
  source.tell();
  ASSERT_TRUE(world.until([&] { return told.over(); }));
  EXPECT_EQ(told.body_error, http::BodyError::Closed);
  EXPECT_EQ(world.client.metrics().open_connections.value(), 0u);
}

}  // namespace
}  // namespace gatehouse::client
