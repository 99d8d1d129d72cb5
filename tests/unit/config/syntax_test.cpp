#include "config/syntax.hpp"

#include "support.hpp"

namespace gatehouse::config {
namespace {

struct Case {
  const char* what;
  TextRule rule;
  std::vector<std::string> good, bad;
};

TEST(Syntax, Rules) {
  const std::string long_name(128, 'a');
  const Case kCases[] = {
      {"name",
       name_rule("x"),
       {"a", "A_b-1.c", "9", long_name},
       {"", "a b", "-a", ".a", "a/b", "\xC3\xA9", long_name + "a"}},
      {"host",
       host_rule(),
       {"localhost", "api.example.com", "10.0.0.1", "[::1]", "a_b.c", "1a"},
       {"", "a:80", "::1", "a..b", "-a", "a-", "a b", "*.a.b", "10.0.0.256", "1.2.3", "http://a", std::string(254, 'a'),
        "[10.0.0.1]"}},
      {"domain (AT-58)",
       domain_rule(),
       {"api.example.com", "*.example.com", "Example.COM", "localhost"},
       {"", "*", "*.com", "a.*.com", "*a.example.com", "a:80", "10.0.0.1", "a..b", "*.*.example.com"}},
      {"target",
       target_rule(),
       {"h:1", "10.0.0.1:80", "[::1]:443", "a.b.c:65535"},
       {"", "h", "h:", "h:0", "h:65536", "h:080", "::1:80", "h:80/", "http://h:80", ":80", "h:80:90", "[::1]",
        "u@h:80"}},
      {"listen",
       listen_rule(),
       {"127.0.0.1:0", "0.0.0.0:8080", "[::]:8080", "unix:/run/x.sock"},
       {"", "8080", ":8080", "*:8080", "localhost:80", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80",
        "unix:x", "unix:", "unix:/" + std::string(107, 'x'), "[127.0.0.1]:80"}},
      {"header name", header_name_rule(), {"x-token", "A!#$%&'*+.^_`|~9"}, {"", "a b", "a:", "a\r\n", "\xC3\xA9"}},
      {"header value",
       header_value_rule(),
       {"", "a b", "\xC3\xA9"},
       {"a\nb", "a\r", " a", "a ", std::string("a\0", 2), "\x7f"}},
      {"plugin id",
       plugin_id_rule(),
       {"com.example.shared-token", "gatehouse.iam"},
       {"", "token", "Com.example", "a..b", ".a", "a.b/c"}},
      {"stage (AT-50)",
       stage_rule(),
       {"$default", "prod", "v_1-x", long_name},
       {"", "$x", "a.b", "a b", long_name + "a"}},
      {"variable name (AT-50)",
       variable_name_rule(),
       {"a", "A_1", std::string(64, 'a')},
       {"", "a-b", std::string(65, 'a')}},
      {"variable value (AT-50)",
       variable_value_rule(),
       {"", "a b", std::string(512, 'a')},
       {std::string(513, 'a'), "a\nb"}},
      {"base path (AT-52)",
       base_path_rule(),
       {"(none)", "v1", "v1/orders", "$-_.+!*'()"},
       {"", "/", "/v1", "v1/", "a//b", "a b", "a?b", "a%20b", std::string(301, 'a')}},
      {"route key (AT-20)",
       route_key_rule(),
       {"$default", "GET /", "ANY /{p+}", "OPTIONS /a.b"},
       {"", "GET", "get /", "GET a", "GET  /a", "GET /a b", "CONNECT /", "TRACE /", "$connect", "/a"}},
      {"path",
       path_template_rule(),
       {"/", "/a/{b}", "/{p}/x-{q}", "/${stageVariables.x}/a%20b"},
       {"", "a", "/a?b", "/a#b", "/a b", "/{", "/}", "/{}", "/{a{b}}", "/${context.x}", "/${stageVariables.}", "/a\\b",
        "/a\n"}},
      {"uri",
       uri_rule(),
       {"http://a", "https://a.b:8443/c/{d}", "http://[::1]:80/", "http://10.0.0.1/${stageVariables.v}"},
       {"", "a", "//a/", "ftp://a/", "HTTP://a/", "http://", "http:///", "http://a:0/", "http://a:/", "http://u@a/",
        "http://{a}/", "http://a?b", "http://a#b", "http://a/?b", "http://${stageVariables.h}/", "http://a b/",
        "http://a\\b/"}},
      {"mapping (AT-61)",
       header_mapping_rule(),
       {"'*'", "''", "'a b'", "context.requestId", "stageVariables.x", "method.request.header.Origin",
        "method.request.querystring.q", "method.request.path.id"},
       {"", "*", "'a", "a'", "'", "'a'b'", "context.", "context", "method.request.body.x",
        "integration.response.header.x", "'a\nb'", "context.a b"}},
      {"origin (AT-72)",
       origin_rule(),
       {"*", "https://*", "http://*", "null", "https://a.example.com", "http://localhost:3000", "https://[::1]:8"},
       {"", "a.com", "https://", "https://a/", "https://*.a.com", "https://a:0", "https://a b", "https://u@a"}},
      {"method", method_rule(), {"*", "GET", "DELETE"}, {"", "get", "ANY", "TRACE"}},
      {"response type",
       gateway_response_rule(),
       {"UNAUTHORIZED", "DEFAULT_4XX", "WAF_FILTERED", "REQUEST_TOO_LARGE"},
       {"", "unauthorized", "DEFAULT_3XX"}},
      {"content type",
       content_type_rule(),
       {"application/json", "text/*"},
       {"", "json", "a/b/c", "a/b; c", "/b", "a/"}},
  };
  for (const Case& c : kCases) {
    for (const std::string& text : c.good) EXPECT_EQ(c.rule.check(text), "") << c.what << ": `" << text << "`";
    for (const std::string& text : c.bad) EXPECT_NE(c.rule.check(text), "") << c.what << ": `" << text << "`";
  }
}

TEST(Syntax, LocalAddresses) {
  for (const char* a : {"127.0.0.1:80", "127.8.8.8:1", "[::1]:80", "unix:/x"}) EXPECT_TRUE(is_local_address(a)) << a;
  for (const char* a : {"0.0.0.0:80", "[::]:80", "10.0.0.1:80", "128.0.0.1:80", ""})
    EXPECT_FALSE(is_local_address(a)) << a;
}

}  // namespace
}  // namespace gatehouse::config
