#include "integration/identity_pool.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "identity/trust_context.hpp"

namespace gatehouse::integration {
namespace {

using identity::Fault;
using identity::IdentityPool;
using identity::Login;
using identity::Outcome;
using identity::refuse;
using kit::jose::Refusal;

constexpr std::string_view kContentType = "application/x-amz-json-1.1";
constexpr std::string_view kUserPool = "cognito-idp.";

template <class T>
tl::unexpected<Fault> failed(const Outcome<T>& outcome) {
  return tl::unexpected<Fault>(outcome.error());
}

std::string quoted(std::string_view text) {
  std::string out;
  base::append_json_string(out, text);
  return out;
}

ServiceResponse json(int status, std::string body, std::string_view request_id) {
  ServiceResponse out;
  out.status = status;
  out.content_type = kContentType;
  out.headers.emplace_back("x-amzn-RequestId", request_id);
  out.body = std::move(body);
  return out;
}

/// Faults of the store have IAM's names.
Fault in_own_words(const Fault& fault) {
  if (fault.code.ends_with("Exception")) return fault;
  return {"InternalErrorException", "The request could not be processed; try again."};
}

ServiceResponse error(const Fault& fault, std::string_view request_id) {
  const int status = fault.code == "InternalErrorException" ? 500 : 400;
  ServiceResponse out =
      json(status, "{\"__type\":" + quoted(fault.code) + ",\"message\":" + quoted(fault.message) + "}", request_id);
  out.headers.emplace_back("x-amzn-ErrorType", fault.code);
  return out;
}

tl::unexpected<Fault> invalid_token(std::string_view why) {
  return refuse("NotAuthorizedException", "Invalid login token. " + std::string(why));
}

tl::unexpected<Fault> refused_token(const kit::jose::Outcome& outcome) {
  switch (outcome.refusal) {
    case Refusal::Expired:
      return invalid_token("Token expired.");
    case Refusal::Issuer:
      return invalid_token("Issuer doesn't match providerName");
    case Refusal::KeysDown:
    case Refusal::DiscoveryDown:
      return refuse("ExternalServiceException", "The identity provider could not be asked for its keys; try again.");
    case Refusal::UnknownKey:
    case Refusal::KeyMismatch:
    case Refusal::Signature:
      return invalid_token("Couldn't verify signed token.");
    default:
      return invalid_token("Not a valid OpenId Connect identity token.");
  }
}

/// The identity pool of an access token of a user pool is nobody's business: it says what may be done, not who it is.
bool is_identity_token(std::string_view provider, const IssuerKeys::Verdict& verdict) {
  if (verdict.access_token) return false;
  const kit::Json* const use = verdict.claims.member("token_use");
  return !provider.starts_with(kUserPool) ||
         (use != nullptr && use->kind == kit::Json::Kind::String && use->text == "id");
}

identity::StsFacts facts_of(const ServiceRequest& request) {
  identity::StsFacts out;
  out.source_ip = request.source_ip;
  out.source_ip_text = request.source_ip_text;
  out.user_agent = request.user_agent;
  out.region = request.region;
  out.tls = request.tls;
  out.unix_ms = request.unix_ms;
  return out;
}

}  // namespace

ServiceResponse IdentityPools::answer(const ServiceRequest& request) const {
  if (request.method == "OPTIONS") return preflight(request);
  std::string log;
  const auto in = read_pool_request(request);
  Answer result = in ? act(*in, request, log) : Answer(failed(in));
  ServiceResponse out = result ? json(200, std::move(*result), request.request_id)
                               : error(in_own_words(result.error()), request.request_id);
  out.log_note = in ? name(in->operation) : std::string_view("identity_pool");
  if (!result) out.log_note += ": " + result.error().code;
  if (!log.empty()) out.log_note += " (" + log + ")";
  allow_origin(request, out);
  return out;
}

ServiceResponse IdentityPools::refused(const ServiceRefusal& refusal) const {
  Fault fault{"InvalidParameterException", std::string(refusal.message)};
  if (refusal.status >= 500)
    fault = {"InternalErrorException", "The request could not be processed."};
  else if (refusal.status == 429)
    fault = {"TooManyRequestsException", "Rate exceeded"};
  else if (refusal.status == 401 || refusal.status == 403)
    fault.code = "NotAuthorizedException";
  ServiceResponse out = error(fault, refusal.request_id);
  out.log_note = fault.code;
  return out;
}

IdentityPools::Answer IdentityPools::act(const PoolRequest& in, const ServiceRequest& request, std::string& log) const {
  switch (in.operation) {
    case PoolOperation::GetId:
      return get_id(in, request, log);
    case PoolOperation::GetCredentialsForIdentity:
      return get_credentials(in, request, log);
    case PoolOperation::GetOpenIdToken:
      break;
  }
  return get_token(in, request, log);
}

Outcome<std::vector<Login>> IdentityPools::verify(const IdentityPool& pool, const PoolRequest& in,
                                                  std::int64_t deadline_ns, std::string& log) const {
  std::vector<Login> out;
  for (const auto& [provider, token] : in.logins) {
    const std::string& asked = provider;
    const auto known =
        std::find_if(pool.providers.begin(), pool.providers.end(), [&](const auto& one) { return one.first == asked; });
    if (known == pool.providers.end())
      return refuse("NotAuthorizedException", "Token is not from a supported provider of this identity pool.");
    auto verdict = parts_.issuers->verify(token, provider, deadline_ns);
    if (!verdict.outcome) {
      log = provider + ": " + verdict.outcome.detail;
      return refused_token(verdict.outcome);
    }
    if (!is_identity_token(provider, verdict)) {
      log = provider + ": an access token, not an ID token";
      return invalid_token("Not a valid OpenId Connect identity token.");
    }
    const auto who = identity::read_web_identity(verdict.claims, known->second);
    if (!who) return invalid_token(who.error().message);
    out.push_back({provider, who->subject, std::move(verdict.claims)});
  }
  return out;
}

bool IdentityPools::may_create(std::int64_t unix_ms) const {
  const std::lock_guard lock(mutex_);
  const std::int64_t minute = unix_ms / 60'000;
  if (minute != minute_) created_ = 0;
  minute_ = minute;
  return created_ < options_.new_identities_per_minute && ++created_ != 0;
}

IdentityPools::Answer IdentityPools::get_id(const PoolRequest& in, const ServiceRequest& request,
                                            std::string& log) const {
  const auto pool = identity::pool_by_id(*parts_.store, *in.pool_id);
  if (!pool) return failed(pool);
  if (in.account_id && *in.account_id != pool->account)
    return refuse("ResourceNotFoundException", "IdentityPool '" + *in.pool_id + "' not found.");
  const auto logins = verify(*pool, in, request.deadline_ns, log);
  if (!logins) return failed(logins);
  base::SystemRandom random;
  const auto id = identity::identity_for(*parts_.store, *pool, *logins, random, request.unix_ms / 1000,
                                         [&] { return may_create(request.unix_ms); });
  if (!id) return id;
  return "{\"IdentityId\":" + quoted(*id) + "}";
}

IdentityPools::Answer IdentityPools::get_credentials(const PoolRequest& in, const ServiceRequest& request,
                                                     std::string& log) const {
  const auto pool = identity::pool_of_identity(*parts_.store, *in.identity_id);
  if (!pool) return failed(pool);
  const auto logins = verify(*pool, in, request.deadline_ns, log);
  if (!logins) return failed(logins);
  if (const auto in_time = identity::admit(*parts_.store, *pool, *in.identity_id, *logins); !in_time)
    return failed(in_time);
  const Login* const login = identity::deciding_login(*pool, *logins);
  const auto role = identity::choose_role(*pool, login, in.custom_role_arn);
  if (!role) return role;
  const auto who = identity::pool_identity(*pool, *in.identity_id, login);
  if (!who) return failed(who);
  base::SystemRandom random;
  const auto made = identity::pool_credentials(*parts_.store, random, facts_of(request), *role, *who, log);
  if (!made) return failed(made);
  return "{\"IdentityId\":" + quoted(*in.identity_id) +
         ",\"Credentials\":{\"AccessKeyId\":" + quoted(made->access_key_id) +
         ",\"SecretKey\":" + quoted(made->secret.reveal()) +
         ",\"SessionToken\":" + quoted(made->session_token.reveal()) +
         ",\"Expiration\":" + std::to_string(made->expires) + "}}";
}

IdentityPools::Answer IdentityPools::get_token(const PoolRequest& in, const ServiceRequest& request,
                                               std::string& log) const {
  const auto pool = identity::pool_of_identity(*parts_.store, *in.identity_id);
  if (!pool) return failed(pool);
  if (!pool->allow_basic_flow)
    return refuse("InvalidParameterException", "Basic (classic) flow is not enabled, please use enhanced flow.");
  const auto logins = verify(*pool, in, request.deadline_ns, log);
  if (!logins) return failed(logins);
  if (const auto in_time = identity::admit(*parts_.store, *pool, *in.identity_id, *logins); !in_time)
    return failed(in_time);
  const auto who = identity::pool_identity(*pool, *in.identity_id, identity::deciding_login(*pool, *logins));
  if (!who) return failed(who);
  const auto token = parts_.tokens->mint(*who, request.unix_ms);
  if (!token) return token;
  return "{\"IdentityId\":" + quoted(*in.identity_id) + ",\"Token\":" + quoted(*token) + "}";
}

void IdentityPools::allow_origin(const ServiceRequest& request, ServiceResponse& out) const {
  if (options_.origins.empty()) return;
  out.headers.emplace_back("Vary", "Origin");
  const auto has = [&](std::string_view one) {
    return std::find(options_.origins.begin(), options_.origins.end(), one) != options_.origins.end();
  };
  if (request.origin.empty() || (!has("*") && !has(request.origin))) return;
  out.headers.emplace_back("Access-Control-Allow-Origin", has("*") ? std::string("*") : request.origin);
  out.headers.emplace_back("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType");
}

ServiceResponse IdentityPools::preflight(const ServiceRequest& request) const {
  ServiceResponse out;
  out.status = 204;
  out.log_note = "preflight";
  allow_origin(request, out);
  const bool allowed = std::any_of(out.headers.begin(), out.headers.end(),
                                   [](const auto& line) { return line.first == "Access-Control-Allow-Origin"; });
  if (!allowed) return out;
  out.headers.emplace_back("Access-Control-Allow-Methods", "POST");
  out.headers.emplace_back("Access-Control-Allow-Headers",
                           "content-type,x-amz-target,x-amz-user-agent,x-amz-content-sha256,x-amz-date,"
                           "x-amz-security-token,authorization,amz-sdk-invocation-id,amz-sdk-request,cache-control");
  out.headers.emplace_back("Access-Control-Max-Age", "7200");
  return out;
}

}  // namespace gatehouse::integration
