#include "server/connection.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "harness.hpp"

namespace gatehouse::server {
namespace {

using http::Ending;

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  start();
  Client client = connect();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(client, kGet), hello());
  EXPECT_FALSE(client.ended());
  EXPECT_EQ(harness.handler.endings, std::vector<Ending>(3, Ending::Complete));
  EXPECT_EQ(metrics().requests.value(), 3u);
  EXPECT_EQ(metrics().accepted.value(), 1u);
  EXPECT_EQ(metrics().open_connections.value(), 1u);
  EXPECT_EQ(metrics().bytes_in.value(), 3 * kGet.size());
  EXPECT_EQ(metrics().bytes_out.value(), 3 * hello().size());
}

TEST_F(ServerTest, HandlerSeesConnectionAndRequest) {
  harness.handler.on("/facts", [&](http::Exchange& exchange) {
    EXPECT_EQ(exchange.connection->peer_text, "127.0.0.1");
    EXPECT_TRUE(exchange.connection->peer.is_loopback());
    EXPECT_NE(exchange.connection->peer_port, 0);
    EXPECT_EQ(exchange.connection->listener, "test");
    EXPECT_EQ("127.0.0.1:" + std::to_string(exchange.connection->local_port), harness.socket->address());
    EXPECT_EQ(exchange.request.headers.value(http::HeaderId::Host), "a");
    EXPECT_EQ(exchange.handler_data, nullptr);
    EXPECT_EQ(exchange.start_ns, harness.loop.now_ns());
    exchange.handler_data = &harness;
    harness.handler.text(exchange, 200, "ok");
  });
  start();
  Client client = connect();
  const std::string request = "GET /facts HTTP/1.1\r\nHost: a\r\n\r\n";
  for (int i = 0; i < 2; ++i) EXPECT_NE(ask(client, request).find("\r\n\r\nok"), std::string::npos);
}

TEST_F(ServerTest, ReportsWhatWasMoved) {
  harness.handler.on("/echo", [&](http::Exchange& exchange) {
    static Collector collector;
    collector.collect(exchange, [&](const std::string& text, http::BodyError) {
      harness.handler.text(exchange, 201, exchange.arena.copy(text));
    });
  });
  std::uint64_t sent = 0, body_sent = 0, received = 0;
  std::uint16_t status = 0;
  harness.handler.on_finished = [&](http::Exchange& exchange, Ending) {
    sent = exchange.bytes_sent;
    body_sent = exchange.body_bytes_sent;
    received = exchange.bytes_received;
    status = exchange.status;
  };
  start();
  Client client = connect();
  const std::string answer = ask(client, post("/echo", "12345"));
  EXPECT_EQ(status, 201);
  EXPECT_EQ(sent, answer.size());
  EXPECT_EQ(body_sent, 5u);
  EXPECT_EQ(received, 5u);
}

TEST_F(ServerTest, ByteAtATime) {
  start();
  Client client = connect();
  for (int i = 0; i < 2; ++i) {
    for (const char c : kGet) client.send({&c, 1});
    EXPECT_EQ(client.response(), hello());
  }
}

TEST_F(ServerTest, PipelinedAThousandDeep) {
  int n = 0;
  harness.handler.on("/n", [&](http::Exchange& exchange) {
    harness.handler.text(exchange, 200, exchange.arena.copy(std::to_string(1000 + n++)));
  });
  start();
  Client client = connect();
  std::string all;
  for (int i = 0; i < 1000; ++i) all += "GET /n HTTP/1.1\r\nHost: a\r\n\r\n";
  client.send(all);
  for (int i = 0; i < 1000; ++i) {
    const std::string answer = client.response();
    ASSERT_EQ(answer.substr(answer.size() - 4), std::to_string(1000 + i));
  }
  EXPECT_EQ(harness.handler.started, 1000);
}

TEST_F(ServerTest, PipelinedDeferredAnswersKeepTheirOrder) {
  std::vector<http::Exchange*> waiting;
  harness.handler.on("/later", [&](http::Exchange& exchange) { waiting.push_back(&exchange); });
  start();
  Client client = connect();
  const std::string later = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";
  client.send(later + std::string(kGet) + later);
  EXPECT_EQ(client.read_now(), "");
  ASSERT_EQ(waiting.size(), 1u) << "the next request starts only after the former response is out";
  harness.handler.text(*waiting[0], 200, "first");
  EXPECT_NE(client.response().find("first"), std::string::npos);
  EXPECT_EQ(client.response(), hello());
  harness.turn();
  ASSERT_EQ(waiting.size(), 2u);
  harness.handler.text(*waiting[1], 200, "third");
  EXPECT_NE(client.response().find("third"), std::string::npos);
}

TEST_F(ServerTest, PipelinedBehindBodies) {
  harness.handler.on("/echo", [&](http::Exchange& exchange) {
    static Collector collector;
    collector.collect(exchange, [&](const std::string& text, http::BodyError error) {
      EXPECT_EQ(error, http::BodyError::None);
      harness.handler.text(exchange, 200, exchange.arena.copy(text));
    });
  });
  start();
  Client client = connect();
  const std::string large(200'000, 'x');
  const std::string chunked =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: "
      "1\r\n\r\n";
  client.send(post("/echo", "one") + chunked + post("/echo", large) + chunked + std::string(kGet));
  EXPECT_NE(client.response().find("\r\n\r\none"), std::string::npos);
  EXPECT_NE(client.response().find("\r\n\r\nabcde"), std::string::npos);
  EXPECT_NE(client.response().find("\r\n\r\n" + large), std::string::npos);
  EXPECT_NE(client.response().find("\r\n\r\nabcde"), std::string::npos);
  EXPECT_EQ(client.response(), hello());
}

TEST_F(ServerTest, OneConnectionDoesNotStarveAnother) {
  start();
  Client greedy = connect();
  Client modest = connect();
  std::string all;
  for (int i = 0; i < 500; ++i) all += kGet;
  ASSERT_EQ(::send(greedy.fd(), all.data(), all.size(), MSG_NOSIGNAL), static_cast<ssize_t>(all.size()));
  ASSERT_EQ(::send(modest.fd(), kGet.data(), kGet.size(), MSG_NOSIGNAL), static_cast<ssize_t>(kGet.size()));
  harness.turn();
  EXPECT_LT(harness.handler.started, 100) << "bounded work in a turn";
  EXPECT_EQ(modest.response(), hello());
}

TEST_F(ServerTest, ClosingIsSaidAndDone) {
  harness.handler.on("/last", [&](http::Exchange& exchange) {
    exchange.close_after();
    harness.handler.text(exchange, 200, "hello");
  });
  struct Case {
    const char* name;
    std::string request;
    std::string answer;
  };
  const Case cases[] = {
      {"client says close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", hello("Connection: close\r\n")},
      {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", hello("Connection: close\r\n")},
      {"handler says close", "GET /last HTTP/1.1\r\nHost: a\r\n\r\n", hello("Connection: close\r\n")},
  };
  start();
  for (const Case& c : cases) {
    Client client = connect();
    client.send(c.request);
    EXPECT_EQ(client.read_all(), c.answer) << c.name;
    EXPECT_FALSE(client.was_reset()) << c.name;
  }
  EXPECT_TRUE(harness.until([&] { return harness.shared.connections == 0; }));
}

TEST_F(ServerTest, OldClientMayKeepTheConnection) {
  start();
  Client client = connect();
  const std::string request = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ask(client, request), hello("Connection: keep-alive\r\n"));
}

TEST_F(ServerTest, CloseAfterTheResponseHasBegun) {
  FedBody body(5);
  http::Exchange* exchange = nullptr;
  harness.handler.on("/fed", [&](http::Exchange& e) {
    exchange = &e;
    harness.handler.reply(e, {}, &body);
  });
  start();
  Client client = connect();
  client.send("GET /fed HTTP/1.1\r\nHost: a\r\n\r\n");
  exchange->close_after();
  body.feed("hello");
  EXPECT_EQ(client.read_all(), hello());
}

TEST_F(ServerTest, HalfClosedClientIsAnswered) {
  std::vector<http::Exchange*> waiting;
  harness.handler.on("/later", [&](http::Exchange& exchange) { waiting.push_back(&exchange); });
  start();
  Client quick = connect();
  quick.send(kGet);
  quick.half_close();
  EXPECT_EQ(quick.read_all(), hello());
  Client slow = connect();
  slow.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  slow.half_close();
  harness.turn(3);
  ASSERT_EQ(waiting.size(), 1u);
  harness.handler.text(*waiting[0], 200, "hello");
  EXPECT_EQ(slow.read_all(), hello());
  EXPECT_EQ(harness.handler.endings, std::vector<Ending>(2, Ending::Complete));
}

TEST_F(ServerTest, UpgradeIsIgnored) {
  start();
  Client client = connect();
  EXPECT_EQ(ask(client,
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
                "13\r\n\r\n"),
            hello());
  EXPECT_EQ(ask(client, kGet), hello());
}

TEST_F(ServerTest, RefusalsHaveABodyAndClose) {
  struct Case {
    const char* request;
    int status;
    const char* phrase;
  };
  const Case cases[] = {
      {"GET / HTTP/1.1\r\n\r\n", 400, "Bad Request"},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "Bad Request"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "Bad Request"},
      {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "Not Implemented"},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "HTTP Version Not Supported"},
  };
  start();
  for (const Case& c : cases) {
    Client client = connect();
    client.send(c.request);
    const std::string body = std::string(R"({"message":")") + c.phrase + R"("})";
    EXPECT_EQ(client.read_all(), "HTTP/1.1 " + std::to_string(c.status) + " " + c.phrase +
                                     "\r\nContent-Type: application/json\r\n" + std::string(Harness::kDate) +
                                     "Content-Length: " + std::to_string(body.size()) +
                                     "\r\nConnection: close\r\n\r\n" + body)
        << c.request;
    EXPECT_FALSE(client.was_reset());
    EXPECT_EQ(harness.handler.refusals.back().first, c.status);
    EXPECT_FALSE(harness.handler.refusals.back().second.empty());
  }
  EXPECT_EQ(harness.handler.started, 0);
  EXPECT_TRUE(harness.handler.endings.empty());
  EXPECT_EQ(metrics().refused_requests.value(), 5u);
}

TEST_F(ServerTest, HeadsPastTheLimitsAreRefused) {
  harness.settings.head.head_bytes = 1000;
  harness.settings.head.request_line_bytes = 200;
  start();
  Client lines = connect();
  lines.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(2000, 'x') + "\r\n\r\n");
  EXPECT_EQ(lines.read_until("\r\n"), "HTTP/1.1 431 Request Header Fields Too Large\r\n");
  Client line = connect();
  line.send("GET /" + std::string(2000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(line.read_until("\r\n"), "HTTP/1.1 414 URI Too Long\r\n");
}

TEST_F(ServerTest, LargeHeadsWhereTheLimitsAllowThem) {
  harness.settings.head.head_bytes = 100'000;
  harness.settings.head.request_line_bytes = 50'000;
  start();
  Client client = connect();
  const std::string request = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(90'000, 'x') + "\r\n\r\n";
  client.send(request + request + request);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.response(), hello());
}

TEST_F(ServerTest, RefusedClientThatStillSendsGetsToReadWhy) {
  start();
  Client client = connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n");
  const std::string block(100'000, 'x');
  for (int i = 0; i < 5; ++i) client.try_send(block);
  EXPECT_NE(client.read_all().find("400 Bad Request"), std::string::npos);
  EXPECT_FALSE(client.was_reset());
}

TEST_F(ServerTest, LingeringIsBoundedInBytesAndTime) {
  start();
  Client flood = connect();
  flood.send("BAD\r\n\r\n");
  const std::string block(100'000, 'x');
  std::size_t taken = 0;
  EXPECT_TRUE(harness.until([&] {
    taken += flood.try_send(block);
    return harness.shared.connections == 0;
  }));
  EXPECT_LT(taken, 20u << 20);
  Client idle = connect();
  idle.send("BAD\r\n\r\n");
  harness.turn(3);
  EXPECT_EQ(harness.shared.connections, 1u);
  harness.pass(2'001);
  EXPECT_EQ(harness.shared.connections, 0u);
}

TEST_F(ServerTest, RequestsPerConnection) {
  harness.settings.requests_per_connection = 2;
  start();
  Client client = connect();
  EXPECT_EQ(ask(client, kGet), hello());
  client.send(kGet);
  EXPECT_EQ(client.read_all(), hello("Connection: close\r\n"));
}

TEST_F(ServerTest, ConnectionsPastTheLimitAreClosedAndCounted) {
  harness.settings.connections = 2;
  start();
  Client a = connect(), b = connect();
  Client c = connect();
  EXPECT_TRUE(c.ended());
  EXPECT_EQ(metrics().rejected_connections.value(), 1u);
  EXPECT_EQ(ask(a, kGet), hello());
  a.close();
  EXPECT_TRUE(harness.until([&] { return harness.shared.connections == 1; }));
  Client d = connect();
  EXPECT_EQ(ask(d, kGet), hello());
}

TEST_F(ServerTest, ConnectionsPerWorkerPastTheLimit) {
  harness.settings.connections_per_worker = 1;
  start();
  Client a = connect();
  Client b = connect();
  EXPECT_TRUE(b.ended());
  EXPECT_EQ(harness.shared.connections, 1u);
}

TEST_F(ServerTest, AtALimitTheLongestIdleMakesRoom) {
  for (const bool per_worker : {false, true}) {
    Harness fresh;
    (per_worker ? fresh.settings.connections_per_worker : fresh.settings.connections) = 3;
    fresh.start();
    const auto serve = [&](Client& client) {
      client.send(kGet);
      EXPECT_EQ(client.response(), hello());
    };
    Client a(fresh), b(fresh), c(fresh);
    for (Client* client : {&a, &b, &c, &a}) serve(*client);  // b is idle longest, then c
    Client d(fresh);
    serve(d);
    EXPECT_TRUE(b.ended());
    EXPECT_FALSE(b.was_reset());
    c.send("GET / HTTP/1.1\r\n");  // no longer idle: a is next
    Client e(fresh);
    EXPECT_TRUE(a.ended());
    c.send("Host: a\r\n\r\n");
    EXPECT_EQ(c.response(), hello());
    serve(e);
    EXPECT_EQ(fresh.server->metrics().rejected_connections.value(), 0u);
    EXPECT_EQ(fresh.server->metrics().open_connections.value(), 3u);
    EXPECT_EQ(fresh.shared.connections, 3u);
  }
}

TEST_F(ServerTest, AtALimitWithNobodyIdleANewOneIsClosed) {
  harness.settings.connections = 3;
  http::Exchange* held = nullptr;
  harness.handler.on("/hold", [&](http::Exchange& exchange) { held = &exchange; });
  start();
  Client in_head = connect(), handled = connect(), silent = connect();
  EXPECT_EQ(ask(in_head, kGet), hello());
  in_head.send("GET / HT");
  handled.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  Client next = connect();
  EXPECT_TRUE(next.ended());
  EXPECT_EQ(metrics().rejected_connections.value(), 1u);
  harness.handler.text(*held, 200, "hello");
  EXPECT_EQ(handled.response(), hello());
  Client last = connect();
  EXPECT_EQ(ask(last, kGet), hello());
  EXPECT_TRUE(handled.ended());
  in_head.send("TP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(in_head.response(), hello());
}

TEST_F(ServerTest, IdleConnectionsOfAFullServerLockNobodyOut) {
  harness.settings.connections = 10;
  start();
  std::vector<Client> idle;
  for (int i = 0; i < 10; ++i) {
    idle.push_back(connect());
    EXPECT_EQ(ask(idle.back(), kGet), hello());
  }
  for (int i = 0; i < 50; ++i) {
    Client next = connect();
    EXPECT_EQ(ask(next, kGet), hello());
    idle.push_back(std::move(next));
    EXPECT_EQ(harness.shared.connections, 10u);
  }
  EXPECT_EQ(metrics().rejected_connections.value(), 0u);
  harness.server->close_all();
  harness.turn(2);
  EXPECT_EQ(harness.shared.connections, 0u);
}

TEST_F(ServerTest, AFloodOfConnectionsPastTheLimitLeavesOthersServed) {
  harness.settings.connections = 10;
  start();
  Client good = connect();
  std::vector<Client> flood;
  for (int i = 0; i < 200; ++i) flood.push_back(connect());
  EXPECT_EQ(ask(good, kGet), hello());
  EXPECT_EQ(metrics().rejected_connections.value(), 191u);
  flood.clear();
  EXPECT_TRUE(harness.until([&] { return harness.shared.connections == 1; }));
  Client next = connect();
  EXPECT_EQ(ask(next, kGet), hello());
}

TEST_F(ServerTest, AcceptingWaitsForDescriptors) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer's type check needs descriptors of its own";
#endif
  start();
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_storage to{};
  socklen_t size = sizeof to;
  ::getsockname(harness.socket->fd(), reinterpret_cast<sockaddr*>(&to), &size);
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const int lowest_free = ::dup(fd);
  ::close(lowest_free);
  rlimit none = usual;
  none.rlim_cur = static_cast<rlim_t>(lowest_free);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const int connected = ::connect(fd, reinterpret_cast<sockaddr*>(&to), size);
  harness.turn(3);
  ::setrlimit(RLIMIT_NOFILE, &usual);
  ASSERT_EQ(connected, 0);
  EXPECT_EQ(metrics().accepted.value(), 0u);
  harness.pass(100);
  EXPECT_EQ(metrics().accepted.value(), 1u);
  ::close(fd);
}

TEST_F(ServerTest, AbortClosesWithoutAByte) {
  std::vector<http::Exchange*> waiting;
  harness.handler.on("/now", [&](http::Exchange& exchange) { exchange.abort(); });
  harness.handler.on("/later", [&](http::Exchange& exchange) { waiting.push_back(&exchange); });
  start();
  for (const char* path : {"/now", "/later"}) {
    Client client = connect();
    client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    if (!waiting.empty()) waiting[0]->abort();
    EXPECT_EQ(client.read_all(), "");
  }
  EXPECT_EQ(harness.handler.endings, std::vector<Ending>(2, Ending::Truncated));
}

TEST_F(ServerTest, ScheduledConnectionsMayCloseMeanwhile) {
  std::vector<http::Exchange*> waiting;
  harness.handler.on("/later", [&](http::Exchange& exchange) { waiting.push_back(&exchange); });
  start();
  Client client = connect();
  client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  // Closed at the end of a turn, by the first of two chores, while it is scheduled for the next.
  struct Killer {
    explicit Killer(Harness& h) : harness(h) {}
    Harness& harness;
    net::Chore chore{[](void* self) { static_cast<Killer*>(self)->harness.server->close_all(); }, this};
  } killer(harness);
  waiting[0]->abort();
  harness.loop.defer(killer.chore);
  harness.turn(3);
  EXPECT_TRUE(client.ended());
  Client next = connect();
  next.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  harness.loop.defer(killer.chore);
  waiting.at(1)->abort();
  harness.turn(3);
  EXPECT_TRUE(next.ended());
  EXPECT_EQ(harness.handler.endings, std::vector<Ending>(2, Ending::Truncated));
}

TEST_F(ServerTest, OnlyTheFirstAnswerCounts) {
  harness.handler.on("/twice", [&](http::Exchange& exchange) {
    EXPECT_FALSE(exchange.responded());
    harness.handler.text(exchange, 200, "hello");
    EXPECT_TRUE(exchange.responded());
    harness.handler.text(exchange, 500, "again");
  });
  start();
  Client client = connect();
  EXPECT_EQ(ask(client, "GET /twice HTTP/1.1\r\nHost: a\r\n\r\n"), hello());
  EXPECT_EQ(ask(client, kGet), hello());
}

TEST_F(ServerTest, IdleConnectionsHoldNeitherBufferNorExchange) {
  start();
  std::vector<Client> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(connect());
    EXPECT_EQ(ask(clients.back(), kGet), hello());
  }
  harness.turn();
  EXPECT_EQ(harness.buffers.bytes_in_use(), 0u);
  EXPECT_LE(sizeof(Connection), 256u);
}

TEST_F(ServerTest, MemoryReturnsWhenClientsReset) {
  std::vector<http::Exchange*> waiting;
  harness.handler.on("/later", [&](http::Exchange& exchange) { waiting.push_back(&exchange); });
  FedBody fed;
  harness.handler.on("/fed", [&](http::Exchange& exchange) { harness.handler.reply(exchange, {}, &fed); });
  start();
  const std::string starts[] = {
      "",
      "GE",
      "GET / HTTP/1.1\r\nHo",
      std::string(kGet),
      "GET /later HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /fed HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc",
      "POST /later HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
      "BAD\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  };
  for (const bool reset : {false, true})
    for (const std::string& text : starts) {
      Client client = connect();
      if (!text.empty()) client.send(text);
      client.close(reset);
      // A full close looks like a half close until something is written.
      for (http::Exchange* exchange : std::exchange(waiting, {}))
        if (!reset) harness.handler.text(*exchange, 200, "late");
      harness.turn(2);
      if (!reset) fed.feed("more");
      harness.turn(2);
      if (!reset) fed.feed("more");
      EXPECT_TRUE(harness.until([&] { return harness.shared.connections == 0; })) << text << reset;
      EXPECT_EQ(harness.buffers.bytes_in_use(), 0u) << text << reset;
    }
  EXPECT_EQ(static_cast<int>(harness.handler.endings.size()), harness.handler.started);
  Client client = connect();
  EXPECT_EQ(ask(client, kGet), hello());
}

TEST_F(ServerTest, ResetWhileTheHandlerWorksIsTold) {
  harness.handler.on("/later", [](http::Exchange&) {});
  start();
  Client client = connect();
  client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(harness.handler.started, 1);
  client.close(true);
  EXPECT_TRUE(harness.until([&] { return !harness.handler.endings.empty(); }));
  EXPECT_EQ(harness.handler.endings[0], Ending::ClientGone);
}

TEST_F(ServerTest, PinnedExchangeKeepsItsBytes) {
  http::Exchange* pinned = nullptr;
  harness.handler.on("/pin?secret", [&](http::Exchange& exchange) {
    exchange.pin();
    exchange.handler_data = exchange.arena.allocate(8);
    pinned = &exchange;
    harness.handler.text(exchange, 200, "hello");
  });
  static int unpinned;
  unpinned = 0;
  harness.handler.on_finished = [](http::Exchange& exchange, Ending) {
    if (exchange.pinned()) exchange.on_unpinned = [](http::Exchange&) noexcept { ++unpinned; };
  };
  start();
  {
    Client client = connect();
    // Pipelined: the rest moves to another exchange.
    client.send("GET /pin?secret HTTP/1.1\r\nHost: a\r\nX-Kept: value\r\n\r\n" + std::string(kGet) + "GET /pa");
    EXPECT_EQ(client.response(), hello());
    EXPECT_EQ(client.response(), hello());
    client.send("rt HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.response(), hello());
  }
  EXPECT_TRUE(harness.until([&] { return harness.shared.connections == 0; }));
  Client other = connect();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(other, kGet), hello());
  EXPECT_EQ(pinned->request.target, "/pin?secret");
  EXPECT_EQ(pinned->request.headers.find("X-Kept")->value, "value");
  EXPECT_EQ(pinned->connection->peer_text, "127.0.0.1");
  EXPECT_GT(harness.buffers.bytes_in_use(), 0u);
  EXPECT_EQ(unpinned, 0);
  pinned->respond({}, nullptr);  // too late: nothing happens
  pinned->unpin();
  EXPECT_EQ(unpinned, 1);
  EXPECT_EQ(harness.buffers.bytes_in_use(), 0u);
}

TEST_F(ServerTest, PinnedExchangeOutlivesTheServer) {
  http::Exchange* pinned = nullptr;
  harness.handler.on("/pin", [&](http::Exchange& exchange) {
    exchange.pin();
    exchange.pin();
    pinned = &exchange;
  });
  start();
  Client client = connect();
  client.send("GET /pin HTTP/1.1\r\nHost: a\r\n\r\n");
  harness.server.reset();
  EXPECT_EQ(harness.handler.endings, std::vector<Ending>{Ending::Truncated});
  EXPECT_EQ(pinned->request.target, "/pin");
  pinned->unpin();
  EXPECT_EQ(pinned->request.target, "/pin");
  pinned->unpin();
  // The buffers may be gone before the last pin: the head's block is lost rather than given to nobody.
  EXPECT_EQ(harness.buffers.bytes_in_use(), net::BufferPool::kSmall);
}

}  // namespace
}  // namespace gatehouse::server
