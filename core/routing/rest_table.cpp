#include <algorithm>

#include "routing/table.hpp"
#include "routing/tree.hpp"

namespace gatehouse::routing {

struct RestTable::Impl {
  Tree tree;
  std::vector<PathPattern> patterns;  // by route, for fallthroughs()
  std::size_t depth = 0;              // of the deepest pattern
};

RestTable::RestTable() : impl_(std::make_unique<Impl>()) {}
RestTable::RestTable(RestTable&&) noexcept = default;
RestTable& RestTable::operator=(RestTable&&) noexcept = default;
RestTable::~RestTable() = default;

Result<RestTable> RestTable::compile(const std::vector<RouteKey>& keys) {
  RestTable out;
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    if (keys[i].is_default) return fail(Code::Invalid, "route key `$default` is for HTTP APIs");
    if (auto added = out.impl_->tree.add(keys[i], i, keys, true); !added)
      return tl::unexpected<Error>(std::move(added.error()));
    out.impl_->patterns.push_back(keys[i].path);
    out.impl_->depth = std::max(out.impl_->depth, keys[i].path.segments.size());
  }
  return out;
}

bool RestTable::find(http::Method method, std::string_view path, bool fallthrough, Match& out) const noexcept {
  if (path.empty() || path.front() != '/') return false;
  path = trim_slashes(path);
  Tree::Reading reading{method};
  reading.fallthrough = fallthrough;
  if (!impl_->tree.find(path, reading, out)) return false;
  if (!is_ambiguous(path)) return true;
  Match other;
  reading.bare = true;
  return impl_->tree.find(path, reading, other) && other.route == out.route;
}

std::vector<RestTable::Fallthrough> RestTable::fallthroughs() const {
  // A byte that no literal has stands for "any other value", so that find() itself says who answers.
  constexpr std::string_view kOther = "/\x01";
  std::vector<Fallthrough> out;
  std::vector<std::uint32_t> seen;
  for (const Tree::Resource& resource : impl_->tree.resources()) {
    const auto first =
        std::find_if(resource.routes.begin(), resource.routes.end(), [](std::uint32_t r) { return r != kNone; });
    const PathPattern& pattern = impl_->patterns[*first];
    std::string path;
    for (const Segment& s : pattern.segments)
      path += s.kind == Segment::Kind::Literal ? "/" + s.text : std::string(kOther);
    const bool greedy = !pattern.segments.empty() && pattern.segments.back().kind == Segment::Kind::Greedy;
    seen.clear();
    // What a greedy parameter takes may be of any length, and another route may answer each.
    for (std::size_t depth = pattern.segments.size();
         depth <= std::max(pattern.segments.size(), greedy ? impl_->depth + 1 : 0); ++depth, path += kOther) {
      for (std::size_t m = 0; m < http::kMethods; ++m) {
        const auto method = static_cast<http::Method>(m);
        Match match;
        if (resource.serves(method) != kNone || !impl_->tree.find(path, {method}, match)) continue;
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
