#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "routing/table.hpp"
#include "routing/tree.hpp"

namespace gatehouse::routing {

/// Who answers the methods that resources lack (AT-16). `find`: the table's own way to find a route, so that itself
/// says who does: `bool(http::Method, std::string_view path, Match&)`. `depth`: of the deepest pattern. This room's
/// own.
template <class Find>
std::vector<Fallthrough> find_fallthroughs(const Tree& tree, const std::vector<PathPattern>& patterns,
                                           std::size_t depth, Find find) {
  // A byte that no literal has stands for "any other value".
  constexpr std::string_view kOther = "/\x01";
  std::vector<Fallthrough> out;
  std::vector<std::uint32_t> seen;
  for (const Tree::Resource& resource : tree.resources()) {
    const auto first =
        std::find_if(resource.routes.begin(), resource.routes.end(), [](std::uint32_t r) { return r != kNone; });
    const PathPattern& pattern = patterns[*first];
    std::string path;
    for (const Segment& s : pattern.segments)
      path += s.kind == Segment::Kind::Literal ? "/" + s.text : std::string(kOther);
    const bool greedy = !pattern.segments.empty() && pattern.segments.back().kind == Segment::Kind::Greedy;
    seen.clear();
    // What a greedy parameter takes may be of any length, and another route may answer each.
    for (std::size_t at = pattern.segments.size(); at <= std::max(pattern.segments.size(), greedy ? depth + 1 : 0);
         ++at, path += kOther) {
      for (std::size_t m = 0; m < http::kMethods; ++m) {
        const auto method = static_cast<http::Method>(m);
        Match match;
        if (resource.serves(method) != kNone || !find(method, path, match)) continue;
        if (std::find(seen.begin(), seen.end(), match.route) != seen.end()) continue;
        seen.push_back(match.route);
        for (const std::uint32_t route : resource.routes)
          if (route != kNone) out.push_back({route, match.route, method});
      }
    }
  }
  return out;
}

}  // namespace gatehouse::routing
