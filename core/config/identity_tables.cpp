// `identity:`, the store of accounts, users, roles and access keys.
#include "config/config.hpp"
#include "config/reader.hpp"
#include "config/syntax.hpp"

namespace gatehouse::config {
namespace {

const Object& master_key_table() {
  static const Object table{
      .name = "master_key",
      .doc = "`master_key` of `identity`",
      .fields = {
          field("file", &MasterKey::file, path("file"), "a file of mode 0600 (`gatehouse iam init` makes one)"),
          field("env", &MasterKey::env, text({"environment variable", "", {}}), "an environment variable"),
          field("credential", &MasterKey::credential, text({"systemd credential", "", {}}),
                "a systemd credential, by its name in $CREDENTIALS_DIRECTORY"),
      }};
  return table;
}

}  // namespace

const Object& identity_table() {
  static const Object table{
      .name = "identity",
      .doc =
          "`identity`: the store of accounts, users, roles and access keys, for `type: iam` and the integrations "
          "`sts`, `iam_api` and `identity_pool`",
      .fields = {
          field("sqlite", &Identity::sqlite, path("file"), "a database of the gateway's own; made when it is not there",
                &Identity::sqlite_where),
          field("postgresql", &Identity::postgresql, text({"connection string", "", {}}),
                "a database that several gateways share: `host=db.internal dbname=gatehouse user=gatehouse "
                "sslmode=verify-full`",
                &Identity::postgresql_where),
          field("file", &Identity::file, path("file"),
                "identities written down in YAML, for small set-ups; read again when it changes",
                &Identity::file_where),
          field("master_key", &Identity::master_key, optional(object<MasterKey>(master_key_table)),
                "what secrets and session tokens are sealed with. Without it, `PATH.key` beside a database of one's "
                "own, made when it is not there; other stores, and `production: true`, need it written"),
          field("cache_entries", &Identity::cache_entries, count(1, 10'000'000), "callers that a worker remembers"),
          field(
              "max_stale", &Identity::max_stale_ms, duration(500, 3'600'000),
              "how long callers stay known while the store cannot be asked; then requests of theirs are answered 500"),
      }};
  return table;
}

}  // namespace gatehouse::config
