#include "identity/migrations.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace gatehouse::identity {
namespace {

// `{text}`: compares by bytes on either engine. `{rowless}`: a table that is the index of its key. What has been
// released is never edited: a change is a step of its own.
using Step = std::initializer_list<const char*>;

const Step kIdentities = {
    "CREATE TABLE meta (one BIGINT PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL)",
    "INSERT INTO meta (one, version) VALUES (1, 1)",
    "CREATE TABLE users (id {text} NOT NULL PRIMARY KEY, account {text} NOT NULL, path {text} NOT NULL, "
    "name {text} NOT NULL, folded {text} NOT NULL, boundary {text} NOT NULL, created BIGINT NOT NULL, "
    "UNIQUE (account, folded)) {rowless}",
    "CREATE TABLE user_groups (id {text} NOT NULL PRIMARY KEY, account {text} NOT NULL, path {text} NOT NULL, "
    "name {text} NOT NULL, folded {text} NOT NULL, created BIGINT NOT NULL, UNIQUE (account, folded)) {rowless}",
    "CREATE TABLE members (group_id {text} NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE, "
    "user_id {text} NOT NULL REFERENCES users (id) ON DELETE CASCADE, PRIMARY KEY (group_id, user_id)) {rowless}",
    "CREATE INDEX members_by_user ON members (user_id)",
    "CREATE TABLE roles (id {text} NOT NULL PRIMARY KEY, account {text} NOT NULL, path {text} NOT NULL, "
    "name {text} NOT NULL, folded {text} NOT NULL, description {text} NOT NULL, trust_policy {text} NOT NULL, "
    "max_session BIGINT NOT NULL, boundary {text} NOT NULL, not_before BIGINT NOT NULL, created BIGINT NOT NULL, "
    "UNIQUE (account, folded)) {rowless}",
    // What a record has several of: tags, ids that a role trusts, ... `kind` says which, a to e are its parts.
    "CREATE TABLE details (owner {text} NOT NULL, kind {text} NOT NULL, place BIGINT NOT NULL, a {text} NOT NULL, "
    "b {text} NOT NULL, c {text} NOT NULL, d {text} NOT NULL, e {text} NOT NULL, PRIMARY KEY (owner, kind, place)) "
    "{rowless}",
    "CREATE TABLE access_keys (id {text} NOT NULL PRIMARY KEY, owner {text} NOT NULL, secret {text} NOT NULL, "
    "fixed_token {text} NOT NULL, sealed_with {text} NOT NULL, active BIGINT NOT NULL, created BIGINT NOT NULL) "
    "{rowless}",
    "CREATE INDEX access_keys_by_owner ON access_keys (owner)",
    "CREATE TABLE last_used (key_id {text} NOT NULL PRIMARY KEY, used BIGINT NOT NULL, service {text} NOT NULL, "
    "region {text} NOT NULL) {rowless}",
    "CREATE TABLE policies (id {text} NOT NULL PRIMARY KEY, arn {text} NOT NULL UNIQUE, account {text} NOT NULL, "
    "path {text} NOT NULL, name {text} NOT NULL, folded {text} NOT NULL, description {text} NOT NULL, "
    "default_version {text} NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL, UNIQUE (account, folded)) "
    "{rowless}",
    "CREATE TABLE policy_versions (policy_id {text} NOT NULL REFERENCES policies (id) ON DELETE CASCADE, "
    "id {text} NOT NULL, document {text} NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (policy_id, id)) {rowless}",
    "CREATE TABLE inline_policies (holder {text} NOT NULL, folded {text} NOT NULL, name {text} NOT NULL, "
    "document {text} NOT NULL, PRIMARY KEY (holder, folded)) {rowless}",
    "CREATE TABLE attachments (holder {text} NOT NULL, policy_id {text} NOT NULL REFERENCES policies (id), "
    "PRIMARY KEY (holder, policy_id)) {rowless}",
    "CREATE INDEX attachments_by_policy ON attachments (policy_id)",
};

const Step kFederation = {
    "CREATE TABLE providers (account {text} NOT NULL, url {text} NOT NULL, created BIGINT NOT NULL, "
    "PRIMARY KEY (account, url)) {rowless}",
    "CREATE TABLE pools (id {text} NOT NULL PRIMARY KEY, account {text} NOT NULL, name {text} NOT NULL, "
    "allow_guests BIGINT NOT NULL, allow_basic_flow BIGINT NOT NULL, authenticated_role {text} NOT NULL, "
    "unauthenticated_role {text} NOT NULL, created BIGINT NOT NULL) {rowless}",
    "CREATE INDEX pools_by_account ON pools (account, name)",
    "CREATE TABLE pool_identities (id {text} NOT NULL PRIMARY KEY, "
    "pool_id {text} NOT NULL REFERENCES pools (id) ON DELETE CASCADE, created BIGINT NOT NULL) {rowless}",
    "CREATE INDEX pool_identities_by_pool ON pool_identities (pool_id)",
    "CREATE TABLE pool_logins (pool_id {text} NOT NULL REFERENCES pools (id) ON DELETE CASCADE, "
    "provider {text} NOT NULL, subject {text} NOT NULL, "
    "identity_id {text} NOT NULL REFERENCES pool_identities (id) ON DELETE CASCADE, "
    "PRIMARY KEY (pool_id, provider, subject)) {rowless}",
    "CREATE INDEX pool_logins_by_identity ON pool_logins (identity_id)",
};

const Step kMigrations[] = {kIdentities, kFederation};

std::string in_words_of(Engine engine, std::string_view text) {
  const bool lite = engine == Engine::Sqlite;
  std::string out(text);
  const auto replace = [&](std::string_view from, std::string_view to) {
    for (std::size_t at = out.find(from); at != std::string::npos; at = out.find(from, at + to.size()))
      out.replace(at, from.size(), to);
  };
  replace("{text}", lite ? "TEXT" : "TEXT COLLATE \"C\"");
  replace(" {rowless}", lite ? " WITHOUT ROWID" : "");
  return out;
}

// A number that says whose SQLite database this is (file(1) shows it), and whose advisory lock.
constexpr const char* kApplication = "1197766513";  // "Gdh1"

[[noreturn]] void refuse_database(std::string why) {
  throw StoreError(StoreError::Kind::Refused, {"ServiceFailure", std::move(why)});
}

std::size_t version_of(Connection& connection) {
  std::int64_t version = 0;
  if (connection.engine() == Engine::Sqlite) {
    version = to_number(connection.run_once("PRAGMA user_version", 1).at(0).at(0));
    const std::string application = connection.run_once("PRAGMA application_id", 1).at(0).at(0);
    const bool empty = connection.run_once("SELECT name FROM sqlite_master LIMIT 1", 1).empty();
    if (application != kApplication && !(version == 0 && application == "0" && empty))
      refuse_database("the database is of another program: name one of Gatehouse's, or a file that is not there yet");
  } else {
    const Rows rows = connection.run_once("SELECT schema FROM schema_version", 1);
    version = rows.empty() ? 0 : to_number(rows[0].at(0));
  }
  if (version < 0 || static_cast<std::size_t>(version) > schema_version())
    refuse_database("the database has schema version " + std::to_string(version) + ", this program knows " +
                    std::to_string(schema_version()) + ": use the newer program, or a backup made before it");
  return static_cast<std::size_t>(version);
}

void set_version(Connection& connection, std::size_t version) {
  const std::string number = std::to_string(version);
  if (connection.engine() == Engine::Sqlite) {
    connection.run_once(std::string("PRAGMA application_id = ") + kApplication);
    connection.run_once("PRAGMA user_version = " + number);
  } else {
    connection.run_once("DELETE FROM schema_version");
    connection.run_once("INSERT INTO schema_version (schema) VALUES (" + number + ")");
  }
}

void begin(Connection& connection) {
  if (connection.engine() == Engine::Sqlite) {
    connection.run_once("BEGIN IMMEDIATE");
    return;
  }
  connection.run_once("BEGIN ISOLATION LEVEL READ COMMITTED");
  connection.run_once(std::string("SELECT CAST(pg_advisory_xact_lock(") + kApplication + ") AS TEXT)", 1);
  connection.run_once("SET LOCAL statement_timeout = 0");
  // Only where they are not there: to make them needs rights that the gateway's user may lack.
  if (connection.run_once("SELECT nspname FROM pg_namespace WHERE nspname = 'gatehouse'", 1).empty())
    connection.run_once("CREATE SCHEMA gatehouse");
  if (connection
          .run_once("SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
                    "WHERE nspname = 'gatehouse' AND relname = 'schema_version'",
                    1)
          .empty())
    connection.run_once("CREATE TABLE schema_version (schema BIGINT NOT NULL)");
}

// One step further, or false when there is none to take.
bool step(Connection& connection, std::size_t to) {
  begin(connection);
  try {
    const std::size_t version = version_of(connection);
    if (version < to) {
      for (const char* text : kMigrations[version]) connection.run_once(in_words_of(connection.engine(), text));
      set_version(connection, version + 1);
    }
    connection.run_once("COMMIT");
    return version < to;
  } catch (...) {
    try {
      connection.run_once("ROLLBACK");
    } catch (const StoreError&) {
      // The first error is the one to tell of; the connection is given up.
    }
    throw;
  }
}

}  // namespace

std::size_t schema_version() noexcept {
  return std::size(kMigrations);
}

void migrate(Connection& connection, std::size_t to) {
  while (step(connection, to)) {
  }
}

}  // namespace gatehouse::identity
