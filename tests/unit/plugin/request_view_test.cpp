// What a plugin sees of a request, through a plugin that says it back.
#include "plugin/request_view.hpp"

#include "support.hpp"

namespace gatehouse::plugin::test {
namespace {

class Echo : public HostTest {
 protected:
  std::map<std::string, std::string> echo(Asked& asked, access::Authorizer& who) {
    const access::Answer answer = ask(who, asked);
    EXPECT_EQ(answer.kind, access::AnswerKind::Allow) << answer.reason;
    std::map<std::string, std::string> out;
    for (const auto& v : answer.context) out.emplace(v.key, v.value);
    return out;
  }
};

TEST_F(Echo, EveryPart) {
  const auto who = make(authorizer("com.example.echo"));
  Asked asked;
  asked.header("Host", "api.example.com:8080");
  asked.header("X-USER", "ann");
  asked.header("X-Twice", "one");
  asked.header("x-tWICE", "two");
  const access::NamedValue parameters[] = {{"id", "7"}}, variables[] = {{"color", "blue"}, {"size", ""}};
  const std::string_view scopes[] = {"orders.read", "orders.write"};
  const access::IdentityValue identity[] = {{"$request.header.X-User", "ann", true},
                                            {"$request.querystring.q", "", false}};
  asked.facts.path_parameters = parameters;
  asked.facts.stage_variables = variables;
  asked.facts.route_scopes = scopes;
  asked.facts.identity = identity;
  const std::map<std::string, std::string> expected = {
      {"greeting", "hello"},
      {"settings", "3 gate"},
      {"method", "GET"},
      {"scheme", "http"},
      {"authority", "api.example.com:8080"},
      {"domain", "api.example.com"},
      {"wire_path", "/prod/orders/%37"},
      {"path", "/prod/orders/7"},
      {"api_path", "/orders/7"},
      {"raw_query", "a=1&b=x+y%21&a=2"},
      {"http_version", "1.1"},
      {"arn", "arn:aws:execute-api:eu-central-1:111122223333:orders/prod/GET/orders/7"},
      {"route_key", "GET /orders/{id}"},
      {"stage", "prod"},
      {"api_id", "orders"},
      {"source_ip", "198.51.100.7"},
      {"peer_ip", "192.0.2.9"},
      {"listener", "public"},
      {"headers", "host=api.example.com:8080;x-user=ann;x-twice=one;x-twice=two"},
      {"query", "a=1;b=x y!;a=2"},
      {"path_params", "id=7"},
      {"stage_vars", "color=blue;size="},
      {"identity", "$request.header.X-User=ann;$request.querystring.q="},
      {"scopes", "orders.read orders.write "},
      {"token", ""},
      {"second", "two"},
      {"sni", ""},
      {"worker", "0"},
      {"tls", "false"},
      {"time", "1700000000000"},
      {"clock", "1700000000000"},
      {"api_type", "2"},
      {"ratio", "0.5"}};
  EXPECT_EQ(echo(asked, *who), expected);
  EXPECT_EQ(asked.answer->principal_id, "ann");
  EXPECT_EQ(asked.answer->usage_key, "key");
  EXPECT_EQ(asked.answer->ttl_seconds, 5);
  EXPECT_EQ(asked.answer->valid_until_unix_ms, 99);
  ASSERT_EQ(asked.answer->claims.size(), 2u);
  EXPECT_EQ(asked.answer->claims[1].type, access::ValueType::Number);
  EXPECT_EQ(std::vector<std::string_view>(asked.answer->scopes.begin(), asked.answer->scopes.end()),
            (std::vector<std::string_view>{"orders/read", "a", "b", "c", "d"}));
}

TEST_F(Echo, TheTokenIsForTokenAuthorizersOnly) {
  const access::IdentityValue identity[] = {{"method.request.header.Auth", "abc", true}};
  Asked asked;
  asked.facts.identity = identity;
  EXPECT_EQ(echo(asked, *make(authorizer("com.example.echo", "{}", config::AuthorizerType::Token)))["token"], "abc");
  Asked again;
  again.facts.identity = identity;
  EXPECT_EQ(echo(again, *make(authorizer("com.example.echo")))["token"], "");
}

TEST_F(Echo, TheEventIsOfTheAuthorizersKind) {
  const access::IdentityValue identity[] = {{"$request.header.Auth", "abc", true}};
  auto v1 = authorizer("test.event");
  v1.payload_format_version = "1.0";
  const struct {
    access::ApiType api;
    config::Authorizer settings;
    const char* begins;
  } cases[] = {
      {access::ApiType::Rest, authorizer("test.event", "{}", config::AuthorizerType::Token),
       R"({"type":"TOKEN","methodArn":"arn:aws:execute-api:eu-central-1:111122223333:orders/prod/GET/orders/7","authorizationToken":"abc"})"},
      {access::ApiType::Rest, authorizer("test.event"), R"({"type":"REQUEST","methodArn":)"},
      {access::ApiType::Rest, v1, R"({"type":"REQUEST","methodArn":)"},
      {access::ApiType::Http, authorizer("test.event"), R"({"version":"2.0","type":"REQUEST","routeArn":)"},
      {access::ApiType::Http, v1, R"({"version":"1.0","type":"REQUEST","methodArn":)"},
  };
  for (const auto& c : cases) {
    Asked asked;
    asked.facts.api_type = c.api;
    asked.facts.identity = identity;
    EXPECT_EQ(echo(asked, *make(c.settings))["event"].substr(0, std::string_view(c.begins).size()), c.begins);
  }
}

TEST_F(Echo, WithoutNeedThereIsNoEvent) {
  Asked asked;
  echo(asked, *make(authorizer("com.example.echo")));
  EXPECT_EQ(asked.facts.event, nullptr);
}

TEST_F(Echo, AnEventThatIsTooLongIsFailed) {
  Asked asked;
  const std::string large(access::kMaxEventBytes, 'x');
  const access::NamedValue variables[] = {{"v", large}};
  asked.facts.stage_variables = variables;
  const access::Answer answer = ask(*make(authorizer("test.event")), asked);
  EXPECT_EQ(answer.kind, access::AnswerKind::Failed);
  EXPECT_EQ(answer.code, "event_too_large");
}

TEST_F(Echo, TheSettingsArrive) {
  Asked asked;
  const auto who =
      make(authorizer("com.example.echo",
                      R"({"greeting": "hi", "times": 7, "loud": true, "names": ["a", "b"], "map": {"z": 1, "y": 2}})"));
  auto said = echo(asked, *who);
  EXPECT_EQ(said["greeting"], "hi");
  EXPECT_EQ(said["settings"], "7! gate a b z y");
  EXPECT_TRUE(log.holds("made plugin=com.example.echo authorizer=gate"));
}

TEST_F(Echo, RestQueriesKnowTheSemicolon) {
  const auto who = make(authorizer("com.example.echo"));
  Asked rest, http;
  const http::Target target{"/", "/", "a=1;b=2", true};
  rest.facts.target = http.facts.target = &target;
  rest.facts.api_type = access::ApiType::Rest;
  EXPECT_EQ(echo(rest, *who)["query"], "a=1;b=2");  // two parameters, joined as the plugin joins them
  EXPECT_EQ(echo(http, *who)["query"], "a=1;b=2");  // one, with a semicolon in it
  EXPECT_EQ(rest.answer->context.size(), http.answer->context.size());
}

TEST_F(Echo, WhatIsThrownIsFailedWithItsText) {
  const auto who = make(authorizer("com.example.echo"));
  const struct {
    const char* name;
    const char* value;
    const char* reason;
  } cases[] = {{"x-throw", "std", "thrown on purpose"},
               {"x-throw", "int", "unknown exception"},
               {"x-cert", "read", "Info::needs()"}};
  for (const auto& c : cases) {
    Asked asked;
    asked.header(c.name, c.value);
    const access::Answer answer = ask(*who, asked);
    EXPECT_EQ(answer.kind, access::AnswerKind::Failed);
    EXPECT_EQ(answer.code, "plugin");
    EXPECT_NE(answer.reason.find(c.reason), std::string_view::npos) << answer.reason;
  }
}

TEST(RequestView, LowersEveryLetterAndNothingElse) {
  std::string name, lower;
  for (int c = 1; c < 256; ++c) {
    name += static_cast<char>(c);
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
  }
  for (std::size_t skip = 0; skip < 8; ++skip) {
    Asked asked;
    asked.header(std::string_view(name).substr(skip), "v");
    RequestView view;
    view.fill(asked.facts, GH_NEED_HEADERS, false, asked.arena());
    ASSERT_EQ(view.c.headers.count, 1u);
    EXPECT_EQ(std::string_view(view.c.headers.items[0].key.ptr, view.c.headers.items[0].key.len), lower.substr(skip));
  }
}

TEST_F(Echo, OfSeveralLinesNoneIsTheOne) {
  const auto who = make(authorizer("com.example.echo"));
  Asked asked;
  asked.header("X-User", "ann");
  asked.header("x-user", "root");
  asked.header("X-Twice", "one");
  EXPECT_EQ(echo(asked, *who)["second"], "");
  EXPECT_EQ(asked.answer->principal_id, "");
}

// What is judged is what is sent.
TEST(RequestView, HeadersThatConnectionNamesAreNotThere) {
  Asked asked;
  asked.exchange.request.headers.add({"X-User", "ann", http::HeaderId::Other, true});
  asked.header("x-user", "bob");
  RequestView view;
  view.fill(asked.facts, GH_NEED_HEADERS, false, asked.arena());
  ASSERT_EQ(view.c.headers.count, 1u);
  const gh_str name{"x-user", 6};
  gh_str out{};
  ASSERT_EQ(view.c.header(&view.c, &name, 0, &out), GH_OK);
  EXPECT_EQ(std::string_view(out.ptr, out.len), "bob");
  EXPECT_EQ(view.c.header(&view.c, &name, 1, &out), GH_E_NOTFOUND);
}

TEST(RequestView, ListsThatWereNotAskedForAreNotThere) {
  Asked asked;
  asked.header("a", "b");
  RequestView view;
  view.fill(asked.facts, 0, false, asked.arena());
  EXPECT_EQ(view.c.given, 0u);
  EXPECT_EQ(view.c.headers.count + view.c.query.count + view.c.path_params.count + view.c.stage_vars.count +
                view.c.scopes.count,
            0u);
  const gh_str name{"a", 1}, none{"b", 1};
  gh_str out{};
  EXPECT_EQ(view.c.header(&view.c, &name, 0, &out), GH_OK);
  EXPECT_EQ(view.c.header(&view.c, &name, 1, &out), GH_E_NOTFOUND);
  EXPECT_EQ(view.c.header(&view.c, &none, 0, &out), GH_E_NOTFOUND);
  EXPECT_EQ(view.c.header(&view.c, nullptr, 0, &out), GH_E_INVALID);
  EXPECT_EQ(view.c.attr(&view.c, &name, &out), GH_E_NOTFOUND);
}

}  // namespace
}  // namespace gatehouse::plugin::test
