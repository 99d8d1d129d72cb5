#pragma once
#include <memory>
#include <string>

#include "base/random.hpp"
#include "identity/fault.hpp"
#include "identity/operation_value.hpp"
#include "identity/store.hpp"
#include "identity/trust_context.hpp"
#include "identity/web_identity.hpp"
#include "integration/identity_pool_token.hpp"
#include "integration/jwks.hpp"
#include "integration/service.hpp"
#include "integration/sts_parameters.hpp"

namespace gatehouse::integration {

/// The part of AWS STS that gives temporary credentials (spec sts): AssumeRole, AssumeRoleWithWebIdentity,
/// GetSessionToken, GetCallerIdentity, in the Query protocol. All but AssumeRoleWithWebIdentity are for callers who
/// signed: the chain in front says who they are. Immutable. [any]
class Sts final : public Service {
 public:
  struct Parts {
    std::shared_ptr<identity::Store> store;
    std::shared_ptr<const IssuerKeys> issuers;
    std::shared_ptr<const PoolTokens> pool_tokens;  // of GetOpenIdToken
  };
  explicit Sts(Parts parts) : parts_(std::move(parts)) {}
  std::string_view kind() const noexcept override { return "sts"; }
  ServiceResponse answer(const ServiceRequest& request) const override;
  ServiceResponse refused(const ServiceRefusal& refusal) const override;

 private:
  using Answer = identity::Outcome<identity::Value>;
  Answer act(StsAction action, const StsParameters& in, const ServiceRequest& request, std::string& log) const;
  Answer assume_role(const StsParameters& in, const identity::StsFacts& facts, std::string& log) const;
  Answer assume_with_web_identity(const StsParameters& in, const identity::StsFacts& facts, std::int64_t deadline_ns,
                                  std::string& log) const;
  /// Whom the token speaks for: a provider of the role's account, or an identity pool.
  identity::Outcome<identity::WebIdentity> identify(const std::string& token, const std::string& account,
                                                    const identity::StsFacts& facts, std::int64_t deadline_ns,
                                                    std::string& log) const;
  Answer session_token(const StsParameters& in, const identity::StsFacts& facts) const;

  const Parts parts_;
};

/// What becomes of a token that was refused: ExpiredTokenException, IDPCommunicationError or InvalidIdentityToken.
identity::Fault web_identity_fault(const kit::jose::Outcome& outcome);

}  // namespace gatehouse::integration
