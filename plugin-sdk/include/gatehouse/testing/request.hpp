// gatehouse/testing/request.hpp -- requests for tests: built by hand, or from a sample of an AWS event. Part of
// testing.hpp.
#pragma once
#include <gatehouse/abi.h>
#include <gatehouse/testing/json.hpp>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::testing {

/// One request as the gateway would show it. Every member may be set; what a plugin reads is copied for each call.
struct TestRequest {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  std::uint32_t api_type = GH_API_HTTP;
  std::string method = "GET", path = "/", scheme = "https", http_version = "1.1";
  std::string wire_path, api_path;  // empty: as `path`
  std::string raw_query, authority = "api.example.com", source_ip = "203.0.113.7", peer_ip, listener = "public";
  std::string account_id = "000000000000", region = "us-east-1", api_id = "testapi000", stage = "$default";
  std::string route_key = "$default", resource_path, arn, request_id = "00000000-0000-4000-8000-000000000001";
  std::string event;
  std::optional<std::string> token;
  bool tls = true;
  std::optional<std::int64_t> time_unix_ms;  // unset: the harness's clock
  Pairs headers, query_values, path_params, stage_vars, client_cert, attributes;
  std::vector<std::pair<std::string, std::optional<std::string>>> identity;
  std::vector<std::string> scopes;
  std::string body;
  std::int32_t body_status = GH_OK;

  /// Another value when the name is there already.
  TestRequest& header(std::string_view name, std::string_view value) { return add(headers, name, value); }
  TestRequest& query(std::string_view name, std::string_view value) {
    if (!raw_query.empty()) raw_query += '&';
    raw_query += escaped(name) + '=' + escaped(value);
    return add(query_values, name, value);
  }
  TestRequest& path_param(std::string_view name, std::string_view value) { return add(path_params, name, value); }
  TestRequest& stage_var(std::string_view name, std::string_view value) { return add(stage_vars, name, value); }
  /// A fact for attr(): "tls.sni".
  TestRequest& attribute(std::string_view name, std::string_view value) { return add(attributes, name, value); }
  TestRequest& source(std::string_view ip) {
    source_ip = std::string(ip);
    return *this;
  }
  /// An identity source as the configuration names it, with its value.
  TestRequest& identity_source(std::string_view name, std::optional<std::string> value) {
    identity.emplace_back(std::string(name), std::move(value));
    return *this;
  }
  TestRequest& with_token(std::string_view value) {
    token = std::string(value);
    return *this;
  }
  TestRequest& with_body(std::string_view bytes) {
    body = std::string(bytes);
    return *this;
  }
  /// Asked for its body, the request gives this: GH_E_TOO_LARGE, GH_E_LIMIT, GH_E_CONNECT.
  TestRequest& body_fails(std::int32_t status) {
    body_status = status;
    return *this;
  }

  static std::string escaped(std::string_view text) {
    constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                         c == '.' || c == '_' || c == '~';
      if (plain)
        out += c;
      else
        ((out += '%') += kHex[static_cast<unsigned char>(c) >> 4]) += kHex[c & 15];
    }
    return out;
  }

 private:
  TestRequest& add(Pairs& to, std::string_view name, std::string_view value) {
    to.emplace_back(std::string(name), std::string(value));
    return *this;
  }
};

inline TestRequest request(std::string_view method, std::string_view path) {
  TestRequest out;
  out.method = std::string(method);
  out.path = std::string(path);
  return out;
}

namespace detail {

/// arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/VERB/PATH
inline void read_arn(TestRequest& r, std::string_view arn) {
  r.arn = std::string(arn);
  std::vector<std::string> parts(1);
  for (const char c : arn)
    if (c == ':' && parts.size() < 6)
      parts.emplace_back();
    else
      parts.back() += c;
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "execute-api")
    throw Error("AWS event: not an execute-api ARN");
  r.region = parts[3];
  r.account_id = parts[4];
  std::string_view rest = parts[5];
  const auto next = [&] {
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(part.size() < rest.size() ? part.size() + 1 : rest.size());
    return std::string(part);
  };
  r.api_id = next();
  r.stage = next();
  r.method = next();
  r.path = "/" + std::string(rest);
}

inline std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// A map of texts: from NAME, or with every value from the multi-value map beside it.
template <class Use>
void read_map(const Json& event, const char* name, const char* multi, const Use& use) {
  const Json* map = multi != nullptr ? event.member(multi) : nullptr;
  if (map == nullptr || !map->is(Json::Kind::Object)) map = event.member(name);
  if (map == nullptr) return;
  for (std::size_t i = 0; i < map->names.size(); ++i) {
    const Json& value = map->children[i];
    if (value.is(Json::Kind::Array))
      for (const Json& one : value.children) use(map->names[i], one.text);
    else
      use(map->names[i], value.text);
  }
}

}  // namespace detail

/// A request from a sample of an AWS event: TOKEN, REQUEST 1.0 (REST, WebSocket, HTTP API) or REQUEST 2.0. The sample
/// itself becomes `event`. Throws Error for any other.
inline TestRequest aws_event_text(std::string_view json) {
  const Json event = parse_json(json);
  TestRequest r;
  r.event = std::string(json);
  const std::string_view version = event.str("/version"), type = event.str("/type");
  if (type != "TOKEN" && type != "REQUEST") throw Error("AWS event: `type` is neither TOKEN nor REQUEST");
  if (!version.empty() && version != "1.0" && version != "2.0") throw Error("AWS event: an unknown `version`");
  const bool second = version == "2.0";
  r.api_type = !version.empty()                                        ? GH_API_HTTP
               : event.find("/requestContext/connectionId") != nullptr ? GH_API_WEBSOCKET
                                                                       : GH_API_REST;
  detail::read_arn(r, event.str(second ? "/routeArn" : "/methodArn"));
  if (type == "TOKEN") {
    r.token = std::string(event.str("/authorizationToken"));
    r.identity_source("method.request.header.Authorization", r.token);
    r.header("authorization", *r.token);
    return r;
  }
  const auto keep = [&](std::string& to, std::string_view pointer) {
    if (const std::string_view text = event.str(pointer); !text.empty()) to = std::string(text);
  };
  keep(r.path, second ? "/rawPath" : "/path");
  keep(r.method, second ? "/requestContext/http/method" : "/httpMethod");
  keep(r.raw_query, "/rawQueryString");
  keep(r.route_key, second ? "/routeKey" : "/requestContext/routeKey");
  keep(r.resource_path, "/resource");
  keep(r.authority, "/requestContext/domainName");
  keep(r.source_ip, second ? "/requestContext/http/sourceIp" : "/requestContext/identity/sourceIp");
  keep(r.request_id, "/requestContext/requestId");
  if (r.api_type == GH_API_REST) r.route_key = r.method + " " + r.resource_path;
  std::string epoch;
  keep(epoch, second ? "/requestContext/timeEpoch" : "/requestContext/requestTimeEpoch");
  if (!epoch.empty()) r.time_unix_ms = static_cast<std::int64_t>(std::strtod(epoch.c_str(), nullptr));
  detail::read_map(event, "headers", "multiValueHeaders",
                   [&](const std::string& name, const std::string& value) { r.header(detail::lower(name), value); });
  if (const Json* cookies = event.member("cookies")) {
    std::string all;
    for (const Json& cookie : cookies->children) all += (all.empty() ? "" : "; ") + cookie.text;
    r.header("cookie", all);
  }
  const std::string wire = r.raw_query;
  detail::read_map(event, "queryStringParameters", "multiValueQueryStringParameters",
                   [&](const std::string& name, const std::string& value) { r.query(name, value); });
  if (!wire.empty()) r.raw_query = wire;
  detail::read_map(event, "pathParameters", nullptr,
                   [&](const std::string& name, const std::string& value) { r.path_param(name, value); });
  detail::read_map(event, "stageVariables", nullptr,
                   [&](const std::string& name, const std::string& value) { r.stage_var(name, value); });
  if (const Json* sources = event.member("identitySource"); sources != nullptr && sources->is(Json::Kind::Array))
    for (std::size_t i = 0; i < sources->children.size(); ++i)
      r.identity_source("source" + std::to_string(i), sources->children[i].text);
  else if (sources != nullptr && sources->is(Json::Kind::String))
    r.identity_source("source0", sources->text);
  for (const char* place : {"/requestContext/identity/clientCert", "/requestContext/authentication/clientCert"})
    if (const Json* certificate = event.find(place); certificate != nullptr && certificate->is(Json::Kind::Object))
      for (std::size_t i = 0; i < certificate->names.size(); ++i)
        if (certificate->children[i].is(Json::Kind::String))
          r.client_cert.emplace_back(certificate->names[i], certificate->children[i].text);
  return r;
}

/// The same from a file.
inline TestRequest aws_event(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error("cannot read `" + file + "`");
  return aws_event_text(std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()));
}

/// A TestRequest as the C struct, with memory of its own: overwritten when it goes, so that a plugin which reads it too
/// late reads nonsense (and a sanitizer says so).
class ShownRequest {
 public:
  ShownRequest(const TestRequest& from, std::uint32_t needs)
      : from_(from), body(from.body), body_status(from.body_status) {
    if (from_.wire_path.empty()) from_.wire_path = from_.path;
    if (from_.api_path.empty()) from_.api_path = from_.path;
    if (from_.peer_ip.empty()) from_.peer_ip = from_.source_ip;
    if (from_.resource_path.empty()) from_.resource_path = from_.path;
    domain_ = from_.authority.substr(0, from_.authority.rfind(':') != std::string::npos && from_.authority.back() != ']'
                                            ? from_.authority.rfind(':')
                                            : std::string::npos);
    if (from_.arn.empty())
      from_.arn = "arn:aws:execute-api:" + from_.region + ":" + from_.account_id + ":" + from_.api_id + "/" +
                  from_.stage + "/" + from_.method + from_.path;
    action_ = "execute-api:Invoke";
    for (auto& [name, value] : from_.headers) name = detail::lower(name);
    c.struct_size = sizeof c;
    c.api_type = from_.api_type;
    c.given = needs;
    c.tls = from_.tls ? 1 : 0;
    c.connection_id = 1;
    c.peer_port = 50000;
    c.local_port = 443;
    c.request_id = raw(from_.request_id);
    c.account_id = raw(from_.account_id);
    c.region = raw(from_.region);
    c.api_id = raw(from_.api_id);
    c.stage = raw(from_.stage);
    c.route_key = raw(from_.route_key);
    c.resource_path = raw(from_.resource_path);
    c.arn = raw(from_.arn);
    c.action = raw(action_);
    c.method = raw(from_.method);
    c.scheme = raw(from_.scheme);
    c.authority = raw(from_.authority);
    c.domain = raw(domain_);
    c.wire_path = raw(from_.wire_path);
    c.path = raw(from_.path);
    c.api_path = raw(from_.api_path);
    c.raw_query = raw(from_.raw_query);
    c.http_version = raw(from_.http_version);
    c.source_ip = raw(from_.source_ip);
    c.peer_ip = raw(from_.peer_ip);
    c.listener = raw(from_.listener);
    if (from_.token) c.token = raw(*from_.token);
    if ((needs & GH_NEED_EVENT) != 0) {
      if (from_.event.empty()) throw Error("the plugin needs `event`: build the request with aws_event()");
      c.event = raw(from_.event);
    }
    for (const auto& [name, value] : from_.identity)
      identity_.push_back({raw(name), value ? raw(*value) : gh_str{nullptr, 0}});
    c.identity = {identity_.data(), identity_.size()};
    if ((needs & GH_NEED_HEADERS) != 0) c.headers = list(headers_, from_.headers);
    if ((needs & GH_NEED_QUERY) != 0) c.query = list(query_, from_.query_values);
    if ((needs & GH_NEED_PATH_PARAMS) != 0) c.path_params = list(params_, from_.path_params);
    if ((needs & GH_NEED_STAGE_VARS) != 0) c.stage_vars = list(vars_, from_.stage_vars);
    if ((needs & GH_NEED_CLIENT_CERT) != 0) c.client_cert = list(certificate_, from_.client_cert);
    for (const std::string& scope : from_.scopes) scopes_.push_back(raw(scope));
    if ((needs & GH_NEED_SCOPES) != 0) c.scopes = {scopes_.data(), scopes_.size()};
    c.impl = this;
    c.header = [](const gh_request* r, const gh_str* name, std::size_t index, gh_str* out) noexcept -> std::int32_t {
      return find(static_cast<const ShownRequest*>(r->impl)->from_.headers, name, index, out);
    };
    c.attr = [](const gh_request* r, const gh_str* name, gh_str* out) noexcept -> std::int32_t {
      return find(static_cast<const ShownRequest*>(r->impl)->from_.attributes, name, 0, out);
    };
  }
  ShownRequest(const ShownRequest&) = delete;
  ShownRequest& operator=(const ShownRequest&) = delete;
  ~ShownRequest() {
    for (std::string* s : {&from_.method, &from_.path, &from_.wire_path, &from_.api_path, &from_.raw_query,
                           &from_.authority, &from_.source_ip, &from_.arn, &from_.event, &from_.request_id})
      s->assign(s->size(), '\xDD');
    for (TestRequest::Pairs* list : {&from_.headers, &from_.query_values, &from_.path_params})
      for (auto& [name, value] : *list) value.assign(value.size(), '\xDD');
  }
  gh_request c{};

 private:
  TestRequest from_;

 public:
  const std::string body;
  const std::int32_t body_status;

 private:
  static gh_str raw(const std::string& s) noexcept { return gh_str{s.data(), s.size()}; }
  static gh_kvs list(std::vector<gh_kv>& to, const TestRequest::Pairs& from) {
    for (const auto& [name, value] : from) to.push_back({raw(name), raw(value)});
    return {to.data(), to.size()};
  }
  static std::int32_t find(const TestRequest::Pairs& in, const gh_str* name, std::size_t index, gh_str* out) noexcept {
    if (name == nullptr || name->ptr == nullptr || out == nullptr) return GH_E_INVALID;
    for (const auto& [key, value] : in)
      if (std::string_view(key) == std::string_view(name->ptr, name->len) && index-- == 0)
        return *out = raw(value), GH_OK;
    return GH_E_NOTFOUND;
  }
  std::string domain_, action_;
  std::vector<gh_kv> identity_, headers_, query_, params_, vars_, certificate_;
  std::vector<gh_str> scopes_;
};

}  // namespace gatehouse::testing
