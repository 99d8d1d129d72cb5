#pragma once
#include "gateway/context.hpp"

namespace gatehouse::gateway {

/// The refusals, each with the status, text and type of the spec's tables (api-types sections 6, 6.1, 6.3, 6.4;
/// lambda-authorizers section 13). They only fill `context.refusal`.
namespace refusal {
/// Nothing is known of the API: 403 `Forbidden` (AT-65).
void unknown_host(RequestContext& context);
/// AT-19 (REST 403), AT-21 (HTTP 404), AT-52.
void unknown_stage(RequestContext& context, access::ApiType type);
/// AT-18, AT-1A (REST), AT-22, AT-25 (HTTP).
void unknown_route(RequestContext& context);
/// 400 for a path that cannot be normalised (AT-1E) and for a forwarded address that is none.
void bad_request(RequestContext& context);
/// LA-40
void arn_too_long(RequestContext& context);
/// 413
void body_too_large(RequestContext& context, std::int64_t limit);
/// 503: there is no room to keep the body that an authorizer asked for.
void no_room(RequestContext& context);
/// What the authorizers came to; never called for Allowed.
void by_decision(RequestContext& context);
void by_integration(RequestContext& context, integration::Failure failure);
}  // namespace refusal

}  // namespace gatehouse::gateway
