#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "routing/table.hpp"

// What a lookup costs must not depend on how many routes there are. Times are only compared with one another.
namespace gatehouse::routing {
namespace {

using Clock = std::chrono::steady_clock;

template <class F>
double seconds(F&& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

enum class Shape { Siblings, Deep, ParametersBelow };

std::string pattern(Shape shape, std::size_t i) {
  const std::string n = std::to_string(i);
  switch (shape) {
    case Shape::Siblings:
      return "/service-" + n;
    case Shape::Deep:
      return "/v1/group-" + std::to_string(i % 97) + "/service-" + n + "/items";
    case Shape::ParametersBelow:
      return "/service-" + n + "/{id}/items/{rest+}";
  }
  return "/";
}
std::string request(Shape shape, std::size_t i) {
  std::string out = pattern(shape, i);
  for (const auto& [from, to] : {std::pair("{id}", "77"), std::pair("{rest+}", "a/b")})
    if (const std::size_t at = out.find(from); at != std::string::npos)
      out.replace(at, std::string_view(from).size(), to);
  return out;
}

std::vector<RouteKey> keys(Shape shape, std::size_t count) {
  std::vector<RouteKey> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(*RouteKey::parse("GET " + pattern(shape, i), PathPattern::Syntax::Rest));
  return out;
}

constexpr std::size_t kFew = 100;
constexpr std::size_t kMany = 100'000;

bool find(const RestTable& table, std::string_view path, Match& match) {
  return table.find(http::Method::Get, path, true, match);
}
bool find(const HttpTable& table, std::string_view path, Match& match) {
  return table.find(http::Method::Get, path, match);
}

/// The best of many rounds over the same paths, so that neither other processes nor the cache's size count.
template <class Table>
double cost(const Table& table, Shape shape, std::size_t expected_found) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < kFew; i += 5) {
    paths.push_back(request(shape, i));
    paths.push_back(request(shape, i) + "/nothing/here");
  }
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < 25; ++round) {
    std::size_t found = 0;
    best = std::min(best, seconds([&] {
                      Match match;
                      for (int again = 0; again < 20; ++again)
                        for (const std::string& path : paths) found += find(table, path, match) ? 1 : 0;
                    }));
    EXPECT_EQ(found, 20 * expected_found);
  }
  return best;
}

template <class Table>
void lookups_do_not_slow_down() {
  for (const Shape shape : {Shape::Siblings, Shape::Deep, Shape::ParametersBelow}) {
    const auto few = Table::compile(keys(shape, kFew));
    const auto many = Table::compile(keys(shape, kMany));
    ASSERT_TRUE(few && many);
    Match match;
    for (std::size_t i = 0; i < kMany; i += 997) {
      ASSERT_TRUE(find(*many, request(shape, i), match));
      ASSERT_EQ(match.route, i);
    }
    const std::size_t found = shape == Shape::ParametersBelow ? 40 : 20;
    const double with_few = cost(*few, shape, found);
    const double with_many = cost(*many, shape, found);
    EXPECT_LT(with_many, 6 * with_few) << static_cast<int>(shape) << ": " << with_few << " s with " << kFew << ", "
                                       << with_many << " s with " << kMany;
  }
}

TEST(RoutesAtScale, RestLookupsDoNotSlowDown) {
  lookups_do_not_slow_down<RestTable>();
}
TEST(RoutesAtScale, HttpLookupsDoNotSlowDown) {
  lookups_do_not_slow_down<HttpTable>();
}

/// Literal and parameter at each of `depth` levels, and the verb nowhere: going back has to look everywhere.
double hostile_cost(int depth) {
  std::vector<RouteKey> all;
  for (int bits = 0; bits < 1 << depth; ++bits) {
    std::string text = "POST ";
    for (int i = 0; i < depth; ++i) text += (bits >> i & 1) != 0 ? "/a" : "/{p" + std::to_string(i) + "}";
    all.push_back(*RouteKey::parse(text, PathPattern::Syntax::Rest));
  }
  const auto table = RestTable::compile(all);
  std::string path;
  for (int i = 0; i < depth; ++i) path += "/a";
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < 15; ++round)
    best = std::min(best, seconds([&] {
                      Match match;
                      for (int again = 0; again < 8; ++again) EXPECT_FALSE(find(*table, path, match));
                    }));
  return best;
}

// No node is looked at twice: 16 times the tree is 16 times the work, and no more.
TEST(RoutesAtScale, AHostileTreeCostsNoMoreThanItsSize) {
  EXPECT_LT(hostile_cost(12), 16 * 6 * hostile_cost(8));
}

TEST(RoutesAtScale, CompilingIsLinear) {
  const auto some = keys(Shape::Deep, kMany / 20);
  const auto all = keys(Shape::Deep, kMany);
  double once = std::numeric_limits<double>::max();
  for (int i = 0; i < 3; ++i) once = std::min(once, seconds([&] { EXPECT_TRUE(RestTable::compile(some)); }));
  const double whole = seconds([&] { EXPECT_TRUE(RestTable::compile(all)); });
  EXPECT_LT(whole, 20 * 10 * once) << once << " s, " << whole << " s";
}

}  // namespace
}  // namespace gatehouse::routing
