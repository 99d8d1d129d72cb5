#pragma once
#include "access/event/json_text.hpp"
#include "access/facts.hpp"
#include "base/arena.hpp"

/// The members of each kind of event, inside an open object: first those that may depend on the identity sources of the
/// authorizer that is asked, then those that do not. Each kind is a file.
namespace gatehouse::access::event {

void token_head(JsonText& json, const Facts& facts);
void rest_head(JsonText& json, const Facts& facts);
void rest_shared(JsonText& json, const Facts& facts, base::Arena& arena);
void http_v1_head(JsonText& json, const Facts& facts);
void http_v1_shared(JsonText& json, const Facts& facts, base::Arena& arena);
void http_v2_head(JsonText& json, const Facts& facts);
void http_v2_shared(JsonText& json, const Facts& facts, base::Arena& arena);
void websocket_head(JsonText& json, const Facts& facts);
void websocket_shared(JsonText& json, const Facts& facts, base::Arena& arena);

}  // namespace gatehouse::access::event
