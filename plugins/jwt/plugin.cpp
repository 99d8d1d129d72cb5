// JWT authorizer of HTTP APIs (spec jwt-authorizers): tokens of one OpenID provider, verified with its public keys.
#include <gatehouse/authorizer.hpp>
#include <gatehouse/kit/jose/answer_claims.hpp>
#include <gatehouse/kit/jose/challenge.hpp>
#include <gatehouse/kit/jose/claims.hpp>
#include <gatehouse/kit/jose/host_doors.hpp>
#include <gatehouse/kit/jose/token_gate.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "settings.hpp"
#include "settings_schema.hpp"

namespace gatehouse::jwt {
namespace {

/// A token that was found good: the answer, ready to be given whenever it comes again.
struct Accepted final : jose::Verified {
  explicit Accepted(Answer given) : answer(std::move(given)) {}
  const ReadyAnswer answer;
  std::vector<std::string> scopes;
};

/// `Bearer TOKEN`, in whatever case and with however many blanks, or the bare token (JW-10).
std::string_view token_of(std::string_view value) noexcept {
  constexpr std::string_view kScheme = "bearer";
  if (value.size() <= kScheme.size() || value[kScheme.size()] != ' ') return value;
  for (std::size_t i = 0; i < kScheme.size(); ++i)
    if ((value[i] | 0x20) != kScheme[i]) return value;
  value.remove_prefix(kScheme.size());
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  return value;
}

bool has_one_of(const std::vector<std::string>& given, const std::vector<std::string_view>& asked) {
  return std::any_of(asked.begin(), asked.end(),
                     [&](std::string_view one) { return std::find(given.begin(), given.end(), one) != given.end(); });
}

class Jwt final : public AsyncAuthorizer {
 public:
  static constexpr auto info = Info("JSON Web Tokens of an OpenID provider")
                                   .nonblocking()
                                   .vendor("Gatehouse")
                                   .needs(GH_NEED_SCOPES)
                                   .services({GH_SVC_HTTP, GH_SVC_CLOCK, GH_SVC_TIMER})
                                   .settings(kSettingsSchema);

  Jwt(const Config& config, Host& host)
      : settings_(read_settings(config)),
        keys_(settings_.fixed != nullptr
                  ? std::make_shared<jose::KeySource>(settings_.fixed)
                  : std::make_shared<jose::KeySource>(settings_.keys,
                                                      jose::doors_of(host, settings_.fetch, jose::KeyCounters(host)))),
        gate_(
            jose::at(settings_.gate, host), {{settings_.issuer, keys_}},
            [this](const kit::Json& claims, std::size_t, std::int64_t now_ms, std::int64_t& until_ms,
                   jose::Outcome& why) { return judge(claims, now_ms, until_ms, why); },
            host.worker_count()),
        hits_(host.counter("token_cache_hits_total", "tokens that were remembered")),
        misses_(host.counter("token_cache_misses_total", "tokens that were verified anew")) {
    if (settings_.fetch.allow_http)
      host.log(Level::Warn, "`allow_insecure_issuer`: whoever stands between can give keys of his own");
  }

  void start() override { keys_->start(); }
  void stop() override { keys_->stop(); }

  void authorize(const Request& request, Call call) override {
    const Fields sources = request.identity();
    const std::string_view token = sources.size() == 1 ? token_of(sources[0].second) : std::string_view();
    if (token.empty()) return call.complete(refused({jose::Refusal::Missing, "no token"}, {}));
    std::vector<std::string_view> asked_scopes = request.scopes();
    jose::TokenGate::Asked asked;
    if (const jose::Verdict* known = gate_.known(token, request.worker(), request.time_unix_ms(), asked)) {
      hits_.add();
      return answer(*known, asked_scopes, call);
    }
    misses_.add();
    // The request's bytes may be gone when keys have to be fetched first.
    auto waiting = std::make_shared<std::pair<Call, std::vector<std::string>>>(
        std::move(call), std::vector<std::string>(asked_scopes.begin(), asked_scopes.end()));
    gate_.verify(std::string(token), asked, request.time_unix_ms(), [this, waiting](const jose::Verdict& verdict) {
      answer(verdict, {waiting->second.begin(), waiting->second.end()}, waiting->first);
    });
  }

 private:
  /// What follows the issuer in spec section 2: audience, times; then what the operator requires beyond that.
  std::shared_ptr<const jose::Verified> judge(const kit::Json& claims, std::int64_t now_ms, std::int64_t& until_ms,
                                              jose::Outcome& why) const {
    if (!settings_.audiences.empty()) why = jose::check_audience(claims, settings_.audiences);
    if (why) why = jose::check_times(claims, now_ms, settings_.skew_s);
    for (const auto& [name, value] : settings_.required_claims)
      if (why) why = jose::check_claim(claims, name, value);
    if (!why) return nullptr;
    until_ms = jose::expiry_ms(claims, settings_.skew_s);
    Answer answer(GH_ALLOW);
    answer.valid_until(until_ms);  // whoever else keeps it
    if (const kit::Json* sub = claims.member("sub"); sub != nullptr && sub->kind == kit::Json::Kind::String)
      answer.principal(sub->text);
    jose::put_claims(answer, claims);
    std::vector<std::string> scopes = jose::scopes_of(claims);
    auto out = std::make_shared<Accepted>(std::move(answer.scopes(scopes)));
    out->scopes = std::move(scopes);
    return out;
  }

  void answer(const jose::Verdict& verdict, const std::vector<std::string_view>& scopes, Call& call) const {
    if (!verdict.outcome) return call.complete(refused(verdict.outcome, {}));
    const auto& accepted = static_cast<const Accepted&>(*verdict.verified);
    if (!scopes.empty() && !has_one_of(accepted.scopes, scopes))
      return call.complete(refused({jose::Refusal::Scope, "the token has none of the route's scopes"}, scopes));
    call.complete(accepted.answer);
  }

  Answer refused(const jose::Outcome& why, const std::vector<std::string_view>& scopes) const {
    const bool scope = why.refusal == jose::Refusal::Scope;
    std::string error(why.refusal == jose::Refusal::Missing ? "missing: " : "invalid_token: ");  // JW-3C
    error += jose::description(why.refusal);
    Answer out(scope ? GH_DENY : GH_UNAUTHORIZED);
    out.challenge(jose::challenge(why.refusal, scopes, settings_.commas_in_challenge));
    out.reason(why.detail).error_text(error);
    return out;
  }

  const Settings settings_;
  const std::shared_ptr<jose::KeySource> keys_;
  jose::TokenGate gate_;
  const Counter hits_, misses_;
};

}  // namespace
}  // namespace gatehouse::jwt

using gatehouse::jwt::Jwt;
GATEHOUSE_AUTHORIZER(Jwt, "gatehouse.jwt", "1.0.0")
