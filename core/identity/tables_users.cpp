#include "base/text.hpp"
#include "identity/tables_sql.hpp"

namespace gatehouse::identity {
namespace {

constexpr Sql kByName{"SELECT id, account, path, name, boundary, created FROM users WHERE account = $1 AND folded = $2",
                      6};
constexpr Sql kById{"SELECT id, account, path, name, boundary, created FROM users WHERE id = $1", 6};
constexpr Sql kPage{
    "SELECT id, account, path, name, boundary, created FROM users WHERE account = $1 AND folded > $2 "
    "AND substr(path, 1, length(CAST($3 AS TEXT))) = $3 ORDER BY folded LIMIT $4",
    6};
constexpr Sql kIdOfName{"SELECT id FROM users WHERE account = $1 AND folded = $2", 1};
constexpr Sql kPut{
    "INSERT INTO users (id, account, path, name, folded, boundary, created) VALUES ($1, $2, $3, $4, $5, $6, $7) "
    "ON CONFLICT (id) DO UPDATE SET account = excluded.account, path = excluded.path, name = excluded.name, "
    "folded = excluded.folded, boundary = excluded.boundary, created = excluded.created"};
constexpr Sql kRemove{"DELETE FROM users WHERE id = $1"};
constexpr Sql kForgetUses{"DELETE FROM last_used WHERE key_id IN (SELECT id FROM access_keys WHERE owner = $1)"};
constexpr Sql kForgetKeys{"DELETE FROM access_keys WHERE owner = $1"};

}  // namespace

User SqlTables::user_from(Row&& row) {
  User out;
  out.id = std::move(row[0]);
  out.account = std::move(row[1]);
  out.path = std::move(row[2]);
  out.name = std::move(row[3]);
  out.boundary_arn = std::move(row[4]);
  out.created = to_number(row[5]);
  for (Detail& detail : details(out.id))
    if (detail.kind == "tag") out.tags.push_back({std::move(detail.a), std::move(detail.b)});
  return out;
}

std::optional<User> SqlTables::user(std::string_view account, std::string_view name) {
  Rows rows = db_.run(kByName, {account, base::lower(name)});
  if (rows.empty()) return std::nullopt;
  return user_from(std::move(rows[0]));
}

std::optional<User> SqlTables::user_by_id(std::string_view id) {
  Rows rows = db_.run(kById, {id});
  if (rows.empty()) return std::nullopt;
  return user_from(std::move(rows[0]));
}

std::vector<User> SqlTables::users(std::string_view account, const Page& page) {
  std::vector<User> out;
  for (Row& row : db_.run(kPage, {account, base::lower(page.after), page.path_prefix, limit_of(page)}))
    out.push_back(user_from(std::move(row)));
  return out;
}

void SqlTables::put(const User& user) {
  change();
  const std::string folded = base::lower(user.name);
  expect_own_name(db_.run(kIdOfName, {user.account, folded}), user.id, "User", user.name);
  expect_policy(user.boundary_arn, "Policy");
  db_.run(kPut, {user.id, user.account, user.path, user.name, folded, user.boundary_arn, user.created});
  put_details(user.id, from_tags(user.tags));
}

void SqlTables::remove_user(std::string_view id) {
  change();
  db_.run(kForgetUses, {id});
  db_.run(kForgetKeys, {id});
  remove_what_hangs_on(id);
  db_.run(kRemove, {id});
}

}  // namespace gatehouse::identity
