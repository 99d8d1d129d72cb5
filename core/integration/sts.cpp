#include "integration/sts.hpp"

#include <utility>

#include "identity/assume.hpp"
#include "identity/trust.hpp"
#include "integration/query_refusal.hpp"
#include "integration/query_xml.hpp"

namespace gatehouse::integration {
namespace {

using identity::Fault;
using identity::Outcome;
using identity::refuse;
using identity::StsFacts;
using identity::Value;
using kit::jose::Refusal;

template <class T>
tl::unexpected<Fault> failed(const Outcome<T>& outcome) {
  return tl::unexpected<Fault>(outcome.error());
}

Value credentials(const identity::TemporaryCredentials& made) {
  Value out;
  out.set("AccessKeyId", made.access_key_id)
      .set("SecretAccessKey", made.secret.reveal())
      .set("SessionToken", made.session_token.reveal())
      .set("Expiration", Value::of_time(made.expires));
  return out;
}

Value assumed(const identity::Assumed& made) {
  Value user;
  user.set("AssumedRoleId", made.role_id).set("Arn", made.arn);
  Value out;
  out.set("Credentials", credentials(made.credentials)).set("AssumedRoleUser", std::move(user));
  if (made.packed_percent) out.set("PackedPolicySize", Value::of_number(*made.packed_percent));
  if (!made.source_identity.empty()) out.set("SourceIdentity", made.source_identity);
  return out;
}

Value caller_identity(const access::KnownCaller& caller) {
  Value out;
  out.set("Arn", caller.arn).set("UserId", caller.user_id).set("Account", caller.account);
  return out;
}

StsFacts facts_of(const ServiceRequest& request) {
  StsFacts out;
  out.caller = request.caller.get();
  out.source_ip = request.source_ip;
  out.source_ip_text = request.source_ip_text;
  out.user_agent = request.user_agent;
  out.region = request.region;
  out.tls = request.tls;
  out.unix_ms = request.unix_ms;
  return out;
}

/// Whom the chain knew and let through; nobody whose time is over meanwhile.
Outcome<void> must_be_known(const ServiceRequest& request) {
  if (request.caller == nullptr) return refuse("MissingAuthenticationToken", "Request is missing Authentication Token");
  if (request.caller->expires != 0 && request.unix_ms / 1000 >= request.caller->expires)
    return refuse("ExpiredToken", "The security token included in the request is expired");
  return {};
}

}  // namespace

Fault web_identity_fault(const kit::jose::Outcome& outcome) {
  switch (outcome.refusal) {
    case Refusal::Expired:
      return {"ExpiredTokenException", "The web identity token that was passed is expired or has no time of expiry"};
    case Refusal::KeysDown:
    case Refusal::DiscoveryDown:
      return {"IDPCommunicationError", "The identity provider could not be asked for its keys; try again"};
    case Refusal::UnknownKey:
    case Refusal::KeyMismatch:
      return {"InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider"};
    case Refusal::Issuer:
      return {"InvalidIdentityToken", "The issuer of the token is another"};
    case Refusal::NotYet:
      return {"InvalidIdentityToken", "The token is not valid yet"};
    case Refusal::Algorithm:
      return {"InvalidIdentityToken", "The token is signed with an algorithm that is not supported"};
    case Refusal::Signature:
      return {"InvalidIdentityToken", "The token's signature is invalid"};
    default:
      break;
  }
  return {"InvalidIdentityToken", "The ID Token provided is not a valid JWT"};
}

ServiceResponse Sts::answer(const ServiceRequest& request) const {
  std::string log;
  const auto refused = [&](const Fault& fault, std::string_view action) {
    ServiceResponse out = query_error(kStsQuery, fault, request.request_id);
    out.log_note.append(action).append(": ").append(fault.code);
    if (!log.empty()) out.log_note.append(" (").append(log).append(")");
    return out;
  };
  const auto call = parse_query(kStsQuery, request);
  if (!call) return refused(call.error(), "sts");
  const auto action = sts_action(call->action);
  if (!action)
    return refused({"InvalidAction", "Could not find operation " + call->action.substr(0, 64) + " for version " +
                                         std::string(kStsQuery.version)},
                   "sts");
  if (*action != StsAction::AssumeRoleWithWebIdentity)
    if (const auto known = must_be_known(request); !known) return refused(known.error(), call->action);
  const auto in = read_sts(*action, call->parameters);
  if (!in) return refused(in.error(), call->action);
  const auto result = act(*action, *in, request, log);
  if (!result) return refused(result.error(), call->action);
  ServiceResponse out = query_response(kStsQuery, call->action, &*result, request.request_id);
  out.log_note = call->action;
  if (request.caller != nullptr) out.log_note += " by " + request.caller->arn;
  // Read strictly: it holds nothing that could end a line.
  if (in->assume.role_arn && in->assume.session_name)
    out.log_note += " of " + *in->assume.role_arn + " as " + *in->assume.session_name;
  return out;
}

ServiceResponse Sts::refused(const ServiceRefusal& refusal) const {
  return query_refused(kStsQuery, refusal);
}

Sts::Answer Sts::act(StsAction action, const StsParameters& in, const ServiceRequest& request, std::string& log) const {
  const StsFacts facts = facts_of(request);
  switch (action) {
    case StsAction::AssumeRole:
      return assume_role(in, facts, log);
    case StsAction::AssumeRoleWithWebIdentity:
      return assume_with_web_identity(in, facts, request.deadline_ns, log);
    case StsAction::GetSessionToken:
      return session_token(in, facts);
    case StsAction::GetCallerIdentity:
      break;
  }
  return caller_identity(*facts.caller);
}

Sts::Answer Sts::assume_role(const StsParameters& in, const StsFacts& facts, std::string& log) const {
  if (in.provided_contexts)
    return refuse("ValidationError", "ProvidedContexts are assertions that AWS alone can verify; leave them out.");
  base::SystemRandom random;
  const auto made = identity::assume_role(*parts_.store, random, facts, in.assume, log);
  if (!made) return failed(made);
  return assumed(*made);
}

Sts::Answer Sts::session_token(const StsParameters& in, const StsFacts& facts) const {
  base::SystemRandom random;
  const auto made = identity::session_token(parts_.store->ring(), random, facts, in.assume);
  if (!made) return failed(made);
  Value out;
  out.set("Credentials", credentials(*made));
  return out;
}

Outcome<identity::WebIdentity> Sts::identify(const std::string& token, const std::string& account,
                                             const StsFacts& facts, std::int64_t deadline_ns, std::string& log) const {
  const auto told = [&](const kit::jose::Outcome& outcome) {
    log = outcome.detail;
    return tl::unexpected<Fault>(web_identity_fault(outcome));
  };
  const auto url = parts_.issuers->provider_of(token);
  if (!url) return told({Refusal::Malformed, "it is no token"});
  if (*url == identity::kCognitoIdentity) {
    if (parts_.pool_tokens == nullptr) return told({Refusal::Issuer, "this gateway has no identity pools"});
    return parts_.pool_tokens->identify(*parts_.store, token, facts.unix_ms, log);
  }
  const auto provider = parts_.store->read<std::optional<identity::OidcProvider>>(
      [&](identity::Tables& tables) -> Outcome<std::optional<identity::OidcProvider>> {
        return tables.provider(account, *url);
      });
  if (!provider) return failed(provider);
  if (!*provider || (*provider)->url != *url)
    return refuse("InvalidIdentityToken", "No OpenIDConnect provider found in your account for " + *url);
  const auto verdict = parts_.issuers->verify(token, *url, deadline_ns);
  if (!verdict.outcome) return told(verdict.outcome);
  if (!identity::has_whole_times(verdict.claims)) return told({Refusal::Claim, "its times are no whole numbers"});
  auto who = identity::read_web_identity(verdict.claims, (*provider)->client_ids);
  if (!who) return who;
  who->principal = (*provider)->arn();
  who->host = (*provider)->url;
  return who;
}

Sts::Answer Sts::assume_with_web_identity(const StsParameters& in, const StsFacts& facts, std::int64_t deadline_ns,
                                          std::string& log) const {
  identity::Constraints rules;
  rules.text("webIdentityToken", in.web_identity_token, 4, 20'000, nullptr, true);
  if (const auto sound = rules.done(); !sound) {
    // A token stands in no message.
    if (in.web_identity_token)
      return refuse("ValidationError",
                    "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member "
                    "must have length between 4 and 20000");
    return failed(sound);
  }
  if (in.provider_id)
    return refuse("ValidationError",
                  "ProviderId is for OAuth 2.0 access tokens, which are not supported; leave it "
                  "out for OpenID Connect.");
  if (const auto sound = identity::check(in.assume); !sound) return failed(sound);
  const auto account = identity::role_account(*in.assume.role_arn);
  if (!account) return failed(account);
  // The token is judged before the role is looked for: who has none learns nothing of roles.
  const auto who = identify(*in.web_identity_token, *account, facts, deadline_ns, log);
  if (!who) return failed(who);
  base::SystemRandom random;
  const auto made = identity::assume_with_web_identity(*parts_.store, random, facts, in.assume, *who, log);
  if (!made) return failed(made);
  Value out = assumed(*made);
  out.set("SubjectFromWebIdentityToken", who->subject).set("Provider", who->issuer).set("Audience", who->audience);
  return out;
}

}  // namespace gatehouse::integration
