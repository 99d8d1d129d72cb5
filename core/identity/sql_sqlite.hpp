#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "identity/sql.hpp"

namespace gatehouse::identity {

/// Judges the database file, and what SQLite keeps beside it: a regular file of this user's, for nobody else to read or
/// write, in a folder where others put none. Makes it with mode 0600 when it is not there and `create`. Gives its
/// absolute path. Errors: NotFound, Refused, Io.
Result<std::string> prepare_sqlite_file(const std::string& path, bool create);

/// A connection to the file that prepare_sqlite_file() has judged, or to `:memory:`: write-ahead log, every commit on
/// the disk before it is acknowledged. Throws StoreError.
std::unique_ptr<Connection> connect_sqlite(const std::string& path, std::int64_t timeout_ms);

/// Throws StoreError once the path is not the file any more that it is now, because somebody has moved or deleted it or
/// put a backup there: what others write to the new one no connection would ever see. [any]
std::function<void()> same_sqlite_file(const std::string& path);

}  // namespace gatehouse::identity
