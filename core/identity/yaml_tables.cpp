#include "identity/yaml_tables.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "identity/migrations.hpp"
#include "identity/operations/trust.hpp"
#include "identity/sql_sqlite.hpp"

namespace gatehouse::identity::yaml {
namespace {

std::string stable_id(std::string_view prefix, std::initializer_list<std::string_view> parts) {
  std::string text(prefix);
  for (const std::string_view part : parts) text.append(1, '\0').append(part);
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out(prefix);
  for (const unsigned char byte : base::sha256(text)) {
    out += kLetters[byte % kLetters.size()];
    if (out.size() == 21) break;
  }
  return out;
}

std::vector<Tag> tags_of(const std::map<std::string, std::string>& tags) {
  std::vector<Tag> out;
  for (const auto& tag : tags) out.push_back({tag.first, tag.second});
  return out;
}

/// Puts the entries of one account into the tables, telling what they refuse.
class Builder {
 public:
  Builder(Tables& tables, config::Diagnostics& diagnostics) : tables_(tables), diagnostics_(diagnostics) {}

  void add_policies(const Account& account) {
    for (const ManagedEntry& entry : account.policies) {
      ManagedPolicy policy;
      policy.id = stable_id("ANPA", {account.id, entry.path, entry.name});
      policy.account = account.id;
      policy.path = entry.path;
      policy.name = entry.name;
      policy.description = entry.description;
      policy.tags = tags_of(entry.tags);
      attempt(entry.where, [&] {
        tables_.put(policy);
        tables_.put_version(policy.id, {"v1", entry.document, 0, true});
      });
      arns_.emplace(account.id + "/" + base::lower(entry.name), policy.arn());
    }
  }

  void add(const Account& account) {
    add_keys(account.id, account.keys, account.where);
    for (const GroupEntry& entry : account.groups) {
      Group group;
      group.id = stable_id("AGPA", {account.id, entry.path, entry.name});
      group.account = account.id;
      group.path = entry.path;
      group.name = entry.name;
      attempt(entry.where, [&] {
        tables_.put(group);
        give(account, group.id, entry);
      });
    }
    for (const UserEntry& entry : account.users) add_user(account, entry);
    for (const RoleEntry& entry : account.roles) add_role(account, entry);
    for (const ProviderEntry& entry : account.providers) {
      OidcProvider provider;
      provider.account = account.id;
      provider.url = entry.url;
      provider.client_ids = entry.client_ids;
      provider.thumbprints = entry.thumbprints;
      provider.tags = tags_of(entry.tags);
      attempt(entry.where, [&] { tables_.put(provider); });
    }
    for (const PoolEntry& entry : account.pools) add_pool(account, entry);
  }

  /// Once everybody is there whom trust policies may name.
  void bind_trust(const Account& account) {
    for (const RoleEntry& entry : account.roles) {
      auto role = tables_.role(account.id, entry.name);
      if (!role) continue;  // refused, and told
      auto bound = operations::check_trust(tables_, entry.trust_policy);
      if (!bound) {
        diagnostics_.error(Error{Code::Invalid, "`trust_policy`: " + bound.error().message, entry.trust_where});
        continue;
      }
      role->trusted_ids = std::move(*bound);
      tables_.put(*role);
    }
  }

 private:
  void attempt(const Where& where, const std::function<void()>& body) {
    try {
      body();
    } catch (const StoreError& error) {
      if (error.kind() != StoreError::Kind::Refused) throw;
      diagnostics_.error(Error{Code::Invalid, error.fault().message, where});
    }
  }

  std::string policy_arn(const Account& account, const std::string& name) const {
    const auto found = arns_.find(account.id + "/" + base::lower(name));
    return found == arns_.end() ? name : found->second;
  }
  static std::string role_arn(const Account& account, const std::string& name) {
    for (const RoleEntry& role : account.roles)
      if (base::equal_ignoring_case(role.name, name))
        return "arn:aws:iam::" + account.id + ":role" + role.path + role.name;
    return name;
  }

  void give(const Account& account, const std::string& holder, const Policies& policies) {
    for (const std::string& name : policies.attached) tables_.attach(holder, policy_arn(account, name));
    for (const auto& policy : policies.inlined) tables_.put_inline(holder, {policy.first, policy.second});
  }

  void add_user(const Account& account, const UserEntry& entry) {
    User user;
    user.id = stable_id("AIDA", {account.id, entry.path, entry.name});
    user.account = account.id;
    user.path = entry.path;
    user.name = entry.name;
    user.boundary_arn = policy_arn(account, entry.boundary);
    user.tags = tags_of(entry.tags);
    bool put = false;
    attempt(entry.where, [&] {
      tables_.put(user);
      put = true;
      give(account, user.id, entry);
      for (const std::string& name : entry.groups) {
        const auto group = tables_.group(account.id, name);
        if (!group) refuse_row("NoSuchEntity", "there is no group `" + name + "` in account " + account.id);
        tables_.add_member(group->id, user.id);
      }
    });
    if (put) add_keys(user.id, entry.keys, entry.where);
  }

  void add_role(const Account& account, const RoleEntry& entry) {
    Role role;
    role.id = stable_id("AROA", {account.id, entry.path, entry.name});
    role.account = account.id;
    role.path = entry.path;
    role.name = entry.name;
    role.description = entry.description;
    role.trust_policy = entry.trust_policy;
    role.max_session_seconds = entry.max_session_seconds;
    role.boundary_arn = policy_arn(account, entry.boundary);
    role.tags = tags_of(entry.tags);
    attempt(entry.where, [&] {
      tables_.put(role);
      give(account, role.id, entry);
    });
  }

  void add_pool(const Account& account, const PoolEntry& entry) {
    IdentityPool pool;
    pool.id = entry.id;
    pool.account = account.id;
    pool.name = entry.name;
    pool.allow_guests = entry.allow_guests;
    pool.allow_basic_flow = entry.allow_basic_flow;
    pool.authenticated_role_arn = role_arn(account, entry.authenticated_role);
    pool.unauthenticated_role_arn = role_arn(account, entry.unauthenticated_role);
    pool.providers = {entry.providers.begin(), entry.providers.end()};
    pool.attribute_tags = {entry.attribute_tags.begin(), entry.attribute_tags.end()};
    for (const MappingEntry& mapping : entry.role_mappings) {
      PoolRoleMapping out{mapping.provider, mapping.kind, mapping.deny_when_ambiguous, {}};
      for (const RuleEntry& rule : mapping.rules) {
        out.rules.push_back(rule.rule);
        out.rules.back().role_arn = role_arn(account, rule.rule.role_arn);
      }
      pool.role_mappings.push_back(std::move(out));
    }
    attempt(entry.where, [&] {
      if (tables_.pool(pool.id))
        refuse_row("EntityAlreadyExists", "there is an identity pool `" + pool.id + "` already");
      tables_.put(pool);
    });
  }

  void add_keys(const std::string& owner, const std::vector<Key>& keys, const Where& where) {
    if (keys.size() > 2) diagnostics_.error(Error{Code::Limit, "more than two access keys", where});
    for (const Key& entry : keys) {
      const auto [first, fresh] = keys_.emplace(entry.id, entry.where);
      if (!fresh) {
        diagnostics_.error(Error{Code::Conflict,
                                 "access key `" + entry.id + "` stands at " + first->second.text() + " already",
                                 entry.where});
        continue;
      }
      AccessKey key;
      key.id = entry.id;
      key.owner = owner;
      key.secret = entry.secret.value;
      key.fixed_token = entry.session_token.value;
      key.active = entry.active;
      attempt(entry.where, [&] { tables_.put(key); });
    }
  }

  Tables& tables_;
  config::Diagnostics& diagnostics_;
  std::map<std::string, std::string> arns_;  // managed policies: account/name in lower case
  std::map<std::string, Where> keys_;
};

}  // namespace

std::shared_ptr<DatabaseStore> build(const File& file, config::Diagnostics& diagnostics) {
  DatabaseStore::Setup setup;
  setup.name = "memory";
  setup.connections = 1;
  setup.in_memory = true;
  setup.connect = [timeout = setup.timeout_ms] { return connect_sqlite(":memory:", timeout); };
  // A key that nobody has: what is sealed with it never leaves this memory.
  base::SystemRandom random;
  auto ring = KeyRing::parse(KeyRing::generate(random, 0).reveal());
  auto first = setup.connect();
  migrate(*first);
  auto store = std::make_shared<DatabaseStore>(std::move(setup), std::move(*ring), std::move(first));
  const auto done = store->transact(true, [&](Tables& tables) {
    Builder builder(tables, diagnostics);
    // Policies of every account first: others may be attached to them by ARN.
    for (const Account& account : file.accounts) builder.add_policies(account);
    for (const Account& account : file.accounts) builder.add(account);
    for (const Account& account : file.accounts) builder.bind_trust(account);
    return diagnostics.ok();
  });
  if (!done) diagnostics.error(Error{Code::Internal, done.error().message, {}});
  return diagnostics.ok() ? store : nullptr;
}

}  // namespace gatehouse::identity::yaml
