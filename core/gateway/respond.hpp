#pragma once
#include "gateway/context.hpp"
#include "http/body.hpp"

namespace gatehouse::gateway {

/// Sends `context.refusal` as the API type has it, customised where the API says so. `body` must live until the
/// exchange is over.
void respond_refused(RequestContext& context, http::MemoryBody& body);
/// Adds the gateway's own headers to an integration's response (request ids, content type of REST, CORS) and sends it.
void respond_integration(RequestContext& context, http::ResponseHead& head, http::BodySource* body);
/// The answer to a CORS preflight (AT-70).
void respond_preflight(RequestContext& context);

}  // namespace gatehouse::gateway
