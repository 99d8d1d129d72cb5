// What an operator gives to a plugin: secrets, and services that reach further than the request.
#include "config/config.hpp"
#include "config/reader.hpp"
#include "config/syntax.hpp"

namespace gatehouse::config {
namespace {

TextRule granted_host_rule() {
  return {"host", "", [one = host_rule().check, wide = domain_rule().check](std::string_view text) {
            return text.starts_with("*.") ? wide(text) : one(text);
          }};
}

const Object& http_grant_table() {
  static const Object table{
      .name = "http grant",
      .doc = "what an authorizer's plugin may fetch by the gateway's HTTP client",
      .fields = {
          required(field("hosts", &HttpGrant::hosts, list_of(text(granted_host_rule()), true),
                         "hosts that may be asked: `api.example.com`, `*.example.com` (any name below it)",
                         &HttpGrant::hosts_where)),
          field("allow_private", &HttpGrant::allow_private, boolean(),
                "whether these hosts may have private, loopback or link-local addresses"),
          field("allow_http", &HttpGrant::allow_http, boolean(), "whether plain `http://` may be asked"),
      }};
  return table;
}

}  // namespace

const Object& grants_table() {
  static const Object table{
      .name = "grants",
      .doc = "an authorizer's `grants`: services that its plugin gets only here",
      .fields = {
          field("http", &Grants::http, optional(object<HttpGrant>(http_grant_table)), "to fetch by HTTP",
                &Grants::http_where),
          field("body", &Grants::body, boolean(), "to read the request's body, before it is forwarded",
                &Grants::body_where),
          field("identity", &Grants::identity, boolean(),
                "to look callers up by their access keys in the store of identities", &Grants::identity_where),
      }};
  return table;
}

Value<std::map<std::string, base::Secret>> secrets() {
  Value<base::Secret> one;
  one.type.kind = Type::Kind::Text;
  one.type.note = "`${file:PATH}` or `${env:NAME}`";
  one.read = [](Reader& reader, const Node& node, std::string_view key, base::Secret& value) {
    if (node.kind != Node::Kind::Scalar) return reader.wrong_type(node, key, "text");
    // The value itself is not shown, wherever it stands.
    if (!node.resolved)
      return reader.fault(node.mark, "secret " + quoted(key) +
                                         " stands in the configuration itself: write `${file:PATH}` or `${env:NAME}`");
    if (node.text.empty()) return reader.fault(node.mark, "secret " + quoted(key) + " is empty");
    value = base::Secret(node.text);
  };
  one.show = [](const base::Secret&) { return std::string(); };
  return map_of(secret_name_rule(), std::move(one));
}

}  // namespace gatehouse::config
