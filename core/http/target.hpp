#pragma once
#include <cstdint>
#include <string_view>

#include "base/arena.hpp"
#include "base/error.hpp"

namespace gatehouse::http {

/// The setting `request_path` (spec AT-1E). Encoded backslash and NUL are refused whatever it says.
struct PathRules {
  enum class Dots : std::uint8_t { Reject, Remove };
  enum class EncodedSlash : std::uint8_t { Reject, Keep };
  Dots dot_segments = Dots::Reject;
  EncodedSlash encoded_slash = EncodedSlash::Reject;
};

/// What a request asks for. `wire_path` is what came; `path` is its one normalised form: routed, judged, logged and
/// forwarded alike, so that no two parts of the server read it differently.
struct Target {
  std::string_view wire_path;  // without the query; "/" for an empty one
  std::string_view path;       // begins with '/'
  std::string_view raw_query;  // without '?'; as received
  bool has_query = false;      // `/a?` has an empty one
};

/// Splits and normalises the path of an origin-form target (RFC 9112, 3.2.1; spec AT-1E, LA-41):
/// percent-encoded unreserved characters (RFC 3986, 2.3) are decoded once, other escapes get upper-case hex, every
/// other byte stays. Refuses (Code::Invalid): a target that does not begin with '/', an escape that is not two hex
/// digits, encoded NUL, control byte or backslash, a raw backslash, encoded slash and dot segments (plain or encoded,
/// also with mixed escapes) unless the rules keep or remove them, escapes that do not decode to UTF-8, '#', and bytes
/// outside 0x21..0x7E. Refused whatever the rules say, since servers differ about them: a dot segment that ends at an
/// encoded slash (`..%2Fa`) or that carries parameters (`..;a`).
/// Leading and doubled slashes are kept: the API type's routing decides what they mean (spec 2.3).
/// The views point into `origin_form` where nothing changed, else into `arena`.
Result<Target> parse_target(std::string_view origin_form, const PathRules& rules, base::Arena& arena);

/// False when a `|`, `{` or `}` stands in the query as itself: a REST API answers 400, as AWS does (spec 2.3).
bool is_encoded_query(std::string_view raw_query) noexcept;

}  // namespace gatehouse::http
