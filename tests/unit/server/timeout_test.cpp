#include <gtest/gtest.h>

#include "harness.hpp"

namespace gatehouse::server {
namespace {

class TimeoutTest : public ServerTest {};

TEST_F(TimeoutTest, SilentClientIsClosedSilently) {
  start();
  Client client = connect();
  harness.pass(9'999);
  EXPECT_FALSE(client.ended());
  harness.pass(1);
  EXPECT_EQ(client.read_all(), "");
  EXPECT_FALSE(client.was_reset());
  EXPECT_EQ(metrics().header_timeouts.value(), 1u);
}

TEST_F(TimeoutTest, SlowHeadIsAnswered408HoweverItTrickles) {
  start();
  Client client = connect();
  harness.pass(9'000);
  client.send("G");
  for (int i = 0; i < 9; ++i) {
    harness.pass(1'000);
    client.send(i == 0 ? "ET / HTTP/1.1\r\n" : "X: y\r\n");
  }
  harness.pass(999);
  EXPECT_EQ(client.read_now(), "");
  harness.pass(1);
  const std::string answer = client.read_all();
  EXPECT_EQ(answer.substr(0, 30), "HTTP/1.1 408 Request Timeout\r\n");
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  EXPECT_NE(answer.find(R"({"message":"Request Timeout"})"), std::string::npos);
  EXPECT_EQ(metrics().header_timeouts.value(), 1u);
}

TEST_F(TimeoutTest, SlowSecondHeadToo) {
  start();
  Client client = connect();
  EXPECT_EQ(ask(client, kGet), hello());
  harness.pass(300'000);
  client.send("GET /");
  harness.pass(10'000);
  EXPECT_EQ(client.read_all().substr(0, 12), "HTTP/1.1 408");
}

TEST_F(TimeoutTest, PipelinedPartOfAHeadIsOnTheClock) {
  start();
  Client client = connect();
  client.send(std::string(kGet) + "GET /");
  EXPECT_EQ(client.response(), hello());
  harness.pass(9'999);
  EXPECT_FALSE(client.ended());
  harness.pass(1);
  EXPECT_EQ(client.read_all().substr(0, 12), "HTTP/1.1 408");
}

TEST_F(TimeoutTest, IdleConnectionIsClosed) {
  start();
  Client client = connect();
  EXPECT_EQ(ask(client, kGet), hello());
  harness.pass(309'999);
  EXPECT_FALSE(client.ended());
  harness.pass(1);
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(metrics().idle_timeouts.value(), 1u);
  EXPECT_EQ(harness.shared.connections, 0u);
}

TEST_F(TimeoutTest, SettingsAreLookedAtAnew) {
  start();
  Client client = connect();
  EXPECT_EQ(ask(client, kGet), hello());
  harness.settings.keep_alive_ms = 1'000;
  harness.settings.requests_per_connection = 3;
  harness.server->set_settings(harness.settings);
  EXPECT_EQ(ask(client, kGet), hello());
  Client other = connect();
  EXPECT_EQ(ask(other, kGet), hello());
  harness.pass(1'000);
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(other.ended());
}

TEST_F(TimeoutTest, HandlerMayTakeItsTime) {
  http::Exchange* waiting = nullptr;
  harness.handler.on("/later", [&](http::Exchange& exchange) { waiting = &exchange; });
  start();
  Client client = connect();
  client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  harness.pass(100'000'000);
  EXPECT_FALSE(client.ended());
  harness.handler.text(*waiting, 200, "hello");
  EXPECT_NE(client.response().find("hello"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::server
