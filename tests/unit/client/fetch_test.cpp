#include "unit/client/fetches.hpp"

namespace gatehouse::client {
namespace {

using test::at;
using test::ca_pem;
using test::certificates;
using test::Fetches;
using test::Peer;
using test::RawUpstream;
using test::read_file;
using test::serves;
using test::TlsScript;
using test::trust;

TEST(Fetch, WholeResponseOverTls) {
  std::string sni, seen;
  TlsScript script{.body = R"({"keys":[]})", .sni = &sni, .seen_head = &seen};
  script.head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-A: 1\r\nx-a: 2\r\n";
  RawUpstream raw{script};
  Fetches fetches;
  fetches.names->set("orders.test", {"127.0.0.1"});
  for (int i = 0; i < 3; ++i) {
    FetchRequest request = fetches.to(at(raw, "https", "orders.test") + "/keys?a=1");
    request.headers = {{"Accept", "application/json"}, {"X-Token", "t"}};
    const FetchResult got = fetches.run(std::move(request));
    EXPECT_FETCH(got, None);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, R"({"keys":[]})");
    EXPECT_EQ(got.url, at(raw, "https", "orders.test") + "/keys?a=1");
    const HeaderLines lines = {
        {"content-type", "application/json"}, {"x-a", "1"}, {"x-a", "2"}, {"content-length", "11"}};
    EXPECT_EQ(got.headers, lines);
  }
  EXPECT_EQ(seen, "GET /keys?a=1 HTTP/1.1\r\nHost: orders.test:" + std::to_string(raw.port()) +
                      "\r\nAccept: application/json\r\nX-Token: t\r\nUser-Agent: gatehouse\r\n\r\n");
  EXPECT_EQ(sni, "orders.test");
  EXPECT_EQ(raw.connections(), 1) << "kept alive";
  EXPECT_EQ(fetches.fetcher.under_way(), 0u);
}

TEST(Fetch, PostsABody) {
  std::string seen;
  RawUpstream raw([&](Peer& peer) {
    seen = peer.head();
    seen += peer.exactly(9);
    peer.answer(R"({"active":true})");
  });
  Fetches fetches;
  FetchRequest request = fetches.to(at(raw) + "/introspect");
  request.method = http::Method::Post;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = "token=abc";
  EXPECT_EQ(fetches.run(std::move(request)).body, R"({"active":true})");
  EXPECT_TRUE(seen.starts_with("POST /introspect HTTP/1.1\r\n")) << seen;
  EXPECT_TRUE(seen.ends_with("Content-Length: 9\r\n\r\ntoken=abc")) << seen;
}

TEST(Fetch, FailuresAreToldApart) {
  struct Case {
    const char* name;
    RawUpstream::Script script;
    FetchError error;
    std::function<void(FetchRequest&)> change = [](FetchRequest&) {};
  };
  const Case cases[] = {
      {"http is not allowed", serves("x"), FetchError::Refused, [](auto& r) { r.allow_http = false; }},
      {"no grant", serves("x"), FetchError::Refused, [](auto& r) { r.grants = std::make_shared<HostGrants>(); }},
      {"null grant", serves("x"), FetchError::Refused, [](auto& r) { r.grants = nullptr; }},
      {"loopback", serves("x"), FetchError::Address, [](auto& r) { r.allow_private = false; }},
      {"no such name", serves("x"), FetchError::Dns, [](auto& r) { r.url.host = "gone.test", r.url.address.reset(); }},
      {"closes", [](Peer& p) { p.head(); }, FetchError::Connect},
      {"cut head", [](Peer& p) { p.head(), p.send("HTTP/1.1 200 OK\r\nX"); }, FetchError::Connect},
      {"cut body", [](Peer& p) { p.head(), p.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"); },
       FetchError::Connect},
      {"cut chunk", [](Peer& p) { p.head(), p.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"); },
       FetchError::Connect},
      {"not HTTP", [](Peer& p) { p.head(), p.send("SSH-2.0-OpenSSH_9.2\r\n"); }, FetchError::Protocol},
      {"both framings",
       [](Peer& p) { p.head(), p.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"); },
       FetchError::Protocol},
      {"bad chunk", [](Peer& p) { p.head(), p.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"); },
       FetchError::Protocol},
      {"long head", [](Peer& p) { p.head(), p.send("HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x')); },
       FetchError::TooLarge},
      {"many lines",
       [](Peer& p) {
         p.head();
         std::string head = "HTTP/1.1 200 OK\r\n";
         for (int i = 0; i < 200; ++i) head += "X: 1\r\n";
         p.send(head + "\r\n");
       },
       FetchError::TooLarge},
      {"long body by its length",
       [](Peer& p) { p.head(), p.send("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"), p.wait_for_close(); },
       FetchError::TooLarge, [](auto& r) { r.max_body_bytes = 10; }},
      {"long body in chunks",
       [](Peer& p) {
         p.head(), p.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n"),
             p.wait_for_close();
       },
       FetchError::TooLarge, [](auto& r) { r.max_body_bytes = 10; }},
      {"long body until close", [](Peer& p) { p.head(), p.send("HTTP/1.1 200 OK\r\n\r\n01234567890"); },
       FetchError::TooLarge, [](auto& r) { r.max_body_bytes = 10; }},
      {"silent", [](Peer& p) { p.wait_for_close(); }, FetchError::Timeout, [](auto& r) { r.timeout_ms = 30; }},
      {"dawdles in its body",
       [](Peer& p) {
         p.head(), p.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
         while (p.send("x")) std::this_thread::sleep_for(std::chrono::milliseconds(2));
       },
       FetchError::Timeout, [](auto& r) { r.timeout_ms = 60; }},
  };
  for (const Case& c : cases) {
    RawUpstream raw(c.script);
    Fetches fetches;
    FetchRequest request = fetches.to(at(raw) + "/");
    c.change(request);
    const FetchResult got = fetches.run(std::move(request));
    EXPECT_EQ(name(got.error), name(c.error)) << c.name << ": " << got.detail;
    EXPECT_EQ(got.status, 0) << c.name;
    EXPECT_TRUE(got.body.empty() && got.headers.empty()) << c.name;
    EXPECT_FALSE(got.detail.empty()) << c.name;
    if (c.error == FetchError::Refused || c.error == FetchError::Address) {
      EXPECT_EQ(raw.connections(), 0) << c.name;
    }
  }
}

TEST(Fetch, NobodyListens) {
  Fetches fetches;
  std::string url;
  {
    RawUpstream raw(serves("x"));
    url = at(raw);
  }
  EXPECT_FETCH(fetches.run(fetches.to(url)), Connect);
}

TEST(Fetch, VerifiesTls) {
  RawUpstream raw{TlsScript{}};
  Fetches fetches;
  fetches.names->set("other.test", {"127.0.0.1"});
  EXPECT_FETCH(fetches.run(fetches.to(at(raw, "https", "other.test"))), Tls);  // another name
  FetchRequest request = fetches.to(at(raw, "https"));
  request.trust = *trust().system();
  EXPECT_FETCH(fetches.run(std::move(request)), Tls);  // an authority that the system does not know
  EXPECT_FETCH(fetches.run(fetches.to(at(raw, "https"))), None);
  RawUpstream plain([](Peer& p) { p.exactly(10), p.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  EXPECT_FETCH(fetches.run(fetches.to(at(plain, "https"))), Tls);
}

// A connection that was verified by one trust is not another trust's.
TEST(Fetch, TrustIsPartOfThePool) {
  RawUpstream raw{TlsScript{}};
  Fetches fetches;
  EXPECT_FETCH(fetches.run(fetches.to(at(raw, "https"))), None);
  FetchRequest request = fetches.to(at(raw, "https"));
  request.trust = *trust().system();
  EXPECT_FETCH(fetches.run(std::move(request)), Tls);
}

TEST(Fetch, JudgesEveryAddress) {
  RawUpstream raw(serves("x"));
  struct Case {
    std::initializer_list<std::string_view> addresses;
    bool allow_private;
    FetchError error;
  };
  const Case cases[] = {
      {{"127.0.0.1"}, false, FetchError::Address},
      {{"127.0.0.1", "169.254.169.254", "::1", "fd00::1"}, false, FetchError::Address},
      {{"::ffff:127.0.0.1"}, false, FetchError::Address},
      {{"64:ff9b::127.0.0.1"}, false, FetchError::Address},
      {{"0.0.0.0"}, true, FetchError::Address},
      {{"::"}, true, FetchError::Address},
      {{"224.0.0.1", "203.0.113.7"}, true, FetchError::Address},
      {{"0.0.0.0", "127.0.0.1"}, true, FetchError::None},
  };
  for (const Case& c : cases) {
    Fetches fetches;
    fetches.names->set("rebind.test", c.addresses);
    for (int i = 0; i < 2; ++i) {  // the second time from what was kept of the first
      FetchRequest request = fetches.to(at(raw, "http", "rebind.test"));
      request.allow_private = c.allow_private;
      EXPECT_EQ(name(fetches.run(std::move(request)).error), name(c.error)) << *c.addresses.begin();
    }
  }
  EXPECT_EQ(raw.connections(), 1);
}

// The name is looked up once for a connect, and what it says later is judged as well.
TEST(Fetch, NoSecondLookUpBetweenJudgingAndConnecting) {
  RawUpstream raw(serves("x"));
  base::FixedClock clock(0);
  Fetches fetches(clock);
  fetches.names->set("rebind.test", {"127.0.0.1"});
  EXPECT_FETCH(fetches.run(fetches.to(at(raw, "http", "rebind.test"))), None);
  EXPECT_EQ(fetches.names->asked, 1);
  fetches.names->set("rebind.test", {"0.0.0.0"});
  EXPECT_FETCH(fetches.run(fetches.to(at(raw, "http", "rebind.test"))), None);
  EXPECT_EQ(fetches.names->asked, 1) << "the judged address is kept";
  clock.advance_ms(31'000);
  for (int i = 0; i < 5; ++i) fetches.loop.turn(0);
  EXPECT_EQ(fetches.names->asked, 2);
  EXPECT_FETCH(fetches.run(fetches.to(at(raw, "http", "rebind.test"))), Address);
  EXPECT_EQ(raw.connections(), 1);
}

TEST(Fetch, AddressRulesHaveConnectionsOfTheirOwn) {
  RawUpstream raw(serves("x"));
  Fetches fetches;
  fetches.names->set("a.test", {"127.0.0.1"});
  EXPECT_FETCH(fetches.run(fetches.to(at(raw, "http", "a.test"))), None);
  FetchRequest request = fetches.to(at(raw, "http", "a.test"));
  request.allow_private = false;
  EXPECT_FETCH(fetches.run(std::move(request)), Address);
}

TEST(Fetch, HeadHasNoBody) {
  RawUpstream raw([](Peer& p) {
    for (std::string head = p.head(); !head.empty(); head = p.head())
      p.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n");
  });
  Fetches fetches;
  FetchRequest request = fetches.to(at(raw));
  request.method = http::Method::Head;
  const FetchResult got = fetches.run(std::move(request));
  EXPECT_FETCH(got, None);
  EXPECT_EQ(got.status, 200);
}

TEST(Fetch, DestroyedOnesAreNotTold) {
  RawUpstream raw([](Peer& p) { p.wait_for_close(); });
  Fetches fetches;
  fetches.names->set("a.test", {"127.0.0.1"});
  int told = 0;
  std::vector<std::unique_ptr<Fetch>> all;
  for (const char* host : {"127.0.0.1", "a.test"})
    for (int i = 0; i < 3; ++i)
      all.push_back(fetches.fetcher.start(fetches.to(at(raw, "http", host)), [&](FetchResult) { ++told; }));
  all.push_back(fetches.fetcher.start(fetches.to("https://no-grant.example/"), [&](FetchResult) { ++told; }));
  all.back().reset();
  for (int i = 0; i < 3; ++i) fetches.loop.turn(5);
  EXPECT_EQ(fetches.fetcher.under_way(), 6u);
  all.clear();
  for (int i = 0; i < 3; ++i) fetches.loop.turn(5);
  EXPECT_EQ(told, 0);
  EXPECT_EQ(fetches.fetcher.under_way(), 0u);
  EXPECT_EQ(fetches.fetcher.metrics().open_connections.value(), 0u);
}

TEST(Fetch, MayBeDestroyedByItsOwnAnswer) {
  RawUpstream raw(serves("x"));
  Fetches fetches;
  std::unique_ptr<Fetch> fetch;
  bool told = false;
  fetch = fetches.fetcher.start(fetches.to(at(raw)), [&](FetchResult) {
    fetch.reset();
    told = true;
  });
  while (!told) fetches.loop.turn(5);
  EXPECT_EQ(fetches.fetcher.under_way(), 0u);
}

TEST(Fetch, BoundedInNumber) {
  RawUpstream raw([](Peer& p) { p.wait_for_close(); });
  Fetches fetches;
  std::vector<std::unique_ptr<Fetch>> all;
  fetches.names->hold = true;
  for (std::size_t i = 0; i < FetchClient::kMaxFetches; ++i)
    all.push_back(fetches.fetcher.start(fetches.to("http://a.test/"), [&](FetchResult) {}));
  EXPECT_FETCH(fetches.run(fetches.to(at(raw))), Limit);
  all.pop_back();
  FetchRequest request = fetches.to(at(raw));
  request.timeout_ms = 20;
  EXPECT_FETCH(fetches.run(std::move(request)), Timeout);
}

TEST(Fetch, BoundedInOrigins) {
  Fetches fetches;
  fetches.names->hold = true;
  std::vector<std::unique_ptr<Fetch>> all;
  for (std::size_t i = 0; i < Origins::kMax; ++i)
    all.push_back(fetches.fetcher.start(fetches.to("http://h" + std::to_string(i) + ".test/"), [&](FetchResult) {}));
  EXPECT_FETCH(fetches.run(fetches.to("http://one-more.test/")), Limit);
  all.pop_back();
  fetches.names->hold = false;
  EXPECT_FETCH(fetches.run(fetches.to("http://one-more.test/")), Dns);  // in place of the one that nobody uses
}

TEST(Fetch, ForgetsOriginsThatNobodyAsks) {
  RawUpstream raw(serves("x"));
  base::FixedClock clock(0);
  Fetches fetches(clock);
  EXPECT_FETCH(fetches.run(fetches.to(at(raw))), None);
  EXPECT_EQ(fetches.fetcher.metrics().open_connections.value(), 1u);
  clock.advance_ms(16'000);
  for (int i = 0; i < 4; ++i) fetches.loop.turn(0);
  EXPECT_EQ(fetches.fetcher.metrics().open_connections.value(), 0u) << "idle connections are closed";
  clock.advance_ms(200'000);
  for (int i = 0; i < 4; ++i) fetches.loop.turn(0);
  EXPECT_FETCH(fetches.run(fetches.to(at(raw))), None);
}

TEST(Fetch, OwnHeadersAreTheClients) {
  struct Case {
    const char* name;
    const char* value;
    bool allowed;
  };
  const Case cases[] = {
      {"Accept", "a/b", true},
      {"Authorization", "Basic x", true},
      {"X-A", "", true},
      {"Host", "x", false},
      {"content-length", "1", false},
      {"Transfer-Encoding", "chunked", false},
      {"Connection", "close", false},
      {"Upgrade", "h2c", false},
      {"TE", "x", false},
      {"Expect", "100-continue", false},
      {"Proxy-Authorization", "x", false},
      {"Keep-Alive", "x", false},
      {"Trailer", "x", false},
      {"", "x", false},
      {"A B", "x", false},
      {"A:", "x", false},
      {"A", "x\r\nB: y", false},
      {"A", "x\ny", false},
      {"A", " x", false},
      {"A\r\n", "x", false},
  };
  for (const Case& c : cases) EXPECT_EQ(is_fetch_header(c.name, c.value), c.allowed) << c.name << ": " << c.value;
  EXPECT_FALSE(is_fetch_header("A", std::string_view("a\0b", 3)));
}

TEST(Trust, OfPem) {
  Trust some;
  const auto one = some.of_pem(ca_pem());
  ASSERT_TRUE(one) << one.error().text;
  EXPECT_EQ(*some.of_pem(ca_pem()), *one) << "made once";
  EXPECT_TRUE(some.of_pem(ca_pem() + "\n" + ca_pem() + "# more\n"));
  for (const std::string& bad : {std::string(), std::string("x"), ca_pem().substr(0, ca_pem().size() / 2),
                                 ca_pem() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                                 read_file(certificates().key_file("server"))})
    EXPECT_FALSE(some.of_pem(bad)) << bad;
  for (std::size_t i = 0; i < Trust::kMaxKept; ++i) EXPECT_TRUE(some.of_pem(ca_pem() + std::string(i + 1, '\n')));
  EXPECT_NE(*some.of_pem(ca_pem()), *one) << "bounded";
  const auto system = some.system();
  ASSERT_TRUE(system);
  EXPECT_EQ(*some.system(), *system);
  EXPECT_TRUE(some.refresh());
  EXPECT_NE(*some.system(), *system);
}

}  // namespace
}  // namespace gatehouse::client
