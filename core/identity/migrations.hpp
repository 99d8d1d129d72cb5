#pragma once
#include <cstddef>

#include "identity/sql.hpp"

namespace gatehouse::identity {

/// How many versions the schema has had: the newest that this build knows.
std::size_t schema_version() noexcept;

/// Brings the database to version `to`, each step in a transaction of its own; one that another process makes at the
/// same time is waited for. A database that is new is made; of PostgreSQL all stands in the schema `gatehouse`. Throws
/// StoreError: Refused for a database of a newer version, or one of something else.
void migrate(Connection& connection, std::size_t to);
inline void migrate(Connection& connection) {
  migrate(connection, schema_version());
}

}  // namespace gatehouse::identity
