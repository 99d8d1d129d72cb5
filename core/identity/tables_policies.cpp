#include <algorithm>

#include "base/text.hpp"
#include "identity/tables_sql.hpp"

namespace gatehouse::identity {
namespace {

constexpr Sql kByArn{
    "SELECT p.id, p.account, p.path, p.name, p.description, p.default_version, p.created, p.updated, "
    "COALESCE(v.document, '') FROM policies p LEFT JOIN policy_versions v ON v.policy_id = p.id "
    "AND v.id = p.default_version WHERE p.arn = $1",
    9};
constexpr Sql kPage{
    "SELECT p.id, p.account, p.path, p.name, p.description, p.default_version, p.created, p.updated, "
    "COALESCE(v.document, '') FROM policies p LEFT JOIN policy_versions v ON v.policy_id = p.id "
    "AND v.id = p.default_version WHERE p.account = $1 AND p.folded > $2 "
    "AND substr(p.path, 1, length(CAST($3 AS TEXT))) = $3 ORDER BY p.folded LIMIT $4",
    9};
constexpr Sql kIdOfName{"SELECT id FROM policies WHERE account = $1 AND folded = $2", 1};
constexpr Sql kPut{
    "INSERT INTO policies (id, arn, account, path, name, folded, description, default_version, created, updated) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
    "ON CONFLICT (id) DO UPDATE SET arn = excluded.arn, account = excluded.account, path = excluded.path, "
    "name = excluded.name, folded = excluded.folded, description = excluded.description, "
    "default_version = excluded.default_version, created = excluded.created, updated = excluded.updated"};
constexpr Sql kUses{
    "SELECT (SELECT count(*) FROM attachments a JOIN policies p ON p.id = a.policy_id WHERE p.arn = $1) + "
    "(SELECT count(*) FROM users WHERE boundary = $1) + (SELECT count(*) FROM roles WHERE boundary = $1)",
    1};
constexpr Sql kArn{"SELECT arn FROM policies WHERE id = $1", 1};
constexpr Sql kIdOfArn{"SELECT id FROM policies WHERE arn = $1", 1};
constexpr Sql kRemove{"DELETE FROM policies WHERE id = $1"};
constexpr Sql kVersions{
    "SELECT v.id, v.document, v.created, CASE WHEN v.id = p.default_version THEN 1 ELSE 0 END "
    "FROM policy_versions v JOIN policies p ON p.id = v.policy_id WHERE v.policy_id = $1 "
    "ORDER BY length(v.id) DESC, v.id DESC",
    4};
constexpr Sql kPutVersion{
    "INSERT INTO policy_versions (policy_id, id, document, created) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (policy_id, id) DO UPDATE SET document = excluded.document, created = excluded.created"};
constexpr Sql kSetDefault{"UPDATE policies SET default_version = $1 WHERE id = $2"};
constexpr Sql kRemoveVersion{"DELETE FROM policy_versions WHERE policy_id = $1 AND id = $2"};

constexpr Sql kInline{"SELECT name, document FROM inline_policies WHERE holder = $1 ORDER BY folded", 2};
constexpr Sql kPutInline{
    "INSERT INTO inline_policies (holder, folded, name, document) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (holder, folded) DO UPDATE SET name = excluded.name, document = excluded.document"};
constexpr Sql kRemoveInline{"DELETE FROM inline_policies WHERE holder = $1 AND folded = $2 RETURNING name", 1};
constexpr Sql kAttached{
    "SELECT p.arn FROM attachments a JOIN policies p ON p.id = a.policy_id WHERE a.holder = $1 ORDER BY p.arn", 1};
constexpr Sql kAttach{"INSERT INTO attachments (holder, policy_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"};
constexpr Sql kDetach{
    "DELETE FROM attachments WHERE holder = $1 AND policy_id IN (SELECT id FROM policies WHERE arn = $2) "
    "RETURNING policy_id",
    1};

}  // namespace

ManagedPolicy SqlTables::policy_from(Row&& row) {
  ManagedPolicy out;
  out.id = std::move(row[0]);
  out.account = std::move(row[1]);
  out.path = std::move(row[2]);
  out.name = std::move(row[3]);
  out.description = std::move(row[4]);
  out.default_version = std::move(row[5]);
  out.created = to_number(row[6]);
  out.updated = to_number(row[7]);
  out.document = std::move(row[8]);
  for (Detail& detail : details(out.id))
    if (detail.kind == "tag") out.tags.push_back({std::move(detail.a), std::move(detail.b)});
  return out;
}

std::optional<ManagedPolicy> SqlTables::policy(std::string_view arn) {
  Rows rows = db_.run(kByArn, {arn});
  if (rows.empty()) return std::nullopt;
  return policy_from(std::move(rows[0]));
}

std::vector<ManagedPolicy> SqlTables::policies(std::string_view account, const Page& page) {
  std::vector<ManagedPolicy> out;
  for (Row& row : db_.run(kPage, {account, base::lower(page.after), page.path_prefix, limit_of(page)}))
    out.push_back(policy_from(std::move(row)));
  return out;
}

void SqlTables::put(const ManagedPolicy& policy) {
  change();
  const std::string folded = base::lower(policy.name);
  expect_own_name(db_.run(kIdOfName, {policy.account, folded}), policy.id, "Policy", policy.name);
  db_.run(kPut, {policy.id, policy.arn(), policy.account, policy.path, policy.name, folded, policy.description,
                 policy.default_version, policy.created, policy.updated});
  put_details(policy.id, from_tags(policy.tags));
}

void SqlTables::remove_policy(std::string_view id) {
  change();
  const Rows rows = db_.run(kArn, {id});
  if (rows.empty()) return;
  if (attachments(rows[0][0]) != 0)
    refuse_row("DeleteConflict", "Policy " + rows[0][0] + " is attached to an entity, or is the boundary of one.");
  put_details(id, {});
  db_.run(kRemove, {id});
}

std::vector<PolicyVersion> SqlTables::versions(std::string_view policy_id) {
  std::vector<PolicyVersion> out;
  for (Row& row : db_.run(kVersions, {policy_id}))
    out.push_back({std::move(row[0]), std::move(row[1]), to_number(row[2]), row[3] == "1"});
  return out;
}

void SqlTables::put_version(std::string_view policy_id, const PolicyVersion& version) {
  change();
  if (db_.run(kArn, {policy_id}).empty())
    refuse_row("NoSuchEntity", "There is no policy with id " + std::string(policy_id) + ".");
  db_.run(kPutVersion, {policy_id, version.id, version.document, version.created});
  if (version.is_default) db_.run(kSetDefault, {version.id, policy_id});
}

void SqlTables::remove_version(std::string_view policy_id, std::string_view version_id) {
  change();
  db_.run(kRemoveVersion, {policy_id, version_id});
}

std::size_t SqlTables::attachments(std::string_view policy_arn) {
  const Rows rows = db_.run(kUses, {policy_arn});
  return rows.empty() ? 0 : static_cast<std::size_t>(to_number(rows[0][0]));
}

std::vector<InlinePolicy> SqlTables::inline_policies(std::string_view holder_id) {
  std::vector<InlinePolicy> out;
  for (Row& row : db_.run(kInline, {holder_id})) out.push_back({std::move(row[0]), std::move(row[1])});
  return out;
}

void SqlTables::put_inline(std::string_view holder_id, const InlinePolicy& policy) {
  change();
  expect_holder(holder_id);
  db_.run(kPutInline, {holder_id, base::lower(policy.name), policy.name, policy.document});
}

bool SqlTables::remove_inline(std::string_view holder_id, std::string_view name) {
  change();
  return !db_.run(kRemoveInline, {holder_id, base::lower(name)}).empty();
}

std::vector<std::string> SqlTables::attached(std::string_view holder_id) {
  std::vector<std::string> out;
  for (Row& row : db_.run(kAttached, {holder_id})) out.push_back(std::move(row[0]));
  return out;
}

void SqlTables::attach(std::string_view holder_id, std::string_view policy_arn) {
  change();
  expect_holder(holder_id);
  const Rows rows = db_.run(kIdOfArn, {policy_arn});
  if (rows.empty()) refuse_row("NoSuchEntity", "Policy " + std::string(policy_arn) + " does not exist.");
  db_.run(kAttach, {holder_id, rows[0][0]});
}

bool SqlTables::detach(std::string_view holder_id, std::string_view policy_arn) {
  change();
  return !db_.run(kDetach, {holder_id, policy_arn}).empty();
}

}  // namespace gatehouse::identity
