#include "gateway/policy_lint.hpp"

#include <gtest/gtest.h>

#include "policy/parse.hpp"
#include "unit/gateway/compiled.hpp"

namespace gatehouse::gateway {
namespace {

constexpr const char* kArn = "arn:aws:execute-api:eu-central-1:111122223333:abcde12345";

struct World {
  config::Api api;
  std::vector<routing::RouteKey> routes;
  bool has_preflight = false, encoded_slash = false, has_iam = false;

  explicit World(const std::vector<const char*>& keys, bool rest = true) {
    api.name = "a";
    api.id = "abcde12345";
    api.type = rest ? config::ApiType::Rest : config::ApiType::Http;
    for (const char* stage : rest ? std::vector<const char*>{"prod", "dev"} : std::vector<const char*>{"$default"})
      api.stages.emplace_back().name = stage;
    for (const char* key : keys)
      routes.push_back(
          routing::RouteKey::parse(key, rest ? routing::PathPattern::Syntax::Rest : routing::PathPattern::Syntax::Http)
              .value());
  }
  /// A warning a line, without what all begin with.
  std::string said(std::string document) const {
    for (char& c : document)
      if (c == '\'') c = '"';
    policy::ParseOptions options;
    options.api_arn = kArn;
    auto parsed = policy::parse(document, policy::Kind::Resource, options);
    EXPECT_TRUE(parsed.has_value()) << document;
    config::Diagnostics diagnostics;
    warn_of_policy({api, kArn, routes, has_preflight, encoded_slash, has_iam},
                   {"house", {}, document, std::make_shared<const policy::Policy>(std::move(*parsed))}, diagnostics);
    std::string out;
    for (const Error& warning : diagnostics.warnings()) {
      const std::string front = "authorizer `house`, used by API `a`: its policy: ";
      EXPECT_TRUE(warning.text.starts_with(front)) << warning.text;
      out += (out.empty() ? "" : "\n") + warning.text.substr(front.size());
    }
    return out;
  }
  std::string of(const std::string& resource, const char* effect = "Deny") const {
    return said("{'Statement':[{'Effect':'" + std::string(effect) +
                "','Principal':'*','Action':'execute-api:Invoke','Resource':" + resource + "}]}");
  }
  bool idle(const std::string& resource) const { return !of("'" + resource + "'").empty(); }
};

TEST(PolicyLint, SaysWhyAStatementMatchesNoRoute) {
  const World world({"GET /pets", "POST /pets/{id}"});
  const struct {
    const char *resource, *said;
  } kRows[] = {
      {"'execute-api:/prod/GET/pets'", ""},
      {"'*'", ""},
      {"'execute-api:/prod/GET/pet'",
       "/Statement/0/Resource: it never denies: matches no request: no route has such a method and path"},
      {"'execute-api:/test/GET/pets'",
       "/Statement/0/Resource: it never denies: matches no request: the API has no such stage"},
      {"'arn:aws:execute-api:eu-central-1:111122223333:other12345/prod/GET/pets'",
       "/Statement/0/Resource: it never denies: matches no request: this API is "
       "`arn:aws:execute-api:eu-central-1:111122223333:abcde12345`"},
      {"'arn:aws:execute-api:eu-west-1:111122223333:*/prod/GET/pets'",
       "/Statement/0/Resource: it never denies: matches no request: this API is "
       "`arn:aws:execute-api:eu-central-1:111122223333:abcde12345`"},
      {"['execute-api:/prod/GET/pets','execute-api:/prod/GET/pest']",
       "/Statement/0/Resource/1: it matches no request: no route has such a method and path"},
      {"['execute-api:/prod/GET/pets','arn:aws:execute-api:eu-central-1:111122223333:other12345/prod/GET/x']", ""},
      // Said once: policy::lint has better words.
      {"'execute-api:/prod/get/pets'",
       "/Statement/0/Resource: `arn:aws:execute-api:eu-central-1:111122223333:abcde12345/prod/get/pets` matches no "
       "request: methods are upper case: `GET`"},
  };
  for (const auto& row : kRows) EXPECT_EQ(world.of(row.resource), row.said) << row.resource;
  EXPECT_EQ(world.of("'execute-api:/prod/GET/pet'", "Allow"),
            "/Statement/0/Resource: it never allows: matches no request: no route has such a method and path");
}

TEST(PolicyLint, PatternsAndRoutes) {
  const World rest({"GET /pets", "ANY /pets/{id}/tags", "POST /files/{path+}", "GET /a:b", "PUT /"});
  for (const char* used : {"execute-api:/prod/GET/pets",
                           "execute-api:/dev/GET/pets",
                           "execute-api:/prod/GET/pets/",
                           "execute-api:/*",
                           "execute-api:/prod/GET//pets",
                           "execute-api:/*/GET/pets",
                           "execute-api:/prod/*/pets/7/tags",
                           "execute-api:/prod/DELETE/pets/7/tags",
                           "execute-api:/prod/GET/pets/*/tags",
                           "execute-api:/prod/POST/files/a/b/c",
                           "execute-api:/prod/POST/files/*/c",
                           "execute-api:/prod/GET/a:b",
                           "execute-api:/prod/GET/a%3Ab",
                           "execute-api:/prod/PUT/",
                           "execute-api:/p?o?/*",
                           "execute-api:/prod/GET/pet?",
                           "execute-api:/prod/GET/pets/*",
                           "execute-api:/*/pets",
                           "execute-api:/*/tags",
                           "arn:aws:execute-api:*:*:*",
                           "arn:aws:execute-api:*",
                           "arn:*:execute-api:*:111122223333:abcde*/prod/GET/pets",
                           "arn:aws:execute-api:EU-central-1:*:*/dev/PUT/"})
    EXPECT_FALSE(rest.idle(used)) << used << " " << rest.of("'" + std::string(used) + "'");
  for (const char* unused :
       {"execute-api:/prod/POST/pets", "execute-api:/prod/GET/Pets", "execute-api:/prod/GET/pets/7",
        "execute-api:/prod/GET/pets/7/8/tags", "execute-api:/prod/GET/files/x", "execute-api:/prod/GET/",
        "execute-api:/Prod/*", "execute-api:/production/*", "execute-api:/prod/POST/file/*",
        "execute-api:/prod/GET/*/tag", "execute-api:/prod/GET/{id}", "execute-api:/prod/GET/pets?x=1",
        "arn:aws-cn:execute-api:eu-central-1:111122223333:abcde12345/*",
        "arn:aws:execute-api:eu-central-1:444455556666:abcde12345/*",
        "arn:aws:execute-api:eu-central-1:111122223333:abcde1234/*"})
    EXPECT_TRUE(rest.idle(unused)) << unused;

  World slashes({"GET /pets/{id}"});
  EXPECT_TRUE(slashes.idle("execute-api:/prod/GET/pets/a/b"));
  slashes.encoded_slash = true;
  EXPECT_FALSE(slashes.idle("execute-api:/prod/GET/pets/a/b")) << "as others may read pets/a%2Fb";
}

TEST(PolicyLint, LA_42_DefaultRoutesAndPreflights) {
  World http({"GET /pets", "$default"}, false);
  EXPECT_FALSE(http.idle("execute-api:/$default/POST/whatever"));
  EXPECT_FALSE(http.idle("execute-api:/*/$default"));
  EXPECT_TRUE(http.idle("execute-api:/prod/GET/pets"));
  World few({"GET /pets;v", "GET /caf%C3%A9"}, false);
  EXPECT_TRUE(few.idle("execute-api:/$default/POST/whatever"));
  EXPECT_FALSE(few.idle("execute-api:/$default/GET/pets")) << "as others may read pets;v";
  EXPECT_FALSE(few.idle("execute-api:/$default/GET/caf%C3%A9"));
  EXPECT_FALSE(few.idle("execute-api:/$default/GET/caf\xc3\xa9"));
  EXPECT_TRUE(few.idle("execute-api:/$default/OPTIONS/x"));
  few.has_preflight = true;
  EXPECT_FALSE(few.idle("execute-api:/$default/OPTIONS/x"));
}

TEST(PolicyLint, VariablesMayStandForAnything) {
  const World world({"GET /pets/{id}"});
  const auto of = [&](const char* resource) {
    return world.said(
        "{'Version':'2012-10-17','Statement':{'Effect':'Deny','Principal':'*','Action':'execute-api:Invoke','Resource':"
        "'" +
        std::string(resource) + "'}}");
  };
  EXPECT_EQ(of("execute-api:/prod/GET/pets/${aws:UserAgent}"), "");
  EXPECT_EQ(of("execute-api:/prod/GET/${aws:UserAgent, \\u0027a}b\\u0027}"), "");
  EXPECT_EQ(of("execute-api:/${aws:UserAgent}/x/y"), "");
  EXPECT_NE(of("execute-api:/prod/GET/cats/${aws:UserAgent}"), "");
}

TEST(PolicyLint, ActionsAndNotResource) {
  const World world({"GET /pets"});
  const auto statement = [&](const std::string& rest) {
    return world.said("{'Statement':[{'Effect':'Deny','Principal':'*'," + rest + "}]}");
  };
  EXPECT_EQ(statement("'Action':'execute-api:ManageConnections','Resource':'*'"),
            "/Statement/0: it is about `execute-api:ManageConnections` only, which is of WebSocket APIs");
  EXPECT_EQ(statement("'Action':'execute-api:*','Resource':'*'"), "");
  EXPECT_EQ(statement("'Action':'execute-api:InvalidateCache','Resource':'*'"), "");
  const std::string all = "/Statement/0/NotResource: it never denies: NotResource leaves out the whole API";
  const auto leaving_out = [&](const std::string& what) {
    return statement("'Action':'execute-api:Invoke','NotResource':" + what);
  };
  EXPECT_EQ(leaving_out("'*'"), all);
  EXPECT_EQ(leaving_out("'execute-api:/*'"), all);
  EXPECT_EQ(leaving_out("['execute-api:/prod/*','execute-api:/dev/*']"), all);
  EXPECT_EQ(leaving_out("['execute-api:/prod/*','execute-api:/de?/*']"), "");
  EXPECT_EQ(leaving_out("'execute-api:/prod/*'"), "");
  EXPECT_EQ(leaving_out("'arn:aws:execute-api:eu-central-1:111122223333:other/*'"), "");
}

TEST(PolicyLint, P7_4_CallersWhereNoRouteHasIam) {
  World world({"GET /pets"});
  const std::string named =
      "{'Statement':[{'Effect':'Deny','Principal':{'AWS':'444455556666'},'Action':'execute-api:Invoke','Resource':'*'}]"
      "}";
  EXPECT_EQ(world.said(named),
            "/Statement/0/Principal: every caller is anonymous, since no route has an IAM authorizer: it never denies");
  world.has_iam = true;
  EXPECT_EQ(world.said(named), "");
}

// Whatever a route is found for is among what the lint believes requests to be.
TEST(PolicyLint, NeverCallsIdleWhatARequestAsksFor) {
  const World world({"GET /", "GET /pets", "GET /pets/{id}", "GET /pets/{id}/tags", "GET /files/{path+}", "GET /a:b"});
  const auto table = routing::RestTable::compile(world.routes);
  ASSERT_TRUE(table.has_value());
  const char* const kPieces[] = {"/", "pets", "tags", "files", "a:b", "a%3Ab", "7", "%2E", ";x", "//", "%20"};
  std::uint64_t random = 7;
  const auto next = [&](std::size_t below) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(random >> 33) % below;
  };
  int found = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string path = "/";
    for (std::size_t n = next(7); n > 0; --n) path += kPieces[next(std::size(kPieces))];
    routing::Match match;
    if (!table->find(http::Method::Get, path, true, match)) continue;
    ++found;
    std::string pattern = path;  // with wildcards that still match
    if (next(2) == 0) pattern[1 + next(pattern.size() - 1 ? pattern.size() - 1 : 1) % pattern.size()] = '?';
    if (next(2) == 0) {
      const std::size_t from = next(pattern.size());
      pattern.replace(from, next(pattern.size() - from + 1), "*");
    }
    if (pattern.empty() || pattern[0] != '/') pattern = "/" + pattern;
    const std::string resource = "execute-api:/prod/GET" + pattern;
    EXPECT_FALSE(world.idle(resource)) << path << " " << resource;
  }
  EXPECT_GT(found, 300);
}

TEST(PolicyLint, CompileSaysItOnceAnApi) {
  test::FakeFactory factory;
  factory.add("house", access::Category::Resource, access::AnswerKind::Abstain).declared = {
      {5, access::PolicyRole::Resource,
       R"({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
           {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/live/GET/z"},
           {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/live/GET/y"}]})"}};
  const test::Compiled compiled = test::compile_text(
      test::kListen + "authorizers: {house: {type: resource_policy}}\n" +
          test::api("rest",
                    "GET /x: {authorizer: none, " + test::kMock + "}, GET /y: {authorizer: none, " + test::kMock + "}",
                    ", resource_policy: house"),
      factory);
  ASSERT_NE(compiled.gateway, nullptr) << compiled.text();
  EXPECT_EQ(compiled.text(),
            "warning test.yaml:3:" + std::to_string(compiled.diagnostics.warnings().at(0).where.column) +
                ": authorizer `house`, used by API `a`: its policy: /Statement/1/Resource: it never denies: matches no "
                "request: no route has such a method and path\n");
}

}  // namespace
}  // namespace gatehouse::gateway
