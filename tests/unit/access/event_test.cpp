#include "access/event.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

#include "support/event_case.hpp"
#include "support/strict_json.hpp"

namespace gatehouse::access {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::filesystem::path kCases = std::filesystem::path(GATEHOUSE_SOURCE_DIR) / "tests/golden/events";

std::string with_headers(std::string_view target, std::string_view lines) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a.example.com\r\n" + std::string(lines) + "\r\n";
}

constexpr const char* kHttp = "kind http_v2\napi http h\nstage $default\nroute $default\napi_path /x\n";
constexpr const char* kRest = "kind rest\napi rest r\nstage s\nroute GET /x\napi_path /x\n";

class Golden : public testing::TestWithParam<std::string> {};

// GATEHOUSE_REWRITE_GOLDEN=1 writes what is said now: read the difference before you keep it.
TEST_P(Golden, Event) {
  const auto folder = kCases / GetParam();
  test::EventCase one(test::read_file(folder / "request.http"), test::read_file(folder / "facts"));
  rapidjson::Document document;
  const std::string text = one.event();
  ASSERT_EQ(gatehouse::test::parse_strictly(text, document), "") << text;
  const std::string said = gatehouse::test::pretty(document);
  if (std::getenv("GATEHOUSE_REWRITE_GOLDEN") != nullptr)
    std::ofstream(folder / "event.json", std::ios::binary) << said;
  EXPECT_EQ(said, test::read_file(folder / "event.json"));
}

std::vector<std::string> folders() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(kCases)) out.push_back(entry.path().filename());
  std::sort(out.begin(), out.end());
  return out;
}
INSTANTIATE_TEST_SUITE_P(Events, Golden, testing::ValuesIn(folders()), [](const auto& each) { return each.param; });

TEST(Event, KindFollowsTypeAndFormat) {
  const struct {
    ApiType type;
    bool token, v1;
    EventKind kind;
  } cases[] = {
      {ApiType::Rest, true, false, EventKind::Token},
      {ApiType::Rest, false, false, EventKind::Rest},
      {ApiType::Rest, false, true, EventKind::Rest},
      {ApiType::Http, false, false, EventKind::HttpV2},
      {ApiType::Http, false, true, EventKind::HttpV1},
      {ApiType::Websocket, false, false, EventKind::WebsocketConnect},
      {ApiType::Websocket, false, true, EventKind::WebsocketConnect},
  };
  for (const auto& c : cases) EXPECT_EQ(event_kind(c.type, c.token, c.v1), c.kind);
}

TEST(Event, Details) {
  const struct {
    const char* rule;
    const char* facts;
    const char* target;
    const char* headers;
    const char* holds;
    const char* lacks;
  } cases[] = {
      {"LA-50: empty maps are {}", kRest, "/s/x", "",
       R"("queryStringParameters":{},"multiValueQueryStringParameters":{})", "null,\"pathParameters"},
      {"LA-54: absent maps are left out", kHttp, "/x", "", R"("rawQueryString":"","headers":{)",
       "queryStringParameters"},
      {"LA-54: no path parameters", kHttp, "/x", "", R"("version":"2.0")", "pathParameters"},
      {"LA-54: no stage variables", kHttp, "/x", "", R"("version":"2.0")", "stageVariables"},
      {"LA-55: cookies stand in one place", kHttp, "/x", "Cookie: a=1\r\n", R"("cookies":["a=1"],"headers":{"host")",
       "\"cookie\""},
      {"a cookie line without cookies stays", kHttp, "/x", "Cookie: ;\r\n", R"("cookie":";")", "cookies"},
      {"no sources: null", kHttp, "/x", "", R"("identitySource":null)", "authorizationToken"},
      {"REST keeps the case of names", kRest, "/s/x", "X-ABC: 1\r\n", R"("X-ABC":"1")", "x-abc"},
      {"HTTP lowers it", kHttp, "/x", "X-ABC: 1\r\n", R"("x-abc":"1")", "X-ABC"},
      {"REST: names that differ in case are one, the last value", kRest, "/s/x", "X-a: 1\r\nx-A: 2\r\n",
       R"("X-a":"2"})", "x-A"},
      {"REST: all values", kRest, "/s/x", "X-a: 1\r\nx-A: 2\r\n", R"("X-a":["1","2"])", "x-A"},
      {"a line with commas is one value", kRest, "/s/x", "A: 1, 2\r\n", R"("A":["1, 2"])", "[\"1\""},
      {"HTTP joins values", kHttp, "/x?q=1&q=2", "A: 1\r\na: 2\r\n", R"("a":"1,2")", "\"A\""},
      {"HTTP joins parameters", kHttp, "/x?q=1&q=2", "", R"("queryStringParameters":{"q":"1,2"})", "\"q\":\"1\""},
      {"the raw query is as sent", kHttp, "/x?a=%61+b", "", R"("rawQueryString":"a=%61+b")", "a=a b"},
      {"REST: a semicolon parts", kRest, "/s/x?a=1;b=2", "", R"("queryStringParameters":{"a":"1","b":"2"})", "1;b"},
      {"HTTP: it does not", kHttp, "/x?a=1;b=2", "", R"("queryStringParameters":{"a":"1;b=2"})", "\"b\""},
      {"the path is the one that is judged", kHttp, "/%78", "", R"("rawPath":"/x")", "%78"},
      {"nobody's agent is null", kRest, "/s/x", "", R"("userAgent":null)", "\"userAgent\":\"\""},
      {"or blank", kHttp, "/x", "", R"("userAgent":"")", "\"userAgent\":null"},
      {"what a client says of the context is a header", kRest, "/s/x", "requestContext: {}\r\n",
       R"("requestContext":"{}")", "principalId"},
      {"quotes end nothing", kHttp, "/x", "A: \",\"type\":\"X\r\n", R"("a":"\",\"type\":\"X")", "\"type\":\"X\"}"},
      {"names that are not UTF-8 are one", kRest, "/s/x?%FF=1&%FE=2", "", "\"\xEF\xBF\xBD\":[\"1\",\"2\"]", "\xFF"},
      {"what Connection names is not forwarded, so not judged", kRest, "/s/x", "Connection: x-a\r\nX-A: 1\r\n",
       R"("Connection":"x-a")", "X-A"},
      {"nor are its cookies", kHttp, "/x", "Connection: cookie, user-agent\r\nCookie: a=1\r\nUser-Agent: u\r\n",
       R"("userAgent":"")", "a=1"},
      {"no body, ever", kRest, "/s/x", "Content-Length: 3\r\n", R"("type":"REQUEST")", "\"body\""},
  };
  for (const auto& c : cases) {
    test::EventCase one(with_headers(c.target, c.headers), c.facts);
    const std::string text = one.event();
    rapidjson::Document document;
    EXPECT_EQ(gatehouse::test::parse_strictly(text, document), "") << c.rule << ": " << text;
    EXPECT_THAT(text, HasSubstr(c.holds)) << c.rule;
    EXPECT_THAT(text, Not(HasSubstr(c.lacks))) << c.rule;
  }
}

TEST(Event, IsBuiltOncePerRequest) {
  test::EventCase one(with_headers("/x?q=1", "A: 1\r\n"), kHttp);
  const IdentityValue first[] = {{"$request.header.A", "1", true}}, second[] = {{"$request.querystring.q", "2", true}};
  const auto network = build_event(EventKind::HttpV2, one.facts, one.arena);
  ASSERT_TRUE(network);
  EXPECT_EQ(build_event(EventKind::HttpV2, one.facts, one.arena)->data(), network->data());
  one.facts.identity = first;
  const auto identity = build_event(EventKind::HttpV2, one.facts, one.arena);
  one.facts.identity = second;
  const auto other = build_event(EventKind::HttpV2, one.facts, one.arena);
  ASSERT_TRUE(identity && other);
  const std::string_view from = "\"routeKey\"";
  for (const auto& text : {identity, other}) {
    EXPECT_EQ(text->substr(text->find(from)), network->substr(network->find(from)));
    rapidjson::Document document;
    EXPECT_EQ(gatehouse::test::parse_strictly(*text, document), "") << *text;
  }
  EXPECT_THAT(std::string(*identity), HasSubstr(R"("identitySource":["1"])"));
  EXPECT_THAT(std::string(*other), HasSubstr(R"("identitySource":["2"])"));
  // Another kind is another event.
  EXPECT_THAT(std::string(*build_event(EventKind::HttpV1, one.facts, one.arena)), StartsWith(R"({"version":"1.0")"));
  EXPECT_EQ(build_event(EventKind::HttpV2, one.facts, one.arena), other);
}

TEST(Event, RestIgnoresWhoAsks) {
  test::EventCase one(with_headers("/s/x", ""), kRest);
  const auto network = build_event(EventKind::Rest, one.facts, one.arena);
  const IdentityValue identity[] = {{"method.request.header.A", "1", true}};
  one.facts.identity = identity;
  EXPECT_EQ(build_event(EventKind::Rest, one.facts, one.arena)->data(), network->data());
}

// A query of a byte a parameter, each name of its own or all the same: memory in proportion, and time.
TEST(Event, ManyParameters) {
  for (const bool alike : {true, false}) {
    std::string query;
    while (query.size() < 8000) query += (alike ? std::string("a") : std::to_string(query.size())) + "&";
    test::EventCase one(with_headers("/s/x?" + query, ""), kRest);
    const std::string text = one.event();
    rapidjson::Document document;
    EXPECT_EQ(gatehouse::test::parse_strictly(text, document), "");
    EXPECT_EQ(document["multiValueQueryStringParameters"].MemberCount() == 1, alike);
    EXPECT_LT(one.arena.heap_bytes(), 100u * query.size());
  }
}

TEST(Event, OneThatIsTooLongIsNone) {
  test::EventCase one(with_headers("/x", ""), kHttp);
  const std::string large(kMaxEventBytes, 'x');
  const NamedValue variables[] = {{"v", large}};
  one.facts.stage_variables = variables;
  EXPECT_EQ(one.event(), "too long");
  EXPECT_EQ(one.facts.event, nullptr);
}

}  // namespace
}  // namespace gatehouse::access
