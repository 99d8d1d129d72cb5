#include "gateway/cors.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/paper_context.hpp"

namespace gatehouse::gateway {
namespace {

config::Cors settings(std::vector<std::string> origins, bool credentials = false) {
  config::Cors out;
  out.allow_origins = std::move(origins);
  out.allow_methods = {"GET", "POST"};
  out.allow_headers = {"x-token"};
  out.expose_headers = {"x-count"};
  out.allow_credentials = credentials;
  out.max_age_seconds = 300;
  return out;
}

std::string text(const http::Headers& headers) {
  std::string out;
  for (const http::Header& h : headers) out += std::string(h.name) + "=" + std::string(h.value) + ";";
  return out;
}

TEST(Cors, AT_70_PreflightNeedsOriginAndRequestedMethod) {
  const auto is = [](const char* wire) {
    const test::PaperContext context(access::ApiType::Http, wire);
    EXPECT_TRUE(context.parsed);
    return Cors::is_preflight(context.paper.request);
  };
  EXPECT_TRUE(is("OPTIONS /a HTTP/1.1\r\nHost: x\r\nOrigin: https://a\r\nAccess-Control-Request-Method: PUT\r\n\r\n"));
  EXPECT_FALSE(is("OPTIONS /a HTTP/1.1\r\nHost: x\r\nOrigin: https://a\r\n\r\n"));
  EXPECT_FALSE(is("OPTIONS /a HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Method: PUT\r\n\r\n"));
  EXPECT_FALSE(is("GET /a HTTP/1.1\r\nHost: x\r\nOrigin: https://a\r\nAccess-Control-Request-Method: PUT\r\n\r\n"));
}

struct OriginCase {
  std::vector<std::string> allowed;
  const char* origin;
  const char* answer;
};
const OriginCase kOrigins[] = {
    {{"*"}, "https://a.example", "*"},
    {{"https://*"}, "https://a.example", "https://a.example"},
    {{"https://*"}, "http://a.example", ""},
    {{"https://*"}, "https://", ""},
    {{"https://a.example"}, "https://A.example", "https://A.example"},  // AT-75: the host ignores case
    {{"https://a.example"}, "https://a.example:8443", ""},
    {{"https://a.example"}, "https://a.example.evil.example", ""},
    {{"https://a.example"}, "null", ""},
    {{"null"}, "null", "null"},
};

TEST(Cors, AT_72_AT_75_Origins) {
  for (const OriginCase& c : kOrigins)
    EXPECT_EQ(Cors(settings(c.allowed)).allowed_origin(c.origin), c.answer) << c.origin;
}

TEST(Cors, AT_71_BackendsOwnHeadersAreDropped) {
  const test::PaperContext with(access::ApiType::Http,
                                "GET /a HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n\r\n");
  http::Headers headers;
  headers.add("Access-Control-Allow-Origin", "*");
  headers.add("X-Kept", "1");
  const Cors cors(settings({"https://a.example"}, true));  // the headers are views of its texts
  cors.add_actual(with.paper.request, headers);
  EXPECT_EQ(text(headers),
            "X-Kept=1;vary=Origin;access-control-allow-origin=https://a.example;access-control-expose-headers=x-count;"
            "access-control-allow-credentials=true;");

  const test::PaperContext without(access::ApiType::Http);
  headers.clear();
  headers.add("access-control-allow-origin", "*");
  const Cors any(settings({"*"}));
  any.add_actual(without.paper.request, headers);
  EXPECT_EQ(text(headers), "");
}

TEST(Cors, PreflightOfAStrangerGetsNoGrant) {
  const test::PaperContext context(
      access::ApiType::Http,
      "OPTIONS /a HTTP/1.1\r\nHost: x\r\nOrigin: https://evil\r\nAccess-Control-Request-Method: PUT\r\n\r\n");
  http::Headers headers;
  const Cors cors(settings({"https://a.example"}));
  cors.add_preflight(context.paper.request, headers);
  EXPECT_EQ(text(headers), "vary=Origin;");
}

}  // namespace
}  // namespace gatehouse::gateway
