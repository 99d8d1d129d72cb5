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

TEST(Call, AnswersAndReuses) {
  RawUpstream raw(serves("hello"));
  World world;
  const auto upstream = upstream_of(raw);
  for (int i = 0; i < 20; ++i) {
    Told told(world);
    told.run(upstream);
    ASSERT_EQ(told.status, 200);
    EXPECT_EQ(told.body, "hello");
    EXPECT_EQ(told.length, 5);
    EXPECT_EQ(told.target, raw.address());
    EXPECT_NE(told.handle->sent_ns(), 0);
  }
  EXPECT_EQ(raw.connections(), 1);
  EXPECT_EQ(world.client.metrics().requests.value(), 20u);
  EXPECT_EQ(world.client.metrics().connects.value(), 1u);
  EXPECT_EQ(world.client.metrics().idle_connections.value(), 1u);
  EXPECT_EQ(world.client.metrics().open_connections.value(), 1u);
  EXPECT_EQ(world.buffers.bytes_in_use(), 0u) << "an idle connection holds no buffer";
}

TEST(Call, SendsWhatItWasGiven) {
  std::string seen;
  RawUpstream raw([&](Peer& peer) {
    seen = peer.head();
    seen += peer.exactly(4);
    peer.answer("");
    peer.wait_for_close();
  });
  World world;
  const auto upstream = upstream_of(raw);
  Told told(world);
  told.headers.add("x-a", "1");
  told.headers.add("Authorization", "Bearer t");
  told.request.target = "/p/q?x=1";
  told.request.host = "api.example.com";
  told.post("body").run(upstream);
  EXPECT_EQ(seen,
            "POST /p/q?x=1 HTTP/1.1\r\nHost: api.example.com\r\nx-a: 1\r\nAuthorization: Bearer t\r\nContent-Length: "
            "4\r\n\r\nbody");
}

TEST(Call, UnixSocket) {
  const std::string path = "/tmp/gatehouse-client-" + std::to_string(::getpid()) + ".sock";
  RawUpstream raw(serves("by unix"), path);
  World world;
  Told told(world);
  told.run(upstream_of(raw));
  EXPECT_EQ(told.body, "by unix");
  EXPECT_EQ(told.target, "unix:" + path);
}

// How the bytes of a response are cut makes no difference.
TEST(Call, ResponseInPieces) {
  const std::string response =
      "HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\nx-a: b\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nt: "
      "1\r\n\r\n";
  for (std::size_t piece : {1u, 2u, 7u, 50u, 1000u}) {
    RawUpstream raw([&](Peer& peer) {
      while (!peer.head().empty())
        for (std::size_t at = 0; at < response.size(); at += piece) {
          peer.send(response.substr(at, piece));
          std::this_thread::yield();
        }
    });
    World world;
    const auto upstream = upstream_of(raw);
    for (int i = 0; i < 2; ++i) {
      Told told(world);
      told.run(upstream);
      EXPECT_EQ(told.status, 201) << piece;
      EXPECT_EQ(told.reason, "Made");
      EXPECT_EQ(told.body, "abc0123456789") << piece;
      EXPECT_EQ(told.length, -1);
      EXPECT_EQ(told.trailers, "t=1");
    }
    EXPECT_EQ(raw.connections(), 1) << piece;
  }
}

struct Bodyless {
  const char* name;
  http::Method method;
  const char* response;
};
const Bodyless kBodyless[] = {
    {"HEAD with length", http::Method::Head, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"},
    {"HEAD chunked", http::Method::Head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"HEAD without framing", http::Method::Head, "HTTP/1.1 200 OK\r\n\r\n"},
    {"204", http::Method::Get, "HTTP/1.1 204 No Content\r\n\r\n"},
    {"304 with length", http::Method::Get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"},
    {"empty", http::Method::Get, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
};

TEST(Call, ResponsesWithoutBodyKeepTheConnection) {
  for (const Bodyless& c : kBodyless) {
    RawUpstream raw([&](Peer& peer) {
      while (!peer.head().empty()) peer.send(c.response);
    });
    World world;
    const auto upstream = upstream_of(raw);
    for (int i = 0; i < 3; ++i) {
      Told told(world);
      told.request.method = c.method;
      told.run(upstream);
      EXPECT_TRUE(told.ended) << c.name;
      EXPECT_EQ(told.body, "") << c.name;
      EXPECT_EQ(told.length, 0) << c.name;
    }
    EXPECT_EQ(raw.connections(), 1) << c.name;
  }
}

struct Closing {
  const char* name;
  const char* response;
  const char* body;
};
const Closing kClosing[] = {
    {"Connection: close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", "ok"},
    {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"},
    {"until close", "HTTP/1.1 200 OK\r\n\r\nok", "ok"},
    {"until close, empty", "HTTP/1.1 200 OK\r\n\r\n", ""},
    {"bytes behind the response", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n", "ok"},
    {"bytes behind the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP",
     "ok"},
    {"bytes behind 204", "HTTP/1.1 204 No Content\r\n\r\nx", ""},
};

TEST(Call, ResponsesThatEndTheConnection) {
  for (const Closing& c : kClosing) {
    RawUpstream raw([&](Peer& peer) {
      peer.head();
      peer.send(c.response);
      peer.finish();
      peer.wait_for_close();
    });
    World world;
    const auto upstream = upstream_of(raw);
    for (int i = 0; i < 2; ++i) {
      Told told(world);
      told.run(upstream);
      EXPECT_TRUE(told.ended) << c.name;
      EXPECT_EQ(told.body, c.body) << c.name;
    }
    EXPECT_EQ(raw.connections(), 2) << c.name;
    EXPECT_EQ(world.client.metrics().open_connections.value(), 0u) << c.name;
  }
}

TEST(Call, HttpOneZeroKeepAlive) {
  RawUpstream raw([](Peer& peer) {
    while (!peer.head().empty()) peer.send("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok");
  });
  World world;
  const auto upstream = upstream_of(raw);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Told(world).run(upstream).body, "ok");
  EXPECT_EQ(raw.connections(), 1);
}

const char* const kMalformed[] = {
    "hello\r\n\r\n",
    "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 20 OK\r\n\r\n",
    "HTTP/1.1 2000 OK\r\n\r\n",
    "HTTP/1.1 600 OK\r\n\r\n",
    "HTTP/1.1 099 OK\r\n\r\n",
    "http/1.1 200 OK\r\n\r\n",
    "HTTP/1.1  200 OK\r\n\r\n",
    "\r\nHTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\na",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nx-a: b\r\n c\r\n\r\n",
    "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nx: a\rb\r\n\r\n",
    "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
};

TEST(Call, MalformedResponses) {
  for (const char* response : kMalformed) {
    RawUpstream raw([&](Peer& peer) {
      peer.head();
      peer.send(response);
      peer.wait_for_close();
    });
    World world;
    Told told(world);
    told.run(upstream_of(raw));
    EXPECT_EQ(told.error, CallError::Malformed) << response;
    EXPECT_FALSE(told.detail.empty()) << response;
    EXPECT_EQ(raw.connections(), 1) << "not asked again: " << response;
    EXPECT_EQ(world.client.metrics().open_connections.value(), 0u) << response;
    EXPECT_EQ(world.buffers.bytes_in_use(), 0u) << response;
  }
}

TEST(Call, HeadsAreBounded) {
  const std::string heads[] = {
      "HTTP/1.1 200 OK\r\nx: " + std::string(20'000, 'x') + "\r\n\r\n",
      "HTTP/1.1 200 " + std::string(20'000, 'x') + "\r\n\r\n",
      [] {
        std::string text = "HTTP/1.1 200 OK\r\n";
        for (int i = 0; i < 200; ++i) text += "x: y\r\n";
        return text + "\r\n";
      }(),
      [] {
        std::string text;
        for (int i = 0; i < 9; ++i) text += "HTTP/1.1 100 Continue\r\n\r\n";
        return text + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
      }(),
  };
  for (const std::string& head : heads) {
    RawUpstream raw([&](Peer& peer) {
      peer.head();
      peer.send(head);
      peer.wait_for_close();
    });
    World world;
    const CallError error = head.find(" 100 ") == std::string::npos ? CallError::HeadTooLarge : CallError::Malformed;
    EXPECT_EQ(Told(world).run(upstream_of(raw)).error, error) << head.substr(0, 30);
  }
}

struct Death {
  const char* name;
  const char* sent;
  int status;  // 0: no response
};
const Death kDeaths[] = {
    {"before the head", "", 0},
    {"in the status line", "HTTP/1.1 2", 0},
    {"in a header", "HTTP/1.1 200 OK\r\nContent-Le", 0},
    {"before the blank line", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", 0},
    {"behind an interim head", "HTTP/1.1 100 Continue\r\n\r\n", 0},
    {"after the head", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200},
    {"in a counted body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", 200},
    {"after the head, chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200},
    {"in a chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1", 200},
    {"in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", 200},
    {"behind a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", 200},
    {"in the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n", 200},
    {"in the trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nx: y\r\n", 200},
};

TEST(Call, UpstreamDeathsAtEachState) {
  for (const Death& death : kDeaths) {
    for (const bool reset : {false, true}) {
      RawUpstream raw([&](Peer& peer) {
        peer.head();
        peer.send(death.sent);
        reset ? peer.reset() : peer.close();
      });
      World world;
      UpstreamSettings settings;
      settings.targets = {raw.address()};
      settings.retries = 0;
      Told told(world);
      told.run(upstream_of(settings));
      // A reset may overtake what was sent before it: then there is no response, which is as true.
      if (death.status != 0 && !(reset && told.status == 0)) {
        EXPECT_EQ(told.status, death.status) << death.name;
        EXPECT_EQ(told.body_error, http::BodyError::Closed) << death.name;
      } else {
        EXPECT_EQ(told.error, CallError::Closed) << death.name;
      }
      EXPECT_FALSE(told.ended) << death.name;
      told.handle.reset();
      EXPECT_EQ(world.buffers.bytes_in_use(), 0u) << death.name;
      EXPECT_EQ(world.client.metrics().open_connections.value(), 0u) << death.name;
    }
  }
}

TEST(Call, MalformedChunksFailTheBody) {
  for (const char* chunks :
       {"x\r\n", "-1\r\n", "11111111111111111\r\n", "2\r\nabX", "2\nab\n", "0\r\nbad line\r\n\r\n", " 2\r\nab\r\n"}) {
    RawUpstream raw([&](Peer& peer) {
      peer.head();
      peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(chunks));
      peer.wait_for_close();
    });
    World world;
    Told told(world);
    told.run(upstream_of(raw));
    EXPECT_EQ(told.status, 200) << chunks;
    EXPECT_EQ(told.body_error, http::BodyError::Malformed) << chunks;
    EXPECT_EQ(world.client.metrics().open_connections.value(), 0u) << chunks;
  }
}

TEST(Call, ReleaseAtAnyTimeClosesAndTellsNothing) {
  RawUpstream raw([&](Peer& peer) {
    peer.head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
    peer.wait_for_close();
    ++raw.requests;
  });
  World world;
  const auto upstream = upstream_of(raw);
  for (int turns = 0; turns < 6; ++turns) {
    Told told(world);
    told.start(upstream);
    for (int i = 0; i < turns; ++i) world.loop.turn(1);
    told.handle.reset();
    world.turn();
    EXPECT_EQ(world.client.metrics().open_connections.value(), 0u);
    EXPECT_EQ(world.buffers.bytes_in_use(), 0u);
  }
}

TEST(Call, TheOwnerMayStartTheNextCallInsideACallback) {
  struct Chain final : CallOwner {
    World& world;
    std::shared_ptr<const Upstream> upstream;
    OutboundRequest request;
    CallHandle handle;
    int responses = 0, failures = 0;
    Chain(World& w, std::shared_ptr<const Upstream> u) : world(w), upstream(std::move(u)) { request.target = "/"; }
    void next() {
      handle.reset();
      if (responses + failures < 10) handle = world.client.start(upstream, request, *this);
    }
    void on_response(Call&, const http::ResponseHead&) override { ++responses, next(); }
    void on_failure(Call&, CallError, std::string_view) override { ++failures, next(); }
  };
  RawUpstream raw(serves("x"));
  World world;
  Chain chain(world, upstream_of(raw));
  chain.next();
  EXPECT_TRUE(world.until([&] { return chain.responses == 10; }));
  EXPECT_EQ(raw.connections(), 1) << "a response that is all there gives its connection back before it is told";

  raw.stop();
  Chain failing(world, chain.upstream);
  failing.next();
  EXPECT_TRUE(world.until([&] { return failing.failures == 10; }));
}

}  // namespace
}  // namespace gatehouse::client
