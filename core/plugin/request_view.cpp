#include "plugin/request_view.hpp"

#include <cstring>

#include "access/query.hpp"
#include "base/short_text.hpp"
#include "base/text.hpp"

namespace gatehouse::plugin {
namespace {

gh_str raw(std::string_view s) noexcept {
  return {s.data() != nullptr ? s.data() : "", s.size()};
}
std::string_view view(const gh_str& s) noexcept {
  return {s.ptr, s.len};
}

std::uint32_t api_bit(access::ApiType type) noexcept {
  switch (type) {
    case access::ApiType::Rest:
      return GH_API_REST;
    case access::ApiType::Http:
      return GH_API_HTTP;
    case access::ApiType::Websocket:
      return GH_API_WEBSOCKET;
  }
  return 0;
}

void lower_into(char* to, std::string_view from) noexcept {
  std::size_t at = 0;
  for (; at + 8 <= from.size(); at += 8) {
    const std::uint64_t word = base::lower8(base::load8(from.data() + at));
    std::memcpy(to + at, &word, 8);
  }
  for (; at < from.size(); ++at) to[at] = base::to_lower(from[at]);
}

// Lines that Connection names are left out: they are not forwarded, and what is judged is what is sent.
gh_kvs build_headers(const http::Headers& headers, base::Arena& arena) {
  const auto all = headers.all();
  std::size_t bytes = 0;
  for (const http::Header& h : all) bytes += h.name.size();
  char* names = static_cast<char*>(arena.allocate(bytes, 1));
  auto* items = static_cast<gh_kv*>(arena.allocate(sizeof(gh_kv) * all.size(), alignof(gh_kv)));
  std::size_t count = 0;
  for (const http::Header& h : all) {
    if (h.listed_in_connection) continue;
    lower_into(names, h.name);
    items[count++] = {{names, h.name.size()}, raw(h.value)};
    names += h.name.size();
  }
  return {items, count};
}

gh_kvs build_query(std::string_view query, bool semicolons, base::Arena& arena) {
  access::RawParameter parameter;
  std::size_t count = 0;
  for (std::string_view rest = query; access::next_parameter(rest, semicolons, parameter);) ++count;
  const auto items = arena.array<gh_kv>(count);
  for (gh_kv& item : items) {
    access::next_parameter(query, semicolons, parameter);
    item = {raw(access::form_decode(parameter.name, arena)), raw(access::form_decode(parameter.value, arena))};
  }
  return {items.data(), items.size()};
}

gh_kvs build_named(std::span<const access::NamedValue> values, base::Arena& arena) {
  const auto items = arena.array<gh_kv>(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) items[i] = {raw(values[i].name), raw(values[i].value)};
  return {items.data(), items.size()};
}

std::int32_t GH_CALL find_header(const gh_request* request, const gh_str* name, std::size_t index,
                                 gh_str* out) noexcept {
  const auto* self = static_cast<const RequestView*>(request->impl);
  if (name == nullptr || name->ptr == nullptr || name->len == 0 || out == nullptr) return GH_E_INVALID;
  const std::string_view wanted = view(*name);
  for (const http::Header& h : self->headers->all()) {
    if (h.name.size() != wanted.size() || h.listed_in_connection ||
        !base::equals_lower(h.name.data(), wanted.data(), wanted.size()))
      continue;
    if (index-- > 0) continue;
    *out = raw(h.value);
    return GH_OK;
  }
  return GH_E_NOTFOUND;
}

// This version knows no rarer facts: TLS, PROXY protocol and WebSocket connections bring them.
std::int32_t GH_CALL find_attribute(const gh_request*, const gh_str* name, gh_str* out) noexcept {
  return name == nullptr || name->ptr == nullptr || out == nullptr ? GH_E_INVALID : GH_E_NOTFOUND;
}

}  // namespace

void RequestView::fill(const access::Facts& facts, std::uint32_t needs, bool token, base::Arena& arena) {
  const http::RequestHead& head = *facts.request;
  const http::ConnectionFacts& connection = *facts.connection;
  headers = &head.headers;
  // Every member, one by one: clearing the whole first costs more than all of it.
  c.call_id = c.deadline_ns = 0;
  c.worker = GH_WORKER_NONE;
  c.zero = 0;
  c.token = c.event = {nullptr, 0};
  c.identity = c.headers = c.query = c.path_params = c.stage_vars = c.client_cert = {nullptr, 0};
  c.scopes = {nullptr, 0};
  c.struct_size = sizeof c;
  c.api_type = api_bit(facts.api_type);
  c.time_unix_ms = facts.time_unix_ms;
  c.given = needs & ~GH_NEED_EVENT;
  c.connection_id = connection.id;
  c.peer_port = connection.peer_port;
  c.local_port = connection.local_port;
  c.tls = connection.tls ? 1 : 0;
  c.request_id = raw(facts.request_id);
  c.account_id = raw(facts.account_id);
  c.region = raw(facts.region);
  c.api_id = raw(facts.api_id);
  c.stage = raw(facts.stage);
  c.route_key = raw(facts.route_key);
  c.resource_path = raw(facts.resource_path);
  c.arn = raw(facts.arn);
  c.action = raw(facts.action);
  c.method = raw(http::name(head.method));
  c.scheme = raw(connection.tls ? std::string_view("https") : std::string_view("http"));
  c.authority = raw(head.authority);
  c.domain = raw(facts.domain);
  c.wire_path = raw(facts.target->wire_path);
  c.path = raw(facts.target->path);
  c.api_path = raw(facts.api_path);
  c.raw_query = raw(facts.target->raw_query);
  c.http_version = raw(head.minor_version == 0 ? std::string_view("1.0") : std::string_view("1.1"));
  c.source_ip = raw(facts.source_ip_text);
  c.peer_ip = raw(connection.peer_text);
  c.listener = raw(connection.listener);
  if (!facts.identity.empty()) {
    const auto items = arena.array<gh_kv>(facts.identity.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      const access::IdentityValue& v = facts.identity[i];
      items[i] = {raw(v.source), v.present ? raw(v.value) : gh_str{nullptr, 0}};
    }
    c.identity = {items.data(), items.size()};
    if (token) c.token = items[0].val;
  }
  if ((needs & GH_NEED_HEADERS) != 0) c.headers = build_headers(head.headers, arena);
  if ((needs & GH_NEED_QUERY) != 0)
    c.query = build_query(facts.target->raw_query, facts.api_type == access::ApiType::Rest, arena);
  if ((needs & GH_NEED_PATH_PARAMS) != 0) c.path_params = build_named(facts.path_parameters, arena);
  if ((needs & GH_NEED_STAGE_VARS) != 0) c.stage_vars = build_named(facts.stage_variables, arena);
  if ((needs & GH_NEED_SCOPES) != 0) {
    const auto items = arena.array<gh_str>(facts.route_scopes.size());
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = raw(facts.route_scopes[i]);
    c.scopes = {items.data(), items.size()};
  }
  c.impl = this;
  c.header = &find_header;
  c.attr = &find_attribute;
}

bool RequestView::fill_event(const access::Facts& facts, access::EventKind kind, base::Arena& arena) {
  const auto event = access::build_event(kind, facts, arena);
  if (!event) return false;
  c.event = raw(*event);
  c.given |= GH_NEED_EVENT;
  return true;
}

}  // namespace gatehouse::plugin
