#pragma once
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/metrics.hpp"
#include "client/fetch_client.hpp"
#include "config/config.hpp"
#include "gateway/service_factory.hpp"
#include "identity/lookups.hpp"
#include "identity/store.hpp"
#include "integration/identity_pool_token.hpp"
#include "integration/jwks.hpp"
#include "integration/loop_fetcher.hpp"
#include "net/executor.hpp"
#include "net/loop.hpp"

namespace gatehouse::app {

/// The store of identities that a configuration names, opened, with what is made of it: look-ups for authorizers, and
/// the services sts, iam_api and identity_pool.
class Identities final : public gateway::ServiceFactory {
 public:
  struct Surroundings {
    net::Executor* executor = nullptr;
    std::vector<net::Loop*> loops;              // the workers', by index
    std::vector<client::FetchClient*> fetches;  // the same
    base::Registry* registry = nullptr;         // or null
    bool only_looking = false;                  // `validate`, `explain`: nothing is made that is not there
  };
  /// [setup] Opens the store and its key ring; errors stand at their places.
  static Result<std::shared_ptr<Identities>> open(const config::Identity& settings, const Surroundings& around);

  /// True when a configuration names the very same store in the same way: it need not be opened anew.
  bool is_of(const config::Identity& settings) const { return terms_ == terms(settings); }
  const std::shared_ptr<identity::Lookups>& lookups() const noexcept { return lookups_; }
  const std::shared_ptr<identity::Store>& store() const noexcept { return store_; }

  Result<std::shared_ptr<const integration::Service>> make(const config::ServiceIntegration& settings) override;
  std::shared_ptr<net::Executor::Share> threads() override { return services_; }

 private:
  static std::string terms(const config::Identity& settings);
  /// Keys of web identities, as strict as the route says.
  Result<std::shared_ptr<const integration::IssuerKeys>> issuers(const config::ServiceIntegration& settings);

  std::string terms_;
  std::vector<integration::LoopFetcher::Worker> fetchers_;
  std::array<std::shared_ptr<const integration::IssuerKeys>, 4> issuers_;  // by what they allow
  std::shared_ptr<const integration::PoolTokens> pool_tokens_;
  std::shared_ptr<identity::Store> store_;
  std::shared_ptr<identity::Lookups> lookups_;
  std::shared_ptr<net::Executor::Share> services_;
};

/// The store alone, as the command line opens it. `only_looking` as above.
Result<std::shared_ptr<identity::Store>> open_store(const config::Identity& settings, bool only_looking);

}  // namespace gatehouse::app
