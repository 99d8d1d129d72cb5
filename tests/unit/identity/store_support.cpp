#include "unit/identity/store_support.hpp"

#include "identity/sql.hpp"

namespace gatehouse::identity::testing {

std::vector<Backend> backends() {
  std::vector<Backend> out;
  out.push_back({"Sqlite",
                 [](const Folder& folder, bool, const std::vector<std::string>& ring) {
                   return open_sqlite(folder.file("identity.db"), ring);
                 },
                 {}});
  return out;
}

}  // namespace gatehouse::identity::testing
