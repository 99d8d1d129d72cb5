#include "integration/path_template.hpp"

#include <gtest/gtest.h>

namespace gatehouse::integration {
namespace {

struct Case {
  const char* name;
  const char* text;
  const char* path;  // null: refused when it is built
};
// The request: GET /api/orders/7/a/b?q=1, caught: id=7, proxy=a/b, dot=., esc=%2F
const Case kCases[] = {
    {"empty: the path inside the API", "", "/orders/7/a/b?q=1"},
    {"literal", "/v2/health", "/v2/health?q=1"},
    {"root", "/", "/?q=1"},
    {"parameter", "/v2/{id}", "/v2/7?q=1"},
    {"parameter in the middle", "/v2/{id}/x", "/v2/7/x?q=1"},
    {"greedy", "/v2/{proxy}", "/v2/a/b?q=1"},
    {"greedy as the route writes it", "/v2/{proxy+}", "/v2/a/b?q=1"},
    {"twice", "/{id}/{id}", "/7/7?q=1"},
    {"inside a segment", "/v2/order-{id}.json", "/v2/order-7.json?q=1"},
    {"two in a segment", "/v2/{id}{id}", "/v2/77?q=1"},
    {"stage variable", "/${stageVariables.version}/x", "/v9/x?q=1"},
    {"stage variable first", "${stageVariables.base}/x", "/base/path/x?q=1"},
    {"a dollar is a dollar", "/a$b", "/a$b?q=1"},
    {"an escape", "/a%20b", "/a%20b?q=1"},
    {"a captured escape stays", "/x/{esc}", "/x/%2F?q=1"},
    {"two slashes from a stage variable", "${stageVariables.wide}/x", "/evil/x?q=1"},
    {"two slashes where pieces meet", "/${stageVariables.base}/x", "/base/path/x?q=1"},
    {"two slashes from a greedy parameter", "/{wide}", "/evil/b?q=1"},
    {"two slashes inside", "/v2/{wide}", "/v2//evil/b?q=1"},
    {"two slashes of the text", "///a", "/a?q=1"},
    {"missing stage variable", "/${stageVariables.gone}/x", nullptr},
    {"stage variable with a query", "/${stageVariables.query}", nullptr},
    {"stage variable with a line end", "/${stageVariables.lines}", nullptr},
    {"stage variable with a broken escape", "/${stageVariables.escape}", nullptr},
    {"stage variable that climbs", "/a/${stageVariables.up}/b", nullptr},
    {"stage variable that climbs, escaped", "/a/${stageVariables.upesc}/b", nullptr},
    {"stage variable without its slash", "${stageVariables.version}/x", nullptr},
    {"dots that come together", "/a/.{dot}/b", nullptr},
    {"a dot that is not alone", "/a/x{dot}/b", "/a/x./b?q=1"},
};

class Built {
 public:
  Built() {
    facts.api_path = "/orders/7/a/b";
    target.has_query = true;
    target.raw_query = "q=1";
    facts.target = &target;
    facts.path_parameters = parameters;
    facts.stage_variables = variables;
  }
  access::Facts facts;
  http::Target target;
  base::Arena arena;
  const access::NamedValue parameters[5] = {
      {"id", "7"}, {"proxy", "a/b"}, {"dot", "."}, {"esc", "%2F"}, {"wide", "/evil/b"}};
  const access::NamedValue variables[8] = {{"version", "v9"},   {"base", "/base/path"}, {"query", "a?b"},
                                           {"lines", "a\r\nb"}, {"escape", "a%2"},      {"up", ".."},
                                           {"upesc", "%2e%2E"}, {"wide", "//evil"}};
};
const std::vector<std::string> kParameters = {"id", "proxy", "dot", "esc", "wide"};

TEST(PathTemplate, Table) {
  for (const Case& c : kCases) {
    Built built;
    const auto path = PathTemplate::parse(c.text, kParameters);
    ASSERT_TRUE(path.has_value()) << c.name << ": " << path.error().text;
    std::string_view what;
    const std::string_view got = path->build(built.facts, built.arena, what);
    EXPECT_EQ(got, c.path == nullptr ? "" : c.path) << c.name;
    EXPECT_EQ(what.empty(), c.path != nullptr) << c.name << ": " << what;
  }
}

TEST(PathTemplate, QueryIsAppendedAsItCame) {
  struct Query {
    bool has;
    const char* raw;
    const char* path;
  };
  for (const Query& q : {Query{false, "", "/x"}, Query{true, "", "/x?"}, Query{true, "a=%2F&b=+", "/x?a=%2F&b=+"}}) {
    for (const char* text : {"/x", ""}) {
      Built built;
      built.facts.api_path = "/x";
      built.target.has_query = q.has;
      built.target.raw_query = q.raw;
      std::string_view what;
      EXPECT_EQ(PathTemplate::parse(text, {})->build(built.facts, built.arena, what), q.path);
    }
  }
  for (const char* wide : {"//evil/x", "////evil/x"}) {
    Built built;
    built.facts.api_path = wide;
    std::string_view what;
    EXPECT_EQ(PathTemplate::parse("", {})->build(built.facts, built.arena, what), "/evil/x?q=1");
    built.target.has_query = false;
    EXPECT_EQ(PathTemplate::parse("", {})->build(built.facts, built.arena, what), "/evil/x");
  }
  Built built;
  built.facts.api_path = "";
  built.target.has_query = false;
  std::string_view what;
  EXPECT_EQ(PathTemplate::parse("", {})->build(built.facts, built.arena, what), "/");
}

struct Fault {
  const char* text;
  const char* error;
};
const Fault kFaults[] = {
    {"orders", "begin with `/`"},    {"{id}/x", "begin with `/`"},
    {"/{other}", "`{other}`"},       {"/{}", "`{}`"},
    {"/{id", "without `}`"},         {"/a?b", "query"},
    {"/a#b", "character"},           {"/a b", "character"},
    {"/a\r\nb", "character"},        {"/a\\b", "character"},
    {"/a}b", "character"},           {"/a%2", "character"},
    {"/a%zz", "character"},          {"/\xc3\xa9", "character"},
    {"/a/../b", "segment"},          {"/a/%2e", "segment"},
    {"/${other}", "stageVariables"}, {"/${stageVariables.x", "stageVariables"},
    {"/${stageVariables.}", "name"}, {"/${stageVariables.a-b}", "name"},
};

TEST(PathTemplate, RefusedAtLoad) {
  for (const Fault& fault : kFaults) {
    const auto path = PathTemplate::parse(fault.text, kParameters);
    ASSERT_FALSE(path.has_value()) << fault.text;
    EXPECT_NE(path.error().text.find(fault.error), std::string::npos) << fault.text << ": " << path.error().text;
  }
  std::string many;
  for (int i = 0; i < 40; ++i) many += "/{id}";
  EXPECT_FALSE(PathTemplate::parse(many, kParameters).has_value());
}

}  // namespace
}  // namespace gatehouse::integration
