#include <gtest/gtest.h>

#include "routes.hpp"
#include "routing/domain.hpp"
#include "support/count_news.hpp"

namespace gatehouse::routing {
namespace {

TEST(Routing, LooksUpWithoutAllocating) {
  const RestRoutes rest({"GET /a/{b}/c", "ANY /a/{b}", "GET /{p+}", "GET /caf:e"});
  const HttpRoutes http({"GET /a/{b}/c", "ANY /a/{other}", "GET /{p+}", "$default"});
  HostTable::Builder builder;
  ASSERT_TRUE(builder.add_endpoint("a", true, {"a.test"}, {{"live", 1}}));
  ASSERT_TRUE(builder.add_endpoint("b", false, {}, {{"$default", 2}}));
  ASSERT_TRUE(builder.add_domain("*.b.test", {{"orders", 3}, {"orders/v1", 4}}, false));
  ASSERT_TRUE(builder.add_domain("c.test", {{"orders", 3}, {"orders/v1", 4}}, true));
  const HostTable hosts = builder.build();
  const std::string long_path = "/" + std::string(4000, 'x') + "%3A";
  Match match;
  int found = 0;
  const std::size_t before = test::news();
  for (const std::string_view path :
       {std::string_view("/a/1/c"), std::string_view("/a/1"), std::string_view("/a/1//c/"), std::string_view("/"),
        std::string_view("/caf%3Ae"), std::string_view("/orders/v1/x"), std::string_view(long_path)}) {
    for (const bool fallthrough : {true, false})
      found += rest.table().find(http::Method::Get, path, fallthrough, match) ? 1 : 0;
    found += http.table().find(http::Method::Get, path, match) ? 1 : 0;
    for (const std::string_view host : {"a.test", "A.TEST.", "x.B.test", "c.test", "nobody"})
      found += hosts.select(host, path).kind == Selection::Kind::Found ? 1 : 0;
  }
  EXPECT_EQ(test::news(), before);
  EXPECT_GT(before, 0u);
  EXPECT_GT(found, 20);
}

}  // namespace
}  // namespace gatehouse::routing
