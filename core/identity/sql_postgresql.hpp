#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "identity/sql.hpp"

namespace gatehouse::identity {

/// A connection to the server, its settings made: `conninfo` as Conninfo::poco() writes it. A statement that takes
/// longer than `timeout_ms`, to wait for a lock or to run, is ended. Throws StoreError.
std::unique_ptr<Connection> connect_postgresql(const std::string& conninfo, std::int64_t timeout_ms);
/// The same for one that is lost. Throws StoreError, and it stays lost.
void revive_postgresql(Connection& connection, std::int64_t timeout_ms);

}  // namespace gatehouse::identity
