#include "base/text.hpp"
#include "identity/tables_sql.hpp"

namespace gatehouse::identity {
namespace {

constexpr Sql kByName{
    "SELECT id, account, path, name, description, trust_policy, max_session, boundary, not_before, created FROM roles "
    "WHERE account = $1 AND folded = $2",
    10};
constexpr Sql kById{
    "SELECT id, account, path, name, description, trust_policy, max_session, boundary, not_before, created FROM roles "
    "WHERE id = $1",
    10};
constexpr Sql kPage{
    "SELECT id, account, path, name, description, trust_policy, max_session, boundary, not_before, created FROM roles "
    "WHERE account = $1 AND folded > $2 AND substr(path, 1, length(CAST($3 AS TEXT))) = $3 ORDER BY folded LIMIT $4",
    10};
constexpr Sql kIdOfName{"SELECT id FROM roles WHERE account = $1 AND folded = $2", 1};
constexpr Sql kPut{
    "INSERT INTO roles (id, account, path, name, folded, description, trust_policy, max_session, boundary, not_before, "
    "created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
    "ON CONFLICT (id) DO UPDATE SET account = excluded.account, path = excluded.path, name = excluded.name, "
    "folded = excluded.folded, description = excluded.description, trust_policy = excluded.trust_policy, "
    "max_session = excluded.max_session, boundary = excluded.boundary, not_before = excluded.not_before, "
    "created = excluded.created"};
constexpr Sql kRemove{"DELETE FROM roles WHERE id = $1"};

}  // namespace

Role SqlTables::role_from(Row&& row) {
  Role out;
  out.id = std::move(row[0]);
  out.account = std::move(row[1]);
  out.path = std::move(row[2]);
  out.name = std::move(row[3]);
  out.description = std::move(row[4]);
  out.trust_policy = std::move(row[5]);
  out.max_session_seconds = to_number(row[6]);
  out.boundary_arn = std::move(row[7]);
  out.not_before = to_number(row[8]);
  out.created = to_number(row[9]);
  for (Detail& detail : details(out.id)) {
    if (detail.kind == "tag") out.tags.push_back({std::move(detail.a), std::move(detail.b)});
    if (detail.kind == "trusted") out.trusted_ids.emplace_back(std::move(detail.a), std::move(detail.b));
  }
  return out;
}

std::optional<Role> SqlTables::role(std::string_view account, std::string_view name) {
  Rows rows = db_.run(kByName, {account, base::lower(name)});
  if (rows.empty()) return std::nullopt;
  return role_from(std::move(rows[0]));
}

std::optional<Role> SqlTables::role_by_id(std::string_view id) {
  Rows rows = db_.run(kById, {id});
  if (rows.empty()) return std::nullopt;
  return role_from(std::move(rows[0]));
}

std::vector<Role> SqlTables::roles(std::string_view account, const Page& page) {
  std::vector<Role> out;
  for (Row& row : db_.run(kPage, {account, base::lower(page.after), page.path_prefix, limit_of(page)}))
    out.push_back(role_from(std::move(row)));
  return out;
}

void SqlTables::put(const Role& role) {
  change();
  const std::string folded = base::lower(role.name);
  expect_own_name(db_.run(kIdOfName, {role.account, folded}), role.id, "Role", role.name);
  expect_policy(role.boundary_arn, "Policy");
  db_.run(kPut, {role.id, role.account, role.path, role.name, folded, role.description, role.trust_policy,
                 role.max_session_seconds, role.boundary_arn, role.not_before, role.created});
  std::vector<Detail> parts = from_tags(role.tags);
  for (const auto& trusted : role.trusted_ids) parts.push_back({"trusted", trusted.first, trusted.second});
  put_details(role.id, parts);
}

void SqlTables::remove_role(std::string_view id) {
  change();
  remove_what_hangs_on(id);
  db_.run(kRemove, {id});
}

}  // namespace gatehouse::identity
