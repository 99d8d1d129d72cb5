#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "identity/fault.hpp"
#include "integration/service.hpp"

namespace gatehouse::integration {

enum class PoolOperation : std::uint8_t { GetId, GetCredentialsForIdentity, GetOpenIdToken };
std::string_view name(PoolOperation operation) noexcept;

/// A request to identity pools, read.
struct PoolRequest {
  PoolOperation operation{};
  std::optional<std::string> account_id, pool_id, identity_id, custom_role_arn;
  std::vector<std::pair<std::string, std::string>> logins;  // provider, token
};

/// Strictly: content type, target, members, their types and lengths. Faults: UnknownOperationException,
/// SerializationException, InvalidParameterException. No token stands in a message. [any]
identity::Outcome<PoolRequest> read_pool_request(const ServiceRequest& request);

}  // namespace gatehouse::integration
