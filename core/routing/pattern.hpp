#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace gatehouse::routing {

/// One segment of a path pattern.
struct Segment {
  enum class Kind : std::uint8_t { Literal, Parameter, Greedy } kind = Kind::Literal;
  std::string text;  // literal text, or the parameter's name
};

/// A path pattern of a route: `/orders/{id}`, `/files/{path+}`. Rules AT-10, AT-11.
struct PathPattern {
  std::string text;
  std::vector<Segment> segments;
  /// Which syntax is allowed: REST's path parts are narrower than HTTP API's.
  enum class Syntax : std::uint8_t { Rest, Http };
  static Result<PathPattern> parse(std::string_view text, Syntax syntax);
  std::vector<std::string> parameters() const;
};

}  // namespace gatehouse::routing
