#include "pools.hpp"

#include <algorithm>
#include <utility>

#include "pool.hpp"

namespace gatehouse::cognito {
namespace {

// Stage variables are the operator's, so their number is; this is against a mistake.
constexpr std::size_t kMostGates = 64;

}  // namespace

Pools::Pools(const Settings& settings, const Host& host, jose::TokenGate::Check check)
    : settings_(settings), host_(host), counters_(host), check_(std::move(check)) {
  if (std::any_of(settings.pools.begin(), settings.pools.end(), has_stage_variables)) return;
  std::string fault;
  only_ = make(settings.pools, fault);
  if (only_ == nullptr) throw ConfigError("settings: `/user_pool_arns`: " + fault);
}

void Pools::start() {
  const std::lock_guard lock(mutex_);
  for (const auto& [arn, keys] : keys_) keys->start();
}

void Pools::stop() {
  std::map<std::string, std::shared_ptr<jose::KeySource>> all;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    all = keys_;
  }
  for (const auto& [arn, keys] : all) keys->stop();
}

jose::TokenGate* Pools::find(const Request& request, std::string& fault) {
  if (only_ != nullptr) return only_.get();
  std::vector<std::string> arns;
  std::string name;
  const Fields variables = request.stage_vars();
  for (const std::string& written : settings_.pools) {
    std::optional<std::string> arn = with_stage_variables(written, variables);
    if (!arn) {
      fault = "`" + written + "`: a stage variable is not there";
      return nullptr;
    }
    name += *arn + ' ';
    arns.push_back(std::move(*arn));
  }
  const std::lock_guard lock(mutex_);
  if (const auto at = by_stage_.find(name); at != by_stage_.end()) return at->second.get();
  if (stopped_ || by_stage_.size() >= kMostGates) {
    fault = "too many resolutions of stage variables";
    return nullptr;
  }
  auto made = make(arns, fault);
  return made == nullptr ? nullptr : by_stage_.emplace(std::move(name), std::move(made)).first->second.get();
}

/// Under the lock, or before anybody else can see this.
std::unique_ptr<jose::TokenGate> Pools::make(const std::vector<std::string>& arns, std::string& fault) {
  std::vector<jose::TokenGate::Issuer> issuers;
  for (const std::string& arn : arns) {
    const std::optional<Endpoint> endpoint = endpoint_of(settings_, arn, fault);
    if (!endpoint) return nullptr;
    const bool twice =
        std::any_of(issuers.begin(), issuers.end(), [&](const auto& other) { return other.name == endpoint->issuer; });
    if (twice) {  // whose keys would be asked?
      fault = "two user pools have the issuer `" + endpoint->issuer + "`";
      return nullptr;
    }
    issuers.push_back({endpoint->issuer, keys_of(arn, *endpoint)});
  }
  return std::make_unique<jose::TokenGate>(jose::at(settings_.gate, host_), std::move(issuers), check_,
                                           host_.worker_count());
}

std::shared_ptr<jose::KeySource> Pools::keys_of(const std::string& arn, const Endpoint& endpoint) {
  std::shared_ptr<jose::KeySource>& keys = keys_[arn];
  if (keys != nullptr) return keys;
  if (endpoint.fixed != nullptr) return keys = std::make_shared<jose::KeySource>(endpoint.fixed);
  jose::KeySourceRules rules;
  rules.issuer = endpoint.issuer;
  rules.jwks_uri = endpoint.jwks_uri;
  rules.max_stale_ms = settings_.max_stale_ms;
  if (!endpoint.insecure)
    rules.refuses = [](const jose::KeySet& set) {
      return has_published_key(set) ? "the key of cognito-local, with which anybody can sign" : "";
    };
  jose::FetchRules fetch;
  fetch.allow_http = fetch.allow_private = endpoint.insecure;
  return keys = std::make_shared<jose::KeySource>(rules, jose::doors_of(host_, fetch, counters_));
}

}  // namespace gatehouse::cognito
