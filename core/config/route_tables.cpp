#include <algorithm>

#include "config/config.hpp"
#include "config/reader.hpp"
#include "config/syntax.hpp"

namespace gatehouse::config {
namespace {

const Object& mock_table() {
  static const Object table{
      .name = "mock",
      .doc = "a `mock` integration",
      .fields =
          {
              field("status", &MockIntegration::status, narrowed<int>(count64(200, 599)), "status of the answer"),
              field("headers", &MockIntegration::headers, map_of(header_name_rule(), text(header_value_rule())),
                    "headers of the answer"),
              field("body", &MockIntegration::body, text(), "body of the answer"),
          },
      .not_built = {{"templates", "mapping templates"}, {"request_templates", "mapping templates"}},
      .taken = {"type"}};
  return table;
}

/// What each may be depends on the API: `gateway` judges it when it compiles.
Value<std::vector<RequestParameter>> request_parameters() {
  Value<std::vector<RequestParameter>> out;
  const Value<std::string> value = text();
  out.type.kind = Type::Kind::Map;
  out.type.note = "request parameter";
  out.type.item = {value.type};
  out.read = [value](Reader& reader, const Node& node, std::string_view key, std::vector<RequestParameter>& all) {
    if (node.kind != Node::Kind::Map) return reader.wrong_type(node, key, "a map");
    reader.each_member(node, [&](const Member& member) {
      RequestParameter& one = all.emplace_back();
      one.target = member.key;
      one.where = reader.where(member.mark);
      value.read(reader, member.value, member.key, one.value);
    });
  };
  out.show = [](const std::vector<RequestParameter>&) { return std::string(); };
  return out;
}

const Object& http_proxy_table() {
  static const Object table{
      .name = "http_proxy",
      .doc = "an `http_proxy` integration",
      .fields =
          {
              field("uri", &HttpProxyIntegration::uri, text(uri_rule()),
                    "where to send the request: `https://orders.internal/v1/{id}`; placeholders in the path only",
                    &HttpProxyIntegration::uri_where),
              field("upstream", &HttpProxyIntegration::upstream, text({"upstream name", "", {}}),
                    "instead of `uri`: one of `upstreams`", &HttpProxyIntegration::upstream_where),
              field("path", &HttpProxyIntegration::path, text(path_template_rule()),
                    "with `upstream`: path to send, with `{name}` of the route's path and `${stageVariables.name}`; "
                    "without it the "
                    "request's own",
                    &HttpProxyIntegration::path_where),
              field(
                  "request_parameters", &HttpProxyIntegration::request_parameters, request_parameters(),
                  "headers to send beside the client's, where there is a value for them. REST: "
                  "`integration.request.header.X-Tenant: context.authorizer.tenant`; HTTP: "
                  "`overwrite:header.X-Tenant: $context.authorizer.tenant` (`append`, `remove`). Also "
                  "`stageVariables`, "
                  "`method.request.header` (HTTP: `$request.header`), `querystring`, `path`, other context variables, "
                  "and a text: REST `'blue'`, HTTP `blue`"),
              field("forward_security_token", &HttpProxyIntegration::forward_security_token, boolean(),
                    "with `type: iam`: send `x-amz-security-token` on, which is half of a credential"),
              field("strip_signing_headers", &HttpProxyIntegration::strip_signing_headers, boolean(),
                    "with `type: iam`: send nothing of the signature on, `Authorization` and `x-amz-date` included; "
                    "REST APIs never send `Authorization` on"),
              no_default(field("timeout", &HttpProxyIntegration::timeout_ms, duration(50, 900'000),
                               "for the upstream to answer; without it 29s (REST) or 30s (HTTP)")),
          },
      .not_built =
          {
              {"response_parameters", "parameter mapping"},
              {"templates", "mapping templates"},
              {"tls", "TLS settings of an integration: give an upstream `tls:`"},
              {"vpc_link", "private integrations"},
              {"credentials", "integration credentials"},
              {"cache", "response caching"},
          },
      .taken = {"type"}};
  return table;
}

Value<std::vector<std::string>> origins() {
  return list_of(text(origin_rule()));
}

std::vector<Field> web_identity_fields() {
  return {field("allow_private_issuer", &ServiceIntegration::allow_private_issuer, boolean(),
                "whether keys of web identities may be fetched from private and loopback addresses"),
          field("allow_insecure_issuer", &ServiceIntegration::allow_insecure_issuer, boolean(),
                "whether they may be fetched over plain HTTP: for trying out")};
}

const Object& sts_table() {
  static const Object table{.name = "sts",
                            .doc = "an `sts` integration: temporary credentials, as AWS STS gives them",
                            .fields = web_identity_fields(),
                            .taken = {"type"}};
  return table;
}

const Object& iam_api_table() {
  static const Object table{.name = "iam_api",
                            .doc = "an `iam_api` integration: users, roles, policies and keys by the IAM Query API",
                            .fields = {},
                            .taken = {"type"}};
  return table;
}

const Object& identity_pool_table() {
  static const Object table = [] {
    Object out{.name = "identity_pool",
               .doc =
                   "an `identity_pool` integration: credentials for web identities and guests, as Cognito's identity "
                   "pools give them",
               .fields = web_identity_fields(),
               .taken = {"type"}};
    out.fields.push_back(
        field("allow_origins", &ServiceIntegration::allow_origins, origins(), "pages whose scripts may ask (CORS)"));
    return out;
  }();
  return table;
}

ServiceIntegration read_service(Reader& reader, ServiceIntegration::Kind kind, const Object& table, const Node& node,
                                std::string_view key) {
  ServiceIntegration out;
  out.kind = kind;
  out.where = reader.where(node.mark);
  read_object(reader, table, node, key, &out);
  return out;
}

template <class T>
T read_integration(Reader& reader, const Object& table, const Node& node, std::string_view key) {
  T out;
  out.where = reader.where(node.mark);
  read_object(reader, table, node, key, &out);
  return out;
}

Value<Integration> integration() {
  const std::vector<std::string> built{"mock", "http_proxy", "sts", "iam_api", "identity_pool"};
  const std::vector<std::string> all{"mock",      "http_proxy", "sts",  "iam_api",  "identity_pool", "lambda",
                                     "aws_proxy", "aws",        "http", "vpc_link", "websocket"};
  Value<Integration> out;
  out.type.kind = Type::Kind::Choice;
  out.type.words = built;
  out.type.objects = {mock_table, http_proxy_table, sts_table, iam_api_table, identity_pool_table};
  out.read = [built, all](Reader& reader, const Node& node, std::string_view key, Integration& value) {
    if (node.kind != Node::Kind::Map) return reader.wrong_type(node, key, "a map");
    const auto type =
        std::find_if(node.members.begin(), node.members.end(), [](const Member& one) { return one.key == "type"; });
    if (type == node.members.end())
      return reader.fault(
          node.mark,
          "`type` is missing in " + quoted(key) + ": `mock`, `http_proxy`, `sts`, `iam_api` or `identity_pool`",
          Code::NotFound);
    const auto index = read_word(reader, type->value, "type", all, built);
    if (!index) return;
    if (*index >= built.size()) return reader.not_built(type->value.mark, "integration type " + quoted(type->value));
    using Kind = ServiceIntegration::Kind;
    switch (*index) {
      case 0:
        value = read_integration<MockIntegration>(reader, mock_table(), node, key);
        break;
      case 1:
        value = read_integration<HttpProxyIntegration>(reader, http_proxy_table(), node, key);
        break;
      case 2:
        value = read_service(reader, Kind::Sts, sts_table(), node, key);
        break;
      case 3:
        value = read_service(reader, Kind::IamApi, iam_api_table(), node, key);
        break;
      default:
        value = read_service(reader, Kind::IdentityPool, identity_pool_table(), node, key);
    }
  };
  out.show = [](const Integration&) { return std::string(); };
  return out;
}

struct RouteLimits {
  std::int64_t body_bytes = 0;
};

const Object& route_limits_table() {
  static const Object table{
      .name = "route_limits",
      .doc = "`limits` of a route",
      .fields = {no_default(field("body_bytes", &RouteLimits::body_bytes, size64(1, std::int64_t{1} << 40),
                                  "request body; without it `gateway.limits.body_bytes`"))}};
  return table;
}

Value<std::int64_t> route_limits() {
  const Value<RouteLimits> limits = object<RouteLimits>(route_limits_table);
  return {limits.type,
          [limits](Reader& reader, const Node& node, std::string_view key, std::int64_t& value) {
            RouteLimits read;
            limits.read(reader, node, key, read);
            value = read.body_bytes;
          },
          [](const std::int64_t&) { return std::string(); }};
}

// Every name that a route gives for an identity authorizer, by whatever spelling.
std::vector<const Node*> authorizer_names(const Node& route) {
  std::vector<const Node*> out;
  for (const Member& member : route.members) {
    if (member.key != "authorizer" && member.key != "authorizers") continue;
    if (member.value.kind == Node::Kind::Scalar) out.push_back(&member.value);
    for (const Node& item : member.value.items)
      if (item.kind == Node::Kind::Scalar) out.push_back(&item);
  }
  return out;
}

void check_route_authorizer(Reader& reader, const Node& node, void* object) {
  const auto& route = *static_cast<const Route*>(object);
  const std::vector<const Node*> names = authorizer_names(node);
  if (names.size() > 1)
    reader.fault(names[1]->mark,
                 "two identity authorizers, " + quoted(*names[0]) + " and " + quoted(*names[1]) + ", on route " +
                     quoted(route.key) + ": a route has at most one",
                 Code::Conflict);
  bool given = false;
  for (const Member& member : node.members) {
    if (member.key == "authorizer") given = true;
    if (member.key == "authorizers") {
      given = true;
      if (names.size() <= 1)
        reader.fault(member.mark,
                     "unknown key `authorizers` in a route: write `authorizer: name`, a route has at most one");
    }
  }
  if (!given)
    reader.fault(node.mark,
                 "route " + quoted(route.key) +
                     " names no authorizer: write `authorizer: name`, or `authorizer: none` to leave it open",
                 Code::NotFound);
}

Value<std::string> route_authorizer() {
  Value<std::string> out = text({"authorizer name", "", {}});
  out.read = [as_text = out.read](Reader& reader, const Node& node, std::string_view key, std::string& value) {
    if (node.kind == Node::Kind::List) {
      if (node.items.size() == 1 && node.items[0].kind == Node::Kind::Scalar)
        return reader.fault(node.mark, "`authorizer` takes one name, found a list: write `authorizer: " +
                                           (node.items[0].resolved ? node.items[0].written : node.items[0].text) + "`");
      if (node.items.size() > 1) return;  // told by check_route_authorizer
    }
    if (node.kind == Node::Kind::Map)
      return reader.fault(node.mark,
                          "`authorizer` takes the name of one of `authorizers`, found a map: define it there");
    if (node.kind == Node::Kind::Null || (node.kind == Node::Kind::Scalar && node.text.empty()))
      return reader.fault(node.mark, "`authorizer` names nothing: write `authorizer: none` to leave the route open");
    if (node.resolved && node.text == "none")
      return reader.fault(node.mark, "`authorizer: none` must be written as it is, not come from " + quoted(node));
    if (node.kind == Node::Kind::Scalar) {
      const std::size_t cut = node.text.find_first_of(", ");
      if (cut != std::string::npos && !node.resolved) {
        const std::string first = node.text.substr(0, cut);
        const std::size_t next = node.text.find_first_not_of(", ", cut);
        if (next != std::string::npos)
          return reader.fault(node.mark,
                              "two identity authorizers, " + quoted(first) + " and " + quoted(node.text.substr(next)) +
                                  ": a route has at most one",
                              Code::Conflict);
      }
    }
    as_text(reader, node, key, value);
  };
  return out;
}

// RFC 6749, section 3.3: it is listed in `WWW-Authenticate`, between quotes.
TextRule scope_rule() {
  return {"scope", "", [](std::string_view text) -> std::string {
            if (text.empty()) return "is empty";
            if (text.size() > 256) return "has more than 256 characters";
            for (const char c : text)
              if (c <= 0x20 || c >= 0x7F || c == '"' || c == '\\')
                return "must be printable ASCII without blanks, `\"` and `\\`: one scope an entry";
            return "";
          }};
}

Field told_if_absent(Field field) {
  field = required(std::move(field));
  field.absence_told = true;
  return field;
}

}  // namespace

const Object& route_table() {
  static const Object table{
      .name = "route",
      .doc = "a route",
      .fields =
          {
              told_if_absent(field("authorizer", &Route::authorizer, route_authorizer(),
                                   "name of the identity authorizer, or `none` for an open route; must be written",
                                   &Route::authorizer_where)),
              required(field("integration", &Route::integration, integration(), "how the answer is obtained")),
              field(
                  "scopes", &Route::scopes, list_of(text(scope_rule())),
                  "of which a token needs one, at most 10; with authorizers of `type: jwt` (403 without) and `cognito` "
                  "(401). Cognito: without scopes a route takes ID tokens, with scopes access tokens",
                  &Route::scopes_where),
              no_default(field("limits", &Route::body_bytes, route_limits(), "limits of this route")),
          },
      .not_built =
          {
              {"api_key_required", "API keys"},
              {"throttling", "rate limits"},
              {"request_parameters", "request validation"},
              {"request_models", "request validation"},
              {"request_validator", "request validation"},
              {"method_responses", "method responses"},
              {"integration_responses", "integration responses"},
              {"route_response", "WebSocket route responses"},
              {"operation_name", "operation names"},
              {"cache", "response caching"},
              {"resource_policy", "a resource policy per route"},
              {"vpc_endpoints", "VPC endpoints"},
          },
      .before = check_route_authorizer,
      .taken = {"authorizers"}};
  return table;
}

}  // namespace gatehouse::config
