#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/assume_input.hpp"
#include "identity/operation_value.hpp"

namespace gatehouse::integration {

/// The parameters of one STS action, as they stand in its form. A parameter that the action does not have is refused:
/// nobody knows what it was to restrict.
struct StsParameters {
  identity::AssumeInput assume;
  std::optional<std::string> web_identity_token, provider_id;
  bool provided_contexts = false;
};

enum class StsAction : std::uint8_t { AssumeRole, AssumeRoleWithWebIdentity, GetSessionToken, GetCallerIdentity };
std::optional<StsAction> sts_action(std::string_view name) noexcept;

/// Faults: ValidationError. What the values must be like is for identity::check() to say.
identity::Outcome<StsParameters> read_sts(StsAction action, const identity::Value& form);

}  // namespace gatehouse::integration
