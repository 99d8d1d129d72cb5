#pragma once
#include <gatehouse/kit/json.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "identity/pool.hpp"
#include "identity/store.hpp"
#include "integration/identity_pool_request.hpp"
#include "integration/identity_pool_token.hpp"
#include "integration/jwks.hpp"
#include "integration/service.hpp"

namespace gatehouse::integration {

/// The part of Amazon Cognito identity pools that front ends need (spec sts section 8): GetId,
/// GetCredentialsForIdentity, GetOpenIdToken, in JSON 1.1. Nobody signs; a signature says nothing here. [any]
class IdentityPools final : public Service {
 public:
  struct Parts {
    std::shared_ptr<identity::Store> store;
    std::shared_ptr<const IssuerKeys> issuers;
    std::shared_ptr<const PoolTokens> tokens;
  };
  struct Options {
    std::vector<std::string> origins;  // that browsers may call from: `https://app.example.com`; `*`: any
    /// New identities that are taken on within a minute: guests need nothing to ask for one.
    std::size_t new_identities_per_minute = 600;
  };
  IdentityPools(Parts parts, Options options) : parts_(std::move(parts)), options_(std::move(options)) {}
  std::string_view kind() const noexcept override { return "identity_pool"; }
  std::size_t body_limit() const noexcept override { return 192 * 1024; }
  ServiceResponse answer(const ServiceRequest& request) const override;
  ServiceResponse refused(const ServiceRefusal& refusal) const override;

 private:
  using Answer = identity::Outcome<std::string>;  // JSON
  Answer act(const PoolRequest& in, const ServiceRequest& request, std::string& log) const;
  Answer get_id(const PoolRequest& in, const ServiceRequest& request, std::string& log) const;
  Answer get_credentials(const PoolRequest& in, const ServiceRequest& request, std::string& log) const;
  Answer get_token(const PoolRequest& in, const ServiceRequest& request, std::string& log) const;
  /// All tokens of `Logins`, verified.
  identity::Outcome<std::vector<identity::Login>> verify(const identity::IdentityPool& pool, const PoolRequest& in,
                                                         std::int64_t deadline_ns, std::string& log) const;
  bool may_create(std::int64_t unix_ms) const;
  ServiceResponse preflight(const ServiceRequest& request) const;
  void allow_origin(const ServiceRequest& request, ServiceResponse& out) const;

  const Parts parts_;
  const Options options_;
  mutable std::mutex mutex_;
  mutable std::int64_t minute_ = 0;
  mutable std::size_t created_ = 0;
};

}  // namespace gatehouse::integration
