// gatehouse.http/1 through real libraries, on loops and on the executor.
#include <csignal>
#include <thread>

#include "support.hpp"
#include "unit/client/raw_upstream.hpp"
#include "unit/client/tls_script.hpp"

namespace gatehouse::plugin::test {
namespace {

using access::AnswerKind;
using gatehouse::test::certificates;
using gatehouse::test::Peer;
using gatehouse::test::RawUpstream;
using gatehouse::test::serves;
using gatehouse::test::TlsScript;

constexpr unsigned kBoth = GH_FETCH_ALLOW_HTTP | GH_FETCH_ALLOW_PRIVATE;

class Http : public HostTest, public ::testing::WithParamInterface<const char*> {
 protected:
  // The servers of the tests write to clients that may have hung up.
  Http() { ::signal(SIGPIPE, SIG_IGN); }
  bool blocking() const { return std::string_view(GetParam()) == "blocking"; }
  char ok() const { return blocking() ? 'o' : 'w'; }
  /// `more`: settings beside the URL, as JSON members.
  config::Authorizer fetching(const std::string& url, const std::string& more = {}, unsigned flags = kBoth) {
    std::string json = R"({"url": ")" + url + R"(", "flags": )" + std::to_string(flags) + R"(, "say": )" +
                       std::to_string(say.write_end()) + (more.empty() ? "" : ", ") + more + "}";
    auto out = authorizer(blocking() ? "test.http-blocking" : "test.http", json);
    out.grants.http = config::HttpGrant{};
    out.grants.http->hosts = {"127.0.0.1", "gone.invalid"};
    out.grants.http->allow_http = out.grants.http->allow_private = true;
    return out;
  }
  std::string principal(const config::Authorizer& settings) {
    const auto who = make(settings);
    Asked asked;
    const auto answer = ask(*who, asked);
    EXPECT_EQ(answer.kind, AnswerKind::Allow) << answer.reason;
    return std::string(answer.principal_id);
  }
  char heard() {
    char byte = 0;
    until([&] {
      pollfd p{say.read_end(), POLLIN, 0};
      return byte != 0 || (::poll(&p, 1, 0) == 1 && ::read(say.read_end(), &byte, 1) == 1);
    });
    return byte;
  }
  static std::string at(const RawUpstream& raw, const std::string& scheme = "http") {
    return scheme + "://127.0.0.1:" + std::to_string(raw.port()) + "/";
  }
  static std::string code(std::int32_t value) { return std::to_string(value); }
};

TEST_P(Http, AnswersWithWhatWasFetched) {
  std::string seen;
  RawUpstream raw([&](Peer& peer) {
    seen = peer.head();
    seen += peer.exactly(3);
    peer.answer("active", "X-Say: hello\r\n");
  });
  EXPECT_EQ(principal(fetching(at(raw), R"("method": "POST", "header": "X-A:b", "body": "t=1")")), "200 active hello");
  EXPECT_EQ(heard(), ok());
  EXPECT_EQ(seen.substr(0, seen.find("\r\n")), "POST / HTTP/1.1");
  EXPECT_NE(seen.find("\r\nX-A: b\r\n"), std::string::npos) << seen;
}

// JW-50, JW-5A: whatever host the discovery document names, to read, and by the settings' own switches.
TEST_P(Http, JW_50_ATypesImpliedGrantIsToReadOnly) {
  RawUpstream raw(serves("keys"));
  const auto verifying = [&](const std::string& more) {
    auto out = fetching(at(raw), more);
    out.type = config::AuthorizerType::Jwt;
    out.grants = {};
    return out;
  };
  const std::string local = R"("allow_private_issuer": true, "allow_insecure_issuer": true)";
  EXPECT_EQ(principal(verifying(local)), "200 keys");
  EXPECT_EQ(principal(verifying(local + R"(, "method": "POST")")), code(GH_E_REFUSED));
  EXPECT_EQ(principal(verifying(R"("allow_private_issuer": true)")), code(GH_E_REFUSED));  // plain HTTP
  EXPECT_EQ(principal(verifying(R"("allow_insecure_issuer": true)")), code(GH_E_ADDRESS));
}

TEST_P(Http, FromAThreadOfThePlugins) {
  RawUpstream raw(serves("x"));
  EXPECT_EQ(principal(fetching(at(raw), R"("when": "thread")")), "200 x");
  EXPECT_EQ(heard(), ok());
}

TEST_P(Http, FailuresAreToldApart) {
  RawUpstream plain(serves("0123456789"));
  RawUpstream silent([](Peer& p) { p.wait_for_close(); });
  RawUpstream garbage([](Peer& p) { p.head(), p.send("SSH-2.0-x\r\n"); });
  RawUpstream closes([](Peer& p) { p.head(); });
  RawUpstream tls{TlsScript{}};
  RawUpstream moved([](Peer& p) { p.head(), p.send("HTTP/1.1 302 F\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"); });
  struct Case {
    const char* name;
    std::string url, more;
    unsigned flags;
    std::int32_t code;
  };
  const Case cases[] = {
      {"host that is not granted", "https://evil.example/", "", kBoth, GH_E_REFUSED},
      {"http that was not asked for", at(plain), "", GH_FETCH_ALLOW_PRIVATE, GH_E_REFUSED},
      {"private that was not asked for", at(plain), "", GH_FETCH_ALLOW_HTTP, GH_E_ADDRESS},
      {"redirect from http", at(moved), R"("redirects": 2)", kBoth, GH_E_REFUSED},
      {"no name", "http://gone.invalid/", "", kBoth, GH_E_DNS},
      {"closes", at(closes), "", kBoth, GH_E_CONNECT},
      {"unknown authority", at(tls, "https"), "", kBoth, GH_E_TLS},
      {"silent", at(silent), R"("timeout_ms": 30)", kBoth, GH_E_TIMEOUT},
      {"large", at(plain), R"("max_bytes": 9)", kBoth, GH_E_TOO_LARGE},
      {"not HTTP", at(garbage), "", kBoth, GH_E_PROTOCOL},
  };
  for (const Case& c : cases) EXPECT_EQ(principal(fetching(c.url, c.more, c.flags)), code(c.code)) << c.name;
}

TEST_P(Http, TheOperatorMustAllowWhatThePluginAsksFor) {
  RawUpstream raw(serves("x"));
  auto settings = fetching(at(raw));
  settings.grants.http->allow_http = false;
  EXPECT_EQ(principal(settings), code(GH_E_REFUSED));
  settings = fetching(at(raw));
  settings.grants.http->allow_private = false;
  EXPECT_EQ(principal(settings), code(GH_E_ADDRESS));
  EXPECT_EQ(raw.connections(), 0);
}

TEST_P(Http, CertificatesOfThePlugins) {
  RawUpstream raw{TlsScript{}};
  std::string ca = read_file(certificates().ca_file());
  for (std::size_t i = 0; (i = ca.find('\n', i)) != std::string::npos; i += 2) ca.replace(i, 1, "\\n");
  EXPECT_EQ(principal(fetching(at(raw, "https"), R"("ca": ")" + ca + R"(")")), "200 hello");
}

TEST_P(Http, NoGrantNoService) {
  auto settings = fetching("https://a.test/");
  settings.grants.http.reset();
  EXPECT_EQ(principal(settings), "none");
}

TEST_P(Http, WhatBreaksTheContractIsRefusedAtOnce) {
  for (const auto& [url, more, flags] : std::vector<std::tuple<std::string, std::string, unsigned>>{
           {"", "", kBoth},
           {"https://user@127.0.0.1/", "", kBoth},
           {"https://127.0.0.1/#a", "", kBoth},
           {"ftp://127.0.0.1/", "", kBoth},
           {"https://127.0.0.1/", R"("method": "TRACE")", kBoth},
           {"https://127.0.0.1/", R"("method": "CONNECT")", kBoth},
           {"https://127.0.0.1/", R"("header": "Host:x")", kBoth},
           {"https://127.0.0.1/", R"("header": "Content-Length:1")", kBoth},
           {"https://127.0.0.1/", R"("header": "X:a\r\nY: b")", kBoth},
           {"https://127.0.0.1/", R"("timeout_ms": 60001)", kBoth},
           {"https://127.0.0.1/", R"("max_bytes": 16777217)", kBoth},
           {"https://127.0.0.1/", R"("redirects": 11)", kBoth},
           {"https://127.0.0.1/", R"("ca": "no certificate")", kBoth},
           {"https://127.0.0.1/", "", 4},
       })
    EXPECT_EQ(principal(fetching(url, more, flags)), "returned " + code(GH_E_INVALID)) << url << more;
}

TEST_P(Http, EndsWithTheCall) {
  RawUpstream raw([](Peer& p) { p.wait_for_close(); });
  auto who = make(fetching(at(raw)));
  Asked asked;
  who->authorize(asked.facts, 0, asked);
  until([&] { return fetches.under_way() == 1 && raw.connections() == 1; });
  who->cancel(asked);  // its deadline, or its client left
  EXPECT_EQ(heard(), 'g');
  until([&] { return !asked.exchange.pinned(); });
  EXPECT_EQ(asked.answers, 0);
  EXPECT_EQ(fetches.under_way(), 0u);
  EXPECT_EQ(fetches.metrics().open_connections.value(), 0u);
}

TEST_P(Http, ForTheInstanceInStart) {
  RawUpstream raw(serves("keys"));
  const auto who = make(fetching(at(raw), R"("when": "start")"));
  EXPECT_EQ(heard(), ok());
  Asked asked;
  EXPECT_EQ(ask(*who, asked).principal_id, "200 keys");
}

TEST_P(Http, EndsWithTheInstance) {
  RawUpstream raw([](Peer& p) { p.wait_for_close(); });
  auto who = make(fetching(at(raw), R"("when": "start")"));
  until([&] { return fetches.under_way() == 1; });
  who.reset();
  EXPECT_EQ(heard(), 'g');
  EXPECT_EQ(heard(), 'd') << "destroyed after it was told";
  until([&] { return !mapped(); });
  EXPECT_EQ(fetches.under_way(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Plugins, Http, ::testing::Values("nonblocking", "blocking"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace gatehouse::plugin::test
