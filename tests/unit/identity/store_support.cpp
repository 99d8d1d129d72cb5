#include "unit/identity/store_support.hpp"

#include <cstdlib>

#include "identity/sql_conninfo.hpp"
#include "identity/sql_postgresql.hpp"

namespace gatehouse::identity::testing {

std::vector<Backend> backends() {
  std::vector<Backend> out;
  out.push_back(
      {"Sqlite", [](const Folder& folder, bool, const std::vector<std::string>& ring, const base::Clock& clock) {
         return open_sqlite(folder.file("identity.db"), ring, clock);
       }});
  const char* named = std::getenv("GATEHOUSE_TEST_POSTGRESQL");
  if (named == nullptr) return out;
  out.push_back(
      {"Postgresql", [server = std::string(named)](const Folder&, bool fresh, const std::vector<std::string>& ring,
                                                   const base::Clock& clock) {
         if (fresh)
           connect_postgresql(Conninfo::parse(server)->poco().value(), 5'000)
               ->run_once("DROP SCHEMA IF EXISTS gatehouse CASCADE");
         Store::Options options;
         options.postgresql = server;
         auto store = Store::open(options, ring_of(ring), clock);
         if (!store) throw std::runtime_error(store.error().what());
         return *store;
       }});
  return out;
}

}  // namespace gatehouse::identity::testing
