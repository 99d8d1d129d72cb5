#include <algorithm>

#include "routing/fallthrough.hpp"
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

std::vector<Fallthrough> RestTable::fallthroughs() const {
  return find_fallthroughs(impl_->tree, impl_->patterns, impl_->depth,
                           [this](http::Method method, std::string_view path, Match& match) {
                             return impl_->tree.find(path, {method}, match);
                           });
}

}  // namespace gatehouse::routing
