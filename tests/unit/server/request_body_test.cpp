#include "server/request_body.hpp"

#include <gtest/gtest.h>

#include "harness.hpp"

namespace gatehouse::server {
namespace {

using http::BodyError;
using http::Ending;

class RequestBodyTest : public ServerTest {
 protected:
  void SetUp() override {
    harness.handler.on("/echo", [this](http::Exchange& exchange) {
      if (limit >= 0) exchange.body().set_limit(limit);
      collector.collect(exchange, [this, &exchange](const std::string& text, BodyError error) {
        last_error = error;
        trailer = exchange.body().trailers() != nullptr ? exchange.body().trailers()->all()[0].value : "";
        const int status = error == BodyError::None       ? 200
                           : error == BodyError::TooLarge ? 413
                           : error == BodyError::Timeout  ? 408
                                                          : 400;
        harness.handler.text(exchange, static_cast<std::uint16_t>(status), exchange.arena.copy(text));
      });
    });
    harness.handler.on("/ignore", [this](http::Exchange& exchange) { harness.handler.text(exchange, 200, "hello"); });
    start();
  }
  static std::string chunked(std::string_view path, std::string_view body, std::string_view extra = "") {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + std::string(extra) +
           "\r\n" + std::string(body);
  }

  Collector collector;
  std::int64_t limit = -1;
  BodyError last_error = BodyError::None;
  std::string trailer;
};

TEST_F(RequestBodyTest, ArrivesHoweverItIsCut) {
  std::string text(20'000, 'a');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 26);
  std::string chunks;
  for (std::size_t at = 0; at < text.size(); at += 999) {
    const std::string piece = text.substr(at, 999);
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    chunks += size + piece + "\r\n";
  }
  const std::string requests[] = {post("/echo", text), chunked("/echo", chunks + "0\r\nX-Sum: 42\r\n\r\n")};
  for (const std::size_t step : {1u, 7u, 1000u, 1u << 20})
    for (const std::string& request : requests) {
      Client client = connect();
      for (std::size_t at = 0; at < request.size(); at += step) client.send(std::string_view(request).substr(at, step));
      const std::string answer = client.response();
      ASSERT_TRUE(answer.size() > text.size() && answer.substr(answer.size() - text.size()) == text) << step;
      EXPECT_EQ(trailer, &request == &requests[1] ? "42" : "");
      EXPECT_EQ(ask(client, kGet), hello());
    }
}

TEST_F(RequestBodyTest, ContinueIsSentWhenTheHandlerReadsAndOnlyThen) {
  Client client = connect();
  const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
  client.send(head);
  EXPECT_EQ(client.read_now(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_NE(client.response().find("abc"), std::string::npos);

  client.send(head + "abc");
  EXPECT_EQ(client.read_until("\r\n"), "HTTP/1.1 200 OK\r\n") << "the body was there already";
  client.read_now();

  client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_all(), hello("Connection: close\r\n")) << "nobody knows whether the body will come";
}

TEST_F(RequestBodyTest, ContinueIsNotSentToAClientThatDidNotWait) {
  http::Exchange* exchange = nullptr;
  harness.handler.on("/later", [&](http::Exchange& e) { exchange = &e; });
  const std::string head = "POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
  for (const bool with_head : {true, false}) {
    Client client = connect();
    client.send(with_head ? head + "ab" : head);
    if (!with_head) client.send("ab");
    EXPECT_EQ(exchange->body().pull(), http::BodySource::State::Ready);
    exchange->body().consume(2);
    EXPECT_EQ(exchange->body().pull(), http::BodySource::State::Waiting);
    EXPECT_EQ(client.read_now(), "");
    harness.handler.text(*exchange, 200, "hello");
    EXPECT_EQ(client.response(), hello());
    client.send("cd" + std::string(kGet));
    EXPECT_EQ(client.response(), hello()) << "what is left of the body is dropped";
  }
}

TEST_F(RequestBodyTest, ContinueIsNotSentToAnOldClient) {
  Client client = connect();
  client.send("POST /echo HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_now(), "");
  client.send("abc");
  EXPECT_NE(client.read_all().find("abc"), std::string::npos);
}

TEST_F(RequestBodyTest, LimitIsHeldForEitherFraming) {
  limit = 10;
  struct Case {
    std::string request;
    int status;
  };
  const Case cases[] = {
      {post("/echo", "0123456789"), 200},
      {post("/echo", "0123456789a"), 413},
      {chunked("/echo", "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"), 200},
      {chunked("/echo", "5\r\n01234\r\n6\r\n56789a\r\n0\r\n\r\n"), 413},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\nExpect: 100-continue\r\n\r\n", 413},
  };
  for (const Case& c : cases) {
    Client client = connect();
    client.send(c.request);
    EXPECT_EQ(client.read(12), "HTTP/1.1 " + std::to_string(c.status)) << c.request;
    EXPECT_EQ(c.status == 413, client.read_now().find("Connection: close") != std::string::npos) << c.request;
    EXPECT_EQ(c.status == 413, client.ended()) << c.request;
  }
}

TEST_F(RequestBodyTest, MalformedChunksFail) {
  for (const std::string_view body :
       {"x\r\n", "5\nabcde\r\n", "5\r\nabcdeX", "ffffffffffffffffff\r\n", "-1\r\n", "0\r\nBad Trailer: x\r\n\r\n"}) {
    Client client = connect();
    client.send(chunked("/echo", body));
    EXPECT_NE(client.read_all().find("HTTP/1.1 400"), std::string::npos) << body;
    EXPECT_EQ(last_error, BodyError::Malformed) << body;
  }
}

TEST_F(RequestBodyTest, EndInTheMiddleFails) {
  Client client = connect();
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  client.half_close();
  EXPECT_NE(client.read_all().find("HTTP/1.1 400"), std::string::npos);
  EXPECT_EQ(last_error, BodyError::Closed);
}

TEST_F(RequestBodyTest, UnreadBodyIsDroppedUpToABound) {
  harness.settings.discard_bytes = 1000;
  harness.server->set_settings(harness.settings);
  struct Case {
    const char* name;
    std::string request;
    bool kept;
  };
  const Case cases[] = {
      {"short", post("/ignore", std::string(1000, 'x')), true},
      {"long", post("/ignore", std::string(1001, 'x')), false},
      {"short, chunked", chunked("/ignore", "3E8\r\n" + std::string(1000, 'x') + "\r\n0\r\n\r\n"), true},
      {"long, chunked", chunked("/ignore", "3E9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n"), false},
      {"malformed", chunked("/ignore", "x\r\n"), false},
  };
  for (const Case& c : cases) {
    Client client = connect();
    client.send(c.request);
    EXPECT_NE(client.response().find("hello"), std::string::npos) << c.name;
    EXPECT_EQ(client.ended(), !c.kept) << c.name;
    EXPECT_FALSE(client.was_reset()) << c.name;
    if (c.kept) {
      EXPECT_EQ(ask(client, kGet), hello()) << c.name;
    }
  }
}

TEST_F(RequestBodyTest, DroppedBodyMayComeLater) {
  Client client = connect();
  client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01");
  EXPECT_EQ(client.response(), hello());
  client.send("23456");
  client.send("789" + std::string(kGet));
  EXPECT_EQ(client.response(), hello());
}

TEST_F(RequestBodyTest, SlowBodyTimesOut) {
  Client client = connect();
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    harness.pass(29'000);
    EXPECT_EQ(client.read_now(), "") << "each byte buys time";
    client.send("x");
  }
  harness.pass(29'999);
  EXPECT_EQ(client.read_now(), "");
  harness.pass(1);
  EXPECT_NE(client.read_all().find("HTTP/1.1 408"), std::string::npos);
  EXPECT_EQ(last_error, BodyError::Timeout);
  EXPECT_EQ(metrics().body_timeouts.value(), 1u);
}

TEST_F(RequestBodyTest, SlowDroppedBodyTimesOut) {
  Client client = connect();
  client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
  EXPECT_EQ(client.response(), hello());
  harness.pass(30'001);
  EXPECT_TRUE(client.ended());
}

TEST_F(RequestBodyTest, NobodyWaitsNoClock) {
  std::vector<http::Exchange*> waiting;
  harness.handler.on("/later", [&](http::Exchange& exchange) { waiting.push_back(&exchange); });
  Client client = connect();
  client.send("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
  harness.pass(10'000'000);
  EXPECT_FALSE(client.ended());
  ASSERT_EQ(waiting.size(), 1u);
  harness.handler.text(*waiting[0], 200, "late");
  EXPECT_NE(client.response().find("late"), std::string::npos);
}

TEST_F(RequestBodyTest, BackPressureReachesTheClient) {
  http::Exchange* exchange = nullptr;
  harness.handler.on("/slow", [&](http::Exchange& e) { exchange = &e; });
  Client client = connect();
  client.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
  const std::string block(1 << 20, 'x');
  std::size_t sent = 0;
  for (std::size_t n = 0; (n = client.try_send(block)) != 0;) sent += n;
  EXPECT_LT(sent, 50'000'000u);
  EXPECT_LE(harness.buffers.bytes_in_use(), net::BufferPool::kSmall);
  EXPECT_EQ(exchange->body().pull(), http::BodySource::State::Ready);
  exchange->body().consume(exchange->body().data().size());
  EXPECT_LE(harness.buffers.bytes_in_use(), net::BufferPool::kSmall + net::BufferPool::kLarge);
}

TEST_F(RequestBodyTest, WaitingHoldsNoLargeBlock) {
  Client client = connect();
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + std::string(100'000, 'x'));
  harness.turn(2);
  EXPECT_LE(harness.buffers.bytes_in_use(), net::BufferPool::kSmall);
}

TEST_F(RequestBodyTest, StreamsBackWhileItComes) {
  harness.handler.on("/pipe", [&](http::Exchange& exchange) { harness.handler.reply(exchange, {}, &exchange.body()); });
  Client client = connect();
  client.send(chunked("/pipe", "3\r\nabc\r\n"));
  EXPECT_EQ(client.read_until("\r\n\r\n"),
            "HTTP/1.1 200 OK\r\n" + std::string(Harness::kDate) + "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.read_now(), "3\r\nabc\r\n");
  client.send("2\r\nde\r\n");
  EXPECT_EQ(client.read_now(), "2\r\nde\r\n");
  client.send("0\r\n\r\n" + std::string(kGet));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "0\r\n\r\n");
  EXPECT_EQ(client.response(), hello());

  const std::string large(3'000'000, 'y');
  client.send("POST /pipe HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
  std::string got = client.read_until("\r\n\r\n");
  std::string_view left = large;
  got.clear();
  while (!left.empty()) {
    left.remove_prefix(client.try_send(left.substr(0, 100'000)));
    got += client.read_now();
  }
  got += client.read(large.size() - got.size());
  EXPECT_TRUE(got == large);
  EXPECT_EQ(ask(client, kGet), hello());
}

}  // namespace
}  // namespace gatehouse::server
