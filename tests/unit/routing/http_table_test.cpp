#include <gmock/gmock.h>

#include "routes.hpp"

namespace gatehouse::routing {
namespace {

using Syntax = PathPattern::Syntax;

void expect(const std::vector<std::string>& texts, std::initializer_list<Lookup> lookups) {
  std::vector<std::string> reversed(texts.rbegin(), texts.rend());
  for (const auto& order : {texts, reversed}) {
    const HttpRoutes routes(order);
    for (const Lookup& l : lookups) EXPECT_EQ(routes.find(l.request), l.expected) << l.request;
  }
}

TEST(HttpTable, AT_20_DefaultTakesTheRest) {
  expect({"GET /a", "$default"},
         {{"GET /a", "GET /a"}, {"POST /a", "$default"}, {"GET /", "$default"}, {"PATCH /x/y/", "$default"}});
}

TEST(HttpTable, AT_22_FullThenGreedyThenDefault) {
  // A full match wins over a greedy one with more literals in front.
  expect({"GET /{a}/{b}", "GET /x/{p+}", "$default"}, {{"GET /x/y", "GET /{a}/{b} a=x b=y"},
                                                       {"GET /x/y/z", "GET /x/{p+} p=y/z"},
                                                       {"GET /q", "$default"},
                                                       {"PUT /x/y", "$default"}});
}

TEST(HttpTable, AT_23_LiteralThenMethodThenLongerPrefix) {
  expect({"GET /pets/dog", "ANY /pets/dog", "GET /pets/{id}", "ANY /pets/{id}"},
         {{"GET /pets/dog", "GET /pets/dog"},
          {"PUT /pets/dog", "ANY /pets/dog"},
          {"GET /pets/1", "GET /pets/{id} id=1"},
          {"PUT /pets/1", "ANY /pets/{id} id=1"}});
  expect({"ANY /pets/dog", "GET /pets/{id}"}, {{"GET /pets/dog", "ANY /pets/dog"}});
  expect({"GET /{p+}", "ANY /a/{q+}", "GET /a/b/{r+}"}, {{"GET /a/b/c", "GET /a/b/{r+} r=c"},
                                                         {"PUT /a/b/c", "ANY /a/{q+} q=b/c"},
                                                         {"GET /a/c", "ANY /a/{q+} q=c"},
                                                         {"GET /c", "GET /{p+} p=c"}});
  // Siblings may differ, also in their names.
  expect({"GET /o/{id}", "POST /o/{name}", "GET /o/{id}/x", "PUT /o/{any+}"}, {{"GET /o/1", "GET /o/{id} id=1"},
                                                                               {"POST /o/1", "POST /o/{name} name=1"},
                                                                               {"GET /o/1/x", "GET /o/{id}/x id=1"},
                                                                               {"PUT /o/1", "PUT /o/{any+} any=1"}});
}

TEST(HttpTable, AT_24_WorkedExample) {
  expect({"GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"},
         {{"GET /pets/dog/1", "GET /pets/dog/1"},
          {"GET /pets/dog/2", "GET /pets/dog/{id} id=2"},
          {"GET /pets/cat/1", "GET /pets/{proxy+} proxy=cat/1"},
          {"POST /test/5", "ANY /{proxy+} proxy=test/5"},
          {"POST /", "$default"}});
}

TEST(HttpTable, AT_22_SaysWhoAnswersForTheMethodsThatResourcesLack) {
  const std::vector<std::string> texts = {"GET /admin", "PUT /{page}", "ANY /all", "ANY /{proxy+}", "$default"};
  const HttpRoutes routes(texts);
  std::vector<std::string> said;
  for (const Fallthrough& f : routes.table().fallthroughs())
    said.push_back(texts[f.resource_route] + " > " + texts[f.served_by] + " " + std::string(http::name(f.method)));
  EXPECT_THAT(said, testing::UnorderedElementsAre("GET /admin > PUT /{page} PUT", "GET /admin > ANY /{proxy+} HEAD",
                                                  "PUT /{page} > ANY /{proxy+} GET"));
}

TEST(HttpTable, AT_25_WrongMethodIsNotFound) {
  expect({"GET /a", "GET /b/{c}"}, {{"POST /a", ""}, {"DELETE /b/1", ""}, {"HEAD /a", ""}});
  expect({}, {{"GET /", ""}});
}

TEST(HttpTable, AT_26_GreedyDoesNotMatchTheRoot) {
  expect({"ANY /{proxy+}", "ANY /f/{rest+}"},
         {{"GET /", ""}, {"GET //", ""}, {"GET /f", "ANY /{proxy+} proxy=f"}, {"GET /f/a/", "ANY /f/{rest+} rest=a"}});
}

// [U] Not known of AWS: so neither reading is taken where they differ.
TEST(HttpTable, AT_26_TrailingSlash) {
  expect({"GET /orders", "GET /items/{id}", "GET /"},
         {{"GET /orders/", ""}, {"GET /items/1/", ""}, {"GET /", "GET /"}, {"GET //", ""}});
  expect({"GET /admin", "GET /items/{id}", "ANY /{proxy+}"}, {{"GET /admin/", ""},
                                                              {"GET /items/1/", ""},
                                                              {"GET /admin//", ""},
                                                              {"GET //admin", ""},
                                                              {"POST /admin/", "ANY /{proxy+} proxy=admin"},
                                                              {"GET /other/", "ANY /{proxy+} proxy=other"},
                                                              {"GET /other//x/", "ANY /{proxy+} proxy=other//x"}});
  expect({"GET /admin", "GET /a/b", "$default"},
         {{"GET /admin/", ""}, {"GET /a//b", ""}, {"GET /other/", "$default"}, {"GET //", "$default"}});
  expect({"GET /", "$default"}, {{"GET //", ""}, {"GET /", "GET /"}});
  expect({"ANY /f/{p+}", "ANY /{q+}"},
         {{"GET /f/", "ANY /{q+} q=f"}, {"GET /f//", "ANY /{q+} q=f"}, {"GET /f//x", "ANY /f/{p+} p=/x"}});
}

// Servlet containers drop `;` and what follows in the segment.
TEST(HttpTable, SemicolonsLeadAroundNoRoute) {
  for (const char* open : {"ANY /{proxy+}", "$default"})
    expect({"ANY /admin", "GET /admin/users/{id}", "ANY /", open}, {{"GET /admin;x", ""},
                                                                    {"GET /admin;", ""},
                                                                    {"GET /admin%3Bx", ""},
                                                                    {"GET /admin/;", ""},
                                                                    {"GET /admin/;x/", ""},
                                                                    {"GET /;x/admin", ""},
                                                                    {"GET /;x//%3B/admin;y/;", ""},
                                                                    {"GET /admin;x=%2F;y/users/7", ""},
                                                                    {"GET /admin/users;/7", ""},
                                                                    {"GET /;", ""},
                                                                    {"GET /admin", "ANY /admin"}});
  expect({"ANY /admin", "GET /users/{id}", "ANY /{proxy+}"},
         {{"GET /other;x", "ANY /{proxy+} proxy=other;x"},
          {"GET /other;x/admin", "ANY /{proxy+} proxy=other;x/admin"},
          {"GET /adm;in", "ANY /{proxy+} proxy=adm;in"},
          {"GET /users/7;v=1", "GET /users/{id} id=7;v=1"},
          {"GET /users/;7", ""},
          {"POST /users/7;v=1", "ANY /{proxy+} proxy=users/7;v=1"}});
}

TEST(HttpTable, ALiteralWithASemicolonIsExact) {
  expect({"ANY /admin", "GET /admin;v=1", "GET /a/b;c/{id}", "GET /;x", "ANY /{proxy+}"},
         {{"GET /admin;v=1", "GET /admin;v=1"},
          {"GET /admin%3Bv=1", "GET /admin;v=1"},
          {"GET /admin;v=2", ""},
          {"GET /admin;v=1;w", ""},
          {"POST /admin;v=1", ""},
          {"GET /a/b;c/7", "GET /a/b;c/{id} id=7"},
          {"GET /a/b;c/7;x", "GET /a/b;c/{id} id=7;x"},
          {"GET /a//b;c/7", ""},
          {"GET /;x", "GET /;x"},
          {"GET /;x/admin", ""}});
}

TEST(HttpTable, LiteralsAreComparedOnTheNormalisedPath) {
  expect({"GET /caf\xC3\xA9", "GET /a@b", "ANY /{p+}"}, {{"GET /caf%C3%A9", "GET /caf\xC3\xA9"},
                                                         {"GET /a%40b", "GET /a@b"},
                                                         {"GET /a@b", "GET /a@b"},
                                                         {"GET /cafe", "ANY /{p+} p=cafe"}});
}

TEST(HttpTable, RefusesKeysThatMatchTheSame) {
  for (const auto& pair :
       {std::pair("GET /a", "GET /a"), std::pair("GET /{a}", "GET /{b}"), std::pair("ANY /x/{a+}", "ANY /x/{b+}"),
        std::pair("GET /%7Ea", "GET /~a"), std::pair("$default", "$default")}) {
    const Error e = refusal<HttpTable>({"GET /", pair.first, pair.second}, Syntax::Http);
    EXPECT_EQ(e.code, Code::Conflict) << pair.first;
    EXPECT_THAT(e.text, testing::AllOf(testing::HasSubstr(pair.first), testing::HasSubstr(pair.second)));
  }
}

}  // namespace
}  // namespace gatehouse::routing
