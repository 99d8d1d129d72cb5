#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.hpp"

/// What the store of identities keeps, as plain structs (spec iam-policy sections 7 and 11, sts sections 3 and 4).
/// Names and paths are the customer's, ids are ours: `AIDA...` a user, `AROA...` a role, `AGPA...` a group, `ANPA...` a
/// managed policy, `AKIA...` a long-term access key. Times are seconds since 1970. A path begins and ends with `/`.
namespace gatehouse::identity {

struct Tag {
  std::string key, value;
};

struct User {
  std::string id;
  std::string account;  // twelve digits
  std::string path = "/";
  std::string name;
  std::string boundary_arn;  // of a managed policy; empty: none
  std::int64_t created = 0;
  std::vector<Tag> tags;
  std::string arn() const;
};

struct Group {
  std::string id, account;
  std::string path = "/";
  std::string name;
  std::int64_t created = 0;
  std::string arn() const;
};

struct Role {
  std::string id, account;
  std::string path = "/";
  std::string name;
  std::string description;
  std::string trust_policy;  // JSON
  /// What the trust policy's principals were bound to when it was saved: an ARN and the unique id that it had. A user
  /// or role made anew under the same name has another id, and is not trusted.
  std::vector<std::pair<std::string, std::string>> trusted_ids;
  std::int64_t max_session_seconds = 3600;
  std::string boundary_arn;
  std::int64_t not_before = 0;  // sessions issued earlier are refused; 0: none
  std::int64_t created = 0;
  std::vector<Tag> tags;
  std::string arn() const;
};

struct AccessKey {
  std::string id;
  std::string owner;  // id of a user, or the twelve digits of an account: its root's key
  base::Secret secret;
  bool active = true;
  std::int64_t created = 0;
  /// Fixed session tokens that may go with the key, a line each: for test suites whose credentials have some. Empty:
  /// none.
  base::Secret fixed_token;
};

struct LastUsed {
  std::int64_t when = 0;  // 0: never
  std::string service, region;
};

struct PolicyVersion {
  std::string id;  // `v1`
  std::string document;
  std::int64_t created = 0;
  bool is_default = false;
};

/// A managed policy, with its default version's document.
struct ManagedPolicy {
  std::string id, account;
  std::string path = "/";
  std::string name;
  std::string description;
  std::string default_version = "v1";
  std::string document;
  std::int64_t created = 0, updated = 0;
  std::vector<Tag> tags;
  std::string arn() const;
};

struct InlinePolicy {
  std::string name, document;
};

/// An OpenID Connect provider whose tokens roles may trust.
struct OidcProvider {
  std::string account;
  std::string url;  // without the scheme: `idp.example.com/tenant`
  std::vector<std::string> client_ids;
  std::vector<std::string> thumbprints;
  std::int64_t created = 0;
  std::vector<Tag> tags;
  std::string arn() const;  // arn:aws:iam::{account}:oidc-provider/{url}
};

/// How an identity pool chooses the role of those who came through one provider (spec sts section 8).
struct PoolRoleMapping {
  std::string provider;  // key of `Logins`
  enum class Kind : std::uint8_t { DefaultRole, Token, Rules } kind = Kind::DefaultRole;
  bool deny_when_ambiguous = false;  // else the authenticated role
  struct Rule {
    std::string claim;
    enum class Match : std::uint8_t { Equals, NotEqual, StartsWith, Contains } match = Match::Equals;
    std::string value;
    std::string role_arn;
  };
  std::vector<Rule> rules;
};

struct IdentityPool {
  std::string id;  // `region:uuid`
  std::string account;
  std::string name;
  bool allow_guests = false;
  bool allow_basic_flow = false;
  std::string authenticated_role_arn, unauthenticated_role_arn;
  /// Keys of `Logins` that are taken, each with the client ids (`aud`) that its tokens may have.
  std::vector<std::pair<std::string, std::vector<std::string>>> providers;
  std::vector<PoolRoleMapping> role_mappings;
  /// Claims that become principal tags: claim -> tag key.
  std::vector<std::pair<std::string, std::string>> attribute_tags;
  std::int64_t created = 0;
};

/// Kinds of principals that policies are attached to.
enum class Holder : std::uint8_t { User, Group, Role };

}  // namespace gatehouse::identity
