#include "routing/domain.hpp"

#include <gmock/gmock.h>

namespace gatehouse::routing {
namespace {

using Builder = HostTable::Builder;
using Kind = Selection::Kind;

/// `kind target base|path`, as a line.
std::string text(const Selection& s) {
  const auto refused = [&] { return s.has_refused_target ? " of " + std::to_string(s.refused_target) : std::string(); };
  switch (s.kind) {
    case Kind::Found:
      return std::to_string(s.target) + " " + std::string(s.base_path) + "|" + std::string(s.api_path) +
             (s.splits_segment ? " split" : "");
    case Kind::NoHost:
      return "no host";
    case Kind::NoMapping:
      return "no mapping" + refused();
    case Kind::NoStage:
      return "no stage" + refused();
  }
  return "?";
}

struct Case {
  const char* host;
  const char* path;
  const char* expected;
};
void expect(const HostTable& table, std::initializer_list<Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(text(table.select(c.host, c.path)), c.expected) << c.host << c.path;
}
template <class T>
void good(const Result<T>& result) {
  ASSERT_TRUE(result) << result.error().text;
}

TEST(HostTable, AT_19_RestStages) {
  Builder b;
  good(b.add_endpoint("shop", true, {"shop.test"}, {{"live", 1}, {"test", 2}}));
  expect(b.build(), {{"shop.test", "/live/v", "1 live|/v"},
                     {"shop.test", "/test/v/", "2 test|/v/"},
                     {"shop.test", "/live", "1 live|/"},
                     {"shop.test", "/live/", "1 live|/"},
                     {"shop.test", "/", "no stage of 1"},
                     {"shop.test", "/v", "no stage of 1"},
                     {"shop.test", "/Live/v", "no stage of 1"},
                     {"shop.test", "/liver", "no stage of 1"},
                     {"other.test", "/live/v", "no host"}});
}

TEST(HostTable, AT_19_DisabledEndpoint) {
  Builder b;
  good(b.add_disabled_endpoint("off", {"off.test", "both.test"}, 9));
  good(b.add_endpoint("on", false, {"both.test"}, {{"$default", 1}}));
  good(b.add_disabled_endpoint("anywhere", {}, 8));
  expect(
      b.build(),
      {{"off.test", "/live/v", "no stage of 9"}, {"both.test", "/x", "1 $default|/x"}, {"else.test", "/x", "no host"}});
}

TEST(HostTable, Section_2_3_SlashesAroundARestStage) {
  Builder b;
  good(b.add_endpoint("shop", true, {}, {{"stage", 1}}));
  expect(b.build(), {{"h", "/stage/v", "1 stage|/v"},
                     {"h", "/stage/v/", "1 stage|/v/"},
                     {"h", "/stage/v//w", "1 stage|/v//w"},
                     {"h", "//stage/v", "1 stage|/v"},
                     {"h", "/stage//v", "1 stage|/v"},
                     {"h", "///stage///v", "1 stage|/v"},
                     {"h", "/stage//", "1 stage|/"},
                     {"h", "/stage/v/a%2Bb@x", "1 stage|/v/a%2Bb@x"}});
}

TEST(HostTable, AT_21_HttpStageFirstThenDefault) {
  Builder b;
  good(b.add_endpoint("shop", false, {"a.test"}, {{"dev", 1}, {"$default", 2}}));
  good(b.add_endpoint("none", false, {"b.test"}, {{"dev", 3}}));
  expect(b.build(), {{"a.test", "/dev/x", "1 dev|/x"},
                     {"a.test", "/dev", "1 dev|/"},
                     {"a.test", "/dev/", "1 dev|/"},
                     {"a.test", "/device", "2 $default|/device"},
                     {"a.test", "/", "2 $default|/"},
                     {"a.test", "/$default/x", "2 $default|/$default/x"},
                     {"a.test", "/dev//x", "1 dev|//x"},
                     {"a.test", "//dev/x", "no stage of 1"},
                     {"a.test", "///dev", "no stage of 1"},
                     {"a.test", "//device", "2 $default|//device"},
                     {"b.test", "/x/dev", "no stage of 3"},
                     {"b.test", "//dev/x", "no stage of 3"}});
}

TEST(HostTable, SeveralApisShareAHost) {
  Builder b;
  good(b.add_endpoint("a", true, {}, {{"a", 1}}));
  good(b.add_endpoint("b", false, {}, {{"b", 2}, {"$default", 3}}));
  expect(b.build(),
         {{"h", "/a/x", "1 a|/x"}, {"h", "//a/x", "1 a|/x"}, {"h", "/b/x", "2 b|/x"}, {"", "/c/x", "3 $default|/c/x"}});
}

TEST(HostTable, AT_52_LongestMappingThenNone) {
  Builder b;
  good(b.add_domain(
      "api.test", {{"", 1}, {"orders", 2}, {"orders/v1", 3}, {"orders/v1/eu", 4}, {"deep/er", 5}, {"a+b", 6}}, false));
  good(b.add_domain("bare.test", {{"orders", 7}}, false));
  good(b.add_domain("empty.test", {}, false));
  expect(b.build(), {{"api.test", "/", "1 |/"},
                     {"api.test", "/x", "1 |/x"},
                     {"api.test", "/orders", "2 orders|/"},
                     {"api.test", "/orders/", "2 orders|/"},
                     {"api.test", "/orders/7", "2 orders|/7"},
                     {"api.test", "/orders/v1", "3 orders/v1|/"},
                     {"api.test", "/orders/v1/7", "3 orders/v1|/7"},
                     {"api.test", "/orders/v1/eu/7/", "4 orders/v1/eu|/7/"},
                     {"api.test", "/orders/v2/eu", "2 orders|/v2/eu"},
                     {"api.test", "/deep/x", "1 |/deep/x"},
                     {"api.test", "/deep/er/x", "5 deep/er|/x"},
                     {"api.test", "/Orders/7", "1 |/Orders/7"},
                     {"api.test", "/a+b/x", "6 a+b|/x"},
                     {"api.test", "/a%2Bb/x", "6 a+b|/x"},
                     {"bare.test", "/orders/7", "7 orders|/7"},
                     {"bare.test", "/x", "no mapping of 7"},
                     {"bare.test", "/", "no mapping of 7"},
                     {"empty.test", "/", "no mapping"}});
}

TEST(HostTable, AT_52_ByDomain) {
  Builder b;
  good(b.add_domain("api.test", {{"", 1}}, false));
  good(b.add_endpoint("a", true, {"end.test"}, {{"s", 2}}));
  const HostTable table = b.build();
  EXPECT_TRUE(table.select("api.test", "/x").by_domain);
  EXPECT_FALSE(table.select("end.test", "/s/x").by_domain);
}

TEST(HostTable, AT_53_SegmentsAlwaysUnlessCompat) {
  for (const bool compat : {false, true}) {
    Builder single;
    good(single.add_domain("api.test", {{"", 1}, {"orders", 2}}, compat));
    expect(single.build(),
           {{"api.test", "/ordersandmore", "1 |/ordersandmore"}, {"api.test", "/orders/x", "2 orders|/x"}});
  }
  const std::vector<Builder::Mapping> mappings = {{"", 1}, {"orders", 2}, {"orders/v1", 3}, {"x+y", 4}};
  Builder plain;
  good(plain.add_domain("api.test", mappings, false));
  expect(plain.build(),
         {{"api.test", "/ordersandmore", "1 |/ordersandmore"}, {"api.test", "/orders/v10", "2 orders|/v10"}});
  Builder compat;
  good(compat.add_domain("api.test", mappings, true));
  expect(compat.build(), {{"api.test", "/ordersandmore", "2 orders|andmore split"},
                          {"api.test", "/orders/v10/z", "3 orders/v1|0/z split"},
                          {"api.test", "/orders/v1/z", "3 orders/v1|/z"},
                          {"api.test", "/orders", "2 orders|/"},
                          {"api.test", "/x%2By/z", "4 x+y|/z"},
                          {"api.test", "/order", "1 |/order"},
                          {"api.test", "/", "1 |/"}});
}

TEST(HostTable, SlashesAroundABasePath) {
  for (const bool compat : {false, true}) {
    Builder b;
    good(b.add_domain("rest.test", {{"", 1, true}, {"a", 2, true}, {"a/b", 3, true}}, compat));
    good(b.add_domain("http.test", {{"", 4}, {"a", 5}, {"a/b", 6}}, compat));
    expect(b.build(), {{"rest.test", "//a/x", "2 a|/x"},
                       {"rest.test", "/a//x", "2 a|/x"},
                       {"rest.test", "/a//b/c", "no mapping of 1"},
                       {"rest.test", "//a//c", "2 a|/c"},
                       {"rest.test", "/a/b//c", "3 a/b|/c"},
                       {"rest.test", "//x", "1 |/x"},
                       {"http.test", "//a/x", "no mapping of 4"},
                       {"http.test", "///a", "no mapping of 4"},
                       {"http.test", "//a", "no mapping of 4"},
                       {"http.test", "//x/a", "4 |//x/a"},
                       {"http.test", "/x//a", "4 |/x//a"},
                       {"http.test", "/a//x", "5 a|//x"},
                       {"http.test", "/a//b", "no mapping of 4"},
                       {"http.test", "/a///b/x", "no mapping of 4"},
                       {"http.test", "/a/b//", "6 a/b|//"}});
  }
}

TEST(HostTable, SlashesLeadAroundNoGuardedMapping) {
  for (const bool compat : {false, true}) {
    Builder b;
    good(b.add_domain("mixed.test", {{"", 1}, {"orders", 2, true}, {"a/b", 3}, {"a", 4, true}}, compat));
    expect(b.build(), {{"mixed.test", "//orders/7", "2 orders|/7"},
                       {"mixed.test", "/a//b/7", "no mapping of 1"},
                       {"mixed.test", "//a/b", "no mapping of 1"},
                       {"mixed.test", "//x", "1 |//x"}});
    Builder none;
    good(none.add_domain("http.test", {{"orders", 2}, {"a/b", 3}}, compat));
    expect(none.build(), {{"http.test", "//orders/7", "no mapping of 2"}, {"http.test", "/orders//7", "2 orders|//7"}});
  }
}

TEST(HostTable, SemicolonsLeadAroundNoGuardedMapping) {
  for (const bool compat : {false, true}) {
    Builder b;
    good(b.add_domain("mixed.test", {{"", 1}, {"orders", 2, true}, {"a/b", 3}}, compat));
    expect(b.build(), {{"mixed.test", "/a;x/b/7", "no mapping of 1"},
                       {"mixed.test", "/a%3B/b", "no mapping of 1"},
                       {"mixed.test", "/a/;x/b", "no mapping of 1"},
                       {"mixed.test", "/;x/orders/7", "no mapping of 1"},
                       {"mixed.test", "/;x//;y/a;//b;z", "no mapping of 1"},
                       {"mixed.test", "/orders/7;x", "2 orders|/7;x"},
                       {"mixed.test", "/;", "1 |/;"},
                       {"mixed.test", "/x;y/orders", "1 |/x;y/orders"}});
    Builder segments;
    good(segments.add_domain("plain.test", {{"", 1}, {"orders", 2}}, compat));
    expect(segments.build(), {{"plain.test", "/orders;x/7", "no mapping of 1"},
                              {"plain.test", "/orders%3Bx", "no mapping of 1"},
                              {"plain.test", "/order;s", "1 |/order;s"}});
  }
  Builder stages;
  good(stages.add_endpoint("shop", false, {}, {{"dev", 1}, {"$default", 2}}));
  expect(stages.build(), {{"h", "/dev;x/y", "no stage of 1"},
                          {"h", "/;/dev", "no stage of 1"},
                          {"h", "/dev/y;x", "1 dev|/y;x"},
                          {"h", "/;", "2 $default|/;"},
                          {"h", "/x;y", "2 $default|/x;y"}});
}

TEST(HostTable, AT_58_ExactBeatsWildcard) {
  Builder b;
  good(b.add_domain("*.example.test", {{"", 1}}, false));
  good(b.add_domain("API.example.test", {{"", 2}}, false));
  good(b.add_endpoint("any", false, {}, {{"$default", 3}}));
  expect(b.build(), {{"api.example.test", "/", "2 |/"},
                     {"web.example.test", "/", "1 |/"},
                     {"WEB.Example.TEST", "/", "1 |/"},
                     {"Api.EXAMPLE.test.", "/", "2 |/"},
                     {"example.test", "/", "3 $default|/"},
                     {".example.test", "/", "3 $default|/"},
                     {"a.b.example.test", "/", "3 $default|/"},
                     {"[::1]", "/", "3 $default|/"},
                     {"", "/", "3 $default|/"}});
}

TEST(HostTable, ANotNormalisedPathSelectsNothing) {
  Builder b;
  good(b.add_endpoint("any", false, {}, {{"$default", 3}}));
  const HostTable table = b.build();
  for (const char* path : {"", "x", "*"}) EXPECT_EQ(table.select("h", path).kind, Kind::NoHost);
}

TEST(HostTable, Conflicts) {
  const auto conflict = [](const Result<void>& result, const char* word) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::Conflict);
    EXPECT_THAT(result.error().text, testing::HasSubstr(word));
  };
  Builder b;
  good(b.add_endpoint("a", false, {}, {{"dev", 1}, {"$default", 2}}));
  conflict(b.add_endpoint("b", true, {}, {{"dev", 3}}), "`dev`");
  conflict(b.add_endpoint("c", false, {}, {{"$default", 3}}), "`$default`");
  good(b.add_endpoint("d", false, {"d.test"}, {{"dev", 1}}));
  good(b.add_domain("*.d.test", {}, false));
  conflict(b.add_domain("D.test", {{"", 1}}, false), "api `d`");
  conflict(b.add_domain("*.D.test", {{"", 1}}, false), "domain `*.d.test`");
  conflict(b.add_endpoint("e", false, {"*.d.test"}, {{"dev", 1}}), "domain");
  conflict(b.add_disabled_endpoint("e", {"*.d.test"}, 1), "domain");
  conflict(b.add_domain("m.test", {{"a", 1}, {"a", 2}}, false), "`a`");
  conflict(b.add_domain("n.test", {{"", 1}, {"", 2}}, false), "`(none)`");
}

TEST(HostTable, RefusesWhatIsNoHostStageOrBasePath) {
  Builder b;
  for (const char* host :
       {"a.test:80", "http://a", "a..b", ".a", "a.", "*", "*.", "a.*.b", "a b", "[::1", "[]", "*.*.a"})
    EXPECT_FALSE(b.add_endpoint("x", false, {host}, {})) << host;
  EXPECT_FALSE(b.add_endpoint("x", false, {""}, {}));
  EXPECT_FALSE(b.add_endpoint("x", false, {std::string(254, 'a')}, {}));
  EXPECT_FALSE(b.add_domain("", {}, false));
  for (const std::string& stage :
       {std::string(), std::string("a/b"), std::string("a.b"), std::string(129, 's'), std::string("$Default")})
    EXPECT_FALSE(b.add_endpoint("x", false, {}, {{stage, 1}})) << stage;
  EXPECT_FALSE(b.add_endpoint("x", true, {}, {{"$default", 1}}));
  good(b.add_endpoint("x", true, {"[::1]", "127.0.0.1", "my_host"}, {{std::string(128, 's'), 1}}));
  for (const std::string& path :
       {std::string("/a"), std::string("a/"), std::string("a//b"), std::string("a b"), std::string("a/../b"),
        std::string("."), std::string("a%20"), std::string("(none)/"), std::string(301, 'a')})
    EXPECT_FALSE(b.add_domain("d" + std::to_string(path.size()) + ".test", {{path, 1}}, false)) << path;
}

}  // namespace
}  // namespace gatehouse::routing
