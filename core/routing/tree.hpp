#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "routing/segment_index.hpp"
#include "routing/table.hpp"

namespace gatehouse::routing {

/// The tree behind both tables: a node for each prefix of the patterns, a resource for each pattern, routes on it by
/// method. Built by a table's compile(), then only read.
class Tree {
 public:
  Tree() : nodes_(1) {}

  /// [setup] Puts a key's route in its place. `one_variable`: AT-11's at most one variable part a node. Code::Conflict
  /// names both keys.
  Result<void> add(const RouteKey& key, std::uint32_t route, const std::vector<RouteKey>& keys, bool one_variable);

  /// How a path is read and which resources count.
  struct Reading {
    http::Method method;
    bool full = true;         // resources without a greedy segment count
    bool greedy = true;       // resources with one count
    bool bare = false;        // no `;` and what follows in a segment, no empty segments
    bool fallthrough = true;  // false: a matching resource without the method ends the search
  };
  /// Walks in the order of AT-13: literal, parameter, greedy, segment by segment, and goes back when a branch has
  /// nothing for the method. `path` is empty or begins with '/'; a slash at its end is an empty segment. [any] No
  /// allocation.
  bool find(std::string_view path, const Reading& reading, Match& out) const noexcept;

  /// One resource's routes by method; kAny is ANY's.
  static constexpr std::size_t kAny = http::kMethods;
  struct Resource {
    std::array<std::uint32_t, http::kMethods + 1> routes;
    Resource() { routes.fill(kNone); }
    std::uint32_t serves(http::Method method) const noexcept {
      const std::uint32_t exact = routes[static_cast<std::size_t>(method)];
      return exact != kNone ? exact : routes[kAny];
    }
  };
  const std::vector<Resource>& resources() const noexcept { return resources_; }

 private:
  struct Node {
    std::uint32_t parameter = kNone;    // node
    std::uint32_t resource = kNone;     // the pattern that ends here
    std::uint32_t greedy = kNone;       // resource of the pattern that ends here with a greedy segment
    std::uint32_t variable_by = kNone;  // route that brought the first variable part
    bool literals = false;
  };
  struct Walk {
    const Reading& reading;
    Match& out;
    bool ended = false;
  };
  struct Names {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  bool descend(Walk& walk, std::uint32_t node, std::string_view rest, std::uint32_t captured) const noexcept;
  bool take(Walk& walk, std::uint32_t resource) const noexcept;

  std::vector<Node> nodes_;
  std::vector<Resource> resources_;
  SegmentIndex literals_;
  std::vector<Names> route_names_;  // by route
  std::vector<std::string> names_;
};

/// Without the slashes at its end; a run at its beginning becomes one slash. "" for the root.
std::string_view trim_slashes(std::string_view path) noexcept;

}  // namespace gatehouse::routing
