#pragma once
#include <string>

#include "config/reader.hpp"
#include "identity/yaml_file.hpp"
#include "policy/policy.hpp"

/// The kinds of values that identities.yaml has beyond those of a configuration.
namespace gatehouse::identity::yaml {

config::TextRule account_rule();
config::TextRule name_rule(std::string note, std::size_t most);
config::TextRule path_rule();
config::TextRule key_id_rule();
config::TextRule pool_id_rule();
/// Free text of at most that many bytes.
config::TextRule bounded_rule(std::string note, std::size_t most);

config::Value<std::map<std::string, std::string>> tags();
/// `lines`: of several, a line each.
config::Value<SecretText> secret(bool lines = false);
/// A policy as a YAML map or as JSON text; compiled, so that its faults are told where they stand.
config::Value<std::string> policy_document(policy::Kind kind);

}  // namespace gatehouse::identity::yaml
