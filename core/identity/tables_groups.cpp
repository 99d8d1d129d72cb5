#include "base/text.hpp"
#include "identity/tables_sql.hpp"

namespace gatehouse::identity {
namespace {

constexpr Sql kByName{"SELECT id, account, path, name, created FROM user_groups WHERE account = $1 AND folded = $2", 5};
constexpr Sql kPage{
    "SELECT id, account, path, name, created FROM user_groups WHERE account = $1 AND folded > $2 "
    "AND substr(path, 1, length(CAST($3 AS TEXT))) = $3 ORDER BY folded LIMIT $4",
    5};
constexpr Sql kIdOfName{"SELECT id FROM user_groups WHERE account = $1 AND folded = $2", 1};
constexpr Sql kPut{
    "INSERT INTO user_groups (id, account, path, name, folded, created) VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT (id) DO UPDATE SET account = excluded.account, path = excluded.path, name = excluded.name, "
    "folded = excluded.folded, created = excluded.created"};
constexpr Sql kRemove{"DELETE FROM user_groups WHERE id = $1"};
constexpr Sql kAdd{"INSERT INTO members (group_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"};
constexpr Sql kBoth{
    "SELECT g.id FROM user_groups g JOIN users u ON u.account = g.account WHERE g.id = $1 AND u.id = $2", 1};
constexpr Sql kTakeOut{"DELETE FROM members WHERE group_id = $1 AND user_id = $2 RETURNING user_id", 1};
constexpr Sql kMembers{
    "SELECT u.id, u.account, u.path, u.name, u.boundary, u.created FROM members m JOIN users u ON u.id = m.user_id "
    "WHERE m.group_id = $1 ORDER BY u.folded",
    6};
constexpr Sql kGroupsOf{
    "SELECT g.id, g.account, g.path, g.name, g.created FROM members m JOIN user_groups g ON g.id = m.group_id "
    "WHERE m.user_id = $1 ORDER BY g.folded",
    5};

Group group_from(Row&& row) {
  Group out;
  out.id = std::move(row[0]);
  out.account = std::move(row[1]);
  out.path = std::move(row[2]);
  out.name = std::move(row[3]);
  out.created = to_number(row[4]);
  return out;
}

std::vector<Group> groups_from(Rows&& rows) {
  std::vector<Group> out;
  for (Row& row : rows) out.push_back(group_from(std::move(row)));
  return out;
}

}  // namespace

std::optional<Group> SqlTables::group(std::string_view account, std::string_view name) {
  Rows rows = db_.run(kByName, {account, base::lower(name)});
  if (rows.empty()) return std::nullopt;
  return group_from(std::move(rows[0]));
}

std::vector<Group> SqlTables::groups(std::string_view account, const Page& page) {
  return groups_from(db_.run(kPage, {account, base::lower(page.after), page.path_prefix, limit_of(page)}));
}

void SqlTables::put(const Group& group) {
  change();
  const std::string folded = base::lower(group.name);
  expect_own_name(db_.run(kIdOfName, {group.account, folded}), group.id, "Group", group.name);
  db_.run(kPut, {group.id, group.account, group.path, group.name, folded, group.created});
}

void SqlTables::remove_group(std::string_view id) {
  change();
  remove_what_hangs_on(id);
  db_.run(kRemove, {id});
}

void SqlTables::add_member(std::string_view group_id, std::string_view user_id) {
  change();
  if (db_.run(kBoth, {group_id, user_id}).empty())
    refuse_row("NoSuchEntity", "There is no such group, or no such user in its account.");
  db_.run(kAdd, {group_id, user_id});
}

bool SqlTables::remove_member(std::string_view group_id, std::string_view user_id) {
  change();
  return !db_.run(kTakeOut, {group_id, user_id}).empty();
}

std::vector<User> SqlTables::members(std::string_view group_id) {
  std::vector<User> out;
  for (Row& row : db_.run(kMembers, {group_id})) out.push_back(user_from(std::move(row)));
  return out;
}

std::vector<Group> SqlTables::groups_of(std::string_view user_id) {
  return groups_from(db_.run(kGroupsOf, {user_id}));
}

}  // namespace gatehouse::identity
