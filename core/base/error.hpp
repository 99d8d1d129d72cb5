#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

/// Errors of the world (a request, the network, a file, a plugin) as values. Our own bugs are asserts.
namespace gatehouse {

/// What went wrong, for code to compare. Never compare texts.
enum class Code : std::uint8_t {
  Invalid,      // malformed input: bytes, YAML, JSON, a pattern
  NotFound,     // a file, a name, a route that does not exist
  Conflict,     // two things that exclude one another
  Unsupported,  // well formed, but not something this build does
  Limit,        // too large, too many, too deep
  Refused,      // not permitted: file owner or mode, ABI, a peer
  Timeout,
  Unavailable,  // a peer or resource that is not there now
  Io,           // the operating system said no; the text names the call
  Internal,     // a promise of ours that did not hold
};

/// Where in a text of the operator's something stands; line and column count from 1, 0 = unknown.
struct Where {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  /// `file:line:column`, shorter where parts are unknown; empty when all are.
  std::string text() const;
};

/// One error. `text` is for the log and the operator, never for a client: lower case, no full stop, the user's words in
/// backticks, and what to do about it.
struct Error {
  Code code = Code::Internal;
  std::string text;
  Where where;

  /// The same error, standing at a place.
  Error at(Where place) && {
    where = std::move(place);
    return std::move(*this);
  }
  /// `where: text`.
  std::string what() const;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Code code, std::string text) {
  return tl::unexpected<Error>(Error{code, std::move(text), {}});
}

std::string_view name(Code code) noexcept;

}  // namespace gatehouse
