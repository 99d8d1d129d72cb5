#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "access/facts.hpp"
#include "base/arena.hpp"

namespace gatehouse::access {

/// The AWS events that an authorizer can be given (spec lambda-authorizers sections 5 to 9).
enum class EventKind : std::uint8_t {
  Token,             // REST, `type: token`
  Rest,              // REST, `type: request`
  HttpV1,            // HTTP API, payload_format_version 1.0
  HttpV2,            // HTTP API, payload_format_version 2.0
  WebsocketConnect,  // WebSocket API, $connect
};
/// `payload_v1` matters for HTTP APIs only. [any]
EventKind event_kind(ApiType type, bool token, bool payload_v1) noexcept;

/// An event is at most this long: a request whose event would be longer has none.
inline constexpr std::size_t kMaxEventBytes = 1 << 20;

/// An event as JSON text in the request's arena. What stands before `shared` depends on the identity sources of the
/// authorizer that it was made for, what follows is the same for all that take this kind.
struct BuiltEvent {
  EventKind kind{};
  std::string_view text;
  std::size_t shared = 0;
  std::span<const IdentityValue> identity;
};

/// The event of that kind for the authorizer whose `facts.identity` it is: one JSON object (RFC 8259) in UTF-8, no
/// member twice, no blank. Nothing when it would be longer than kMaxEventBytes.
///
/// - Paths are the normalised one (http::Target) wherever AWS has the path as sent: what a function judges is what was
///   routed and is forwarded. It differs from the sent one in escapes of unreserved characters and in their case only.
/// - Bytes that are not UTF-8 read U+FFFD, one each; two names that read the same then are one name.
/// - Headers that Connection names are left out: they are not forwarded.
/// - Header names that differ in case are one header, shown as first sent (REST, WebSocket) or in lower case (HTTP).
///
/// Built once per request and kept in `facts.event`: a second authorizer gets the same text, or one whose beginning
/// alone is written anew when its identity sources are others.
/// Takes facts with `request` and `target`. [loop] Asks the arena only, for memory in proportion to the request.
std::optional<std::string_view> build_event(EventKind kind, const Facts& facts, base::Arena& arena);

}  // namespace gatehouse::access
