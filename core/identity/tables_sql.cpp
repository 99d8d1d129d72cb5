#include "identity/tables_sql.hpp"

#include <algorithm>

namespace gatehouse::identity {
namespace {

constexpr Sql kDetails{"SELECT kind, a, b, c, d, e FROM details WHERE owner = $1 ORDER BY kind, place", 6};
constexpr Sql kForgetDetails{"DELETE FROM details WHERE owner = $1"};
constexpr Sql kAddDetail{
    "INSERT INTO details (owner, kind, place, a, b, c, d, e) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr Sql kHolder{
    "SELECT id FROM users WHERE id = $1 UNION ALL SELECT id FROM user_groups WHERE id = $1 "
    "UNION ALL SELECT id FROM roles WHERE id = $1",
    1};
constexpr Sql kForgetInline{"DELETE FROM inline_policies WHERE holder = $1"};
constexpr Sql kForgetAttached{"DELETE FROM attachments WHERE holder = $1"};

}  // namespace

void refuse_row(std::string code, std::string message) {
  throw StoreError(StoreError::Kind::Refused, {std::move(code), std::move(message)});
}

std::int64_t limit_of(const Tables::Page& page) noexcept {
  return static_cast<std::int64_t>(std::min<std::size_t>(page.limit, kMostRows));
}

std::vector<SqlTables::Detail> SqlTables::details(std::string_view owner) {
  std::vector<Detail> out;
  for (Row& row : db_.run(kDetails, {owner}))
    out.push_back({std::move(row[0]), std::move(row[1]), std::move(row[2]), std::move(row[3]), std::move(row[4]),
                   std::move(row[5])});
  return out;
}

void SqlTables::put_details(std::string_view owner, const std::vector<Detail>& details) {
  db_.run(kForgetDetails, {owner});
  std::int64_t place = 0;
  for (const Detail& one : details) db_.run(kAddDetail, {owner, one.kind, place++, one.a, one.b, one.c, one.d, one.e});
}

std::vector<SqlTables::Detail> SqlTables::from_tags(const std::vector<Tag>& tags) {
  std::vector<Detail> out;
  for (const Tag& tag : tags) out.push_back({"tag", tag.key, tag.value});
  return out;
}

void SqlTables::change() {
  if (!writes_) throw StoreError(StoreError::Kind::Failed, {"ServiceFailure", "a transaction that reads cannot write"});
  changed_ = true;
}

void SqlTables::expect_own_name(const Rows& rows, std::string_view id, std::string_view what, std::string_view name) {
  if (!rows.empty() && rows[0][0] != id)
    refuse_row("EntityAlreadyExists", std::string(what) + " with name " + std::string(name) + " already exists.");
}

void SqlTables::expect_policy(std::string_view arn, std::string_view what) {
  if (!arn.empty() && !policy(arn))
    refuse_row("NoSuchEntity", std::string(what) + " " + std::string(arn) + " does not exist.");
}

void SqlTables::expect_holder(std::string_view id) {
  if (db_.run(kHolder, {id}).empty())
    refuse_row("NoSuchEntity", "There is no user, group or role with id " + std::string(id) + ".");
}

void SqlTables::remove_what_hangs_on(std::string_view holder_id) {
  db_.run(kForgetDetails, {holder_id});
  db_.run(kForgetInline, {holder_id});
  db_.run(kForgetAttached, {holder_id});
}

}  // namespace gatehouse::identity
