#include "integration/jwks.hpp"

#include <gatehouse/kit/jose/claims.hpp>
#include <gatehouse/kit/jose/discovery.hpp>
#include <gatehouse/kit/jose/host_doors.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <random>

#include "base/log.hpp"
#include "base/text.hpp"

namespace gatehouse::integration {
namespace {

namespace jose = kit::jose;
using jose::Refusal;

constexpr std::string_view kHttps = "https://", kHttp = "http://";
constexpr jose::Algorithms kAlgorithms{jose::Algorithm::RS256, jose::Algorithm::RS384, jose::Algorithm::RS512,
                                       jose::Algorithm::ES256, jose::Algorithm::ES384, jose::Algorithm::ES512};
constexpr std::size_t kMaxTokenBytes = 16'384;
constexpr std::int64_t kLongestWaitNs = 10'000'000'000;

jose::TokenRules rules() {
  jose::TokenRules out;
  out.algorithms = kAlgorithms;
  out.max_bytes = kMaxTokenBytes;
  return out;
}

/// What a KeySource finds, for somebody who waits. Outlives the one who gave up.
struct Waiting {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<jose::KeySource::Found> found;
};

jose::KeySource::Found wait_for(jose::KeySource& keys, std::string_view kid, std::int64_t wait_ns) {
  const auto waiting = std::make_shared<Waiting>();
  keys.find(kid, [waiting](const jose::KeySource::Found& found) {
    const std::lock_guard lock(waiting->mutex);
    waiting->found = found;
    waiting->changed.notify_all();
  });
  std::unique_lock lock(waiting->mutex);
  waiting->changed.wait_for(lock, std::chrono::nanoseconds(std::clamp<std::int64_t>(wait_ns, 0, kLongestWaitNs)),
                            [&] { return waiting->found.has_value(); });
  if (waiting->found) return *waiting->found;
  jose::KeySource::Found late;
  late.refusal = Refusal::KeysDown;
  return late;
}

std::string_view text_of(const kit::Json* member) noexcept {
  return member != nullptr && member->kind == kit::Json::Kind::String ? std::string_view(member->text)
                                                                      : std::string_view();
}

bool is_access_token(const jose::Token& token, const kit::Json& claims) {
  std::string_view type = text_of(token.header().member("typ"));
  constexpr std::string_view kApplication = "application/";
  if (base::equal_ignoring_case(type.substr(0, kApplication.size()), kApplication))
    type.remove_prefix(kApplication.size());
  const kit::Json* const use = claims.member("token_use");
  return base::equal_ignoring_case(type, "at+jwt") || (use != nullptr && text_of(use) != "id");
}

std::string describe(Refusal refusal) {
  return "its keys could not be had: " + std::string(jose::name(refusal));
}

}  // namespace

IssuerKeys::IssuerKeys(std::shared_ptr<JsonFetcher> fetcher, const base::Clock& clock, Options options)
    : fetcher_(std::move(fetcher)), clock_(clock), options_(std::move(options)) {}

IssuerKeys::~IssuerKeys() {
  for (auto& [issuer, kept] : kept_) kept.keys->stop();
}

std::string_view IssuerKeys::without_scheme(std::string_view issuer) const noexcept {
  if (issuer.starts_with(kHttps)) return issuer.substr(kHttps.size());
  if (options_.allow_http && issuer.starts_with(kHttp)) return issuer.substr(kHttp.size());
  return {};
}

std::optional<std::string> IssuerKeys::provider_of(std::string_view text) const {
  jose::Outcome why;
  const auto token = jose::Token::read(text, rules(), why);
  if (!token) return std::nullopt;
  const auto claims = token->claims(why);
  if (!claims) return std::nullopt;
  const std::string_view issuer = text_of(claims->member("iss"));
  if (issuer.empty()) return std::nullopt;
  const std::string_view provider = without_scheme(issuer);
  return std::string(provider.empty() ? issuer : provider);
}

IssuerKeys::Verdict IssuerKeys::verify(std::string_view text, std::string_view provider,
                                       std::int64_t deadline_ns) const {
  Verdict out;
  const auto token = jose::Token::read(text, rules(), out.outcome);
  if (!token) return out;
  // Whose key is to be asked for is the one thing that is read before the signature is known to be good.
  auto claims = token->claims(out.outcome);
  if (!claims) return out;
  const std::string issuer(text_of(claims->member("iss")));
  if (provider.empty() || without_scheme(issuer) != provider) {
    out.outcome = {Refusal::Issuer, "`iss` is another"};
    return out;
  }
  const auto found = wait_for(*keys_of(issuer), token->kid(), deadline_ns - clock_.monotonic_ns());
  if (found.refusal != Refusal::None) {
    out.outcome = {found.refusal, describe(found.refusal)};
    return out;
  }
  out.outcome = token->verify(found.key);
  if (out.outcome) out.outcome = jose::check_issuer(*claims, issuer);
  if (out.outcome) out.outcome = jose::check_times(*claims, clock_.unix_ms(), options_.skew_seconds);
  if (!out.outcome) return out;
  out.access_token = is_access_token(*token, *claims);
  out.claims = std::move(*claims);
  return out;
}

std::shared_ptr<jose::KeySource> IssuerKeys::keys_of(const std::string& issuer) const {
  const std::lock_guard lock(mutex_);
  if (const auto at = kept_.find(issuer); at != kept_.end()) {
    at->second.used = ++uses_;
    return at->second.keys;
  }
  if (kept_.size() >= std::max<std::size_t>(options_.issuers, 1)) {
    const auto oldest = std::min_element(kept_.begin(), kept_.end(),
                                         [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
    oldest->second.keys->stop();
    kept_.erase(oldest);
  }
  jose::KeySourceRules source;
  source.issuer = issuer;
  for (const auto& [of, uri] : options_.jwks_uris)
    if (of == issuer) source.jwks_uri = uri;
  if (source.jwks_uri.empty()) source.discovery = jose::discovery_url(issuer);
  auto keys = std::make_shared<jose::KeySource>(std::move(source), doors());
  kept_.emplace(issuer, Kept{keys, ++uses_});
  return keys;
}

jose::KeySource::Doors IssuerKeys::doors() const {
  jose::KeySource::Doors out;
  out.fetch = [fetcher = fetcher_](const std::string& url, std::int64_t timeout_ms, std::size_t max_bytes,
                                   std::function<void(jose::KeySource::Response)> done) {
    return fetcher->fetch(url, timeout_ms, max_bytes, [done = std::move(done)](JsonFetcher::Answer answer) {
      jose::KeySource::Response response;
      response.failure = std::move(answer.failure);
      response.status = answer.status;
      response.body = std::move(answer.body);
      response.max_age_s = jose::max_age_of(answer.cache_control);
      done(std::move(response));
    });
  };
  out.now_ms = [clock = &clock_] { return clock->monotonic_ns() / 1'000'000; };
  // No timers: whoever comes when keys are due begins the fetch, and is answered with the old ones meanwhile.
  out.after = [](std::int64_t, std::function<void()>) -> std::uint64_t { return 0; };
  out.cancel = [](std::uint64_t) {};
  out.random = [state = std::make_shared<std::minstd_rand>(std::random_device{}())] {
    return std::uniform_real_distribution<double>(0, 1)(*state);
  };
  out.log = [](bool warning, const std::string& text) {
    base::log(warning ? base::Level::Warn : base::Level::Info, "web identity: " + text);
  };
  return out;
}

}  // namespace gatehouse::integration
