#include "access/event.hpp"

#include <algorithm>

#include "access/event/kinds.hpp"

namespace gatehouse::access {
namespace {

struct Writer {
  void (*head)(event::JsonText&, const Facts&);
  void (*shared)(event::JsonText&, const Facts&, base::Arena&);
};

Writer writer(EventKind kind) noexcept {
  switch (kind) {
    case EventKind::Token:
      return {event::token_head, nullptr};
    case EventKind::Rest:
      return {event::rest_head, event::rest_shared};
    case EventKind::HttpV1:
      return {event::http_v1_head, event::http_v1_shared};
    case EventKind::HttpV2:
      return {event::http_v2_head, event::http_v2_shared};
    case EventKind::WebsocketConnect:
      return {event::websocket_head, event::websocket_shared};
  }
  return {event::token_head, nullptr};
}

bool same(std::span<const IdentityValue> a, std::span<const IdentityValue> b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const IdentityValue& x, const IdentityValue& y) {
    return x.present == y.present && x.value == y.value;
  });
}

bool heeds_identity(EventKind kind) noexcept {
  return kind == EventKind::Token || kind == EventKind::HttpV1 || kind == EventKind::HttpV2;
}

// Room for most requests, so that nothing is written twice: every header and parameter stands in two maps at most.
std::size_t expected_bytes(EventKind kind, const Facts& facts) noexcept {
  std::size_t bytes = 256 + facts.arn.size();
  for (const IdentityValue& value : facts.identity) bytes += 2 * value.value.size();
  if (kind == EventKind::Token) return bytes;
  for (const NamedValue& each : facts.stage_variables) bytes += each.name.size() + each.value.size() + 6;
  std::size_t sent = facts.target->raw_query.size() + 2 * facts.target->path.size();
  for (const http::Header& header : facts.request->headers) sent += header.name.size() + header.value.size() + 8;
  return bytes + 1024 + (kind == EventKind::HttpV2 ? 1 : 2) * sent;
}

}  // namespace

EventKind event_kind(ApiType type, bool token, bool payload_v1) noexcept {
  if (token) return EventKind::Token;
  switch (type) {
    case ApiType::Rest:
      return EventKind::Rest;
    case ApiType::Websocket:
      return EventKind::WebsocketConnect;
    case ApiType::Http:
      break;
  }
  return payload_v1 ? EventKind::HttpV1 : EventKind::HttpV2;
}

std::optional<std::string_view> build_event(EventKind kind, const Facts& facts, base::Arena& arena) {
  const BuiltEvent* known = facts.event != nullptr && facts.event->kind == kind ? facts.event : nullptr;
  if (known != nullptr && (!heeds_identity(kind) || same(known->identity, facts.identity))) return known->text;
  const Writer write = writer(kind);
  event::JsonText json(arena, expected_bytes(kind, facts), kMaxEventBytes);
  json.open_object();
  write.head(json, facts);
  const std::size_t shared = json.size();
  if (known != nullptr) {
    json.append(known->text.substr(known->shared));
  } else {
    if (write.shared != nullptr) write.shared(json, facts, arena);
    json.close_object();
  }
  if (json.overflowed()) return std::nullopt;
  facts.event = arena.make<BuiltEvent>(BuiltEvent{kind, json.text(), shared, facts.identity});
  return json.text();
}

}  // namespace gatehouse::access
