#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace gatehouse::routing {

inline constexpr std::size_t kMaxPatternBytes = 2048;
inline constexpr std::size_t kMaxSegments = 64;
inline constexpr std::size_t kMaxLiteralBytes = 512;
inline constexpr std::size_t kMaxCaptures = 16;  // a pattern with more parameters is refused at load

/// One segment of a path pattern.
struct Segment {
  enum class Kind : std::uint8_t { Literal, Parameter, Greedy } kind = Kind::Literal;
  /// A literal with its escapes decoded (`caf%C3%A9` is `café`), or the parameter's name. A literal is compared with
  /// the decoded segment of a normalised path, so that `a%3Ab` cannot slip past the route `/a:b` to a less specific
  /// one.
  std::string text;
};

/// A path pattern of a route: `/orders/{id}`, `/files/{path+}`. Rules AT-10, AT-11. Immutable after parse(). [any]
struct PathPattern {
  std::string text;               // as written
  std::vector<Segment> segments;  // none for `/`

  /// Which syntax is allowed. Rest: letters, digits and `_-.,:`. Http: whatever RFC 3986 allows in a segment, also
  /// percent-encoded, and UTF-8, which is the same as its escapes.
  enum class Syntax : std::uint8_t { Rest, Http };
  /// Takes a pattern as the operator wrote it. Refuses with Code::Invalid what could never match a normalised path
  /// (empty and dot segments, encoded slash, backslash or control bytes), a slash at the end, partial segments such as
  /// `a{b}`, a greedy segment that is not the last, a parameter name used twice; with Code::Limit what is beyond the
  /// constants above.
  static Result<PathPattern> parse(std::string_view text, Syntax syntax);
  /// The names of its parameters in their order, the greedy one without its `+`.
  std::vector<std::string> parameters() const;
};

/// Decodes percent-escapes, which must be well formed, into `out`, at most `room` bytes. Returns the length, or `room`
/// + 1 when it does not fit. Nothing but escapes changes: a `+` stays. [any]
std::size_t decode_segment(std::string_view segment, char* out, std::size_t room) noexcept;

/// True when what stands behind us may read other segments in a normalised path than are there: see table.hpp. [any]
bool is_ambiguous(std::string_view path) noexcept;
/// A segment of a normalised path up to its first `;`, raw or escaped. [any]
std::string_view until_semicolon(std::string_view segment) noexcept;

}  // namespace gatehouse::routing
