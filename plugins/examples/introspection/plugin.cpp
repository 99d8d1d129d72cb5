// Asks the authorization server what a token is worth (RFC 7662) and remembers the answer for a while.
#include <gatehouse/authorizer.hpp>

#include <algorithm>

#include "token.hpp"
namespace gh = gatehouse;

namespace {

constexpr const char* kSettings = R"({
  "type": "object", "required": ["endpoint"], "additionalProperties": false, "properties": {
    "endpoint": {"type": "string", "minLength": 9, "description": "introspection endpoint, https://"},
    "issuer": {"type": "string", "description": "what `iss` must be, when it is set here"},
    "audience": {"type": "array", "items": {"type": "string"}, "minItems": 1,
                 "description": "one of these must be in `aud`, when it is set here"},
    "cache_seconds": {"type": "integer", "minimum": 0, "maximum": 3600, "default": 60,
                      "description": "how long an active token is believed without asking again"},
    "timeout_ms": {"type": "integer", "minimum": 100, "maximum": 60000, "default": 2000},
    "allow_private": {"type": "boolean", "default": false,
                      "description": "the endpoint may be at a private address; grants.http must say so as well"}}})";

class Introspection : public gh::AsyncAuthorizer {
 public:
  static constexpr auto info = gh::Info("token introspection (RFC 7662)")
                                   .nonblocking()
                                   .needs(GH_NEED_SCOPES)
                                   .services({GH_SVC_HTTP, GH_SVC_SECRETS, GH_SVC_CACHE, GH_SVC_CLOCK})
                                   .settings(kSettings);

  Introspection(const gh::Config& config, gh::Host& host)
      : host_(host),
        endpoint_(config.str("/endpoint")),
        issuer_(config.str("/issuer", "")),
        audience_(config.strings("/audience")),
        cache_s_(static_cast<std::int32_t>(config.integer("/cache_seconds"))),
        timeout_ms_(static_cast<std::uint32_t>(config.integer("/timeout_ms"))),
        allow_private_(config.boolean("/allow_private")),
        asked_(host.counter("introspections_total", "questions to the authorization server")),
        cached_(host.counter("cache_hits_total", "answers from the cache")) {
    // Tokens and credentials go there: never in the clear.
    if (endpoint_.rfind("https://", 0) != 0) throw gh::ConfigError("`endpoint` must begin with https://");
    authorization();  // a missing secret is found now, not at the first request
  }

  void authorize(const gh::Request& request, gh::Call call) override {
    // Of two headers the integration could read another than the one judged here.
    if (!request.header("authorization", 1).empty())
      return call.complete(gh::unauthorized("Bearer error=\"invalid_request\""));
    const std::string_view header = request.header("authorization");
    if (header.empty()) return call.complete(gh::unauthorized("Bearer"));
    const std::string_view token = introspection::bearer_token(header);
    if (token.empty()) return call.complete(gh::unauthorized("Bearer error=\"invalid_request\""));

    const auto asked_scopes = request.scopes();
    std::vector<std::string> scopes(asked_scopes.begin(), asked_scopes.end());
    std::string key = introspection::sha256(token);
    if (const auto known = host_.cache_get(key)) {
      cached_.add();
      return call.complete(judge(*known, scopes));
    }
    gh::Fetch question("POST", endpoint_);
    question.header("authorization", authorization())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json");
    question.body = "token=" + introspection::form_encode(token) + "&token_type_hint=access_token";
    question.timeout_ms = timeout_ms_;
    question.max_response_bytes = 64 << 10;
    question.allow_private = allow_private_;
    asked_.add();
    host_.fetch(question, std::move(call),
                [this, key = std::move(key), scopes = std::move(scopes)](gh::Call c, const gh::FetchResult& result) {
                  c.complete(told(key, scopes, result));
                });
  }

 private:
  /// RFC 6749, 2.3.1.
  std::string authorization() const {
    const gh::Secret id = host_.secret("client_id"), secret = host_.secret("client_secret");
    return "Basic " + introspection::base64(introspection::form_encode(id.reveal()) + ":" +
                                            introspection::form_encode(secret.reveal()));
  }

  gh::Answer told(const std::string& key, const std::vector<std::string>& scopes, const gh::FetchResult& result) {
    if (!result.came()) return gh::failed("introspection: " + result.error());
    if (result.status() != 200) return gh::failed("introspection: status " + std::to_string(result.status()));
    const auto claims = introspection::read_claims(result.body());
    if (!claims) return gh::failed("introspection: the response is not that of RFC 7662");
    // What is not active may become so; what is active is kept as it was told, and judged again each time.
    if (claims->active && cache_s_ > 0) {
      const double left_s = claims->expires_s ? *claims->expires_s - now_s() : cache_s_;
      const auto ttl_s = static_cast<std::int32_t>(std::min<double>(left_s, cache_s_));
      if (ttl_s > 0) host_.cache_put(key, result.body(), ttl_s);
    }
    return judge(*claims, scopes);
  }

  gh::Answer judge(std::string_view json, const std::vector<std::string>& scopes) const {
    const auto claims = introspection::read_claims(json);
    return claims ? judge(*claims, scopes) : gh::failed("introspection: the cache holds something else");
  }
  gh::Answer judge(const introspection::Claims& c, const std::vector<std::string>& scopes) const {
    const auto invalid = [](const char* why) { return gh::unauthorized("Bearer error=\"invalid_token\"").reason(why); };
    if (!c.active) return invalid("the token is not active");
    if (c.expires_s && *c.expires_s <= now_s()) return invalid("the token has expired");
    if (c.not_before_s && *c.not_before_s > now_s()) return invalid("the token is not good yet");
    if (!issuer_.empty() && c.issuer != issuer_) return invalid("the token is of another issuer");
    if (!audience_.empty() && !share(audience_, c.audience)) return invalid("the token is for another audience");
    if (!scopes.empty() && !share(scopes, c.scopes))
      return gh::deny("the token has none of the route's scopes").challenge("Bearer error=\"insufficient_scope\"");
    const std::string& who = !c.subject.empty() ? c.subject : !c.username.empty() ? c.username : c.client_id;
    if (who.empty()) return gh::failed("introspection: an active token of nobody: no sub, username or client_id");
    gh::Answer answer = gh::allow(who);
    std::string all;
    for (const std::string& scope : c.scopes) all += (all.empty() ? "" : " ") + scope;
    answer.context("scope", all).context("client_id", c.client_id).context("username", c.username);
    answer.ttl(cache_s_);
    if (c.expires_s) answer.valid_until(static_cast<std::int64_t>(*c.expires_s * 1000));
    return answer;
  }
  static bool share(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::any_of(a.begin(), a.end(), [&](const auto& x) { return std::find(b.begin(), b.end(), x) != b.end(); });
  }
  double now_s() const { return static_cast<double>(host_.unix_ms()) / 1000; }

  gh::Host& host_;
  const std::string endpoint_, issuer_;
  const std::vector<std::string> audience_;
  const std::int32_t cache_s_;
  const std::uint32_t timeout_ms_;
  const bool allow_private_;
  const gh::Counter asked_, cached_;
};

}  // namespace
GATEHOUSE_AUTHORIZER(Introspection, "com.example.introspection", "1.0.0")
