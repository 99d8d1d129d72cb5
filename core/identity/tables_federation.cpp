#include "identity/tables_sql.hpp"

namespace gatehouse::identity {
namespace {

constexpr Sql kProvider{"SELECT account, url, created FROM providers WHERE account = $1 AND url = $2", 3};
constexpr Sql kProviders{"SELECT account, url, created FROM providers WHERE account = $1 ORDER BY url", 3};
constexpr Sql kPutProvider{
    "INSERT INTO providers (account, url, created) VALUES ($1, $2, $3) "
    "ON CONFLICT (account, url) DO UPDATE SET created = excluded.created"};
constexpr Sql kRemoveProvider{"DELETE FROM providers WHERE account = $1 AND url = $2"};

constexpr Sql kPool{
    "SELECT id, account, name, allow_guests, allow_basic_flow, authenticated_role, unauthenticated_role, created "
    "FROM pools WHERE id = $1",
    8};
constexpr Sql kPools{
    "SELECT id, account, name, allow_guests, allow_basic_flow, authenticated_role, unauthenticated_role, created "
    "FROM pools WHERE account = $1 ORDER BY name, id",
    8};
constexpr Sql kPutPool{
    "INSERT INTO pools (id, account, name, allow_guests, allow_basic_flow, authenticated_role, unauthenticated_role, "
    "created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET account = excluded.account, "
    "name = excluded.name, allow_guests = excluded.allow_guests, allow_basic_flow = excluded.allow_basic_flow, "
    "authenticated_role = excluded.authenticated_role, unauthenticated_role = excluded.unauthenticated_role, "
    "created = excluded.created"};
constexpr Sql kRemovePool{"DELETE FROM pools WHERE id = $1"};
constexpr Sql kIdentityOf{"SELECT identity_id FROM pool_logins WHERE pool_id = $1 AND provider = $2 AND subject = $3",
                          1};
constexpr Sql kPoolOf{"SELECT pool_id FROM pool_identities WHERE id = $1", 1};
constexpr Sql kLoginsOf{"SELECT provider, subject FROM pool_logins WHERE identity_id = $1 ORDER BY provider, subject",
                        2};
constexpr Sql kPutIdentity{
    "INSERT INTO pool_identities (id, pool_id, created) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING"};
constexpr Sql kAddLogin{
    "INSERT INTO pool_logins (pool_id, provider, subject, identity_id) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (pool_id, provider, subject) DO NOTHING"};

using Mapping = PoolRoleMapping;
using Rule = PoolRoleMapping::Rule;

std::string word(Mapping::Kind kind) {
  return kind == Mapping::Kind::Token ? "token" : kind == Mapping::Kind::Rules ? "rules" : "default_role";
}
Mapping::Kind mapping_kind(std::string_view text) {
  return text == "token" ? Mapping::Kind::Token : text == "rules" ? Mapping::Kind::Rules : Mapping::Kind::DefaultRole;
}
std::string word(Rule::Match match) {
  switch (match) {
    case Rule::Match::NotEqual:
      return "NotEqual";
    case Rule::Match::StartsWith:
      return "StartsWith";
    case Rule::Match::Contains:
      return "Contains";
    case Rule::Match::Equals:
      break;
  }
  return "Equals";
}
Rule::Match rule_match(std::string_view text) {
  for (const auto match : {Rule::Match::Equals, Rule::Match::NotEqual, Rule::Match::StartsWith, Rule::Match::Contains})
    if (word(match) == text) return match;
  throw StoreError(StoreError::Kind::Failed, {"ServiceFailure", "the store of identities holds a rule it cannot read"});
}

}  // namespace

OidcProvider SqlTables::provider_from(Row&& row) {
  OidcProvider out;
  out.account = std::move(row[0]);
  out.url = std::move(row[1]);
  out.created = to_number(row[2]);
  for (Detail& detail : details(out.arn())) {
    if (detail.kind == "client") out.client_ids.push_back(std::move(detail.a));
    if (detail.kind == "thumbprint") out.thumbprints.push_back(std::move(detail.a));
    if (detail.kind == "tag") out.tags.push_back({std::move(detail.a), std::move(detail.b)});
  }
  return out;
}

std::optional<OidcProvider> SqlTables::provider(std::string_view account, std::string_view url) {
  Rows rows = db_.run(kProvider, {account, url});
  if (rows.empty()) return std::nullopt;
  return provider_from(std::move(rows[0]));
}

std::vector<OidcProvider> SqlTables::providers(std::string_view account) {
  std::vector<OidcProvider> out;
  for (Row& row : db_.run(kProviders, {account})) out.push_back(provider_from(std::move(row)));
  return out;
}

void SqlTables::put(const OidcProvider& provider) {
  change();
  db_.run(kPutProvider, {provider.account, provider.url, provider.created});
  std::vector<Detail> parts = from_tags(provider.tags);
  for (const std::string& id : provider.client_ids) parts.push_back({"client", id});
  for (const std::string& print : provider.thumbprints) parts.push_back({"thumbprint", print});
  put_details(provider.arn(), parts);
}

void SqlTables::remove_provider(std::string_view account, std::string_view url) {
  change();
  OidcProvider gone;
  gone.account = account;
  gone.url = url;
  put_details(gone.arn(), {});
  db_.run(kRemoveProvider, {account, url});
}

IdentityPool SqlTables::pool_from(Row&& row) {
  IdentityPool out;
  out.id = std::move(row[0]);
  out.account = std::move(row[1]);
  out.name = std::move(row[2]);
  out.allow_guests = row[3] == "1";
  out.allow_basic_flow = row[4] == "1";
  out.authenticated_role_arn = std::move(row[5]);
  out.unauthenticated_role_arn = std::move(row[6]);
  out.created = to_number(row[7]);
  // Kinds come in the order of their names: `mapping` before `rule`, `provider` before `provider_client`. The second of
  // each pair says by number whose it is.
  for (Detail& detail : details(out.id)) {
    if (detail.kind == "attribute_tag") {
      out.attribute_tags.emplace_back(std::move(detail.a), std::move(detail.b));
    } else if (detail.kind == "mapping") {
      out.role_mappings.push_back({std::move(detail.a), mapping_kind(detail.b), detail.c == "1", {}});
    } else if (detail.kind == "rule") {
      out.role_mappings.at(static_cast<std::size_t>(to_number(detail.a)))
          .rules.push_back({std::move(detail.b), rule_match(detail.c), std::move(detail.d), std::move(detail.e)});
    } else if (detail.kind == "provider") {
      out.providers.emplace_back(std::move(detail.a), std::vector<std::string>());
    } else if (detail.kind == "provider_client") {
      out.providers.at(static_cast<std::size_t>(to_number(detail.a))).second.push_back(std::move(detail.b));
    }
  }
  return out;
}

std::optional<IdentityPool> SqlTables::pool(std::string_view id) {
  Rows rows = db_.run(kPool, {id});
  if (rows.empty()) return std::nullopt;
  return pool_from(std::move(rows[0]));
}

std::vector<IdentityPool> SqlTables::pools(std::string_view account) {
  std::vector<IdentityPool> out;
  for (Row& row : db_.run(kPools, {account})) out.push_back(pool_from(std::move(row)));
  return out;
}

void SqlTables::put(const IdentityPool& pool) {
  change();
  db_.run(kPutPool, {pool.id, pool.account, pool.name, pool.allow_guests, pool.allow_basic_flow,
                     pool.authenticated_role_arn, pool.unauthenticated_role_arn, pool.created});
  std::vector<Detail> parts;
  for (const auto& tag : pool.attribute_tags) parts.push_back({"attribute_tag", tag.first, tag.second});
  for (std::size_t i = 0; i < pool.role_mappings.size(); ++i) {
    const Mapping& mapping = pool.role_mappings[i];
    parts.push_back({"mapping", mapping.provider, word(mapping.kind), mapping.deny_when_ambiguous ? "1" : "0"});
    for (const Rule& rule : mapping.rules)
      parts.push_back({"rule", std::to_string(i), rule.claim, word(rule.match), rule.value, rule.role_arn});
  }
  for (std::size_t i = 0; i < pool.providers.size(); ++i) {
    parts.push_back({"provider", pool.providers[i].first});
    for (const std::string& client : pool.providers[i].second)
      parts.push_back({"provider_client", std::to_string(i), client});
  }
  put_details(pool.id, parts);
}

void SqlTables::remove_pool(std::string_view id) {
  change();
  put_details(id, {});
  db_.run(kRemovePool, {id});
}

std::optional<std::string> SqlTables::identity_of(std::string_view pool_id, std::string_view provider,
                                                  std::string_view subject) {
  Rows rows = db_.run(kIdentityOf, {pool_id, provider, subject});
  if (rows.empty()) return std::nullopt;
  return std::move(rows[0][0]);
}

std::optional<std::string> SqlTables::pool_of(std::string_view identity_id) {
  Rows rows = db_.run(kPoolOf, {identity_id});
  if (rows.empty()) return std::nullopt;
  return std::move(rows[0][0]);
}

std::vector<std::pair<std::string, std::string>> SqlTables::logins_of(std::string_view identity_id) {
  std::vector<std::pair<std::string, std::string>> out;
  for (Row& row : db_.run(kLoginsOf, {identity_id})) out.emplace_back(std::move(row[0]), std::move(row[1]));
  return out;
}

// Identities come with every guest, and no gateway keeps them: they do not count as a change.
void SqlTables::put_identity(std::string_view pool_id, std::string_view identity_id, std::int64_t created) {
  const bool before = changed_;
  change();
  changed_ = before;
  if (db_.run(kPool, {pool_id}).empty())
    refuse_row("NoSuchEntity", "There is no identity pool " + std::string(pool_id) + ".");
  db_.run(kPutIdentity, {identity_id, pool_id, created});
}

void SqlTables::add_login(std::string_view pool_id, std::string_view identity_id, std::string_view provider,
                          std::string_view subject) {
  const bool before = changed_;
  change();
  changed_ = before;
  if (pool_of(identity_id) != pool_id)
    refuse_row("NoSuchEntity", "There is no identity " + std::string(identity_id) + " in this pool.");
  if (const auto known = identity_of(pool_id, provider, subject); known && *known != identity_id)
    refuse_row("EntityAlreadyExists", "The login is of another identity already.");
  db_.run(kAddLogin, {pool_id, provider, subject, identity_id});
}

}  // namespace gatehouse::identity
