#pragma once
#include <vector>

#include "access/caller.hpp"
#include "identity/operation.hpp"
#include "integration/service.hpp"
#include "policy/combine.hpp"

namespace gatehouse::integration {

/// The condition keys of one request to the IAM API (spec iam-policy section 5): what the caller brings, what the
/// gateway knows of the request, and what the operation is about: `aws:RequestTag/*`, `aws:TagKeys`,
/// `aws:ResourceTag/*`, `iam:ResourceTag/*`, `iam:PolicyARN`, `iam:PermissionsBoundary`.
class IamContext final : public policy::Context {
 public:
  IamContext(const ServiceRequest& request, const identity::Operation& operation, const identity::Subject& subject,
             const identity::Input& input);
  IamContext(const IamContext&) = delete;
  IamContext& operator=(const IamContext&) = delete;
  policy::Values find(const policy::KeyName& key) const override;

 private:
  void put(std::string lower, std::vector<std::string> values, bool multi = false);

  const ServiceRequest& request_;
  std::vector<access::CallerKey> keys_;  // by `lower`, the gateway's own among them
};

/// Asks the caller's policies. Faults: AccessDenied, in AWS's words.
class IamGuard final : public identity::OperationGuard {
 public:
  explicit IamGuard(const ServiceRequest& request) : request_(request) {}
  identity::Outcome<void> permit(const identity::Operation& operation, const identity::Subject& subject,
                                 const identity::Input& input) const override;

 private:
  const ServiceRequest& request_;
};

}  // namespace gatehouse::integration
