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
  static Result<RouteKey> parse(std::string_view text, PathPattern::Syntax syntax);
};

/// A value that the path gave to a parameter: a view into the path that was matched, not decoded.
struct Capture {
  std::string_view name;
  std::string_view value;
};
inline constexpr std::size_t kMaxCaptures = 16;  // a pattern with more parameters is refused at load

struct Match {
  std::uint32_t route = 0;  // index into the keys given to compile()
  std::uint32_t capture_count = 0;
  std::array<Capture, kMaxCaptures> captures;
};

/// The routes of one REST API (AT-10 to AT-1D): selection on the (resource, method) pair, with full backtracking.
class RestTable {
 public:
  /// Refuses duplicates, two parameter names at one node (AT-11), children below a greedy segment; the error's text names both keys.
  static Result<RestTable> compile(const std::vector<RouteKey>& keys);
  /// Finds the route for a normalised path inside the stage. `fallthrough` false: the setting rest_method_fallthrough is
  /// off (AT-16): a matching resource without the verb ends the search. False when nothing matches (AT-18). [any] Linear
  /// in the path's length times at most the number of parameter alternatives on it; no allocation.
  bool find(http::Method method, std::string_view path, bool fallthrough, Match& out) const noexcept;
  /// AT-16: pairs (protected route, open fall-through route) that deserve a warning at load: for a method that the first's
  /// resource lacks, a less specific route answers.
  struct Fallthrough {
    std::uint32_t resource_route;
    std::uint32_t served_by;
    http::Method method;
  };
  std::vector<Fallthrough> fallthroughs() const;
  RestTable(RestTable&&) noexcept;
  RestTable& operator=(RestTable&&) noexcept;
  ~RestTable();

 private:
  RestTable();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The routes of one HTTP API (AT-20 to AT-26).
class HttpTable {
 public:
  static Result<HttpTable> compile(const std::vector<RouteKey>& keys);
  bool find(http::Method method, std::string_view path, Match& out) const noexcept;
  HttpTable(HttpTable&&) noexcept;
  HttpTable& operator=(HttpTable&&) noexcept;
  ~HttpTable();

 private:
  HttpTable();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::routing
