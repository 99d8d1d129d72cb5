#include "routing/tree.hpp"

#include <algorithm>

namespace gatehouse::routing {
namespace {

tl::unexpected<Error> conflict(const RouteKey& a, const RouteKey& b, std::string_view why) {
  return fail(Code::Conflict, "routes `" + a.text + "` and `" + b.text + "` " + std::string(why));
}

}  // namespace

std::string_view trim_slashes(std::string_view path) noexcept {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  while (path.size() > 1 && path[1] == '/') path.remove_prefix(1);
  return path;
}

Result<void> Tree::add(const RouteKey& key, std::uint32_t route, const std::vector<RouteKey>& keys, bool one_variable) {
  std::uint32_t at = 0;
  std::uint32_t resource = kNone;
  for (const Segment& segment : key.path.segments) {
    if (segment.kind == Segment::Kind::Literal) {
      std::uint32_t next = literals_.find(at, segment.text);
      if (next == kNone) {
        next = static_cast<std::uint32_t>(nodes_.size());
        literals_.insert(at, segment.text, next);
        nodes_[at].literals = true;
        nodes_.emplace_back();
      }
      at = next;
      continue;
    }
    if (one_variable && nodes_[at].variable_by != kNone) {
      const RouteKey& other = keys[nodes_[at].variable_by];
      const std::size_t depth = static_cast<std::size_t>(&segment - key.path.segments.data());
      const Segment& theirs = other.path.segments[depth];
      if (theirs.kind != segment.kind || theirs.text != segment.text)
        return conflict(
            other, key,
            "have different parameters in the same place: a resource of a REST API has at most one (AT-11)");
    }
    if (nodes_[at].variable_by == kNone) nodes_[at].variable_by = route;
    if (segment.kind == Segment::Kind::Greedy) {
      if (nodes_[at].greedy == kNone) {
        nodes_[at].greedy = static_cast<std::uint32_t>(resources_.size());
        resources_.emplace_back();
      }
      resource = nodes_[at].greedy;
      break;
    }
    if (nodes_[at].parameter == kNone) {
      const auto next = static_cast<std::uint32_t>(nodes_.size());
      nodes_[at].parameter = next;
      nodes_.emplace_back();
    }
    at = nodes_[at].parameter;
  }
  if (resource == kNone) {
    if (nodes_[at].resource == kNone) {
      nodes_[at].resource = static_cast<std::uint32_t>(resources_.size());
      resources_.emplace_back();
    }
    resource = nodes_[at].resource;
  }
  std::uint32_t& slot = resources_[resource].routes[key.any_method ? kAny : static_cast<std::size_t>(key.method)];
  if (slot != kNone) return conflict(keys[slot], key, "match the same requests: keep one of them");
  slot = route;

  route_names_.resize(std::max<std::size_t>(route_names_.size(), route + std::size_t{1}));
  route_names_[route].first = static_cast<std::uint32_t>(names_.size());
  for (std::string& name : key.path.parameters()) names_.push_back(std::move(name));
  route_names_[route].count = static_cast<std::uint32_t>(names_.size()) - route_names_[route].first;
  return {};
}

bool Tree::find(std::string_view path, const Reading& reading, Match& out) const noexcept {
  Walk walk{reading, out};
  if (!descend(walk, 0, path, 0)) return false;
  const Names names = route_names_[out.route];
  out.capture_count = names.count;
  for (std::uint32_t i = 0; i < names.count; ++i) out.captures[i].name = names_[names.first + i];
  return true;
}

bool Tree::descend(Walk& walk, std::uint32_t node, std::string_view rest, std::uint32_t captured) const noexcept {
  const Node& here = nodes_[node];
  std::size_t end = 0;
  std::string_view segment;
  for (;; rest.remove_prefix(end)) {
    if (rest.empty()) return walk.reading.full && take(walk, here.resource);
    end = std::min(rest.find('/', 1), rest.size());
    segment = rest.substr(1, end - 1);
    if (!walk.reading.bare) break;
    const std::string_view name = until_semicolon(segment);
    if (name.size() != segment.size() && here.literals) {
      const std::uint32_t child = literals_.find_encoded(node, segment);
      if (child != kNone && descend(walk, child, rest.substr(end), captured)) return true;
      if (walk.ended) return false;
    }
    segment = name;
    if (!segment.empty()) break;
  }
  if (!segment.empty()) {
    if (here.literals) {
      const std::uint32_t child = literals_.find_encoded(node, segment);
      if (child != kNone && descend(walk, child, rest.substr(end), captured)) return true;
      if (walk.ended) return false;
    }
    if (here.parameter != kNone) {
      std::construct_at(walk.out.captures.data() + captured, Capture{{}, segment});
      if (descend(walk, here.parameter, rest.substr(end), captured + 1)) return true;
      if (walk.ended) return false;
    }
  }
  if (here.greedy == kNone || !walk.reading.greedy) return false;
  std::string_view value = rest.substr(1);
  while (!value.empty() && value.back() == '/') value.remove_suffix(1);
  if (value.empty()) return false;
  std::construct_at(walk.out.captures.data() + captured, Capture{{}, value});
  return take(walk, here.greedy);
}

bool Tree::take(Walk& walk, std::uint32_t resource) const noexcept {
  if (resource == kNone) return false;
  const std::uint32_t route = resources_[resource].serves(walk.reading.method);
  if (route == kNone) {
    walk.ended = !walk.reading.fallthrough;
    return false;
  }
  walk.out.route = route;
  return true;
}

}  // namespace gatehouse::routing
