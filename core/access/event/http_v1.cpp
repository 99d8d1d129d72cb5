#include "access/event/kinds.hpp"
#include "access/event/parts.hpp"

namespace gatehouse::access::event {
namespace {

void write_joined_identity(JsonText& json, std::string_view key, const Facts& facts) {
  json.key(key);
  json.open_string();
  bool first = true;
  for (const IdentityValue& value : facts.identity) {
    if (!first) json.inside(",");
    first = false;
    json.inside(value.value);
  }
  json.close_string();
}

}  // namespace

// Section 7: REST's shape and three members more.
void http_v1_head(JsonText& json, const Facts& facts) {
  json.member("version", "1.0");
  json.member("type", "REQUEST");
  json.member("methodArn", facts.arn);
  if (facts.identity.empty()) return;  // LA-53
  write_joined_identity(json, "identitySource", facts);
  write_joined_identity(json, "authorizationToken", facts);
}

// LA-51: with the maps of all values. LA-52: header names in lower case. An HTTP API has no resources: the route's key
// stands for their id.
void http_v1_shared(JsonText& json, const Facts& facts, base::Arena& arena) {
  write_rest_members(json, facts, NameCase::Lower, facts.route_key, arena);
}

}  // namespace gatehouse::access::event
