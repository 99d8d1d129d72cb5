#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "config/diagnostics.hpp"
#include "config/document.hpp"
#include "identity/records.hpp"

/// What stands in identities.yaml, as it stands there; docs/identity.md shows its form. Names are AWS's in snake_case.
namespace gatehouse::identity::yaml {

/// A secret, and what of the file may be shown of it.
struct SecretText {
  base::Secret value;
  config::Mark mark;
  bool given = false;
  std::string written;  // `${env:NAME}`, `${file:PATH}`; empty: the secret itself stands in the file
};

struct Key {
  Where where;
  std::string id;
  SecretText secret, session_token;
  bool active = true;
};

struct Policies {
  std::vector<std::string> attached;           // names of the same account, or ARNs
  std::map<std::string, std::string> inlined;  // name -> JSON
};

struct UserEntry : Policies {
  Where where;
  std::string name, path = "/", boundary;
  std::map<std::string, std::string> tags;
  std::vector<std::string> groups;
  std::vector<Key> keys;
};

struct GroupEntry : Policies {
  Where where;
  std::string name, path = "/";
};

struct RoleEntry : Policies {
  Where where, trust_where;
  std::string name, path = "/", boundary, description, trust_policy;
  std::int64_t max_session_seconds = 3600;
  std::map<std::string, std::string> tags;
};

struct ManagedEntry {
  Where where;
  std::string name, path = "/", description, document;
  std::map<std::string, std::string> tags;
};

struct ProviderEntry {
  Where where;
  std::string url;
  std::vector<std::string> client_ids, thumbprints;
  std::map<std::string, std::string> tags;
};

struct RuleEntry {
  Where where;
  PoolRoleMapping::Rule rule;
};

struct MappingEntry {
  Where where;
  std::string provider;
  PoolRoleMapping::Kind kind = PoolRoleMapping::Kind::DefaultRole;
  bool deny_when_ambiguous = false;
  std::vector<RuleEntry> rules;
};

struct PoolEntry {
  Where where;
  std::string name, id;
  bool allow_guests = false, allow_basic_flow = false;
  std::string authenticated_role, unauthenticated_role;  // names of the same account, or ARNs
  std::map<std::string, std::vector<std::string>> providers;
  std::vector<MappingEntry> role_mappings;
  std::map<std::string, std::string> attribute_tags;
};

struct Account {
  Where where;
  std::string id;
  std::vector<Key> keys;  // of its root
  std::vector<ManagedEntry> policies;
  std::vector<GroupEntry> groups;
  std::vector<UserEntry> users;
  std::vector<RoleEntry> roles;
  std::vector<ProviderEntry> providers;
  std::vector<PoolEntry> pools;
};

struct File {
  std::vector<Account> accounts;
  /// Every file that had a part in it: itself, what it includes, what `${file:...}` of its secrets names.
  std::vector<std::string> files;
};

/// Reads the file, strictly: an unknown key, a policy that does not compile, a secret that everybody can read are
/// faults, all told with their places. [setup]
File read(const std::string& path, config::Diagnostics& diagnostics);

}  // namespace gatehouse::identity::yaml
