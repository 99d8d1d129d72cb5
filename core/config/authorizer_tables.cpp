#include <algorithm>

#include "base/text.hpp"
#include "config/config.hpp"
#include "config/reader.hpp"
#include "config/scalar.hpp"
#include "config/syntax.hpp"

namespace gatehouse::config {
namespace {

// Canonical JSON of a value of `settings`: members in the order of the file, numbers as written.
void append_json(Reader& reader, const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::Bad:
    case Node::Kind::Null:
      out += "null";
      return;
    case Node::Kind::List: {
      out += '[';
      for (const Node& item : node.items) {
        if (out.back() != '[') out += ',';
        append_json(reader, item, out);
      }
      out += ']';
      return;
    }
    case Node::Kind::Map: {
      out += '{';
      reader.each_member(node, [&](const Member& member) {
        if (out.back() != '{') out += ',';
        base::append_json_string(out, member.key);
        out += ':';
        append_json(reader, member.value, out);
      });
      out += '}';
      return;
    }
    case Node::Kind::Scalar:
      break;
  }
  if (!node.plain) return base::append_json_string(out, node.text);
  switch (plain_kind(node.text)) {
    case PlainKind::Null:
      out += "null";
      return;
    case PlainKind::Bool:
    case PlainKind::Number:
      out += node.text;
      return;
    case PlainKind::Text:
      base::append_json_string(out, node.text);
      return;
    case PlainKind::Doubtful:
      // The value itself is not shown: settings hold secrets.
      reader.fault(node.mark,
                   "a value that can be read in two ways: write a decimal number, `true`, `false` or `null`, or put it "
                   "in quotes");
      out += "null";
      return;
  }
}

Value<Settings> settings() {
  Value<Settings> out;
  out.type.kind = Type::Kind::Settings;
  out.read = [](Reader& reader, const Node& node, std::string_view key, Settings& value) {
    value.where = reader.where(node.mark);
    value.directory = reader.directory(node.mark);
    if (node.kind != Node::Kind::Map) return reader.wrong_type(node, key, "a map");
    for (const Member& member : node.members) value.names.push_back(member.key);
    std::string json;
    append_json(reader, node, json);
    value.json = base::Secret(std::move(json));
  };
  out.show = [](const Settings&) { return std::string(); };
  return out;
}

Value<AuthorizerType> authorizer_type() {
  return words<AuthorizerType>({{"request", AuthorizerType::Request},
                                {"network", AuthorizerType::Network},
                                {"resource", AuthorizerType::Resource},
                                {"token", AuthorizerType::Token},
                                {"jwt", AuthorizerType::Jwt},
                                {"cognito", AuthorizerType::Cognito},
                                {"iam", AuthorizerType::Iam},
                                {"resource_policy", AuthorizerType::ResourcePolicy},
                                {"private_endpoint", AuthorizerType::PrivateEndpoint, false},
                                {"mutual_tls", AuthorizerType::MutualTls, false}},
                               "authorizer type");
}

template <class M>
Field with_flag(Field field, bool M::*given) {
  field.read = [read = std::move(field.read), given](Reader& reader, const Member& member, void* object) {
    static_cast<M*>(object)->*given = true;
    read(reader, member, object);
  };
  return field;
}

/// A list, or AWS's one string with commas.
Value<std::vector<std::string>> identity_sources() {
  auto out =
      list_of(text({"identity source", "",
                    [](std::string_view text) -> std::string { return base::trim(text).empty() ? "is blank" : ""; }}),
              false, true);
  out.read = [list = out.read](Reader& reader, const Node& node, std::string_view key,
                               std::vector<std::string>& value) {
    list(reader, node, key, value);
    if (node.kind != Node::Kind::Scalar || value.size() != 1) return;
    const std::string all = std::move(value.front());
    if (base::trim(all).empty()) return;
    value.clear();
    for (std::size_t at = 0; at <= all.size();) {
      const std::size_t end = std::min(all.find(',', at), all.size());
      const std::string_view one = base::trim(std::string_view(all).substr(at, end - at));
      if (one.empty()) return reader.fault(node.mark, quoted(key) + " has nothing before or behind a comma");
      value.emplace_back(one);
      at = end + 1;
    }
  };
  return out;
}

}  // namespace

const Object& authorizer_table() {
  static const Object table{
      .name = "authorizer",
      .doc = "an authorizer",
      .fields =
          {
              required(
                  field("type", &Authorizer::type, authorizer_type(),
                        "`request` decides who calls, `token` (REST) does by one header; `jwt` (HTTP) and `cognito` "
                        "(REST) verify tokens, `iam` verifies AWS signatures (SigV4) and weighs the caller's "
                        "policies, with plugins of their own; `network` and `resource` "
                        "may only object, before that; `resource_policy` (REST) is a policy in AWS's language, "
                        "under `settings` as `policy` or `policy_file`",
                        &Authorizer::type_where)),
              field("plugin", &Authorizer::plugin, text(plugin_id_rule()),
                    "id of the plugin that decides, `com.example.shared-token`", &Authorizer::plugin_where),
              with_flag(
                  no_default(field("placement", &Authorizer::in_process,
                                   words<bool>({{"in_process", true}, {"sandboxed", false, false}}, "placement"),
                                   "where the plugin's code runs; must be written for plugins that are not bundled",
                                   &Authorizer::placement_where)),
                  &Authorizer::placement_given),
              with_flag(
                  field("identity_sources", &Authorizer::identity_sources, identity_sources(),
                        "what identifies the caller: `$request.header.X-Token` (HTTP), `method.request.header.X-Token` "
                        "(REST), also `querystring`, `context` and `stageVariables`; a list, or one text with commas. "
                        "Answers are kept under their values. Absent ones are answered 401: by HTTP APIs always, by "
                        "REST APIs for `token`, while results are kept, or with `strict_identity_sources`",
                        &Authorizer::identity_sources_where),
                  &Authorizer::identity_sources_given),
              field("identity_validation_expression", &Authorizer::validation_expression,
                    text({"RE2 expression", "",
                          [](std::string_view text) -> std::string { return text.empty() ? "is empty" : ""; }}),
                    "`type: token`: what the whole token must match, any `Bearer ` included; others are answered 401 "
                    "without asking. `type: cognito`: what the token's whole `aud` must match; access tokens have none",
                    &Authorizer::validation_expression_where),
              field("strict_identity_sources", &Authorizer::strict_identity_sources, boolean(),
                    "REST `type: request`: absent identity sources are answered 401 although results are not kept",
                    &Authorizer::strict_identity_sources_where),
              no_default(field("result_ttl_seconds", &Authorizer::result_ttl_seconds, count64(0, 3600),
                               "how long an answer is used again; the answer itself may shorten it; 0: never. Without "
                               "it 300 for REST APIs, 0 for HTTP APIs. `type: cognito`: how long a verified token is "
                               "remembered",
                               &Authorizer::result_ttl_where)),
              no_default(field("payload_format_version", &Authorizer::payload_format_version,
                               words<std::string>({{"2.0", "2.0"}, {"1.0", "1.0"}}, "payload_format_version"),
                               "HTTP APIs: the shape of the AWS event, for plugins that need it; without it `2.0`",
                               &Authorizer::payload_format_version_where)),
              no_default(field("timeout", &Authorizer::timeout_ms, duration(50, 30'000),
                               "to answer; later is answered 500. Without it `gateway.timeouts.authorizer`")),
              field("settings", &Authorizer::settings, settings(),
                    "the plugin's own settings, checked against its schema; `true`, `false`, `null` and decimal "
                    "numbers without "
                    "quotes are what they look like, all else is text"),
              field("secrets", &Authorizer::secrets, secrets(),
                    "name: `${file:PATH}` or `${env:NAME}`; the plugin asks for them by name, nothing else shows them",
                    &Authorizer::secrets_where),
              field("grants", &Authorizer::grants, object<Grants>(grants_table),
                    "what the plugin may use of the gateway beside the request"),
          },
      .not_built = {
          {"enable_simple_responses", "Lambda authorizer responses"},
          {"uri", "Lambda authorizers"},
          {"function", "Lambda authorizers"},
          {"credentials", "Lambda authorizers"},
          {"policy", "a policy beside `settings`"},
      }};
  return table;
}

}  // namespace gatehouse::config
