#include "identity/store.hpp"

#include "identity/migrations.hpp"
#include "identity/sql_conninfo.hpp"
#include "identity/sql_postgresql.hpp"
#include "identity/sql_sqlite.hpp"
#include "identity/store_database.hpp"
#include "identity/store_yaml.hpp"

namespace gatehouse::identity {
namespace {

using Opened = Result<std::shared_ptr<Store>>;

Opened open_database(DatabaseStore::Setup setup, KeyRing ring) {
  try {
    auto first = setup.connect();
    migrate(*first);
    return std::make_shared<DatabaseStore>(std::move(setup), std::move(ring), std::move(first));
  } catch (const StoreError& error) {
    return fail(error.kind() == StoreError::Kind::Refused ? Code::Refused : Code::Unavailable,
                "`" + setup.name + "`: " + error.fault().message);
  }
}

Opened open_sqlite(const Store::Options& options, KeyRing ring, const base::Clock& clock) {
  DatabaseStore::Setup setup;
  setup.clock = &clock;
  setup.engine = Engine::Sqlite;
  setup.timeout_ms = options.timeout_ms;
  setup.connections = options.connections;
  std::string path = options.sqlite;
  if (path == ":memory:") {
    setup.connections = 1;
    setup.in_memory = true;
  } else {
    auto prepared = prepare_sqlite_file(path, options.create);
    if (!prepared) return tl::unexpected<Error>(std::move(prepared).error());
    path = std::move(*prepared);
    // One that writes, one that reads meanwhile: with a single one, a slow reader would hold up a writer.
    if (setup.connections < 2) setup.connections = 2;
  }
  setup.name = "sqlite:" + path;
  setup.connect = [path, timeout = options.timeout_ms] { return connect_sqlite(path, timeout); };
  if (!setup.in_memory) setup.check = same_sqlite_file(path);
  return open_database(std::move(setup), std::move(ring));
}

Opened open_postgresql(const Store::Options& options, KeyRing ring, const base::Clock& clock) {
  auto conninfo = Conninfo::parse(options.postgresql);
  if (!conninfo) return tl::unexpected<Error>(std::move(conninfo).error());
  conninfo->set_timeout(options.timeout_ms);
  auto target = conninfo->poco();
  if (!target) return tl::unexpected<Error>(std::move(target).error());
  DatabaseStore::Setup setup;
  setup.clock = &clock;
  setup.engine = Engine::Postgresql;
  setup.timeout_ms = options.timeout_ms;
  setup.connections = options.connections;
  setup.name = conninfo->name();
  setup.connect = [to = std::move(*target), timeout = options.timeout_ms] { return connect_postgresql(to, timeout); };
  setup.revive = [timeout = options.timeout_ms](Connection& lost) { revive_postgresql(lost, timeout); };
  return open_database(std::move(setup), std::move(ring));
}

}  // namespace

Result<std::shared_ptr<Store>> Store::open(const Options& options, KeyRing ring, const base::Clock& clock) {
  const int given =
      (options.sqlite.empty() ? 0 : 1) + (options.postgresql.empty() ? 0 : 1) + (options.file.empty() ? 0 : 1);
  if (given != 1) return fail(Code::Invalid, "a store of identities is one of `sqlite`, `postgresql` and `file`");
  if (ring.current().empty() && options.file.empty())
    return fail(Code::Invalid, "a store of identities that is a database needs a master key");
  if (!options.file.empty()) return YamlStore::open(options.file, std::move(ring));
  if (!options.postgresql.empty()) return open_postgresql(options, std::move(ring), clock);
  return open_sqlite(options, std::move(ring), clock);
}

}  // namespace gatehouse::identity
