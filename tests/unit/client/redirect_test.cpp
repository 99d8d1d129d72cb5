#include "unit/client/fetches.hpp"
#include "unit/client/own_network.hpp"

namespace gatehouse::client {
namespace {

using test::at;
using test::Fetches;
using test::Peer;
using test::RawUpstream;
using test::TlsScript;

TEST(Fetch, RedirectsAreResponsesUnlessFollowed) {
  RawUpstream raw([](Peer& p) { p.head(), p.send("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"); });
  Fetches fetches;
  const FetchResult got = fetches.run(fetches.to(at(raw)));
  EXPECT_FETCH(got, None);
  EXPECT_EQ(got.status, 302);
}

TEST(Fetch, FollowsRedirectsByTheRules) {
  std::string seen;
  RawUpstream last{TlsScript{.body = "there", .seen_head = &seen}};
  struct Case {
    const char* name;
    std::string head;
    FetchError error;
    std::string body = {};
    http::Method method = http::Method::Get;
  };
  const std::string there = at(last, "https", "b.test") + "/there";
  const Case cases[] = {
      {"another host", "HTTP/1.1 302 Found\r\nLocation: " + there + "\r\n", FetchError::None, "there"},
      {"fragment", "HTTP/1.1 307 T\r\nLocation: " + there + "#x\r\n", FetchError::None, "there"},
      {"POST", "HTTP/1.1 307 T\r\nLocation: " + there + "\r\n", FetchError::Refused, {}, http::Method::Post},
      {"to http", "HTTP/1.1 302 Found\r\nLocation: http://b.test/\r\n", FetchError::Refused},
      {"to another scheme", "HTTP/1.1 302 Found\r\nLocation: ftp://b.test/\r\n", FetchError::Refused},
      {"not granted", "HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\n", FetchError::Refused},
      {"not granted address", "HTTP/1.1 302 Found\r\nLocation: https://169.254.169.254/\r\n", FetchError::Refused},
      {"for ever", "HTTP/1.1 301 M\r\nLocation: /again\r\n", FetchError::Refused},
      {"no Location", "HTTP/1.1 302 Found\r\n", FetchError::Protocol},
      {"two Locations", "HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: /b\r\n", FetchError::Protocol},
      {"bad Location", "HTTP/1.1 302 Found\r\nLocation: https://x@b.test/\r\n", FetchError::Protocol},
      {"300 is none", "HTTP/1.1 300 M\r\nLocation: " + there + "\r\n", FetchError::None, "first"},
  };
  for (const Case& c : cases) {
    seen.clear();
    RawUpstream first{TlsScript{.body = "first", .head = c.head}};
    Fetches fetches;
    fetches.names->set("a.test", {"127.0.0.1"});
    fetches.names->set("b.test", {"127.0.0.1"});
    FetchRequest request = fetches.to(at(first, "https", "a.test"));
    request.method = c.method;
    request.max_redirects = 3;
    request.headers = {{"Authorization", "Bearer s"}, {"Cookie", "s"}, {"X-Api-Key", "s"}, {"Accept", "a/b"}};
    const FetchResult got = fetches.run(std::move(request));
    EXPECT_EQ(name(got.error), name(c.error)) << c.name << ": " << got.detail;
    EXPECT_EQ(got.body, c.body) << c.name;
    if (c.body == "there") {
      EXPECT_EQ(got.url, there) << c.name;
      EXPECT_EQ(seen, "GET /there HTTP/1.1\r\nHost: b.test:" + std::to_string(last.port()) +
                          "\r\nAccept: a/b\r\nUser-Agent: gatehouse\r\n\r\n")
          << c.name;
    }
  }
}

TEST(Fetch, RedirectFromHttpIsRefused) {
  RawUpstream raw([](Peer& p) { p.head(), p.send("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"); });
  Fetches fetches;
  FetchRequest request = fetches.to(at(raw));
  request.max_redirects = 3;
  EXPECT_FETCH(fetches.run(std::move(request)), Refused);
}

// What a redirect leads to is judged like what was asked for.
TEST(Fetch, RedirectToAnAddressOfNobodyIsRefused) {
  for (const char* nobody : {"0.0.0.0", "192.0.2.1", "240.0.0.1"}) {
    RawUpstream raw{TlsScript{.head = "HTTP/1.1 302 Found\r\nLocation: https://b.test/\r\n"}};
    Fetches fetches;
    fetches.names->set("a.test", {"127.0.0.1"});
    fetches.names->set("b.test", {nobody});
    FetchRequest request = fetches.to(at(raw, "https", "a.test"));
    request.max_redirects = 1;
    const FetchResult got = fetches.run(std::move(request));
    EXPECT_FETCH(got, Address);
    EXPECT_EQ(got.url, "https://b.test/");
    EXPECT_EQ(raw.connections(), 1) << "it was a redirect that led there";
  }
}

TEST(Fetch, RedirectToAPrivateAddressIsRefused) {
  constexpr std::uint32_t kPublic = 0x08080808;
  struct Case {
    const char* name;
    const char* inside;  // what the name in Location resolves to
    bool allow_private;
  };
  const Case cases[] = {
      {"a private address", "10.0.0.1", false},
      {"loopback", "127.0.0.1", false},
      {"link-local", "169.254.169.254", false},
      {"it is the same when it is allowed, but for being asked", "10.0.0.1", true},
  };
  const bool made = test::in_own_network({"8.8.8.8", "10.0.0.1", "169.254.169.254"}, [&] {
    for (const Case& c : cases) {
      RawUpstream inside{TlsScript{.body = "secret"}, {}, 0, INADDR_ANY};
      const std::string there = "https://b.test:" + std::to_string(inside.port()) + "/";
      RawUpstream outside{TlsScript{.head = "HTTP/1.1 302 Found\r\nLocation: " + there + "\r\n"}, {}, 0, kPublic};
      Fetches fetches;
      fetches.names->set("a.test", {"8.8.8.8"});
      fetches.names->set("b.test", {c.inside});
      FetchRequest request = fetches.to(at(outside, "https", "a.test"));
      request.allow_private = c.allow_private;
      request.max_redirects = 1;
      const FetchResult got = fetches.run(std::move(request));
      EXPECT_EQ(outside.connections(), 1) << c.name << ": the first hop is public";
      EXPECT_EQ(got.url, there) << c.name;
      if (c.allow_private) {
        EXPECT_FETCH(got, None);
        EXPECT_EQ(got.body, "secret");
        continue;
      }
      EXPECT_FETCH(got, Address);
      EXPECT_EQ(got.body, "") << c.name;
      EXPECT_EQ(inside.connections(), 0) << c.name;
    }
  });
  if (!made) GTEST_SKIP() << "needs the right to make a network of its own (root)";
}

// A name that means another address at the second question (DNS rebinding).
TEST(Fetch, ANameThatTurnsPrivateIsRefusedAtTheNextHop) {
  const bool made = test::in_own_network({"8.8.8.8"}, [&] {
    RawUpstream outside{TlsScript{.head = "HTTP/1.1 302 Found\r\nLocation: https://a.test:1/\r\n"}, {}, 0, 0x08080808};
    Fetches fetches;
    fetches.names->set("a.test", {"8.8.8.8"});
    FetchRequest request = fetches.to(at(outside, "https", "a.test"));
    request.allow_private = false;
    request.max_redirects = 1;
    std::optional<FetchResult> got;
    const auto fetch = fetches.fetcher.start(std::move(request), [&](FetchResult result) { got = std::move(result); });
    for (int turns = 0; turns < 4000 && !got; ++turns) {
      fetches.loop.turn(5);
      if (outside.connections() == 1) fetches.names->set("a.test", {"127.0.0.1"});
    }
    ASSERT_TRUE(got.has_value());
    EXPECT_FETCH(*got, Address);
  });
  if (!made) GTEST_SKIP() << "needs the right to make a network of its own (root)";
}

TEST(Fetch, SameOriginRedirectKeepsHeaders) {
  std::string seen;
  RawUpstream raw{TlsScript{.head = "HTTP/1.1 302 F\r\nLocation: /again\r\n", .seen_head = &seen}};
  Fetches fetches;
  fetches.names->set("a.test", {"127.0.0.1"});
  FetchRequest request = fetches.to(at(raw, "https", "a.test"));
  request.max_redirects = 1;
  request.headers = {{"Authorization", "Bearer s"}};
  EXPECT_FETCH(fetches.run(std::move(request)), Refused);  // the second redirect
  EXPECT_TRUE(seen.starts_with("GET /again ")) << seen;
  EXPECT_NE(seen.find("Authorization: Bearer s"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::client
