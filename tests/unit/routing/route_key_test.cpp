#include <gmock/gmock.h>

#include "routing/table.hpp"

namespace gatehouse::routing {
namespace {

using Syntax = PathPattern::Syntax;

TEST(RouteKey, AT_20_Forms) {
  auto key = RouteKey::parse("GET /orders/{id}", Syntax::Http);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->text, "GET /orders/{id}");
  EXPECT_EQ(key->method, http::Method::Get);
  EXPECT_FALSE(key->any_method);
  EXPECT_FALSE(key->is_default);
  EXPECT_EQ(key->path.text, "/orders/{id}");
  key = RouteKey::parse("ANY /{proxy+}", Syntax::Http);
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->any_method);
  key = RouteKey::parse("$default", Syntax::Http);
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->is_default);
  EXPECT_FALSE(RouteKey::parse("$default", Syntax::Rest));
}

TEST(RouteKey, AT_12_Methods) {
  for (const char* method : {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "ANY"})
    for (const Syntax syntax : {Syntax::Rest, Syntax::Http})
      EXPECT_TRUE(RouteKey::parse(std::string(method) + " /", syntax)) << method;
}

TEST(RouteKey, RefusesEverythingElse) {
  for (const char* text :
       {"",         " ",        "GET",       "GET ",         "GET  /",      " GET /", "GET\t/",  "/",
        "/a",       "get /a",   "Any /a",    "TRACE /a",     "CONNECT /a",  "GET a",  "GET /a ", "GET /a /b",
        "$connect", "$Default", "$default ", "ANY $default", "GET,POST /a", "* /a"})
    for (const Syntax syntax : {Syntax::Rest, Syntax::Http}) {
      auto key = RouteKey::parse(text, syntax);
      ASSERT_FALSE(key) << "`" << text << "`";
      EXPECT_EQ(key.error().code, Code::Invalid);
    }
  EXPECT_THAT(RouteKey::parse("get /a", Syntax::Http).error().text, testing::HasSubstr("in capitals"));
}

}  // namespace
}  // namespace gatehouse::routing
