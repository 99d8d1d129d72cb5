#include <algorithm>

#include "routing/fallthrough.hpp"
#include "routing/table.hpp"
#include "routing/tree.hpp"

namespace gatehouse::routing {

struct HttpTable::Impl {
  Tree tree;
  std::uint32_t default_route = kNone;
  std::vector<PathPattern> patterns;  // by route, for fallthroughs()
  std::size_t depth = 0;              // of the deepest pattern

  /// AT-22.
  bool find(std::string_view path, Tree::Reading reading, Match& out) const noexcept {
    reading.greedy = false;
    if (tree.find(path, reading, out)) return true;
    reading.greedy = true;
    reading.full = false;
    if (tree.find(path, reading, out)) return true;
    out.route = default_route;
    out.capture_count = 0;
    return default_route != kNone;
  }
};

HttpTable::HttpTable() : impl_(std::make_unique<Impl>()) {}
HttpTable::HttpTable(HttpTable&&) noexcept = default;
HttpTable& HttpTable::operator=(HttpTable&&) noexcept = default;
HttpTable::~HttpTable() = default;

Result<HttpTable> HttpTable::compile(const std::vector<RouteKey>& keys) {
  HttpTable out;
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    if (keys[i].is_default) {
      if (out.impl_->default_route != kNone)
        return fail(Code::Conflict, "route `$default` is there twice: keep one of them");
      out.impl_->default_route = i;
    } else if (auto added = out.impl_->tree.add(keys[i], i, keys, false); !added) {
      return tl::unexpected<Error>(std::move(added.error()));
    }
    out.impl_->patterns.push_back(keys[i].path);
    out.impl_->depth = std::max(out.impl_->depth, keys[i].path.segments.size());
  }
  return out;
}

bool HttpTable::find(http::Method method, std::string_view path, Match& out) const noexcept {
  if (path.empty() || path.front() != '/') return false;
  Tree::Reading reading{method};
  if (!impl_->find(path == "/" ? std::string_view() : path, reading, out)) return false;
  if (path.size() == 1 || (path.back() != '/' && !is_ambiguous(path))) return true;
  Match other;
  reading.bare = true;
  return impl_->find(path, reading, other) && other.route == out.route;
}

std::vector<Fallthrough> HttpTable::fallthroughs() const {
  return find_fallthroughs(
      impl_->tree, impl_->patterns, impl_->depth,
      [this](http::Method method, std::string_view path, Match& match) { return impl_->find(path, {method}, match); });
}

}  // namespace gatehouse::routing
