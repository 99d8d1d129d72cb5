#pragma once
#include <gatehouse/authorizer.hpp>
#include <gatehouse/kit/jose/key.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::cognito {

/// A user pool, by the parts of its ARN (CG-03).
struct PoolArn {
  std::string partition, region, account, pool;
  /// Nothing, and `fault` says why, when it is not `arn:PARTITION:cognito-idp:REGION:ACCOUNT:userpool/REGION_ID`.
  static std::optional<PoolArn> parse(std::string_view arn, std::string& fault);
  /// As the tokens of a real pool spell it.
  std::string issuer() const;
};

bool has_stage_variables(std::string_view arn) noexcept;
/// Whether one with stage variables can become the ARN of a pool: the pool's id is a variable, and nothing else is.
bool is_pattern(std::string_view arn, std::string& fault);
/// The ARN with `${stageVariables.NAME}` replaced. Nothing when a variable is not there, or is said twice (CG-34).
std::optional<std::string> with_stage_variables(std::string_view arn, const Fields& variables);

/// Whether one of the keys is that of cognito-local, whose private half everybody has (CG-53).
bool has_published_key(const kit::jose::KeySet& keys) noexcept;

}  // namespace gatehouse::cognito
