#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/fault.hpp"
#include "identity/records.hpp"

namespace gatehouse::identity {

/// The parameters of AssumeRole and AssumeRoleWithWebIdentity (spec sts section 2), as they were given. Texts that
/// were not given are absent, which is not the same as empty.
struct AssumeInput {
  std::optional<std::string> role_arn, session_name;
  std::optional<std::int64_t> duration_seconds;
  std::optional<std::string> policy;
  std::vector<std::string> policy_arns;
  // AssumeRole only.
  std::vector<Tag> tags;
  std::vector<std::string> transitive_tag_keys;
  std::optional<std::string> external_id, source_identity, serial_number, token_code;
};

/// Checks of parameters: all that are broken, in the words of AWS: `1 validation error detected: Value 'x' at
/// 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2`.
class Constraints {
 public:
  /// Characters that a text may have beside letters, digits and `_`; nullptr: any.
  void text(std::string_view at, const std::optional<std::string>& value, std::size_t least, std::size_t most,
            const char* also, bool required);
  void number(std::string_view at, const std::optional<std::int64_t>& value, std::int64_t least, std::int64_t most);
  void count(std::string_view at, std::size_t have, std::size_t most);
  void broken(std::string_view at, std::string_view shown, std::string_view rule);
  /// A ValidationError, or nothing.
  Outcome<void> done() const;

 private:
  std::vector<std::string> broken_;
};

/// The constraints of the service model and those of STS on tags: at most 50 with different keys (case aside), none
/// beginning with `aws:`; transitive keys name tags of this call.
Outcome<void> check(const AssumeInput& input);
/// Of tags alone, wherever they come from.
Outcome<void> check_tags(const std::vector<Tag>& tags, const std::vector<std::string>& transitive_keys);

}  // namespace gatehouse::identity
