#include "access/event/kinds.hpp"
#include "access/event/parts.hpp"

namespace gatehouse::access::event {

// Section 6.
void rest_head(JsonText& json, const Facts& facts) {
  json.member("type", "REQUEST");
  json.member("methodArn", facts.arn);
}

void rest_shared(JsonText& json, const Facts& facts, base::Arena& arena) {
  write_rest_members(json, facts, NameCase::AsSent, facts.resource_id, arena);
}

}  // namespace gatehouse::access::event
