#include <algorithm>

#include "base/base64.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "identity/tables_sql.hpp"

namespace gatehouse::identity {
namespace {

constexpr Sql kById{"SELECT id, owner, secret, fixed_token, active, created FROM access_keys WHERE id = $1", 6};
constexpr Sql kOfOwner{
    "SELECT id, owner, secret, fixed_token, active, created FROM access_keys WHERE owner = $1 ORDER BY created, id", 6};
constexpr Sql kPut{
    "INSERT INTO access_keys (id, owner, secret, fixed_token, sealed_with, active, created) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, "
    "secret = excluded.secret, fixed_token = excluded.fixed_token, sealed_with = excluded.sealed_with, "
    "active = excluded.active, created = excluded.created"};
constexpr Sql kOwner{"SELECT id FROM users WHERE id = $1", 1};
constexpr Sql kRemove{"DELETE FROM access_keys WHERE id = $1"};
constexpr Sql kForgetUse{"DELETE FROM last_used WHERE key_id = $1"};
constexpr Sql kLastUsed{"SELECT used, service, region FROM last_used WHERE key_id = $1", 3};
constexpr Sql kNoteUsed{
    "INSERT INTO last_used (key_id, used, service, region) SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS "
    "TEXT), "
    "CAST($4 AS TEXT) "
    "FROM access_keys WHERE id = $1 ON CONFLICT (key_id) DO UPDATE SET used = excluded.used, "
    "service = excluded.service, region = excluded.region WHERE excluded.used > last_used.used"};
constexpr Sql kSealedOtherwise{
    "SELECT id, owner, secret, fixed_token, active, created FROM access_keys WHERE sealed_with <> $1 ORDER BY id "
    "LIMIT $2",
    6};

bool is_account(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), base::is_digit);
}

std::string bound_to(std::string_view what, std::string_view key_id) {
  return std::string(what).append(" of access key ").append(key_id);
}

std::string seal(const KeyRing& ring, std::string_view what, const AccessKey& key, const base::Secret& secret,
                 base::Random& random) {
  if (secret.empty()) return {};
  return base::base64(ring.seal(KeyRing::Purpose::AtRest, secret.reveal(), bound_to(what, key.id), random));
}

Result<base::Secret> unseal(const KeyRing& ring, std::string_view what, std::string_view key_id,
                            const std::string& sealed) {
  if (sealed.empty()) return base::Secret();
  const auto bytes = base::decode_base64(sealed);
  if (!bytes) return fail(Code::Invalid, "not sealed with a master key");
  return ring.open(KeyRing::Purpose::AtRest, *bytes, bound_to(what, key_id));
}

}  // namespace

AccessKey SqlTables::key_from(Row&& row, bool must_open) {
  AccessKey out;
  out.id = std::move(row[0]);
  out.owner = std::move(row[1]);
  out.active = row[4] == "1";
  out.created = to_number(row[5]);
  auto secret = unseal(ring_, "secret", out.id, row[2]);
  auto token = unseal(ring_, "token", out.id, row[3]);
  if (secret && secret->empty()) secret = fail(Code::Invalid, "empty");
  if (secret && token) {
    out.secret = std::move(*secret);
    out.fixed_token = std::move(*token);
  } else if (must_open) {
    const Error& error = secret ? token.error() : secret.error();
    base::log(base::Level::Error, "cannot open the secret of an access key", {{"key", out.id}, {"why", error.text}});
    throw StoreError(StoreError::Kind::Failed,
                     {"ServiceFailure", "the secret of access key " + out.id + " cannot be opened: " + error.text});
  }
  return out;
}

std::optional<AccessKey> SqlTables::key(std::string_view id) {
  Rows rows = db_.run(kById, {id});
  if (rows.empty()) return std::nullopt;
  return key_from(std::move(rows[0]), true);
}

std::vector<AccessKey> SqlTables::keys_of(std::string_view owner) {
  std::vector<AccessKey> out;
  for (Row& row : db_.run(kOfOwner, {owner})) out.push_back(key_from(std::move(row), false));
  return out;
}

void SqlTables::put(const AccessKey& key) {
  change();
  if (key.secret.empty()) refuse_row("ValidationError", "Access key " + key.id + " has no secret.");
  if (!is_account(key.owner) && db_.run(kOwner, {key.owner}).empty())
    refuse_row("NoSuchEntity", "There is no user with id " + key.owner + ".");
  db_.run(kPut, {key.id, key.owner, seal(ring_, "secret", key, key.secret, random_),
                 seal(ring_, "token", key, key.fixed_token, random_), ring_.current(), key.active, key.created});
}

void SqlTables::remove_key(std::string_view id) {
  change();
  db_.run(kForgetUse, {id});
  db_.run(kRemove, {id});
}

LastUsed SqlTables::last_used(std::string_view key_id) {
  Rows rows = db_.run(kLastUsed, {key_id});
  if (rows.empty()) return {};
  return {to_number(rows[0][0]), std::move(rows[0][1]), std::move(rows[0][2])};
}

void SqlTables::note_used(std::string_view key_id, const LastUsed& last) {
  db_.run(kNoteUsed, {key_id, last.when, last.service, last.region});
}

std::size_t SqlTables::reseal(std::size_t limit) {
  std::size_t count = 0;
  for (Row& row : db_.run(kSealedOtherwise, {ring_.current(), static_cast<std::int64_t>(limit)})) {
    put(key_from(std::move(row), true));
    ++count;
  }
  return count;
}

}  // namespace gatehouse::identity
