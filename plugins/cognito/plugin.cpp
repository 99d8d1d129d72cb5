// Cognito user pool authorizer of REST APIs (spec cognito-authorizers): ID tokens, or access tokens where the method
// asks for scopes.
#include <re2/re2.h>
#include <gatehouse/authorizer.hpp>
#include <gatehouse/kit/jose/answer_claims.hpp>
#include <gatehouse/kit/jose/claims.hpp>
#include <gatehouse/kit/jose/token_gate.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pools.hpp"
#include "settings.hpp"
#include "settings_schema.hpp"

namespace gatehouse::cognito {
namespace {

/// A token that was found good, for one use or the other: the answer, ready to be given whenever it comes again.
struct Accepted final : jose::Verified {
  explicit Accepted(Answer given) : answer(std::move(given)) {}
  const ReadyAnswer answer;
  bool access = false;
  bool audience_matches = false;  // what the validation expression says (CG-28)
  std::vector<std::string> scopes;
};

/// The token, or what stands behind `Bearer ` (CG-21).
std::string_view token_of(std::string_view value) noexcept {
  constexpr std::string_view kScheme = "Bearer ";
  return value.substr(0, kScheme.size()) == kScheme ? value.substr(kScheme.size()) : value;
}

/// A claim that is one text and not empty (CG-27).
const std::string* text_of(const kit::Json& claims, std::string_view name) {
  const kit::Json* claim = claims.member(name);
  return claim != nullptr && claim->kind == kit::Json::Kind::String && !claim->text.empty() ? &claim->text : nullptr;
}

class Cognito final : public AsyncAuthorizer {
 public:
  static constexpr auto info = Info("tokens of Amazon Cognito user pools")
                                   .nonblocking()
                                   .vendor("Gatehouse")
                                   .needs(GH_NEED_SCOPES | GH_NEED_STAGE_VARS)
                                   .services({GH_SVC_HTTP, GH_SVC_CLOCK, GH_SVC_TIMER})
                                   .settings(kSettingsSchema);

  Cognito(const Config& config, Host& host)
      : settings_(read_settings(config)),
        pools_(settings_, host,
               [this](const kit::Json& claims, std::size_t, std::int64_t now_ms, std::int64_t& until_ms,
                      jose::Outcome& why) { return judge(claims, now_ms, until_ms, why); }),
        hits_(host.counter("token_cache_hits_total", "tokens that were remembered")),
        misses_(host.counter("token_cache_misses_total", "tokens that were verified anew")) {
    for (const auto& [arn, endpoint] : settings_.endpoints)
      if (endpoint.insecure)
        host.log(Level::Warn, "cognito_endpoints: `" + arn + "` has `allow_insecure`: its tokens prove nothing");
      else if (endpoint.issuer.rfind("http://", 0) == 0)
        host.log(Level::Warn, "cognito_endpoints: `" + arn + "` has an issuer at http://, as emulators have");
  }

  void start() override { pools_.start(); }
  void stop() override { pools_.stop(); }

  void authorize(const Request& request, Call call) override {
    const Fields sources = request.identity();
    const std::string_view token = sources.size() == 1 ? token_of(sources[0].second) : std::string_view();
    if (token.empty()) return call.complete(unauthorized({jose::Refusal::Missing, "no token"}));
    std::string fault;
    jose::TokenGate* const gate = pools_.find(request, fault);
    if (gate == nullptr) return call.complete(misconfigured(fault));
    std::vector<std::string_view> asked_scopes = request.scopes();
    jose::TokenGate::Asked asked;
    if (const jose::Verdict* known = gate->known(token, request.worker(), request.time_unix_ms(), asked)) {
      hits_.add();
      return answer(*known, asked_scopes, call);
    }
    misses_.add();
    // The request's bytes may be gone when keys have to be fetched first.
    auto waiting = std::make_shared<std::pair<Call, std::vector<std::string>>>(
        std::move(call), std::vector<std::string>(asked_scopes.begin(), asked_scopes.end()));
    gate->verify(std::string(token), asked, request.time_unix_ms(), [this, waiting](const jose::Verdict& verdict) {
      answer(verdict, {waiting->second.begin(), waiting->second.end()}, waiting->first);
    });
  }

 private:
  /// What does not depend on the method and follows signature and issuer in spec section 3.
  std::shared_ptr<const jose::Verified> judge(const kit::Json& claims, std::int64_t now_ms, std::int64_t& until_ms,
                                              jose::Outcome& why) const;

  void answer(const jose::Verdict& verdict, const std::vector<std::string_view>& scopes, Call& call) const {
    using jose::Refusal;
    const Refusal refusal = verdict.outcome.refusal;
    if (refusal == Refusal::KeysDown || refusal == Refusal::DiscoveryDown)
      return call.complete(misconfigured(verdict.outcome.detail));
    if (!verdict.outcome) return call.complete(unauthorized(verdict.outcome));
    const auto& accepted = static_cast<const Accepted&>(*verdict.verified);
    if (const jose::Outcome why = fits(accepted, scopes); !why) return call.complete(unauthorized(why));
    call.complete(accepted.answer);
  }

  /// Which kind of token the method takes (CG-10..14), and what it asks of it (CG-28, CG-29).
  static jose::Outcome fits(const Accepted& token, const std::vector<std::string_view>& scopes) {
    using jose::Refusal;
    if (token.access == scopes.empty())
      return {Refusal::Claim, scopes.empty() ? "an access token, and the method has no scopes: it takes ID tokens"
                                             : "an ID token, and the method has scopes: it takes access tokens"};
    if (!token.audience_matches) return {Refusal::Audience, "`aud` does not match the validation expression"};
    const bool one = scopes.empty() || std::any_of(scopes.begin(), scopes.end(), [&](std::string_view scope) {
                       return std::find(token.scopes.begin(), token.scopes.end(), scope) != token.scopes.end();
                     });
    if (!one) return {Refusal::Scope, "the token has none of the method's scopes"};
    return {};
  }

  /// CG-30, CG-31: nobody but the owner of a good signature learns that it has expired.
  static Answer unauthorized(const jose::Outcome& why) {
    Answer out(GH_UNAUTHORIZED);
    out.reason(why.detail);
    if (why.refusal == jose::Refusal::Expired) out.message("The incoming token has expired");
    return out;
  }
  /// CG-33, CG-34.
  static Answer misconfigured(std::string_view why) {
    Answer out(GH_FAILED);
    out.reason(why).response_type("AUTHORIZER_CONFIGURATION_ERROR");
    return out;
  }

  const Settings settings_;
  Pools pools_;
  const Counter hits_, misses_;
};

std::shared_ptr<const jose::Verified> Cognito::judge(const kit::Json& claims, std::int64_t now_ms,
                                                     std::int64_t& until_ms, jose::Outcome& why) const {
  using jose::Refusal;
  why = jose::check_times(claims, now_ms, 0);
  if (!why) return nullptr;
  const std::string* const use = text_of(claims, "token_use");
  const bool access = use != nullptr && *use == "access";
  if (use == nullptr || (!access && *use != "id")) {
    why = {Refusal::Claim, "`token_use` is neither `id` nor `access`"};
    return nullptr;
  }
  const char* const name = access ? "client_id" : "aud";
  const std::string* const client = text_of(claims, name);
  if (client == nullptr) {
    why = {Refusal::Audience, std::string("`") + name + "` is not one text"};
    return nullptr;
  }
  if (!settings_.client_ids.empty() &&
      std::find(settings_.client_ids.begin(), settings_.client_ids.end(), *client) == settings_.client_ids.end()) {
    why = {Refusal::Audience, std::string("`") + name + "` is none of `allowed_client_ids`"};
    return nullptr;
  }
  until_ms = jose::expiry_ms(claims, 0);
  Answer answer(GH_ALLOW);
  answer.valid_until(until_ms);  // whoever else keeps it
  if (const std::string* sub = text_of(claims, "sub")) answer.principal(*sub);
  jose::put_claims(answer, claims);
  auto out = std::make_shared<Accepted>(std::move(answer));
  out->access = access;
  // Access tokens have no `aud`, unless they are bound to a resource.
  const std::string* const audience = text_of(claims, "aud");
  out->audience_matches =
      settings_.audience == nullptr || (audience != nullptr && re2::RE2::FullMatch(*audience, *settings_.audience));
  out->scopes = jose::scopes_of(claims);
  return out;
}

}  // namespace
}  // namespace gatehouse::cognito

using gatehouse::cognito::Cognito;
GATEHOUSE_AUTHORIZER(Cognito, "gatehouse.cognito", "1.0.0")
