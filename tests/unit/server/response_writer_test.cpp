#include "server/response_writer.hpp"

#include <gtest/gtest.h>

#include "harness.hpp"
#include "server/response_head.hpp"

namespace gatehouse::server {
namespace {

using http::Ending;

class ResponseTest : public ServerTest {
 protected:
  void answer(std::function<http::BodySource*(http::Exchange&, http::ResponseHead&)> fill) {
    harness.handler.on("/r", [this, fill](http::Exchange& exchange) {
      http::ResponseHead head;
      http::BodySource* body = fill(exchange, head);
      harness.handler.reply(exchange, head, body);
    });
  }
  static std::string get(std::string_view extra = "", std::string_view method = "GET") {
    return std::string(method) + " /r HTTP/1.1\r\nHost: a\r\n" + std::string(extra) + "\r\n";
  }
  static std::string date() { return std::string(Harness::kDate); }
};

TEST_F(ResponseTest, FramingByMethodStatusAndLength) {
  struct Case {
    const char* name;
    std::string request;
    std::uint16_t status;
    const char* given_length;
    const char* body;  // null: none; "?": of unknown length, then its text
    std::string answer;
  };
  const Case cases[] = {
      {"body", get(), 200, nullptr, "abc", "Content-Length: 3\r\n\r\nabc"},
      {"empty body", get(), 200, nullptr, "", "Content-Length: 0\r\n\r\n"},
      {"no body", get(), 200, nullptr, nullptr, "Content-Length: 0\r\n\r\n"},
      {"the handler's length is not believed", get(), 200, "999", "abc", "Content-Length: 3\r\n\r\nabc"},
      {"unknown length", get(), 200, nullptr, "?abc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
      {"HEAD", get("", "HEAD"), 200, nullptr, "abc", "Content-Length: 3\r\n\r\n"},
      {"HEAD with a length", get("", "HEAD"), 200, "77", nullptr, "Content-Length: 77\r\n\r\n"},
      {"HEAD with a length and a body", get("", "HEAD"), 200, "77", "?abc", "Content-Length: 77\r\n\r\n"},
      {"HEAD, unknown", get("", "HEAD"), 200, nullptr, "?abc", "\r\n"},
      {"HEAD, length that is none", get("", "HEAD"), 200, "7x", nullptr, "\r\n"},
      {"204", get(), 204, "5", "abc", "\r\n"},
      {"304", get(), 304, "5", "abc", "Content-Length: 5\r\n\r\n"},
      {"304 without", get(), 304, nullptr, nullptr, "\r\n"},
  };
  const Case* now = nullptr;
  std::unique_ptr<FedBody> fed;
  answer([&](http::Exchange& exchange, http::ResponseHead& head) -> http::BodySource* {
    head.status = now->status;
    if (now->given_length != nullptr) head.headers.add("Content-Length", now->given_length);
    if (now->body == nullptr) return nullptr;
    if (now->body[0] == '?') {
      fed = std::make_unique<FedBody>();
      fed->feed(now->body + 1);
      fed->end();
      return fed.get();
    }
    return new (exchange.arena.allocate(sizeof(http::MemoryBody))) http::MemoryBody(now->body);
  });
  start();
  Client client = connect();
  for (const Case& c : cases) {
    now = &c;
    client.send(c.request);
    std::string answer = client.read_now();
    EXPECT_EQ(
        answer.substr(answer.find("\r\n") + 2),
        (c.given_length == nullptr || c.answer[0] == '\r' || c.answer.find(c.given_length) == std::string::npos
             ? date() + c.answer
             : c.answer.substr(0, c.answer.find("\r\n") + 2) + date() + c.answer.substr(c.answer.find("\r\n") + 2)))
        << c.name;
    EXPECT_EQ(ask(client, kGet), hello()) << "the connection is in step after: " << c.name;
  }
}

TEST_F(ResponseTest, OldClientReadsToTheEnd) {
  FedBody fed;
  answer([&](http::Exchange&, http::ResponseHead&) { return &fed; });
  fed.feed("abc");
  fed.feed("def");
  fed.end();
  start();
  Client client = connect();
  client.send("GET /r HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.read_all(), "HTTP/1.1 200 OK\r\n" + date() + "Connection: close\r\n\r\nabcdef");
  EXPECT_FALSE(client.was_reset());
}

TEST_F(ResponseTest, HopByHopLinesAreTheServersOwn) {
  harness.settings.server_name = "gatehouse";
  answer([&](http::Exchange&, http::ResponseHead& head) {
    head.status = 203;
    head.reason = "Fine By Me";
    head.headers.add("Connection", "keep-alive, X-Private");
    head.headers.add("Keep-Alive", "timeout=5");
    head.headers.add("Transfer-Encoding", "gzip");
    head.headers.add("Upgrade", "h2c");
    head.headers.add("Trailer", "X");
    head.headers.add({"X-Private", "1", http::HeaderId::Other, true});
    head.headers.add("Set-Cookie", "a=1");
    head.headers.add("Set-Cookie", "b=2");
    head.headers.add("X-Empty", "");
    head.headers.add("X-Tab", "a\tb");
    return nullptr;
  });
  start();
  Client client = connect();
  EXPECT_EQ(ask(client, get()),
            "HTTP/1.1 203 Fine By Me\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Empty: \r\nX-Tab: a\tb\r\n" + date() +
                "Server: gatehouse\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(ResponseTest, GivenDateAndServerStand) {
  harness.settings.server_name = "gatehouse";
  answer([&](http::Exchange&, http::ResponseHead& head) {
    head.headers.add("date", "yesterday");
    head.headers.add("server", "other");
    return nullptr;
  });
  start();
  Client client = connect();
  EXPECT_EQ(ask(client, get()), "HTTP/1.1 200 OK\r\ndate: yesterday\r\nserver: other\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(ResponseTest, InjectionIsDroppedAndAnswered500) {
  struct Case {
    std::string name, value, reason;
    std::uint16_t status;
  };
  const Case cases[] = {
      {"X", "a\r\nX-Admin: 1", "", 200},
      {"X", "a\nb", "", 200},
      {"X", std::string("a\0b", 3), "", 200},
      {"X", "a long value that is fine until here\r", "", 200},
      {"X", "\x7f", "", 200},
      {"X\r\nY", "a", "", 200},
      {"X Y", "a", "", 200},
      {"X:", "a", "", 200},
      {"", "a", "", 200},
      {"X\xc3\xa9", "a", "", 200},
      {"X", "a", "OK\r\nX-Admin: 1", 200},
      {"X", "a", "", 100},
      {"X", "a", "", 0},
      {"X", "a", "", 1000},
  };
  const Case* now = nullptr;
  FedBody fed;
  answer([&](http::Exchange&, http::ResponseHead& head) {
    head.status = now->status;
    head.reason = now->reason;
    head.headers.add(now->name, now->value);
    return &fed;
  });
  start();
  Client client = connect();
  for (const Case& c : cases) {
    now = &c;
    const std::string body = R"({"message":"Internal Server Error"})";
    EXPECT_EQ(ask(client, get()), "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n" + date() +
                                      "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body)
        << c.name << ":" << c.value;
  }
  EXPECT_EQ(fed.pulls, 0);
  EXPECT_FALSE(fed.has_sink());
}

TEST_F(ResponseTest, ValuesKeepEveryAllowedByte) {
  std::string value;
  for (int c = 0x20; c < 0x100; ++c)
    if (c != 0x7F) value += static_cast<char>(c);
  value = "x" + value + "\tx";
  answer([&](http::Exchange& exchange, http::ResponseHead& head) {
    head.headers.add("X", exchange.arena.copy(value));
    return nullptr;
  });
  start();
  Client client = connect();
  EXPECT_NE(ask(client, get()).find("X: " + value + "\r\n"), std::string::npos);
}

TEST_F(ResponseTest, LargeHeads) {
  const std::string value(3000, 'v');
  answer([&](http::Exchange&, http::ResponseHead& head) {
    for (int i = 0; i < 100; ++i) head.headers.add("X", value);
    return nullptr;
  });
  start();
  Client client = connect();
  EXPECT_GT(ask(client, get()).size(), 300'000u);
  EXPECT_EQ(ask(client, kGet), hello());
}

TEST_F(ResponseTest, ChunkedInPieces) {
  FedBody fed;
  answer([&](http::Exchange&, http::ResponseHead&) { return &fed; });
  start();
  Client client = connect();
  client.send(get());
  EXPECT_EQ(client.read_now(), "HTTP/1.1 200 OK\r\n" + date() + "Transfer-Encoding: chunked\r\n\r\n");
  fed.feed("abc");
  EXPECT_EQ(client.read_now(), "3\r\nabc\r\n");
  const std::string large(1'000'000, 'x');
  fed.feed(large);
  EXPECT_EQ(client.read(7 + large.size() + 2), "f4240\r\n" + large + "\r\n");
  fed.feed("de");
  fed.feed("fgh");
  fed.end();
  EXPECT_EQ(client.read_now(), "2\r\nde\r\n3\r\nfgh\r\n0\r\n\r\n");
  EXPECT_EQ(ask(client, kGet), hello());
}

TEST_F(ResponseTest, TrailersForWhoAskedForThem) {
  for (const bool asked : {false, true}) {
    Harness own;
    FedBody fed;
    fed.feed("abc");
    fed.end();
    fed.trailer.add("X-Sum", "42");
    fed.trailer.add("X-Bad", "a\r\nb");
    fed.trailer.add("Transfer-Encoding", "chunked");
    own.handler.on("/r", [&](http::Exchange& exchange) { own.handler.reply(exchange, {}, &fed); });
    own.start();
    Client client(own);
    client.send(get(asked ? "TE: trailers\r\n" : ""));
    client.read_until("\r\n\r\n");
    EXPECT_EQ(client.read_now(), asked ? "3\r\nabc\r\n0\r\nX-Sum: 42\r\n\r\n" : "3\r\nabc\r\n0\r\n\r\n");
    client.close();
    own.turn(2);
  }
}

TEST_F(ResponseTest, FailingBodyShows) {
  struct Case {
    const char* name;
    std::int64_t length;
    const char* version;
    bool ends;  // instead of failing
    bool reset;
  };
  const Case cases[] = {
      {"known length", 10, "1.1", false, false},
      {"known length, ends early", 10, "1.1", true, false},
      {"chunked", -1, "1.1", false, false},
      {"to the end of the connection", -1, "1.0", false, true},
  };
  std::unique_ptr<FedBody> fed;
  answer([&](http::Exchange&, http::ResponseHead&) { return fed.get(); });
  start();
  for (const Case& c : cases) {
    fed = std::make_unique<FedBody>(c.length);
    fed->feed("abc");
    Client client = connect();
    client.send("GET /r HTTP/" + std::string(c.version) + "\r\nHost: a\r\n\r\n");
    const std::string begun = client.read_now();
    EXPECT_NE(begun.find("abc"), std::string::npos) << c.name;
    if (c.ends)
      fed->end();
    else
      fed->fail();
    EXPECT_EQ(client.read_all(), "") << c.name;
    EXPECT_EQ(client.was_reset(), c.reset) << c.name;
    EXPECT_EQ(harness.handler.endings.back(), Ending::Truncated) << c.name;
    EXPECT_FALSE(fed->has_sink()) << c.name;
  }
}

TEST_F(ResponseTest, BodyLongerThanItsLengthIsCut) {
  FedBody fed(3);
  fed.feed("abcdef");
  answer([&](http::Exchange&, http::ResponseHead&) { return &fed; });
  start();
  Client client = connect();
  client.send(get());
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read_now(), "abc");
  EXPECT_EQ(ask(client, kGet), hello());
}

TEST_F(ResponseTest, SlowReaderHoldsTheSourceBackAndTimesOut) {
  FedBody fed(100'000'000);
  answer([&](http::Exchange&, http::ResponseHead&) { return &fed; });
  start();
  Client client = connect();
  client.send(get());
  const std::string block(1 << 20, 'x');
  int fed_blocks = 0;
  for (; fed_blocks < 90; ++fed_blocks) {
    const int pulls = fed.pulls;
    fed.feed(block);
    harness.turn(20);
    if (fed.pulls == pulls) break;
  }
  EXPECT_LT(fed_blocks, 90) << "nothing held the source back";
  EXPECT_LE(harness.buffers.bytes_in_use(), 2 * net::BufferPool::kSmall);
  harness.pass(29'000);
  EXPECT_GT(client.read_some(1'000'000).size(), 10'000u);
  harness.pass(29'000);
  EXPECT_TRUE(harness.handler.endings.empty()) << "what it reads buys time, be it too little for us to write";
  for (int i = 0; i < 3; ++i) harness.pass(30'001);
  ASSERT_EQ(harness.handler.endings.size(), 1u);
  EXPECT_EQ(harness.handler.endings[0], Ending::Timeout);
  EXPECT_EQ(metrics().write_timeouts.value(), 1u);
  EXPECT_EQ(harness.shared.connections, 0u);
}

TEST_F(ResponseTest, ClientThatLeavesHalfWayIsTold) {
  FedBody fed;
  answer([&](http::Exchange&, http::ResponseHead&) { return &fed; });
  start();
  Client client = connect();
  client.send(get());
  fed.feed("abc");
  client.read_now();
  client.close(true);
  EXPECT_TRUE(harness.until([&] { return !harness.handler.endings.empty(); }));
  EXPECT_EQ(harness.handler.endings[0], Ending::ClientGone);
  EXPECT_FALSE(fed.has_sink());
}

TEST(DateLine, IsAsRfc9110HasIt) {
  DateLine date;
  EXPECT_EQ(date.at(784'111'777'999), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_EQ(date.at(784'111'778'000), "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
  EXPECT_EQ(date.at(1'709'208'000'000), "Date: Thu, 29 Feb 2024 12:00:00 GMT\r\n");
}

}  // namespace
}  // namespace gatehouse::server
