#include "conformance/request.hpp"

#include <cstring>
#include <string_view>

#include "base/text.hpp"

namespace gatehouse::conformance {
namespace {

std::string_view view(const gh_str& s) noexcept {
  return s.ptr == nullptr ? std::string_view() : std::string_view(s.ptr, s.len);
}

std::string event_of(const Sample& s) {
  std::string out = R"({"version":"2.0","type":"REQUEST","routeKey":"$default","rawPath":)";
  base::append_json_string(out, s.path);
  out += R"(,"rawQueryString":)";
  base::append_json_string(out, s.raw_query);
  out += R"(,"headers":{)";
  for (std::size_t i = 0; i < s.headers.size(); ++i) {
    if (i > 0) out += ',';
    base::append_json_string(out, s.headers[i].first);
    out += ':';
    base::append_json_string(out, s.headers[i].second);
  }
  out += R"(},"requestContext":{"accountId":"123456789012","apiId":"check","stage":"prod","http":{"method":)";
  base::append_json_string(out, s.method);
  out += R"(,"sourceIp":)";
  base::append_json_string(out, s.source_ip);
  return out + "}}}";
}

}  // namespace

gh_kvs Request::list(const Pairs& pairs) {
  auto* const items = memory_.array<gh_kv>(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i)
    items[i] = gh_kv{memory_.text(pairs[i].first), memory_.text(pairs[i].second)};
  return {pairs.empty() ? nullptr : items, pairs.size()};
}

Request::Request(const Sample& sample, std::uint32_t needs, Memory::Kind kind)
    : memory_(kind), c_(static_cast<gh_request*>(memory_.room(sizeof(gh_request)))) {
  gh_request& r = *c_;
  const auto text = [&](std::string_view s) { return memory_.text(sample.absent_texts ? std::string_view() : s); };
  r.struct_size = sizeof r;
  r.api_type = sample.api_type;
  r.time_unix_ms = 1'767'225'600'000;  // 2026-01-01T00:00:00Z, as the clock service says
  r.worker = GH_WORKER_NONE;
  r.given = needs;
  r.connection_id = 1;
  r.peer_port = 49152;
  r.local_port = 443;
  r.tls = 1;
  r.request_id = text("JKJaXmPLvHcESHA=");
  r.account_id = text("123456789012");
  r.region = text("eu-central-1");
  r.api_id = text("check");
  r.stage = text("prod");
  r.route_key = text(sample.api_type == GH_API_WEBSOCKET ? "$connect" : sample.method + " /orders/{id}");
  r.resource_path = text("/orders/{id}");
  r.arn = text("arn:aws:execute-api:eu-central-1:123456789012:check/prod/" + sample.method + sample.path);
  r.action = text("execute-api:Invoke");
  r.method = memory_.text(sample.method);
  r.scheme = text("https");
  r.authority = text("api.example.com:443");
  r.domain = text("api.example.com");
  r.wire_path = text("/prod" + sample.path);
  r.path = memory_.text(sample.path);
  r.api_path = memory_.text(sample.path);
  r.raw_query = text(sample.raw_query);
  r.http_version = text("1.1");
  r.source_ip = memory_.text(sample.source_ip);
  r.peer_ip = memory_.text(sample.source_ip);
  r.listener = text("public");
  if (!sample.token.empty()) r.token = memory_.text(sample.token);
  if ((needs & GH_NEED_EVENT) != 0) r.event = memory_.text(event_of(sample));

  headers_ = list(sample.headers);
  auto* const identity = memory_.array<gh_kv>(1);
  identity->key = memory_.text("$request.header.Authorization");
  for (const auto& [name, value] : sample.headers)
    if (name == "authorization" && identity->val.ptr == nullptr) identity->val = memory_.text(value);
  r.identity = {identity, 1};
  if ((needs & GH_NEED_HEADERS) != 0) r.headers = headers_;
  if ((needs & GH_NEED_QUERY) != 0) r.query = list(sample.query);
  if ((needs & GH_NEED_PATH_PARAMS) != 0) r.path_params = list(sample.path_params);
  if ((needs & GH_NEED_STAGE_VARS) != 0) r.stage_vars = list({{"tier", "gold"}});
  if ((needs & GH_NEED_CLIENT_CERT) != 0)
    r.client_cert = list({{"subject_dn", "CN=client.example.com"},
                          {"issuer_dn", "CN=Example CA"},
                          {"serial_number", "4096"},
                          {"not_before", "Jan  1 00:00:00 2026 GMT"},
                          {"not_after", "Jan  1 00:00:00 2027 GMT"}});
  if ((needs & GH_NEED_SCOPES) != 0) {
    auto* const scopes = memory_.array<gh_str>(1);
    *scopes = memory_.text("orders/read");
    r.scopes = {scopes, 1};
  }
  r.impl = this;
  r.header = &Request::header;
  r.attr = &Request::attr;
}

std::int32_t GH_CALL Request::header(const gh_request* r, const gh_str* name, std::size_t index, gh_str* out) noexcept {
  if (name == nullptr || out == nullptr) return GH_E_INVALID;
  const gh_kvs& all = static_cast<const Request*>(r->impl)->headers_;
  for (std::size_t i = 0; i < all.count; ++i)
    if (view(all.items[i].key) == view(*name) && index-- == 0) {
      *out = all.items[i].val;
      return GH_OK;
    }
  return GH_E_NOTFOUND;
}

std::int32_t GH_CALL Request::attr(const gh_request*, const gh_str* name, gh_str* out) noexcept {
  if (name == nullptr || out == nullptr) return GH_E_INVALID;
  static constexpr char kVersion[] = "TLSv1.3";
  if (view(*name) != "tls.version") return GH_E_NOTFOUND;
  *out = {kVersion, sizeof kVersion - 1};
  return GH_OK;
}

}  // namespace gatehouse::conformance
