#include "access/event/kinds.hpp"

namespace gatehouse::access::event {

// Section 5: exactly three members. The whole value, prefix and all (LA-31).
void token_head(JsonText& json, const Facts& facts) {
  json.member("type", "TOKEN");
  json.member("methodArn", facts.arn);
  json.member("authorizationToken", facts.identity.empty() ? std::string_view() : facts.identity.front().value);
}

}  // namespace gatehouse::access::event
