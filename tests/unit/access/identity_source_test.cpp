#include "access/identity_source.hpp"

#include <gmock/gmock.h>

#include "fakes.hpp"

namespace gatehouse::access {
namespace {

using testing::HasSubstr;

struct Resolved {
  FakeExchange exchange;
  http::Target target;
  Facts facts;
  Resolved(std::initializer_list<std::pair<std::string_view, std::string_view>> headers, std::string_view query) {
    for (const auto& [name, value] : headers) exchange.request.headers.add(name, value);
    target.raw_query = query;
    facts.request = &exchange.request;
    facts.target = &target;
  }
  /// `absent`, or `=` and the value.
  std::string of(ApiType type, std::string_view text) {
    auto source = IdentitySource::parse(type, text);
    if (!source) return source.error().text;
    const IdentityValue value = source->resolve(facts, exchange.arena);
    EXPECT_EQ(value.source, text);
    EXPECT_TRUE(value.present || value.value.empty());
    return value.present ? "=" + std::string(value.value) : "absent";
  }
};

TEST(IdentitySource, Syntax) {
  struct Case {
    ApiType type;
    const char* text;
    int outcome;  // 0 parsed, 1 Invalid
  };
  constexpr auto kRest = ApiType::Rest;
  constexpr auto kHttp = ApiType::Http;
  constexpr auto kSocket = ApiType::Websocket;
  const Case kCases[] = {
      {kRest, "method.request.header.Authorization", 0},
      {kRest, "method.request.querystring.tenant", 0},
      {kRest, "method.request.querystring.a[b]", 0},
      {kHttp, "$request.header.X-Token", 0},
      {kHttp, "$request.querystring.t", 0},
      {kSocket, "route.request.header.Auth", 0},
      {kSocket, "route.request.querystring.Auth", 0},
      {kRest, "context.httpMethod", 0},
      {kRest, "context.path", 0},
      {kRest, "context.identity.sourceIp", 0},
      {kRest, "context.resourcePath", 0},
      {kRest, "stageVariables.env", 0},
      {kHttp, "$context.routeKey", 0},
      {kHttp, "$context.identity.userAgent", 0},
      {kHttp, "$stageVariables.env_2", 0},
      {kSocket, "stageVariables.env", 0},
      // variables that are not known before authorizers are asked, or not of that API type
      {kRest, "context.identity.apiKey", 1},
      {kRest, "context.routeKey", 1},
      {kRest, "context.status", 1},
      {kRest, "context.authorizer.principalId", 1},
      {kHttp, "$context.resourcePath", 1},
      {kHttp, "$context.integration.latency", 1},
      {kHttp, "$context.httpmethod", 1},
      {kSocket, "context.connectionId", 1},
      {kHttp, "$stageVariables.a-b", 1},
      {kHttp, "$stageVariables.a,$stageVariables.b", 1},
      // of another API type
      {kRest, "$request.header.X-Token", 1},
      {kRest, "$context.routeKey", 1},
      {kHttp, "method.request.header.X-Token", 1},
      {kHttp, "context.routeKey", 1},
      {kHttp, "route.request.header.X-Token", 1},
      {kSocket, "method.request.header.X-Token", 1},
      // nothing AWS has
      {kRest, "method.request.path.id", 1},
      {kHttp, "$request.path.id", 1},
      {kHttp, "$request.body.token", 1},
      {kHttp, "$request.body", 1},
      {kHttp, "", 1},
      {kHttp, "X-Token", 1},
      {kHttp, "$request.header.", 1},
      {kHttp, "$request.header", 1},
      {kHttp, "$request.Header.X", 1},
      {kHttp, " $request.header.X", 1},
      {kHttp, "$request.header.X ", 1},
      {kHttp, "$request.header.X Y", 1},
      {kHttp, "$request.header.X,$request.header.Y", 1},
      {kRest, "method.request.header.A, method.request.header.B", 1},
      {kHttp, "$request.header.X\r\n", 1},
      {kHttp, "$request.header.caf\xC3\xA9", 1},
      {kHttp, "$request.querystring.", 1},
      {kHttp, "$request.querystring.a,b", 1},
      {kHttp, "$request.querystring.a b", 1},
      {kHttp, "$request.querystring.a\xFF", 1},
      {kHttp, "$context.", 1},
      {kRest, "stageVariables.", 1},
  };
  for (const Case& c : kCases) {
    auto source = IdentitySource::parse(c.type, c.text);
    ASSERT_EQ(source.has_value(), c.outcome == 0) << c.text;
    if (source) {
      EXPECT_EQ(source->text(), c.text);
      continue;
    }
    EXPECT_EQ(source.error().code, Code::Invalid) << c.text;
    EXPECT_THAT(source.error().text, HasSubstr("`" + std::string(c.text) + "`"));
  }
  EXPECT_THAT(IdentitySource::parse(kHttp, "$context.x").error().text, HasSubstr("`routeKey`"));
  EXPECT_THAT(IdentitySource::parse(kRest, "x").error().text, HasSubstr("`method.request.header.Name`"));
}

TEST(IdentitySource, ContextAndStageVariablesComeFromTheFacts) {
  Resolved r({{"User-Agent", "demo/1"}}, "");
  r.exchange.request.method = http::Method::Post;
  r.target.path = "/live/orders/7";
  Facts& f = r.facts;
  f.account_id = "111122223333";
  f.api_id = "a1";
  f.stage = "live";
  f.route_key = "POST /orders/{id}";
  f.resource_path = "/orders/{id}";
  f.request_id = "id-1";
  f.domain = "a1.example.com";
  f.source_ip_text = "198.51.100.9";
  const NamedValue variables[] = {{"env", "blue"}, {"none", ""}};
  f.stage_variables = variables;
  const std::pair<const char*, const char*> kBoth[] = {
      {"accountId", "=111122223333"},
      {"apiId", "=a1"},
      {"domainName", "=a1.example.com"},
      {"domainPrefix", "=a1"},
      {"httpMethod", "=POST"},
      {"identity.sourceIp", "=198.51.100.9"},
      {"identity.userAgent", "=demo/1"},
      {"path", "=/live/orders/7"},
      {"protocol", "=HTTP/1.1"},
      {"requestId", "=id-1"},
      {"stage", "=live"},
  };
  for (const auto& [name, value] : kBoth) {
    EXPECT_EQ(r.of(ApiType::Rest, std::string("context.") + name), value) << name;
    EXPECT_EQ(r.of(ApiType::Http, std::string("$context.") + name), value) << name;
  }
  EXPECT_EQ(r.of(ApiType::Rest, "context.resourcePath"), "=/orders/{id}");
  EXPECT_EQ(r.of(ApiType::Http, "$context.routeKey"), "=POST /orders/{id}");
  EXPECT_EQ(r.of(ApiType::Rest, "stageVariables.env"), "=blue");
  EXPECT_EQ(r.of(ApiType::Http, "$stageVariables.env"), "=blue");
  EXPECT_EQ(r.of(ApiType::Http, "$stageVariables.none"), "absent");
  EXPECT_EQ(r.of(ApiType::Http, "$stageVariables.other"), "absent");
  EXPECT_EQ(r.of(ApiType::Http, "$stageVariables.ENV"), "absent");
}

TEST(IdentitySource, LA_20_Absent) {
  Resolved r({{"X-Empty", ""}, {"X-Blank", " "}, {"X-Token", "t"}}, "empty=&bare&blank=+&token=t");
  const std::string header = "$request.header.";
  const std::string query = "$request.querystring.";
  EXPECT_EQ(r.of(ApiType::Http, header + "X-Missing"), "absent");
  EXPECT_EQ(r.of(ApiType::Http, header + "X-Empty"), "absent");
  EXPECT_EQ(r.of(ApiType::Http, header + "X-Blank"), "= ");
  EXPECT_EQ(r.of(ApiType::Http, header + "X-Token"), "=t");
  EXPECT_EQ(r.of(ApiType::Http, query + "missing"), "absent");
  EXPECT_EQ(r.of(ApiType::Http, query + "empty"), "absent");
  EXPECT_EQ(r.of(ApiType::Http, query + "bare"), "absent");
  EXPECT_EQ(r.of(ApiType::Http, query + "blank"), "= ");
  EXPECT_EQ(r.of(ApiType::Http, query + "token"), "=t");
  Resolved none({}, "");
  EXPECT_EQ(none.of(ApiType::Http, query + "token"), "absent");
}

// An anonymous request decides how often a name stands in it.
TEST(IdentitySource, AThousandValuesTakeMemoryInProportion) {
  std::string query = "a=1";
  for (int i = 0; i < 4'000; ++i) query += "&a";
  Resolved request({}, query);
  EXPECT_EQ(request.of(ApiType::Http, "$request.querystring.a"), "=1" + std::string(4'000, ','));
  EXPECT_LE(request.exchange.arena.heap_bytes(), 8 * query.size());
}

TEST(IdentitySource, LA_21_SeveralValues) {
  Resolved r({{"X-T", "a"}, {"x-t", "b,c"}, {"X-T", ""}, {"X-E", ""}, {"X-E", ""}, {"X-L", "a"}, {"X-L", "z"}},
             "t=a&t=b%2Cc&t=&l=a&l=z&e=&e=");
  for (const auto& [type, prefix] : {std::pair(ApiType::Rest, "method."), std::pair(ApiType::Websocket, "route.")}) {
    const std::string at = std::string(prefix) + "request.";
    EXPECT_EQ(r.of(type, at + "header.X-T"), "absent");
    EXPECT_EQ(r.of(type, at + "header.X-L"), "=z");
    EXPECT_EQ(r.of(type, at + "header.X-E"), "absent");
    EXPECT_EQ(r.of(type, at + "querystring.t"), "absent");
    EXPECT_EQ(r.of(type, at + "querystring.l"), "=z");
  }
  EXPECT_EQ(r.of(ApiType::Http, "$request.header.X-T"), "=a,b,c,");
  EXPECT_EQ(r.of(ApiType::Http, "$request.header.X-L"), "=a,z");
  EXPECT_EQ(r.of(ApiType::Http, "$request.header.X-E"), "absent");
  EXPECT_EQ(r.of(ApiType::Http, "$request.querystring.t"), "=a,b,c,");
  EXPECT_EQ(r.of(ApiType::Http, "$request.querystring.l"), "=a,z");
  EXPECT_EQ(r.of(ApiType::Http, "$request.querystring.e"), "absent");
}

TEST(IdentitySource, LA_21_OneOfSeveralSaysSo) {
  Resolved r({{"X-T", "a"}, {"x-t", "b"}, {"X-One", "a"}}, "t=a&t=b&one=a");
  const auto repeated = [&](ApiType type, std::string_view text) {
    return IdentitySource::parse(type, text)->resolve(r.facts, r.exchange.arena).repeated;
  };
  for (const auto& [type, prefix] : {std::pair(ApiType::Rest, "method."), std::pair(ApiType::Websocket, "route.")}) {
    const std::string at = std::string(prefix) + "request.";
    EXPECT_TRUE(repeated(type, at + "header.X-T"));
    EXPECT_TRUE(repeated(type, at + "querystring.t"));
    EXPECT_FALSE(repeated(type, at + "header.X-One"));
    EXPECT_FALSE(repeated(type, at + "querystring.one"));
  }
  EXPECT_FALSE(repeated(ApiType::Http, "$request.header.X-T"));  // all of them are judged
}

// What is judged is what is sent.
TEST(IdentitySource, AHeaderThatConnectionNamesIsAbsent) {
  Resolved r({}, "");
  r.exchange.request.headers.add({"X-T", "a", http::HeaderId::Other, true});
  EXPECT_EQ(r.of(ApiType::Http, "$request.header.X-T"), "absent");
  EXPECT_EQ(r.of(ApiType::Rest, "method.request.header.X-T"), "absent");
}

TEST(IdentitySource, NamesOfHeadersIgnoreCaseNamesOfParametersDoNot) {
  Resolved r({{"AUTHORIZATION", "Bearer x"}, {"x-ToKen", "t"}}, "Token=1&to%6Ben=2&a+b=3");
  EXPECT_EQ(r.of(ApiType::Http, "$request.header.authorization"), "=Bearer x");
  EXPECT_EQ(r.of(ApiType::Http, "$request.header.X-Token"), "=t");
  EXPECT_EQ(r.of(ApiType::Http, "$request.querystring.Token"), "=1");
  EXPECT_EQ(r.of(ApiType::Http, "$request.querystring.token"), "=2");
  EXPECT_EQ(r.of(ApiType::Http, "$request.querystring.TOKEN"), "absent");
}

TEST(IdentitySource, QueryValuesAreFormDecoded) {
  Resolved r({}, "t=a+b%2Bc%3D&u=x%3By;v=1");
  EXPECT_EQ(r.of(ApiType::Rest, "method.request.querystring.t"), "=a b+c=");
  EXPECT_EQ(r.of(ApiType::Rest, "method.request.querystring.u"), "=x;y");
  EXPECT_EQ(r.of(ApiType::Rest, "method.request.querystring.v"), "=1");
  EXPECT_EQ(r.of(ApiType::Http, "$request.querystring.u"), "=x;y;v=1");
  EXPECT_EQ(r.of(ApiType::Http, "$request.querystring.v"), "absent");
}

TEST(IdentitySource, WhatIsNotTextIsAbsent) {
  Resolved r({{"X-Latin", "caf\xE9"}, {"X-Utf", "caf\xC3\xA9"}}, "nul=tok%00junk&bad=%FF&both=ok&both=%C3");
  EXPECT_EQ(r.of(ApiType::Http, "$request.header.X-Latin"), "absent");
  EXPECT_EQ(r.of(ApiType::Http, "$request.header.X-Utf"), "=caf\xC3\xA9");
  EXPECT_EQ(r.of(ApiType::Http, "$request.querystring.nul"), "absent");
  EXPECT_EQ(r.of(ApiType::Http, "$request.querystring.bad"), "absent");
  EXPECT_EQ(r.of(ApiType::Http, "$request.querystring.both"), "absent");
}

TEST(IdentitySource, OneValueIsAViewOfTheRequest) {
  Resolved r({{"X-Token", "token"}}, "t=token");
  for (const char* text : {"$request.header.X-Token", "$request.querystring.t"}) {
    auto source = IdentitySource::parse(ApiType::Http, text);
    const char* before = static_cast<char*>(r.exchange.arena.allocate(1, 1));
    const IdentityValue value = source->resolve(r.facts, r.exchange.arena);
    EXPECT_EQ(value.value, "token");
    EXPECT_EQ(static_cast<char*>(r.exchange.arena.allocate(1, 1)), before + 1) << text;
  }
}

}  // namespace
}  // namespace gatehouse::access
