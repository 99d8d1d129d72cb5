#include <gtest/gtest.h>

#include <random>

#include "naive.hpp"

namespace gatehouse::routing {
namespace {

using Syntax = PathPattern::Syntax;

constexpr int kTables = 6000;
constexpr int kRequests = 25;  // a table: 150,000 cases an API type

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_); }
  template <class List>
  auto pick(const List& list) {
    return list[below(list.size())];
  }

  std::string key(Syntax syntax) {
    static const std::vector<std::string> kMethods = {"GET", "GET", "POST", "PUT", "ANY", "ANY"};
    static const std::vector<std::string> kLiterals = {"a", "a", "b", "c", "a:b", "a;v"};
    const std::size_t literals = kLiterals.size() - (syntax == Syntax::Rest ? 1 : 0);
    if (syntax == Syntax::Http && below(12) == 0) return "$default";
    std::string out = pick(kMethods) + " ";
    const std::size_t depth = below(5);
    if (depth == 0) return out + "/";
    for (std::size_t i = 0; i < depth; ++i) {
      const std::string name = (below(12) == 0 ? "q" : "p") + std::to_string(i);
      const std::size_t kind = below(10);
      if (kind == 9 || (kind == 8 && i + 1 == depth)) return out + "/{" + name + "+}";
      out += kind >= 6 ? "/{" + name + "}" : "/" + kLiterals[below(literals)];
    }
    return out;
  }

  std::string path() {
    static const std::vector<std::string> kSegments = {"a",   "a", "a",   "b",   "b",     "c",  "a:b", "a%3Ab", "x",
                                                       "%2F", "",  "a;x", "a;v", "a%3Bv", "b;", ";x",  "%3B"};
    static const std::vector<std::string> kTails = {"", "", "", "", "/", "//"};
    std::string out;
    const std::size_t depth = below(6);
    for (std::size_t i = 0; i < depth; ++i) out += "/" + (below(6) == 0 ? std::string() : pick(kSegments));
    out += pick(kTails);
    return out.empty() ? "/" : out;
  }

  http::Method method() {
    static const std::vector<http::Method> kMethods = {http::Method::Get, http::Method::Get, http::Method::Post,
                                                       http::Method::Delete};
    return pick(kMethods);
  }

  /// Keys that can stand together, and (checked) sometimes one that cannot.
  template <class Table>
  std::vector<RouteKey> keys(Syntax syntax, int& refused) {
    std::vector<RouteKey> out;
    const std::size_t count = 1 + below(14);
    for (std::size_t i = 0; i < count; ++i) {
      auto parsed = RouteKey::parse(key(syntax), syntax);
      if (!parsed) {
        ADD_FAILURE() << parsed.error().text;
        continue;
      }
      out.push_back(*parsed);
      if (naive::compatible(out, syntax == Syntax::Rest)) continue;
      auto table = Table::compile(out);
      EXPECT_FALSE(table) << parsed->text;
      EXPECT_TRUE(table || table.error().code == Code::Conflict) << parsed->text;
      ++refused;
      out.pop_back();
    }
    return out;
  }

 private:
  std::mt19937 engine_;
};

std::optional<naive::Found> as_found(bool found, const Match& match) {
  if (!found) return std::nullopt;
  naive::Found out{match.route, {}};
  for (std::uint32_t i = 0; i < match.capture_count; ++i)
    out.captures.emplace_back(std::string(match.captures[i].name), std::string(match.captures[i].value));
  return out;
}

std::string text(const std::vector<RouteKey>& keys, const std::optional<naive::Found>& found) {
  if (!found) return "nothing";
  std::string out = "`" + keys[found->route].text + "`";
  for (const auto& [name, value] : found->captures) out += " " + name + "=" + value;
  return out;
}
std::string text(const std::vector<RouteKey>& keys) {
  std::string out;
  for (const RouteKey& key : keys) out += key.text + "; ";
  return out;
}

/// So that the test cannot pass because nothing ever matches.
struct Tally {
  int found = 0, nothing = 0, refused = 0;
  ~Tally() {
    EXPECT_GT(found, 20'000);
    EXPECT_GT(nothing, 20'000);
    EXPECT_GT(refused, 1'000);
  }
};

TEST(RoutesProperty, RestFindsWhatTheRulesSay) {
  Random random(20261122);
  Tally tally;
  for (int t = 0; t < kTables; ++t) {
    const std::vector<RouteKey> keys = random.keys<RestTable>(Syntax::Rest, tally.refused);
    auto table = RestTable::compile(keys);
    ASSERT_TRUE(table) << text(keys) << table.error().text;
    for (int i = 0; i < kRequests; ++i) {
      const std::string path = random.path();
      const http::Method method = random.method();
      const bool fallthrough = random.below(4) != 0;
      Match match;
      const auto found = as_found(table->find(method, path, fallthrough, match), match);
      const auto expected = naive::rest(keys, method, path, fallthrough);
      ASSERT_EQ(found, expected) << http::name(method) << " " << path << " among " << text(keys) << "\nfound "
                                 << text(keys, found) << ", the rules say " << text(keys, expected);
      ++(found ? tally.found : tally.nothing);
    }
  }
}

TEST(RoutesProperty, HttpFindsWhatTheRulesSay) {
  Random random(20261123);
  Tally tally;
  for (int t = 0; t < kTables; ++t) {
    const std::vector<RouteKey> keys = random.keys<HttpTable>(Syntax::Http, tally.refused);
    auto table = HttpTable::compile(keys);
    ASSERT_TRUE(table) << text(keys) << table.error().text;
    for (int i = 0; i < kRequests; ++i) {
      const std::string path = random.path();
      const http::Method method = random.method();
      Match match;
      const auto found = as_found(table->find(method, path, match), match);
      const auto expected = naive::http_api(keys, method, path);
      ASSERT_EQ(found, expected) << http::name(method) << " " << path << " among " << text(keys) << "\nfound "
                                 << text(keys, found) << ", the rules say " << text(keys, expected);
      ++(found ? tally.found : tally.nothing);
    }
  }
}

/// AT-16: each pair reported is real, for some path; and each path of a route that another answers is reported.
TEST(RoutesProperty, FallthroughsAreThoseThatHappen) {
  Random random(20261124);
  int reported = 0;
  int refused = 0;
  for (int t = 0; t < 2'000; ++t) {
    const std::vector<RouteKey> keys = random.keys<RestTable>(Syntax::Rest, refused);
    auto table = RestTable::compile(keys);
    ASSERT_TRUE(table);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (const Fallthrough& f : table->fallthroughs()) pairs.emplace_back(f.resource_route, f.served_by);
    reported += static_cast<int>(pairs.size());
    for (std::uint32_t r = 0; r < keys.size(); ++r) {
      // Paths that are this route's and, but for its literals, nobody's.
      for (std::size_t extra = 0; extra < 6; ++extra) {
        std::string path;
        for (const Segment& s : keys[r].path.segments) path += s.kind == Segment::Kind::Literal ? "/" + s.text : "/zz";
        if (extra > 0 && !naive::is_greedy(keys[r].path)) break;
        for (std::size_t i = 0; i < extra; ++i) path += "/zz";
        if (path.empty()) path = "/";
        for (const http::Method method :
             {http::Method::Get, http::Method::Post, http::Method::Put, http::Method::Head}) {
          const auto own = naive::rest(keys, method, path, false);
          if (own) continue;
          const auto found = naive::rest(keys, method, path, true);
          if (!found) continue;
          const auto at = std::find(pairs.begin(), pairs.end(), std::pair(r, static_cast<std::uint32_t>(found->route)));
          EXPECT_NE(at, pairs.end()) << keys[r].text << " > " << keys[found->route].text << " at " << path << " of "
                                     << text(keys);
        }
      }
    }
    for (const auto& [resource, served_by] : pairs)
      EXPECT_LT(naive::rank(keys[resource].path), naive::rank(keys[served_by].path)) << text(keys);
  }
  EXPECT_GT(reported, 1'000);
}

}  // namespace
}  // namespace gatehouse::routing
