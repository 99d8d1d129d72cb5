#include "gateway/refusal.hpp"

#include "base/base64.hpp"
#include "base/digest.hpp"

namespace gatehouse::gateway::refusal {
namespace {

using access::ApiType;

void set(RequestContext& context, ResponseType type, std::string_view message) {
  const DefaultResponse& defaults = default_response(type);
  context.refusal = {};
  context.refusal.type = type;
  context.refusal.status = defaults.status;
  context.refusal.error_type = defaults.error_type;
  context.refusal.message = message;
  context.refusal.set = true;
}

// HTTP APIs have no response types; the type only names the case for the log.
void set_http(RequestContext& context, ResponseType type, std::uint16_t status, std::string_view message) {
  set(context, type, message);
  context.refusal.status = status;
  context.refusal.customisable = false;
}

// `arn:aws:execute-api:us-east-1:********3333:...` (iam-policy section 10).
std::string_view masked_arn(RequestContext& context) {
  const std::string_view arn = context.facts.arn;
  const std::string_view account = context.facts.account_id;
  const std::size_t at = arn.find(account);
  if (account.size() < 4 || at == std::string_view::npos) return arn;
  return context.exchange->arena.join(
      {arn.substr(0, at), "********", account.substr(account.size() - 4), arn.substr(at + account.size())});
}

}  // namespace

void unknown_host(RequestContext& context) {
  set(context, ResponseType::InvalidApiKey, "Forbidden");
  context.refusal.customisable = false;
}

void unknown_stage(RequestContext& context, ApiType type) {
  if (type == ApiType::Rest)
    unknown_host(context);
  else
    set_http(context, ResponseType::ResourceNotFound, 404, "Not Found");
}

void unknown_route(RequestContext& context) {
  if (context.api->type != ApiType::Rest) return set_http(context, ResponseType::ResourceNotFound, 404, "Not Found");
  const http::Header* authorization = context.exchange->request.headers.find(http::HeaderId::Authorization);
  if (authorization == nullptr)
    return set(context, ResponseType::MissingAuthenticationToken, "Missing Authentication Token");
  // AT-1A: AWS reads whatever stands in Authorization as SigV4. The header itself is never echoed, only its hash.
  set(context, ResponseType::InvalidSignature, {});
  const base::Sha256 digest = base::sha256(authorization->value);
  const std::string hash = base::base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
  context.refusal.error_type = "IncompleteSignatureException";
  context.refusal.message = context.exchange->arena.join(
      {"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with "
       "Base64): '",
       hash, "'."});
}

void bad_request(RequestContext& context) {
  if (context.api_type() == ApiType::Rest && context.api != nullptr)
    set(context, ResponseType::BadRequestParameters, "Bad Request");
  else
    set_http(context, ResponseType::BadRequestParameters, 400, "Bad Request");
  context.refusal.customisable = false;
}

void arn_too_long(RequestContext& context) {
  set(context, ResponseType::BadRequestParameters, "Request URI too long");
  context.refusal.status = 414;
  context.refusal.customisable = false;
}

void body_too_large(RequestContext& context, std::int64_t limit) {
  if (context.api_type() != ApiType::Rest)
    return set_http(context, ResponseType::RequestTooLarge, 413, "Request Entity Too Large");
  set(context, ResponseType::RequestTooLarge, "Request Entity Too Large");
  context.refusal.error_type = {};
  context.refusal.customisable = false;
  context.refusal.plain =
      context.exchange->arena.join({"HTTP content length exceeded ", std::to_string(limit), " bytes."});
}

void no_room(RequestContext& context) {
  set_http(context, ResponseType::ApiConfigurationError, 503, "Service Unavailable");
  context.refusal.error_type = {};
}

namespace {

/// The end of a text of spec iam-policy section 10: which kind of policy it was. Nothing in the classic style, but for
/// the words of an explicit denial; nothing of another account's policies.
std::string_view denial_suffix(RequestContext& context, bool explicitly) {
  const access::Decision& decision = context.decision;
  const bool told = context.gateway->settings.deny_message_current && !decision.cross_account;
  const std::string_view by = name(decision.layer);
  if (!told || by.empty()) return explicitly ? " with an explicit deny" : "";
  const bool vowel = decision.layer == policy::Layer::Identity;
  if (explicitly) return context.exchange->arena.join({" with an explicit deny in ", vowel ? "an " : "a ", by});
  return context.exchange->arena.join({" because no ", by, " allows the ", context.facts.action, " action"});
}

void forbidden(RequestContext& context, bool explicitly) {
  const access::Decision& decision = context.decision;
  if (context.api_type() != ApiType::Rest) return set_http(context, ResponseType::AccessDenied, 403, "Forbidden");
  if (decision.denial == access::Denial::Plain) return set(context, ResponseType::WafFiltered, "Forbidden");
  set(context, ResponseType::AccessDenied, {});
  context.refusal.member = "Message";
  const std::string_view suffix = denial_suffix(context, explicitly);
  if (decision.denial == access::Denial::Lambda) {
    context.refusal.message = context.exchange->arena.join({"User is not authorized to access this resource", suffix});
    return;
  }
  const std::string_view caller =
      decision.denial == access::Denial::Caller ? decision.caller : std::string_view("anonymous");
  context.refusal.message =
      context.exchange->arena.join({"User: ", caller, " is not authorized to perform: ", context.facts.action,
                                    " on resource: ", masked_arn(context), suffix});
}

/// What the authorizer that refused wants the client to be told: REST APIs have such words (CG-31), the bodies of HTTP
/// APIs are fixed. The status stays that of the decision: who reads an answer makes sure of it.
void own_words(RequestContext& context) {
  const access::Answer& said = context.decision.decisive;
  const bool service = context.route->integration != nullptr && context.route->integration->service() != nullptr;
  if (context.api_type() != ApiType::Rest && !service) return;
  Refusal& refusal = context.refusal;
  if (said.response_type) {
    refusal.type = *said.response_type;
    refusal.error_type = default_response(refusal.type).error_type;
    refusal.member = refusal.type == ResponseType::AccessDenied ? "Message" : "message";
  }
  if (said.message.data() != nullptr) refusal.message = said.message;
  if (!said.error_type.empty()) refusal.error_type = said.error_type;
}

void by_verdict(RequestContext& context) {
  const access::Decision& decision = context.decision;
  const bool rest = context.api_type() == ApiType::Rest;
  switch (decision.verdict) {
    case access::Verdict::Allowed:
      break;
    case access::Verdict::Unauthorized:
      if (rest)
        set(context, ResponseType::Unauthorized, "Unauthorized");
      else
        set_http(context, ResponseType::Unauthorized, 401, "Unauthorized");
      context.refusal.challenge = decision.decisive.challenge;
      return;
    case access::Verdict::Denied:
      forbidden(context, true);
      context.refusal.challenge = decision.decisive.challenge;
      return;
    case access::Verdict::NotAllowed:
      return forbidden(context, false);
    case access::Verdict::Failed:
      break;
  }
  // LA-93, LA-95: nothing of why; the log has it. A verdict that nobody listed ends here, too.
  if (rest)
    set(context, ResponseType::AuthorizerConfigurationError, {});
  else
    set_http(context, ResponseType::AuthorizerConfigurationError, 500, "Internal Server Error");
}

}  // namespace

void by_decision(RequestContext& context) {
  by_verdict(context);
  own_words(context);
}

void by_integration(RequestContext& context, integration::Failure failure) {
  const bool rest = context.api_type() == ApiType::Rest;
  switch (failure) {
    case integration::Failure::Unreachable:
      if (!rest) return set_http(context, ResponseType::IntegrationFailure, 503, "Service Unavailable");
      set(context, ResponseType::IntegrationFailure, "Internal server error");
      // AWS's table says 504; seen is 500 until the type is customised.
      if (context.api->responses.find(ResponseType::IntegrationFailure) == nullptr) context.refusal.status = 500;
      return;
    case integration::Failure::Timeout:
      if (!rest) return set_http(context, ResponseType::IntegrationTimeout, 503, "Service Unavailable");
      return set(context, ResponseType::IntegrationTimeout, "Endpoint request timed out");
    case integration::Failure::BadResponse:
      if (!rest) return set_http(context, ResponseType::IntegrationFailure, 500, "Internal Server Error");
      set(context, ResponseType::IntegrationFailure, "Internal server error");
      if (context.api->responses.find(ResponseType::IntegrationFailure) == nullptr) context.refusal.status = 502;
      return;
    case integration::Failure::Configuration:
      break;
    case integration::Failure::RequestTooLarge:
      return body_too_large(context, context.route->body_bytes);
    case integration::Failure::RequestBroken:
      return bad_request(context);
  }
  if (!rest) return set_http(context, ResponseType::ApiConfigurationError, 500, "Internal Server Error");
  set(context, ResponseType::ApiConfigurationError, "Internal server error");
}

}  // namespace gatehouse::gateway::refusal
