#include <gmock/gmock.h>

#include <algorithm>

#include "routes.hpp"

namespace gatehouse::routing {
namespace {

using Syntax = PathPattern::Syntax;

void expect(const std::vector<std::string>& texts, std::initializer_list<Lookup> lookups) {
  // AT-13: independent of creation order.
  std::vector<std::string> reversed(texts.rbegin(), texts.rend());
  for (const auto& order : {texts, reversed}) {
    const RestRoutes routes(order);
    for (const Lookup& l : lookups) EXPECT_EQ(routes.find(l.request), l.expected) << l.request;
  }
}

TEST(RestTable, AT_11_OneParameterAtANode) {
  for (const char* other : {"POST /users/{name}", "GET /users/{name}/x", "GET /users/{id+}", "GET /users/{other+}"}) {
    const Error e = refusal<RestTable>({"GET /users/{id}", other}, Syntax::Rest);
    EXPECT_EQ(e.code, Code::Conflict);
    EXPECT_THAT(e.text, testing::AllOf(testing::HasSubstr("`GET /users/{id}`"),
                                       testing::HasSubstr("`" + std::string(other) + "`")));
  }
  EXPECT_EQ(refusal<RestTable>({"GET /{a+}", "POST /{b+}"}, Syntax::Rest).code, Code::Conflict);
  RestRoutes(
      {"GET /users/{id}", "POST /users/{id}", "GET /users/{id}/x", "GET /teams/{name}", "GET /a/{p+}", "PUT /a/{p+}"});
}

TEST(RestTable, RefusesDuplicates) {
  for (const auto& pair :
       {std::pair("GET /a", "GET /a"), std::pair("ANY /a/{b}", "ANY /a/{b}"), std::pair("GET /{p+}", "GET /{p+}")}) {
    const Error e = refusal<RestTable>({"GET /", pair.first, pair.second}, Syntax::Rest);
    EXPECT_EQ(e.code, Code::Conflict);
    EXPECT_THAT(e.text, testing::HasSubstr(pair.first));
  }
  RouteKey key;
  key.is_default = true;
  EXPECT_EQ(RestTable::compile({key}).error().code, Code::Invalid);
}

TEST(RestTable, AT_12_ExactVerbBeatsAny) {
  expect({"ANY /a", "GET /a"}, {{"GET /a", "GET /a"}, {"POST /a", "ANY /a"}, {"HEAD /a", "ANY /a"}});
}

TEST(RestTable, AT_13_LiteralThenParameterThenGreedy) {
  expect({"GET /a/b", "GET /a/{p}", "GET /{g+}", "GET /a/b/{h+}"}, {{"GET /a/b", "GET /a/b"},
                                                                    {"GET /a/c", "GET /a/{p} p=c"},
                                                                    {"GET /a", "GET /{g+} g=a"},
                                                                    {"GET /a/c/d", "GET /{g+} g=a/c/d"},
                                                                    {"GET /a/b/c/d", "GET /a/b/{h+} h=c/d"},
                                                                    {"GET /x", "GET /{g+} g=x"}});
}

// Servlet containers drop `;` and what follows in the segment.
TEST(RestTable, SemicolonsLeadAroundNoRoute) {
  expect({"ANY /admin", "GET /admin/users/{id}", "ANY /", "ANY /{proxy+}"},
         {{"GET /admin;x", ""},
          {"GET /admin;", ""},
          {"GET /admin%3Bx", ""},
          {"GET /admin/;", ""},
          {"GET /admin/;/", ""},
          {"GET //;x/admin", ""},
          {"GET /admin/users;x/7", ""},
          {"GET /;", ""},
          {"GET /admin/users/7;x", "GET /admin/users/{id} id=7;x"},
          {"GET /other;x/y", "ANY /{proxy+} proxy=other;x/y"},
          {"GET /admin/", "ANY /admin"}});
}

TEST(RestTable, AT_14_GreedyNeedsASegment) {
  expect({"ANY /{proxy+}", "ANY /f/{rest+}"}, {{"GET /", ""},
                                               {"GET //", ""},
                                               {"GET /f", "ANY /{proxy+} proxy=f"},
                                               {"GET /f/", "ANY /{proxy+} proxy=f"},
                                               {"GET /f/x", "ANY /f/{rest+} rest=x"}});
}

TEST(RestTable, AT_15_SelectionIsOnResourceAndMethod) {
  expect({"PATCH /users/me", "GET /users/{userId}", "GET /things/real", "ANY /things/{proxy+}"},
         {{"GET /users/me", "GET /users/{userId} userId=me"},
          {"PATCH /users/me", "PATCH /users/me"},
          {"POST /users/me", ""},
          {"POST /things/real", "ANY /things/{proxy+} proxy=real"},
          {"GET /things/real", "GET /things/real"}});
  // A node with only OPTIONS, and a node without any method, fall through as well.
  expect({"OPTIONS /a/b", "GET /a/{p}", "GET /a/c/d", "ANY /{g+}"}, {{"GET /a/b", "GET /a/{p} p=b"},
                                                                     {"OPTIONS /a/b", "OPTIONS /a/b"},
                                                                     {"GET /a/c", "GET /a/{p} p=c"},
                                                                     {"POST /a/c/d", "ANY /{g+} g=a/c/d"}});
  // Greedy ones: the longest parent first.
  expect({"GET /{a+}", "GET /x/{b+}", "GET /x/y/{c+}", "POST /x/{b+}"}, {{"GET /x/y/z", "GET /x/y/{c+} c=z"},
                                                                         {"POST /x/y/z", "POST /x/{b+} b=y/z"},
                                                                         {"GET /x/z/z", "GET /x/{b+} b=z/z"},
                                                                         {"DELETE /x/y/z", ""}});
}

TEST(RestTable, AT_16_FallthroughOff) {
  const RestRoutes routes({"POST /admin", "ANY /{proxy+}", "GET /a/{b}/c", "GET /a/x"});
  EXPECT_EQ(routes.find("GET /admin"), "ANY /{proxy+} proxy=admin");
  EXPECT_EQ(routes.find("GET /admin", false), "");
  EXPECT_EQ(routes.find("POST /admin", false), "POST /admin");
  EXPECT_EQ(routes.find("GET /other", false), "ANY /{proxy+} proxy=other");
  // Not a resource of its own: only the way to one.
  EXPECT_EQ(routes.find("POST /a/z", false), "ANY /{proxy+} proxy=a/z");
  EXPECT_EQ(routes.find("POST /a/x", false), "");
  // Going back is not falling through: /a/x has no child c, /a/{b} has.
  EXPECT_EQ(routes.find("GET /a/x/c", false), "GET /a/{b}/c b=x");
}

TEST(RestTable, AT_16_WarnsOfFallthroughs) {
  const std::vector<std::string> texts = {"POST /admin",       "ANY /{proxy+}",   "GET /users/me",  "PUT /users/me",
                                          "PATCH /users/{id}", "ANY /everything", "GET /files/{p+}"};
  const RestRoutes routes(texts);
  std::vector<std::string> said;
  for (const Fallthrough& f : routes.table().fallthroughs())
    said.push_back(texts[f.resource_route] + " > " + texts[f.served_by] + " " + std::string(http::name(f.method)));
  EXPECT_THAT(said, testing::UnorderedElementsAre(
                        "POST /admin > ANY /{proxy+} GET", "GET /users/me > PATCH /users/{id} PATCH",
                        "PUT /users/me > PATCH /users/{id} PATCH", "GET /users/me > ANY /{proxy+} HEAD",
                        "PUT /users/me > ANY /{proxy+} HEAD", "PATCH /users/{id} > ANY /{proxy+} GET",
                        "GET /files/{p+} > ANY /{proxy+} HEAD"));
}

TEST(RestTable, AT_16_WarnsOfWhatAnswersDeeperPathsOfAGreedyOne) {
  const RestRoutes routes({"GET /a/{p+}", "POST /{x}/{y}", "PUT /{x}/{y}/{z}"});
  std::vector<std::uint32_t> served;
  for (const auto& f : routes.table().fallthroughs()) {
    EXPECT_EQ(f.resource_route, 0u);
    served.push_back(f.served_by);
  }
  EXPECT_THAT(served, testing::UnorderedElementsAre(1u, 2u));
}

TEST(RestTable, AT_17_GoesBackSegmentBySegment) {
  expect({"GET /users/me/orders", "POST /users/{id}/orders"},
         {{"POST /users/me/orders", "POST /users/{id}/orders id=me"},
          {"GET /users/me/orders", "GET /users/me/orders"},
          {"GET /users/x/orders", ""}});
  expect({"GET /users/me", "GET /users/{id}/orders"}, {{"GET /users/me/orders", "GET /users/{id}/orders id=me"}});
  expect({"GET /a/b/c", "GET /a/{p}/{q}/d", "GET /{r+}"},
         {{"GET /a/b/c/d", "GET /a/{p}/{q}/d p=b q=c"}, {"GET /a/b/c/e", "GET /{r+} r=a/b/c/e"}});
  // (b): ANY counts as having the verb.
  expect({"ANY /users/me", "GET /users/{id}"}, {{"GET /users/me", "ANY /users/me"}});
}

TEST(RestTable, AT_18_NothingMatches) {
  expect({"GET /a", "GET /a/b"}, {{"GET /", ""}, {"GET /b", ""}, {"POST /a", ""}, {"GET /a/b/c", ""}, {"GET /A", ""}});
  expect({}, {{"GET /", ""}, {"GET /a", ""}});
}

TEST(RestTable, AT_1B_NoHeadFromGetAndNoOptions) {
  expect({"GET /a"}, {{"HEAD /a", ""}, {"OPTIONS /a", ""}});
}

TEST(RestTable, AT_1D_TrailingSlashIsIgnored) {
  expect({"GET /orders", "GET /orders/{id}", "GET /"}, {{"GET /orders/", "GET /orders"},
                                                        {"GET /orders/7/", "GET /orders/{id} id=7"},
                                                        {"GET /orders//", "GET /orders"},
                                                        {"GET /", "GET /"}});
}

TEST(RestTable, Section_2_3_Table) {
  expect({"ANY /{proxy+}", "GET /hardcoded"}, {{"GET /v", "ANY /{proxy+} proxy=v"},
                                               {"GET /v/", "ANY /{proxy+} proxy=v"},
                                               {"GET /v//w", "ANY /{proxy+} proxy=v//w"},
                                               {"GET //v", "ANY /{proxy+} proxy=v"},
                                               {"GET //hardcoded", "GET /hardcoded"},
                                               {"GET /v/a%2Bb@x", "ANY /{proxy+} proxy=v/a%2Bb@x"}});
}

TEST(RestTable, DoubledSlashesDoNotGoRoundAResource) {
  expect({"GET /admin/users", "ANY /{proxy+}", "GET /a/{b}"},
         {{"GET /admin//users", ""},
          {"GET //admin///users/", ""},
          {"POST /admin//users", "ANY /{proxy+} proxy=admin//users"},
          {"GET /admin//other", "ANY /{proxy+} proxy=admin//other"},
          {"GET /a//b", ""},
          {"GET /a//", "ANY /{proxy+} proxy=a"}});
  expect({"GET /a/{b}/c"}, {{"GET /a//c", ""}, {"GET /a//b/c", ""}});
}

TEST(RestTable, LiteralsAreComparedOnTheNormalisedPath) {
  expect({"GET /a:b", "ANY /{p+}"}, {{"GET /a:b", "GET /a:b"},
                                     {"GET /a%3Ab", "GET /a:b"},
                                     {"GET /a%253Ab", "ANY /{p+} p=a%253Ab"},
                                     {"GET /a%2Fb", "ANY /{p+} p=a%2Fb"}});
}

TEST(RestTable, ANotNormalisedPathFindsNothing) {
  const RestRoutes routes({"GET /", "GET /a", "GET /{p+}"});
  Match match;
  EXPECT_FALSE(routes.table().find(http::Method::Get, "", true, match));
  EXPECT_FALSE(routes.table().find(http::Method::Get, "a", true, match));
}

TEST(RestTable, CapturesAreViewsOfThePath) {
  const RestRoutes routes({"GET /{a}/x/{b}/{c+}"});
  const std::string path = "/1/x/2/3/4";
  Match match;
  ASSERT_TRUE(routes.table().find(http::Method::Get, path, true, match));
  ASSERT_EQ(match.capture_count, 3u);
  EXPECT_EQ(match.captures[2].value.data(), path.data() + 7);
}

// The tree that makes going back as dear as can be: literal and parameter at each node, and the verb nowhere. A request
// visits no node twice, so what it costs is bounded by what was configured; here 2^11 nodes.
TEST(RestTable, AHostileTreeCostsNoMoreThanItsSize) {
  constexpr int kDepth = 10;
  std::vector<std::string> texts;
  for (int bits = 0; bits < 1 << kDepth; ++bits) {
    std::string text = "POST ";
    for (int i = 0; i < kDepth; ++i) text += (bits >> i & 1) != 0 ? "/a" : "/{p" + std::to_string(i) + "}";
    texts.push_back(text);
  }
  texts.push_back("GET /{p0}/{p1}/{p2}/{p3}/{p4}/{p5}/{p6}/{p7}/{p8}/{p9}");
  const RestRoutes routes(texts);
  EXPECT_EQ(routes.find("GET /a/a/a/a/a/a/a/a/a/a").substr(0, texts.back().size()), texts.back());
  EXPECT_EQ(routes.find("PUT /a/a/a/a/a/a/a/a/a/a"), "");
  EXPECT_EQ(routes.find("GET /a/a/a/a/a/a/a/a/a/a/a"), "");
}

TEST(RestTable, LongPathsAreWalkedNoDeeperThanThePatterns) {
  const RestRoutes routes({"GET /{p+}", "GET /a/{b}"});
  std::string path;
  for (int i = 0; i < 100'000; ++i) path += "/a";
  Match match;
  ASSERT_TRUE(routes.table().find(http::Method::Get, path, true, match));
  EXPECT_EQ(match.route, 0u);
  EXPECT_FALSE(routes.table().find(http::Method::Put, path, true, match));
}

}  // namespace
}  // namespace gatehouse::routing
