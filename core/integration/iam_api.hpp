#pragma once
#include <memory>

#include "identity/store.hpp"
#include "integration/service.hpp"

namespace gatehouse::integration {

/// The IAM API (Query protocol, version 2010-05-08) over the store: `aws iam ... --endpoint-url`. Who signed is
/// authorized by his own policies, action by action, within the transaction that does it; an account's root is allowed
/// everything. A caller sees his own account only. Temporary credentials of GetSessionToken may ask nothing without
/// MFA, as on AWS. Immutable. [any]
class IamApi final : public Service {
 public:
  explicit IamApi(std::shared_ptr<identity::Store> store) : store_(std::move(store)) {}

  std::string_view kind() const noexcept override { return "iam_api"; }
  /// A document of 131,072 characters cannot be saved; one that can fits, percent-encoded and with its white space.
  std::size_t body_limit() const noexcept override { return std::size_t{256} * 1024; }
  ServiceResponse answer(const ServiceRequest& request) const override;
  ServiceResponse refused(const ServiceRefusal& refusal) const override;

 private:
  std::shared_ptr<identity::Store> store_;
};

}  // namespace gatehouse::integration
