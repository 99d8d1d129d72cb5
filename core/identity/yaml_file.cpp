#include "identity/yaml_file.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "config/interpolate.hpp"
#include "identity/yaml_values.hpp"

namespace gatehouse::identity::yaml {
namespace {

using namespace config;  // the words that tables are made of

template <class T>
void take_name(Reader&, const Member& member, T& entry) {
  entry.name = member.key;
}

template <class T>
Value<std::vector<T>> by_name(std::string note, std::size_t most, const Object& (*table)()) {
  return named<T>(name_rule(std::move(note), most), table, take_name<T>);
}

template <class T>
std::vector<Field> with_policies(std::vector<Field> fields) {
  fields.push_back(field<T>("attached_policies", static_cast<std::vector<std::string> T::*>(&T::attached),
                            list_of(text(bounded_rule("policy", 2048))),
                            "managed policies: names of this account, or ARNs"));
  fields.push_back(field<T>("inline_policies", static_cast<std::map<std::string, std::string> T::*>(&T::inlined),
                            map_of(name_rule("policy name", 128), policy_document(policy::Kind::Identity)),
                            "name: policy"));
  return fields;
}

const Object& key_table() {
  static const Object table{
      .name = "access_key",
      .doc = "an access key",
      .fields = {
          required(field("access_key_id", &Key::id, text(key_id_rule()), "its id, `AKIA...`")),
          required(field("secret_access_key", &Key::secret, secret(), "the secret, or `${env:NAME}`, `${file:PATH}`")),
          field("session_token", &Key::session_token, secret(true),
                "fixed tokens that may go with it, a line each: for test suites"),
          field("status", &Key::active, switch_word("Inactive", "Active"), "whether it may be used"),
      }};
  return table;
}

const Object& user_table() {
  static const Object table{
      .name = "user",
      .doc = "a user",
      .fields = with_policies<UserEntry>({
          field("path", &UserEntry::path, text(path_rule()), "of its ARN"),
          field("tags", &UserEntry::tags, tags(), "key: value"),
          field("groups", &UserEntry::groups, list_of(text(name_rule("group", 128))), "groups that the user is in"),
          field("permissions_boundary", &UserEntry::boundary, text(bounded_rule("policy", 2048)),
                "a managed policy: name of this account, or ARN"),
          field("access_keys", &UserEntry::keys, list_of(object<Key>(key_table)), "at most two"),
      })};
  return table;
}

const Object& group_table() {
  static const Object table{
      .name = "group",
      .doc = "a group",
      .fields = with_policies<GroupEntry>({field("path", &GroupEntry::path, text(path_rule()), "of its ARN")})};
  return table;
}

const Object& role_table() {
  static const Object table{
      .name = "role",
      .doc = "a role",
      .fields = with_policies<RoleEntry>({
          field("path", &RoleEntry::path, text(path_rule()), "of its ARN"),
          field("description", &RoleEntry::description, text(bounded_rule("description", 4000)), "for people"),
          required(field("trust_policy", &RoleEntry::trust_policy, policy_document(policy::Kind::Trust),
                         "who may assume it", &RoleEntry::trust_where)),
          field("max_session_duration", &RoleEntry::max_session_seconds, count64(3600, 43200), "seconds"),
          field("permissions_boundary", &RoleEntry::boundary, text(bounded_rule("policy", 2048)),
                "a managed policy: name of this account, or ARN"),
          field("tags", &RoleEntry::tags, tags(), "key: value"),
      })};
  return table;
}

const Object& managed_table() {
  static const Object table{
      .name = "managed_policy",
      .doc = "a managed policy",
      .fields = {
          field("path", &ManagedEntry::path, text(path_rule()), "of its ARN"),
          field("description", &ManagedEntry::description, text(bounded_rule("description", 4000)), "for people"),
          required(field("document", &ManagedEntry::document, policy_document(policy::Kind::Identity), "the policy")),
          field("tags", &ManagedEntry::tags, tags(), "key: value"),
      }};
  return table;
}

const Object& provider_table() {
  static const Object table{
      .name = "oidc_provider",
      .doc = "an OpenID Connect provider",
      .fields = {
          required(field("client_ids", &ProviderEntry::client_ids, list_of(text(bounded_rule("client id", 255)), true),
                         "values that a token's `aud` may have")),
          field("thumbprints", &ProviderEntry::thumbprints, list_of(text(bounded_rule("thumbprint", 40))),
                "of its certificate's authority"),
          field("tags", &ProviderEntry::tags, tags(), "key: value"),
      }};
  return table;
}

using Match = PoolRoleMapping::Rule::Match;

// What stands in RuleEntry::rule, under its own names.
template <class M>
Field rule_field(std::string name, M PoolRoleMapping::Rule::*member, Value<M> value, std::string doc) {
  Field out;
  out.name = std::move(name);
  out.doc = std::move(doc);
  out.type = value.type;
  out.read = [member, value](Reader& reader, const Member& found, void* object) {
    value.read(reader, found.value, found.key, static_cast<RuleEntry*>(object)->rule.*member);
  };
  return required(std::move(out));
}

const Object& rule_table() {
  static const Object table{
      .name = "role_mapping_rule",
      .doc = "a rule",
      .fields = {
          rule_field("claim", &PoolRoleMapping::Rule::claim, text(bounded_rule("claim", 64)), "of the token"),
          rule_field("match_type", &PoolRoleMapping::Rule::match,
                     words<Match>({{"Equals", Match::Equals},
                                   {"NotEqual", Match::NotEqual},
                                   {"StartsWith", Match::StartsWith},
                                   {"Contains", Match::Contains}},
                                  "match_type"),
                     "how the claim is compared"),
          rule_field("value", &PoolRoleMapping::Rule::value, text(bounded_rule("value", 128)), "with what"),
          rule_field("role_arn", &PoolRoleMapping::Rule::role_arn, text(bounded_rule("role", 2048)), "the role then"),
      }};
  return table;
}

const Object& mapping_table() {
  using Kind = PoolRoleMapping::Kind;
  static const Object table{
      .name = "role_mapping",
      .doc = "a role mapping",
      .fields = {
          required(field(
              "type", &MappingEntry::kind,
              words<Kind>({{"DefaultRole", Kind::DefaultRole}, {"Token", Kind::Token}, {"Rules", Kind::Rules}}, "type"),
              "how the role is chosen")),
          field("ambiguous_role_resolution", &MappingEntry::deny_when_ambiguous,
                switch_word("AuthenticatedRole", "Deny"), "when nothing says which role"),
          field("rules", &MappingEntry::rules, list_of(object<RuleEntry>(rule_table)), "the first that matches counts"),
      }};
  return table;
}

const Object& pool_table() {
  static const Object table{
      .name = "identity_pool",
      .doc = "an identity pool",
      .fields = {
          required(field("id", &PoolEntry::id, text(pool_id_rule()), "`region:uuid`")),
          field("allow_unauthenticated_identities", &PoolEntry::allow_guests, boolean(), "guests"),
          field("allow_classic_flow", &PoolEntry::allow_basic_flow, boolean(), "GetOpenIdToken"),
          field("authenticated_role", &PoolEntry::authenticated_role, text(bounded_rule("role", 2048)),
                "name of this account, or ARN"),
          field("unauthenticated_role", &PoolEntry::unauthenticated_role, text(bounded_rule("role", 2048)),
                "name of this account, or ARN"),
          field("providers", &PoolEntry::providers,
                map_of(bounded_rule("provider", 128), list_of(text(bounded_rule("client id", 255)))),
                "key of `Logins`: client ids that its tokens may have"),
          field("role_mappings", &PoolEntry::role_mappings,
                named<MappingEntry>(
                    bounded_rule("provider", 128), mapping_table,
                    [](Reader&, const Member& member, MappingEntry& entry) { entry.provider = member.key; }),
                "key of `Logins`: how the role is chosen"),
          field("principal_tags", &PoolEntry::attribute_tags,
                map_of(bounded_rule("claim", 128), text(bounded_rule("tag key", 128))), "claim: tag key"),
      }};
  return table;
}

const Object& account_table() {
  static const Object table{
      .name = "account",
      .doc = "an account",
      .fields = {
          field("access_keys", &Account::keys, list_of(object<Key>(key_table)), "of the account's root; at most two"),
          field("policies", &Account::policies, by_name<ManagedEntry>("policy name", 128, managed_table),
                "managed policies by name"),
          field("groups", &Account::groups, by_name<GroupEntry>("group name", 128, group_table), "groups by name"),
          field("users", &Account::users, by_name<UserEntry>("user name", 64, user_table), "users by name"),
          field("roles", &Account::roles, by_name<RoleEntry>("role name", 64, role_table), "roles by name"),
          field("oidc_providers", &Account::providers,
                named<ProviderEntry>(bounded_rule("provider", 255), provider_table,
                                     [](Reader& reader, const Member& member, ProviderEntry& entry) {
                                       entry.url = member.key;
                                       if (entry.url.find("://") != std::string::npos || entry.url.empty())
                                         reader.fault(member.mark,
                                                      "provider " + config::quoted(member.key) +
                                                          " is named without its scheme: `idp.example.com/tenant`");
                                     }),
                "providers by issuer, without `https://`"),
          field("identity_pools", &Account::pools, by_name<PoolEntry>("identity pool name", 128, pool_table),
                "identity pools by name"),
      }};
  return table;
}

const Object& file_table() {
  static const Object table{
      .name = "identities",
      .doc = "a file of identities",
      .fields = {required(field("accounts", &File::accounts,
                                named<Account>(
                                    account_rule(), account_table,
                                    [](Reader&, const Member& member, Account& entry) { entry.id = member.key; }, true),
                                "accounts by their twelve digits"))}};
  return table;
}

// Whoever can read the file has the secret: a file that everybody can read is refused.
void judge(const std::string& path, const Where& where, Diagnostics& diagnostics) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0)
    diagnostics.error(Error{Code::Refused,
                            "file `" + path +
                                "`, which holds this secret, can be read by everybody: "
                                "`chmod o-r` it",
                            where});
}

void judge_secret(const Document& document, const SecretText& secret, File& file, Diagnostics& diagnostics) {
  if (!secret.given) return;
  const Where where = document.where(secret.mark);
  constexpr std::string_view kFile = "${file:";
  const std::string& written = secret.written;
  std::size_t referred = 0;
  for (std::size_t at = written.find("${"); at != std::string::npos; at = written.find("${", at + 2)) {
    const std::size_t end = std::min(written.find('}', at), written.size());
    ++referred;
    if (written.compare(at, kFile.size(), kFile) != 0) continue;
    const std::string path = path_from(document.directories[secret.mark.file],
                                       std::string_view(written).substr(at + kFile.size(), end - at - kFile.size()));
    file.files.push_back(path);
    judge(path, where, diagnostics);
  }
  if (referred == 0) judge(document.files[secret.mark.file], where, diagnostics);
}

void judge_secrets(const Document& document, File& file, Diagnostics& diagnostics) {
  const auto judge_keys = [&](const std::vector<Key>& keys) {
    for (const Key& key : keys) {
      judge_secret(document, key.secret, file, diagnostics);
      judge_secret(document, key.session_token, file, diagnostics);
    }
  };
  for (const Account& account : file.accounts) {
    judge_keys(account.keys);
    for (const UserEntry& user : account.users) judge_keys(user.keys);
  }
}

}  // namespace

File read(const std::string& path, Diagnostics& diagnostics) {
  File out;
  const Document document = read_document(path, diagnostics);
  out.files = document.files;
  if (out.files.empty()) out.files.push_back(path);
  if (!diagnostics.ok()) return out;
  for (const Error& exposed : document.exposed) diagnostics.warning(exposed.where, exposed.text);
  Reader reader(document, diagnostics);
  read_object(reader, file_table(), document.root, "identities", &out);
  judge_secrets(document, out, diagnostics);
  return out;
}

}  // namespace gatehouse::identity::yaml
