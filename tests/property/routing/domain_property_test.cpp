#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <set>

#include "naive.hpp"
#include "routing/domain.hpp"

namespace gatehouse::routing {
namespace {

struct Twin {
  std::uint32_t target;
  std::string base_path, api_path;
  bool operator==(const Twin&) const = default;
};

/// AT-52 and AT-53, said slowly: of the base paths that are the first segments of the path the longest, else (none).
std::optional<Twin> longest(const std::vector<HostTable::Builder::Mapping>& mappings, const std::string& path) {
  std::string tight = path;
  while (tight.size() > 1 && tight[1] == '/') tight.erase(0, 1);
  std::optional<Twin> best;
  for (const auto& m : mappings) {
    const std::string& read = m.rest ? tight : path;
    std::string rest;
    if (m.base_path.empty()) {
      rest = read;
    } else {
      const naive::Segments ours = naive::split("/" + m.base_path);
      naive::Segments theirs = naive::split(read);
      if (theirs.size() < ours.size()) continue;
      bool same = true;
      for (std::size_t i = 0; i < ours.size(); ++i) same = same && naive::decoded(theirs[i]) == ours[i];
      if (!same) continue;
      for (std::size_t i = ours.size(); i < theirs.size(); ++i) rest += "/" + theirs[i];
    }
    if (rest.empty()) rest = "/";
    while (m.rest && rest.size() > 1 && rest[1] == '/') rest.erase(0, 1);
    if (!best || m.base_path.size() > best->base_path.size()) best = Twin{m.target, m.base_path, rest};
  }
  return best;
}

/// The same base path when what may be dropped behind us is, or none.
std::optional<Twin> by_rules(const std::vector<HostTable::Builder::Mapping>& mappings, const std::string& path) {
  const std::optional<Twin> found = longest(mappings, path);
  std::string plain;
  for (const std::string& segment : naive::bare(naive::split(path))) plain += "/" + naive::cut(segment);
  const std::optional<Twin> bare = longest(mappings, plain.empty() ? "/" : plain);
  return found && bare && found->base_path == bare->base_path ? found : std::nullopt;
}

TEST(DomainProperty, MappingsAreChosenAsTheRulesSay) {
  std::mt19937 engine(20261122);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine); };
  const std::vector<std::string> kParts = {"a", "b", "c+d"};
  const std::vector<std::string> kSent = {"a", "b", "c+d", "c%2Bd", "ab", "", "", "a;x", "b%3B", ";x"};
  int found = 0;
  for (int t = 0; t < 4'000; ++t) {
    std::vector<HostTable::Builder::Mapping> mappings;
    std::set<std::string> seen;
    const std::size_t count = 1 + below(6);
    for (std::uint32_t i = 0; i < count; ++i) {
      std::string base;
      for (std::size_t depth = below(4); depth > 0; --depth)
        base += (base.empty() ? "" : "/") + kParts[below(kParts.size())];
      if (seen.insert(base).second) mappings.push_back({base, i, below(2) == 0});
    }
    HostTable::Builder builder;
    ASSERT_TRUE(builder.add_domain("d.test", mappings, false));
    const HostTable table = builder.build();
    for (int i = 0; i < 25; ++i) {
      std::string path = "/";
      for (std::size_t depth = below(5); depth > 0; --depth)
        path += kSent[below(kSent.size())] + (depth > 1 || below(3) == 0 ? "/" : "");
      const Selection got = table.select("d.test", path);
      const std::optional<Twin> expected = by_rules(mappings, path);
      ASSERT_EQ(got.kind == Selection::Kind::Found, expected.has_value()) << path;
      if (!expected) continue;
      ++found;
      ASSERT_EQ((Twin{got.target, std::string(got.base_path), std::string(got.api_path)}), *expected) << path;
    }
  }
  EXPECT_GT(found, 20'000);
}

}  // namespace
}  // namespace gatehouse::routing
