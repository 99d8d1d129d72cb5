#include "client/upstream.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace gatehouse::client {
namespace {

struct Case {
  const char* text;
  bool tls;
  const char* authority;  // null: refused
  const char* host;
  std::uint16_t port;
  const char* error;  // a part of the message
};
const Case kCases[] = {
    {"127.0.0.1:9000", false, "127.0.0.1:9000", "127.0.0.1", 9000, ""},
    {"127.0.0.1:80", false, "127.0.0.1", "127.0.0.1", 80, ""},
    {"127.0.0.1:80", true, "127.0.0.1:80", "127.0.0.1", 80, ""},
    {"[::1]:443", true, "[::1]", "::1", 443, ""},
    {"[::1]:9000", false, "[::1]:9000", "::1", 9000, ""},
    {"orders.internal:8080", false, "orders.internal:8080", "orders.internal", 8080, ""},
    {"my_service-1:80", false, "my_service-1", "my_service-1", 80, ""},
    {"orders.internal.:80", false, "orders.internal.", "orders.internal.", 80, ""},
    {"unix:/run/app.sock", false, "localhost", "", 0, ""},
    {"", false, nullptr, "", 0, "port"},
    {"orders", false, nullptr, "", 0, "port"},
    {":80", false, nullptr, "", 0, "host name"},
    {"orders:", false, nullptr, "", 0, "65535"},
    {"orders:0", false, nullptr, "", 0, "65535"},
    {"orders:65536", false, nullptr, "", 0, "65535"},
    {"orders:+80", false, nullptr, "", 0, "65535"},
    {"orders:80x", false, nullptr, "", 0, "65535"},
    {"::1:80", false, nullptr, "", 0, "brackets"},
    {"[::1]", false, nullptr, "", 0, "port"},
    {"[::1", false, nullptr, "", 0, "`]`"},
    {"[127.0.0.1]:80", false, nullptr, "", 0, "IPv6"},
    {"[::g]:80", false, nullptr, "", 0, "IPv6"},
    {"1.2.3:80", false, nullptr, "", 0, "host name"},
    {"1.2.3.256:80", false, nullptr, "", 0, "host name"},
    {"0x7f000001:80", false, nullptr, "", 0, "host name"},
    {"0x7f.example:80", false, "0x7f.example", "0x7f.example", 80, ""},
    {"a..b:80", false, nullptr, "", 0, "host name"},
    {"a b:80", false, nullptr, "", 0, "host name"},
    {"a/b:80", false, nullptr, "", 0, "host name"},
    {"http://orders:80", false, nullptr, "", 0, "brackets"},
    {"user@orders:80", false, nullptr, "", 0, "host name"},
    {"a\r\nb:80", false, nullptr, "", 0, "host name"},
    {"unix:app.sock", false, nullptr, "", 0, "absolute"},
    {"unix:", false, nullptr, "", 0, "absolute"},
};

TEST(ParseTarget, Table) {
  for (const Case& c : kCases) {
    const auto target = parse_target(c.text, c.tls);
    if (c.authority == nullptr) {
      ASSERT_FALSE(target.has_value()) << c.text;
      EXPECT_NE(target.error().text.find(c.error), std::string::npos) << c.text << ": " << target.error().text;
      EXPECT_NE(target.error().text.find("`" + std::string(c.text) + "`"), std::string::npos) << target.error().text;
      continue;
    }
    ASSERT_TRUE(target.has_value()) << c.text << ": " << target.error().text;
    EXPECT_EQ(target->authority, c.authority) << c.text;
    EXPECT_EQ(target->host, c.host) << c.text;
    EXPECT_EQ(target->port, c.port) << c.text;
  }
  EXPECT_FALSE(parse_target("unix:/" + std::string(200, 'x'), false));
  EXPECT_FALSE(parse_target(std::string(64, 'x') + ":80", false));
  EXPECT_TRUE(parse_target(std::string(63, 'x') + ":80", false));
}

UpstreamSettings good() {
  UpstreamSettings settings;
  settings.name = "orders";
  settings.targets = {"a:80", "b:80"};
  return settings;
}

struct Change {
  const char* name;
  std::function<void(UpstreamSettings&)> make;
};
const Change kChanges[] = {
    {"name", [](auto& s) { s.name = "other"; }},
    {"targets", [](auto& s) { s.targets = {"a:80"}; }},
    {"order",
     [](auto& s) {
       s.targets = {"b:80", "a:80"};
     }},
    {"balance", [](auto& s) { s.balance = Balance::LeastConnections; }},
    {"tls", [](auto& s) { s.tls = TlsSettings{}; }},
    {"verify", [](auto& s) { s.tls = TlsSettings{}, s.tls->verify = false; }},
    {"server_name", [](auto& s) { s.tls = TlsSettings{}, s.tls->server_name = "x"; }},
    {"connect_timeout", [](auto& s) { s.connect_timeout_ms = 1; }},
    {"idle_timeout", [](auto& s) { s.idle_timeout_ms = 1; }},
    {"dns_refresh", [](auto& s) { s.dns_refresh_ms = 1; }},
    {"max_connections", [](auto& s) { s.max_connections = 1; }},
    {"max_idle", [](auto& s) { s.max_idle = 1; }},
    {"retries", [](auto& s) { s.retries = 2; }},
    {"eject_after", [](auto& s) { s.eject_after = 1; }},
    {"eject_ms", [](auto& s) { s.eject_ms = 1; }},
};

TEST(Upstream, IdIsEqualForEqualSettingsOnly) {
  std::set<std::string> ids = {(*Upstream::make(good()))->id()};
  EXPECT_EQ(*ids.begin(), (*Upstream::make(good()))->id());
  for (const Change& change : kChanges) {
    UpstreamSettings settings = good();
    change.make(settings);
    const auto made = Upstream::make(std::move(settings));
    ASSERT_TRUE(made.has_value()) << change.name << made.error().text;
    EXPECT_TRUE(ids.insert((*made)->id()).second) << change.name;
  }
}

const Change kFaults[] = {
    {"has no targets", [](auto& s) { s.targets.clear(); }},
    {"`connect_timeout`", [](auto& s) { s.connect_timeout_ms = 0; }},
    {"`idle_timeout`", [](auto& s) { s.idle_timeout_ms = -1; }},
    {"`dns_refresh`", [](auto& s) { s.dns_refresh_ms = -1; }},
    {"`eject_time`", [](auto& s) { s.eject_ms = 0; }},
    {"`retries`", [](auto& s) { s.retries = 11; }},
    {"`nonsense`", [](auto& s) { s.targets.push_back("nonsense"); }},
    {"go together", [](auto& s) { s.tls = TlsSettings{}, s.tls->key_file = "/x"; }},
    {"/nonexistent/ca.pem", [](auto& s) { s.tls = TlsSettings{}, s.tls->ca_file = "/nonexistent/ca.pem"; }},
    {"`server_name`", [](auto& s) { s.targets = {"unix:/x"}, s.tls = TlsSettings{}; }},
};

TEST(Upstream, RefusesWithAReason) {
  for (const Change& fault : kFaults) {
    UpstreamSettings settings = good();
    fault.make(settings);
    const auto made = Upstream::make(std::move(settings));
    ASSERT_FALSE(made.has_value()) << fault.name;
    EXPECT_NE(made.error().text.find(fault.name), std::string::npos) << made.error().text;
    EXPECT_NE(made.error().text.find("`orders`"), std::string::npos) << made.error().text;
  }
}

}  // namespace
}  // namespace gatehouse::client
