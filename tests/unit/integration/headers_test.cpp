#include "integration/headers.hpp"

#include <gtest/gtest.h>

#include "unit/integration/fake_exchange.hpp"

namespace gatehouse::integration {
namespace {

using access::ApiType;
using test::FakeExchange;

constexpr std::string_view kUuid = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef";

std::string text_of(const http::Headers& headers) {
  std::string out;
  for (const http::Header& header : headers) out.append(header.name).append(": ").append(header.value).append("\n");
  return out;
}

struct Input {
  std::string lines = {};  // of the client's head, each with CRLF
  ApiType type = ApiType::Http;
  bool trusted = false;
  std::string_view peer = "198.51.100.7";
  bool tls = false;
  std::string_view host = "api.example.com";
};

std::string request(const Input& in) {
  FakeExchange exchange("GET / HTTP/1.1\r\nHost: " + std::string(in.host) + "\r\n" + in.lines + "\r\n");
  EXPECT_TRUE(exchange.parsed) << in.lines;
  exchange.facts.tls = in.tls;
  exchange.facts.peer_text = in.peer;
  exchange.facts.peer = in.peer == "unix:" ? base::IpAddress{} : *base::IpAddress::parse(in.peer);
  http::Headers out;
  EXPECT_TRUE(forward_request_headers({in.type, "a1b2c3", kUuid, std::int64_t{0x5759e988} * 1000, in.trusted},
                                      exchange.request, exchange.facts, exchange.arena, out));
  return text_of(out);
}
std::string response(ApiType type, std::string lines, bool bodyless = false) {
  const std::string bytes = "HTTP/1.1 200 OK\r\n" + lines + "\r\n";
  http::ResponseParser parser;
  http::ResponseHead head;
  http::ParseFault fault;
  EXPECT_EQ(parser.parse(bytes, {}, head, fault), http::ParseState::Complete) << lines << fault.what;
  http::Headers out;
  EXPECT_TRUE(forward_response_headers(type, bodyless, head.headers, out));
  return text_of(out);
}

const std::string kRestAdds =
    "X-Amzn-Apigateway-Api-Id: a1b2c3\nX-Amzn-Trace-Id: Root=1-5759e988-7b6111e69a4193e8deadbeef";

struct Line {
  const char* sent;
  const char* rest;  // what arrives; empty: nothing
  const char* http;
};
// AT-93, requests, column http_proxy; beside it what an HTTP API does.
const Line kRequestLines[] = {
    {"Age: 1", "Age: 1", "Age: 1"},
    {"Accept: a/b", "Accept: a/b", "Accept: a/b"},
    {"Accept-Charset: x", "Accept-Charset: x", "Accept-Charset: x"},
    {"Accept-Encoding: gzip", "Accept-Encoding: gzip", "Accept-Encoding: gzip"},
    {"Authorization: Bearer x", "Authorization: Bearer x", "Authorization: Bearer x"},
    {"Authorization: AWS4-HMAC-SHA256 Credential=x", "", "Authorization: AWS4-HMAC-SHA256 Credential=x"},
    {"Authorization: aws4-ecdsa-p256-sha256 x", "", "Authorization: aws4-ecdsa-p256-sha256 x"},
    {"Connection: keep-alive", "", ""},
    {"Content-Encoding: gzip", "", "Content-Encoding: gzip"},
    {"Content-Length: 0", "", ""},
    {"Content-MD5: x", "", "Content-MD5: x"},
    {"Content-Type: a/b", "Content-Type: a/b", "Content-Type: a/b"},
    {"Cookie: a=b", "Cookie: a=b", "Cookie: a=b"},
    {"Date: x", "Date: x", "Date: x"},
    {"Expect: 100-continue\r\nContent-Length: 1", "", ""},
    {"Keep-Alive: timeout=5", "", ""},
    {"Max-Forwards: 3", "", "Max-Forwards: 3"},
    {"Pragma: x", "Pragma: x", "Pragma: x"},
    {"Proxy-Authenticate: x", "", ""},
    {"Proxy-Authorization: Basic x", "", ""},
    {"Proxy-Connection: keep-alive", "", ""},
    {"Range: bytes=0-1", "Range: bytes=0-1", "Range: bytes=0-1"},
    {"Referer: x", "Referer: x", "Referer: x"},
    {"Server: x", "", "Server: x"},
    {"TE: trailers", "", ""},
    {"Trailer: x", "", ""},
    {"Transfer-Encoding: chunked", "", ""},
    {"Upgrade: x", "", ""},
    {"User-Agent: curl/8", "User-Agent: curl/8", "User-Agent: curl/8"},
    {"Via: 1.1 x", "", "Via: 1.1 x"},
    {"Warn: x", "Warn: x", "Warn: x"},
    {"WWW-Authenticate: x", "", "WWW-Authenticate: x"},
    {"x-Own: 1\r\nx-Own: 2", "x-Own: 1\nx-Own: 2", "x-Own: 1\nx-Own: 2"},
    {"x-private: 1\r\nConnection: x-private", "", ""},
    {"Connection: close\r\nx-a: 1\r\nConnection: X-A, x-b\r\nX-B: 2", "", ""},
    {"Connection: user-agent\r\nUser-Agent: x", "", ""},
    // AT-1C: judged was the verb and the path of the request line.
    {"X-HTTP-Method-Override: DELETE", "", ""},
    {"x-http-method: DELETE", "", ""},
    {"X-Method-Override: DELETE", "", ""},
    {"X_HTTP_Method_Override: DELETE", "", ""},
    {"X-Original-URL: /admin", "", ""},
    {"X-Rewrite-URL: /admin", "", ""},
    {"X-Method: x", "X-Method: x", "X-Method: x"},
    // Two spellings of one name: the plain one stays.
    {"X-Token: 1\r\nX_Token: 2", "X-Token: 1", "X-Token: 1"},
    {"X.Token: 2\r\nx-token: 1", "x-token: 1", "x-token: 1"},
    {"X_Token: 1\r\nX.Token: 2", "", ""},
    {"X_Token: 1\r\nx_token: 2", "X_Token: 1\nx_token: 2", "X_Token: 1\nx_token: 2"},
};

TEST(RequestHeaders, AT93) {
  for (const Line& line : kRequestLines) {
    const std::string lines = std::string(line.sent) + "\r\n";
    const std::string rest = *line.rest == 0 ? "" : std::string(line.rest) + "\n";
    EXPECT_EQ(request({.lines = lines, .type = ApiType::Rest}), rest + kRestAdds + "\n") << line.sent;
    const std::string http = *line.http == 0 ? "" : std::string(line.http) + "\n";
    EXPECT_EQ(request({.lines = lines}), http + "Forwarded: for=198.51.100.7;host=api.example.com;proto=http\n")
        << line.sent;
  }
}

TEST(RequestHeaders, AT94) {
  EXPECT_EQ(request({.type = ApiType::Rest}), kRestAdds + "\n");
  EXPECT_EQ(
      request({.lines = "X-Amzn-Trace-Id: Root=1-1-1\r\nx-amzn-apigateway-api-id: forged\r\n", .type = ApiType::Rest}),
      "X-Amzn-Trace-Id: Root=1-1-1\nX-Amzn-Apigateway-Api-Id: a1b2c3\n");
}

// HTTP_X_FORWARDED_FOR and the like to a CGI upstream, whichever it was.
TEST(RequestHeaders, UnderscoresDisguiseNothing) {
  const std::string never[] = {"X_Forwarded_For",  "x_forwarded_proto",   "X-Forwarded_Host",
                               "X_FORWARDED-PORT", "X_Forwarded_Ssl",     "X_Forwarded_Prefix",
                               "Content_Length",   "transfer_encoding",   "Keep_Alive",
                               "Proxy_Connection", "Proxy_Authorization", "Proxy-Authorization_",
                               "X.Forwarded.For",  "X_Real_IP",           "X_Forwarded_" + std::string(100, 'a')};
  for (const std::string& name : never) {
    const bool passes = name.ends_with('_');
    for (const bool trusted : {false, true}) {
      const std::string line = name + ": 1";
      EXPECT_EQ(request({.lines = line + "\r\n", .type = ApiType::Rest, .trusted = trusted}),
                (passes ? line + "\n" : "") + kRestAdds + "\n");
      EXPECT_EQ(request({.lines = line + "\r\n", .trusted = trusted}),
                (passes ? line + "\n" : "") + "Forwarded: for=198.51.100.7;host=api.example.com;proto=http\n");
    }
  }
  for (const char* name : {"X_Amzn_Apigateway_Api_Id", "x-amzn-trace_id", "Content_MD5", "Www_Authenticate"})
    EXPECT_EQ(request({.lines = std::string(name) + ": 1\r\n", .type = ApiType::Rest}), kRestAdds + "\n") << name;
  for (const char* name : {"X_Own", "_", "X_Forwarded", "XForwarded_For", "User_Agent", "Content_MD5_"})
    EXPECT_EQ(request({.lines = std::string(name) + ": 1\r\n", .type = ApiType::Rest}),
              std::string(name) + ": 1\n" + kRestAdds + "\n");
}

struct Claim {
  const char* name;
  Input in;
  const char* arrives;  // without kRestAdds
};
const std::string kClaims =
    "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\n"
    "X-Forwarded-Port: 443\r\nX-Forwarded-Prefix: /a\r\n";
const Claim kRestClaims[] = {
    {"never added", {}, ""},
    {"a stranger's are dropped", {.lines = kClaims + "Forwarded: for=1.2.3.4\r\n"}, ""},
    {"a trusted proxy's pass, and the peer is appended",
     {.lines = kClaims, .trusted = true},
     "X-Forwarded-Proto: https\nX-Forwarded-Host: shop.example\nX-Forwarded-Port: 443\nX-Forwarded-Prefix: /a\n"
     "X-Forwarded-For: 203.0.113.9, 198.51.100.7\n"},
    {"several lines keep their order",
     {.lines = "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\n", .trusted = true},
     "X-Forwarded-For: 1.1.1.1\nX-Forwarded-For: 2.2.2.2, 198.51.100.7\n"},
};

TEST(RequestHeaders, AT96) {
  for (Claim claim : kRestClaims) {
    claim.in.type = ApiType::Rest;
    EXPECT_EQ(request(claim.in), claim.arrives + kRestAdds + "\n") << claim.name;
  }
}

TEST(RequestHeaders, OnlyATrustedProxySaysWhoCalls) {
  for (const char* name : {"X-Real-IP", "x-client-ip", "Client-IP", "True-Client-IP", "CF-Connecting-IP",
                           "Fastly-Client-IP", "X-Cluster-Client-IP", "X-Original-Forwarded-For"}) {
    const std::string line = std::string(name) + ": 10.0.0.1";
    const std::string ours = "Forwarded: for=198.51.100.7;host=api.example.com;proto=http\n";
    EXPECT_EQ(request({.lines = line + "\r\n"}), ours) << name;
    EXPECT_EQ(request({.lines = line + "\r\n", .trusted = true}), line + "\n" + ours) << name;
    EXPECT_EQ(request({.lines = line + "\r\n", .type = ApiType::Rest}), kRestAdds + "\n") << name;
    EXPECT_EQ(request({.lines = line + "\r\n", .type = ApiType::Rest, .trusted = true}), line + "\n" + kRestAdds + "\n")
        << name;
  }
}

const Claim kHttpClaims[] = {
    {"the peer, its Host, the scheme", {}, "for=198.51.100.7;host=api.example.com;proto=http"},
    {"TLS", {.tls = true}, "for=198.51.100.7;host=api.example.com;proto=https"},
    {"a Host with a port is quoted", {.host = "api.test:8080"}, "for=198.51.100.7;host=\"api.test:8080\";proto=http"},
    {"so is one that could end the element",
     {.host = "a,for=10.0.0.1;by=x"},
     "for=198.51.100.7;host=\"a,for=10.0.0.1;by=x\";proto=http"},
    {"IPv6 is quoted", {.peer = "2001:db8::1"}, "for=\"[2001:db8::1]\";host=api.example.com;proto=http"},
    {"a Unix socket", {.peer = "unix:"}, "for=unknown;host=api.example.com;proto=http"},
    {"a stranger's claims are dropped",
     {.lines = kClaims + "Forwarded: for=1.2.3.4\r\n"},
     "for=198.51.100.7;host=api.example.com;proto=http"},
    {"a trusted proxy's Forwarded stands before ours",
     {.lines = "Forwarded: for=1.2.3.4;proto=https\r\nForwarded: for=5.6.7.8\r\n", .trusted = true},
     "for=1.2.3.4;proto=https, for=5.6.7.8, for=198.51.100.7;host=api.example.com;proto=http"},
    {"X-Forwarded-* is turned into it",
     {.lines = kClaims, .trusted = true},
     "for=203.0.113.9;host=shop.example;proto=https, for=198.51.100.7;host=api.example.com;proto=http"},
    {"a list, IPv6, ports, and what is no address",
     {.lines = "X-Forwarded-For: 1.1.1.1:80, , [::1]:7,2001:db8::2\r\nX-Forwarded-For: \"x;for=evil\"\r\n",
      .trusted = true},
     "for=1.1.1.1, for=\"[::1]\", for=\"[2001:db8::2]\", for=unknown, "
     "for=198.51.100.7;host=api.example.com;proto=http"},
    {"claims that are no host and no scheme",
     {.lines = "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Host: a\",b\r\nX-Forwarded-Proto: gopher\r\n", .trusted = true},
     "for=1.1.1.1, for=198.51.100.7;host=api.example.com;proto=http"},
    {"a proxy that says nothing", {.trusted = true}, "for=198.51.100.7;host=api.example.com;proto=http"},
};

TEST(RequestHeaders, AT2B) {
  for (const Claim& claim : kHttpClaims)
    EXPECT_EQ(request(claim.in), "Forwarded: " + std::string(claim.arrives) + "\n") << claim.name;
}

TEST(RequestHeaders, LongChainsAreCutAtTheirOldEnd) {
  std::string chain = "X-Forwarded-For: 9.9.9.9";
  for (int i = 0; i < 1000; ++i) chain += ",x";
  const std::string got = request({.lines = chain + "\r\n", .trusted = true});
  EXPECT_LT(got.size(), 600u);
  EXPECT_EQ(got.find("9.9.9.9"), std::string::npos);
  EXPECT_NE(got.find("for=unknown, for=198.51.100.7;"), std::string::npos);
}

TEST(RequestHeaders, TooManyLinesAreSaidSo) {
  FakeExchange exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  exchange.request.headers.clear();
  for (std::size_t i = 0; i < http::Headers::kMax; ++i) exchange.request.headers.add("x", "y");
  for (const ApiType type : {ApiType::Rest, ApiType::Http}) {
    http::Headers out;
    EXPECT_FALSE(
        forward_request_headers({type, "a", kUuid, 0, false}, exchange.request, exchange.facts, exchange.arena, out));
  }
}

// AT-93, responses, column http_proxy; beside it what an HTTP API does.
const Line kResponseLines[] = {
    {"Age: 1", "Age: 1", "Age: 1"},
    {"Accept: x", "Accept: x", "Accept: x"},
    {"Authorization: x", "x-amzn-Remapped-Authorization: x", "Authorization: x"},
    {"Connection: keep-alive", "x-amzn-Remapped-Connection: keep-alive", ""},
    {"Content-Encoding: gzip", "Content-Encoding: gzip", "Content-Encoding: gzip"},
    {"Content-Length: 3", "", ""},
    {"Content-MD5: x", "x-amzn-Remapped-Content-MD5: x", "Content-MD5: x"},
    {"Content-Type: a/b", "Content-Type: a/b", "Content-Type: a/b"},
    {"Date: x", "x-amzn-Remapped-Date: x", "Date: x"},
    {"Expect: x", "", "Expect: x"},
    {"Host: x", "", "Host: x"},
    {"Keep-Alive: timeout=5", "", ""},
    {"Max-Forwards: 1", "x-amzn-Remapped-Max-Forwards: 1", "Max-Forwards: 1"},
    {"Pragma: x", "Pragma: x", "Pragma: x"},
    {"Proxy-Authenticate: x", "", ""},
    {"Proxy-Connection: x", "", ""},
    {"Server: secret", "x-amzn-Remapped-Server: secret", "Server: secret"},
    {"Set-Cookie: a=1\r\nSet-Cookie: b=2", "Set-Cookie: a=1\nSet-Cookie: b=2", "Set-Cookie: a=1\nSet-Cookie: b=2"},
    {"TE: x", "", ""},
    {"Trailer: x", "", ""},
    {"Transfer-Encoding: chunked", "", ""},
    {"Upgrade: x", "", ""},
    {"User-Agent: x", "x-amzn-Remapped-User-Agent: x", "User-Agent: x"},
    {"Via: x", "", "Via: x"},
    {"WWW-Authenticate: Basic", "x-amzn-Remapped-WWW-Authenticate: Basic", "WWW-Authenticate: Basic"},
    {"x-amzn-RequestId: 1", "x-amzn-Remapped-x-amzn-RequestId: 1", "x-amzn-RequestId: 1"},
    {"x-amz-apigw-id: 1", "", "x-amz-apigw-id: 1"},
    {"apigw-requestid: 1", "apigw-requestid: 1", ""},
    {"x-own: 1", "x-own: 1", "x-own: 1"},
    {"x-private: 1\r\nConnection: x-private", "x-amzn-Remapped-Connection: x-private", ""},
    {"Server: s\r\nConnection: server", "x-amzn-Remapped-Connection: server", ""},
};

TEST(ResponseHeaders, AT93) {
  for (const Line& line : kResponseLines) {
    const std::string lines = std::string(line.sent) + "\r\n";
    EXPECT_EQ(response(ApiType::Rest, lines), *line.rest == 0 ? "" : std::string(line.rest) + "\n") << line.sent;
    EXPECT_EQ(response(ApiType::Http, lines), *line.http == 0 ? "" : std::string(line.http) + "\n") << line.sent;
  }
}

TEST(ResponseHeaders, ContentLengthOfABodyThatIsNotSent) {
  for (const ApiType type : {ApiType::Rest, ApiType::Http}) {
    EXPECT_EQ(response(type, "Content-Length: 5000\r\n", true), "Content-Length: 5000\n");
    EXPECT_EQ(response(type, "Content-Length: 5000\r\n", false), "");
  }
}

TEST(ResponseHeaders, TooManyLinesAreSaidSo) {
  http::Headers in, out;
  for (std::size_t i = 0; i < http::Headers::kMax; ++i) in.add("x", "y");
  EXPECT_TRUE(forward_response_headers(ApiType::Http, false, in, out));
  EXPECT_FALSE(forward_response_headers(ApiType::Http, false, in, out));
}

}  // namespace
}  // namespace gatehouse::integration
