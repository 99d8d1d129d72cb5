#include "client/url.hpp"

#include <gtest/gtest.h>

#include "client/host_grants.hpp"

namespace gatehouse::client {
namespace {

TEST(Url, TakesApart) {
  struct Case {
    const char* text;
    const char* host;
    int port;
    const char* target;
    const char* again;
  };
  const Case cases[] = {
      {"https://idp.test", "idp.test", 443, "/", "https://idp.test/"},
      {"https://idp.test/", "idp.test", 443, "/", "https://idp.test/"},
      {"HTTPS://IdP.Test:443/A?b=C", "idp.test", 443, "/A?b=C", "https://idp.test/A?b=C"},
      {"https://idp.test:8443/a", "idp.test", 8443, "/a", "https://idp.test:8443/a"},
      {"https://idp.test?x", "idp.test", 443, "/?x", "https://idp.test/?x"},
      {"http://idp.test/", "idp.test", 80, "/", "http://idp.test/"},
      {"http://idp.test:443/", "idp.test", 443, "/", "http://idp.test:443/"},
      {"https://127.0.0.1:1/", "127.0.0.1", 1, "/", "https://127.0.0.1:1/"},
      {"https://[::1]/", "::1", 443, "/", "https://[::1]/"},
      {"https://[2001:DB8:0:0::1]:8443/x", "2001:db8::1", 8443, "/x", "https://[2001:db8::1]:8443/x"},
      {"https://[::ffff:127.0.0.1]/", "127.0.0.1", 443, "/", "https://127.0.0.1/"},
      {"https://a_b.test/%7e?%20", "a_b.test", 443, "/%7e?%20", "https://a_b.test/%7e?%20"},
      {"https://idp.test/a/../b", "idp.test", 443, "/a/../b", "https://idp.test/a/../b"},
      {"https://idp.test/?u=http://user@x/", "idp.test", 443, "/?u=http://user@x/",
       "https://idp.test/?u=http://user@x/"},
  };
  for (const Case& c : cases) {
    const auto url = Url::parse(c.text);
    ASSERT_TRUE(url) << c.text << ": " << url.error().text;
    EXPECT_EQ(url->host, c.host) << c.text;
    EXPECT_EQ(url->port, c.port) << c.text;
    EXPECT_EQ(url->target, c.target) << c.text;
    EXPECT_EQ(url->text(), c.again) << c.text;
  }
}

TEST(Url, Refuses) {
  const std::string_view cases[] = {
      "",
      "idp.test",
      "/a",
      "//idp.test/a",
      "https:",
      "https:/idp.test",
      "https:idp.test",
      "https://",
      "https:///a",
      "https://?a",
      "https://:443/",
      "https://idp.test:/",
      "https://idp.test:0/",
      "https://idp.test:0443/",
      "https://idp.test:65536/",
      "https://idp.test:+1/",
      "https://idp.test:80:80/",
      "https://user@idp.test/",
      "https://user:pass@idp.test/",
      "https://@idp.test/",
      "https://granted.test\\@127.0.0.1/",
      "https://granted.test#@127.0.0.1/",
      "https://idp.test/#a",
      "https://idp.test./",
      "https://idp..test/",
      "https://.idp.test/",
      "https://idp%2etest/",
      "https://127.1/",
      "https://0x7f000001/",
      "https://0x7f.0.0.1/",
      "https://0177.0.0.1/",
      "https://2130706433/",
      "https://127.0.0.1./",
      "https://127.0.0.01/",
      "https://1.2.3.4.5/",
      "https://[::1/",
      "https://[]/",
      "https://[127.0.0.1]/",
      "https://[::1]x/",
      "https://[::1]:/",
      "https://[fe80::1%25eth0]/",
      "https://[v1.a]/",
      "https://::1/",
      "https://idp.test/a b",
      "https://idp.test/a\tb",
      "https://idp.test/a\r\nX: y",
      std::string_view("https://idp.test/\0", 18),
      std::string_view("https://idp.test\0.evil.test/", 28),
      "https://idp.test/\x7f",
      "https://idp.t\xc3\xa9st/",
      "https://idp.test/\xc3\xa9",
      "https://idp.test/%",
      "https://idp.test/%4",
      "https://idp.test/%4g",
      "ftp://idp.test/",
      "file:///etc/passwd",
      "gopher://idp.test/",
      "javascript://idp.test/",
      "unix:/run/x.sock",
      " https://idp.test/",
      "https ://idp.test/",
  };
  for (const std::string_view text : cases) EXPECT_FALSE(Url::parse(text)) << text;
  EXPECT_FALSE(Url::parse("https://idp.test/" + std::string(Url::kMaxBytes, 'a')));
}

// RFC 3986, 5.4, as far as http has it.
TEST(Url, Resolves) {
  const Url base = *Url::parse("https://a.test/b/c/d;p?q");
  struct Case {
    const char* reference;
    const char* means;  // null: refused
  };
  const Case cases[] = {
      {"g", "https://a.test/b/c/g"},
      {"./g", "https://a.test/b/c/g"},
      {"g/", "https://a.test/b/c/g/"},
      {"/g", "https://a.test/g"},
      {"//g.test", "https://g.test/"},
      {"//g.test:81/x", "https://g.test:81/x"},
      {"?y", "https://a.test/b/c/d;p?y"},
      {"g?y", "https://a.test/b/c/g?y"},
      {"#s", "https://a.test/b/c/d;p?q"},
      {"g#s", "https://a.test/b/c/g"},
      {"", "https://a.test/b/c/d;p?q"},
      {".", "https://a.test/b/c/"},
      {"./", "https://a.test/b/c/"},
      {"..", "https://a.test/b/"},
      {"../g", "https://a.test/b/g"},
      {"../..", "https://a.test/"},
      {"../../../g", "https://a.test/g"},
      {"/./g", "https://a.test/g"},
      {"/../g", "https://a.test/g"},
      {"g.", "https://a.test/b/c/g."},
      {"g/../h", "https://a.test/b/c/h"},
      {"g?y/../x", "https://a.test/b/c/g?y/../x"},
      {"/a:b", "https://a.test/a:b"},
      {"http://b.test/x#y", "http://b.test/x"},
      {"https://[::1]/", "https://[::1]/"},
      {"https://user@b.test/", nullptr},
      {"//user@b.test/", nullptr},
      {"/\\b.test", nullptr},
      {"\\\\b.test", nullptr},
      {"ftp://b.test/", nullptr},
      {"g:h", nullptr},
      {"/a b", nullptr},
  };
  for (const Case& c : cases) {
    const auto url = base.resolve(c.reference);
    EXPECT_EQ(url ? url->text() : "refused", c.means == nullptr ? "refused" : c.means) << c.reference;
  }
}

TEST(HostGrants, ExactOrBelow) {
  const auto grants = HostGrants::make({"idp.test", "*.Example.com", "10.0.0.7", "[2001:DB8::7]", "::1", "*.5.test"});
  ASSERT_TRUE(grants) << grants.error().text;
  struct Case {
    const char* url;
    bool allowed;
  };
  const Case cases[] = {
      {"https://idp.test/", true},
      {"https://IDP.test:8443/x", true},
      {"https://a.idp.test/", false},
      {"https://xidp.test/", false},
      {"https://idp.test.evil.test/", false},
      {"https://a.example.com/", true},
      {"https://a.b.example.com/", true},
      {"https://example.com/", false},
      {"https://aexample.com/", false},
      {"https://example.com.evil.test/", false},
      {"https://10.0.0.7/", true},
      {"https://[::ffff:10.0.0.7]/", true},
      {"https://10.0.0.8/", false},
      {"https://[2001:db8::7]/", true},
      {"https://[2001:db8::8]/", false},
      {"https://[::1]/", true},
  };
  for (const Case& c : cases) EXPECT_EQ(grants->allow(*Url::parse(c.url)), c.allowed) << c.url;
  EXPECT_FALSE(HostGrants().allow(*Url::parse("https://idp.test/")));
}

TEST(HostGrants, EveryHostIsNoPattern) {
  const auto every = HostGrants::every();
  for (const char* url : {"https://idp.test/", "https://10.0.0.7/", "https://[2001:db8::7]/"})
    EXPECT_TRUE(every->allow(*Url::parse(url))) << url;
  EXPECT_FALSE(HostGrants::make({"*"}));
}

TEST(HostGrants, RefusesWhatIsNoHost) {
  for (const char* pattern : {"", "*", "*.", "*.*.test", "a.*", "idp.test:443", "https://idp.test", "idp.test/",
                              "*.10.0.0.1", "idp.test.", "127.1", "a b", "[", "[]"})
    EXPECT_FALSE(HostGrants::make({pattern})) << pattern;
}

}  // namespace
}  // namespace gatehouse::client
