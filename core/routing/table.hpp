#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "http/method.hpp"
#include "routing/pattern.hpp"

namespace gatehouse::routing {

/// A route key: `GET /orders/{id}`, `ANY /{proxy+}`, `$default` (HTTP APIs only; AT-20).
struct RouteKey {
  std::string text;
  bool is_default = false;
  bool any_method = false;
  http::Method method = http::Method::Get;
  PathPattern path;
  /// Takes a key as written: a method in capitals or `ANY`, one blank, a path pattern; or `$default`. Code::Invalid for
  /// anything else, and what PathPattern::parse refuses.
  static Result<RouteKey> parse(std::string_view text, PathPattern::Syntax syntax);
};

/// A value that the path gave to a parameter: a view into the path that was matched, not decoded. Never empty.
struct Capture {
  std::string_view name;
  std::string_view value;
};

struct Match {
  Match() noexcept {}
  std::uint32_t route = 0;  // index into the keys given to compile()
  std::uint32_t capture_count = 0;
  union {
    std::array<Capture, kMaxCaptures> captures;  // only the first capture_count are alive: making a Match costs nothing
  };
};

/// A pair (route, fall-through route) that deserves a warning at load when the second is less protected (AT-16): for a
/// method that the first's resource lacks, the second answers a path of the first.
struct Fallthrough {
  std::uint32_t resource_route;
  std::uint32_t served_by;
  http::Method method;
};

// What both tables do:
//
// Literals are compared on the normalised path, both sides percent-decoded. An empty segment (a doubled slash) is
// matched by a greedy parameter only, whose capture keeps it and drops slashes at its end (section 2.3).
//
// Slashes that no resource has are ambiguous to what stands behind us, so a path that has them must mean the same route
// with its slashes collapsed, or it is not found: `/admin//users` and an HTTP API's `/admin/` never reach an open
// `/{proxy+}` around the protected `/admin/users` and `/admin`.
//
// So is a `;`, raw or as `%3B`: servlet containers drop it with what follows in its segment. A path that has one must
// mean the same route without: `/admin;x` and `/admin/;x` never reach `/{proxy+}` around `/admin`. A segment that is a
// route's literal, `;` and all, is meant as it stands.
//
// Cost: one hash lookup for each segment, whatever the number of routes. Going back (AT-15) can visit each node of the
// tree once a walk at most, and more than one path through it only where literal and parameter siblings both go on: a
// request costs more than its length only in a tree that was configured that way.

/// The routes of one REST API (AT-10 to AT-1D): selection on the (resource, method) pair, with full backtracking.
/// A run of slashes at either end of the path counts as one, at the end as none (AT-1D, section 2.3).
class RestTable {
 public:
  /// [setup] Refuses with Code::Conflict duplicates and two different variable parts at one node, also `{a}` beside
  /// `{a+}` (AT-11); with Code::Invalid `$default`. The error's text names both keys.
  static Result<RestTable> compile(const std::vector<RouteKey>& keys);
  /// Finds the route for a normalised path inside the stage. `fallthrough` false: the setting rest_method_fallthrough
  /// is off (AT-16): a matching resource without the verb ends the search. False when nothing matches (AT-18) and when
  /// the path does not begin with '/'. [any] No allocation.
  bool find(http::Method method, std::string_view path, bool fallthrough, Match& out) const noexcept;
  /// Each pair once, with the first such method. [setup]
  std::vector<Fallthrough> fallthroughs() const;
  RestTable(RestTable&&) noexcept;
  RestTable& operator=(RestTable&&) noexcept;
  ~RestTable();

 private:
  RestTable();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The routes of one HTTP API (AT-20 to AT-26). A full match by literals and `{p}` wins over any greedy one, and
/// `$default` takes the rest. [U] What AWS does with a slash at the end is not known (AT-26): here `/orders/` is not
/// `/orders`; it is found only by a greedy route or `$default`, and only if `/orders` has no better one.
class HttpTable {
 public:
  /// [setup] Refuses with Code::Conflict two keys that can match the same requests with the same rank, whatever they
  /// call their parameters. The error's text names both.
  static Result<HttpTable> compile(const std::vector<RouteKey>& keys);
  /// As RestTable::find(). [any] No allocation.
  bool find(http::Method method, std::string_view path, Match& out) const noexcept;
  /// Each pair once, with the first such method; greedy routes and `$default` answer for others (AT-22). [setup]
  std::vector<Fallthrough> fallthroughs() const;
  HttpTable(HttpTable&&) noexcept;
  HttpTable& operator=(HttpTable&&) noexcept;
  ~HttpTable();

 private:
  HttpTable();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::routing
