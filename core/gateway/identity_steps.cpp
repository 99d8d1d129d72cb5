#include "gateway/identity_steps.hpp"

namespace gatehouse::gateway {
namespace {

constexpr std::int64_t kRestTtlSeconds = 300;  // LA-04
constexpr std::int64_t kRestTimeoutMs = 29'000;
constexpr std::int64_t kTimeoutMs = 10'000;

Where sources_where(const config::Authorizer& settings) {
  return settings.identity_sources_where.line != 0 ? settings.identity_sources_where : settings.where;
}

// Everything that gives a kept answer its meaning, but for the authorizer itself. Each text behind its length.
std::string terms(const config::Authorizer& settings, std::int64_t ttl_s, const config::Limits& limits) {
  std::string out;
  const auto add = [&](const std::string& text) { out += std::to_string(text.size()) + ":" + text; };
  add(std::string(config::name(settings.type)));
  add(std::to_string(ttl_s));
  add(std::to_string(limits.result_cache_entries));
  add(std::to_string(limits.result_cache_bytes));
  add(settings.validation_expression);
  for (const std::string& source : settings.identity_sources) add(source);
  return out;
}

}  // namespace

std::int64_t IdentitySteps::timeout_ms(const config::Api& api, const config::Authorizer& settings) const {
  if (settings.timeout_ms != 0) return settings.timeout_ms;
  if (config_.gateway.timeouts.authorizer_ms != 0) return config_.gateway.timeouts.authorizer_ms;
  return config::is_identity(settings.type) && api.type == config::ApiType::Rest ? kRestTimeoutMs : kTimeoutMs;
}

void IdentitySteps::complete(const config::Api& api, const config::Authorizer& settings,
                             const std::shared_ptr<access::Authorizer>& authorizer, access::Step& step) {
  const std::string who =
      "authorizer `" + settings.name + "`, used by " + std::string(config::name(api.type)) + " API `" + api.name + "`";
  const bool rest = api.type == config::ApiType::Rest;
  const bool is_token = settings.type == config::AuthorizerType::Token;
  if (is_token) token(settings, who, step);
  if (settings.type == config::AuthorizerType::Iam) return;  // every signature is verified; nothing is kept
  if (settings.type == config::AuthorizerType::Jwt || settings.type == config::AuthorizerType::Cognito)
    return verifier(settings, who, step);
  const std::int64_t ttl_s = settings.result_ttl_seconds >= 0 ? settings.result_ttl_seconds
                             : rest                           ? kRestTtlSeconds
                                                              : 0;
  if (ttl_s > 0 && settings.identity_sources.empty()) {  // LA-05, LA-A9
    diagnostics_.error({Code::Conflict,
                        who + ": `result_ttl_seconds` is not written, so that results are kept for 300 seconds as on "
                              "AWS, and that needs `identity_sources`: write some, or `result_ttl_seconds: 0`",
                        settings.where});
    return;
  }
  if (ttl_s > 0 && settings.grants.body) {
    diagnostics_.error(
        {Code::Conflict,
         who + ": it reads bodies, and a REST API keeps answers for 300 seconds unless told otherwise, which "
               "would hold for the next body, too: write `result_ttl_seconds: 0`",
         settings.where});
    return;
  }
  // LA-23, LA-24, LA-26; LA-25: REST checks nothing before the function while results are not kept.
  step.require_identity_sources =
      !step.identity_sources.empty() && (is_token || !rest || ttl_s > 0 || settings.strict_identity_sources);
  if (ttl_s > 0) step.authorizer = caching(settings, ttl_s, authorizer);
}

void IdentitySteps::token(const config::Authorizer& settings, const std::string& who, access::Step& step) {
  for (const access::IdentitySource& source : step.identity_sources)  // LA-06
    if (!source.is_header())
      diagnostics_.error(sources_where(settings), who + ": identity source `" + std::string(source.text()) +
                                                      "` is no header: `type: token` takes "
                                                      "`method.request.header.Name`");
  if (settings.validation_expression.empty()) return;
  const auto [at, fresh] = expressions_.try_emplace(settings.name);
  if (fresh) {
    auto parsed = access::ValidationExpression::parse(settings.validation_expression);
    if (parsed)
      at->second = std::make_shared<access::ValidationExpression>(std::move(*parsed));
    else
      diagnostics_.error(std::move(parsed.error()).at(settings.validation_expression_where));
  }
  step.validation = at->second;
}

// JW-05: no results are kept here. The plugin remembers tokens that it has verified, and knows when they end.
void IdentitySteps::verifier(const config::Authorizer& settings, const std::string& who, access::Step& step) {
  const bool jwt = settings.type == config::AuthorizerType::Jwt;
  for (const access::IdentitySource& source : step.identity_sources)  // JW-03
    if (!source.is_header() && !(jwt && source.is_query()))
      diagnostics_.error(sources_where(settings),
                         who + ": identity source `" + std::string(source.text()) + "` is no header" +
                             (jwt ? " and no query parameter: `type: jwt` takes `$request.header.Name` or "
                                    "`$request.querystring.name`"
                                  : ": `type: cognito` takes `method.request.header.Name`"));
  // CG-20. A JWT that is missing has words of its own, which the plugin has (JW-30, JW-3C).
  step.require_identity_sources = !jwt;
}

access::Authorizer* IdentitySteps::caching(const config::Authorizer& settings, std::int64_t ttl_s,
                                           const std::shared_ptr<access::Authorizer>& inner) {
  access::Authorizer*& known = caching_[settings.name];
  if (known != nullptr) return known;
  ResultCaching mine;
  mine.terms = terms(settings, ttl_s, config_.gateway.limits);
  if (surroundings_.previous != nullptr)
    for (const ResultCaching& old : surroundings_.previous->result_caches)
      if (old.terms == mine.terms && old.authorizer->inner() == inner) mine.authorizer = old.authorizer;
  if (mine.authorizer == nullptr) {
    access::CachingAuthorizer::Settings how;
    how.ttl_seconds = ttl_s;
    how.limits.entries = config_.gateway.limits.result_cache_entries;
    how.limits.bytes = static_cast<std::size_t>(config_.gateway.limits.result_cache_bytes);
    how.workers = surroundings_.workers;
    how.posts = surroundings_.posts;
    how.registry = surroundings_.registry;
    mine.authorizer = access::CachingAuthorizer::make(inner, std::move(how));
  }
  known = mine.authorizer.get();
  out_.result_caches.push_back(std::move(mine));
  return known;
}

}  // namespace gatehouse::gateway
