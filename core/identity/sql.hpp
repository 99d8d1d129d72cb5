#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "identity/store_error.hpp"

namespace gatehouse::identity {

enum class Engine : std::uint8_t { Sqlite, Postgresql };

/// One SQL text, good for both engines: `$1`, `$2`, ... in the order in which they first stand. The text lives for ever
/// (a literal): connections keep it prepared by its address.
struct Sql {
  const char* text;
  std::size_t columns = 0;
};

/// A value that is put in for a `$`: texts and whole numbers, both as text, which either engine turns into its column's
/// type.
class Param {
 public:
  Param(std::string_view text) : text_(text) {}                // NOLINT(google-explicit-constructor)
  Param(const std::string& text) : text_(text) {}              // NOLINT(google-explicit-constructor)
  Param(const char* text) : text_(text) {}                     // NOLINT(google-explicit-constructor)
  Param(std::int64_t value) : text_(std::to_string(value)) {}  // NOLINT(google-explicit-constructor)
  Param(bool value) : text_(value ? "1" : "0") {}              // NOLINT(google-explicit-constructor)
  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

using Row = std::vector<std::string>;
using Rows = std::vector<Row>;

/// One connection to a database: the door to Poco::Data, whose exceptions end here. One thread at a time.
class Connection {
 public:
  /// `target`: the path of a file that is there, or `:memory:`; or a connection string as Poco takes it
  /// (Conninfo::poco). Throws StoreError.
  Connection(Engine engine, const std::string& target, std::int64_t timeout_ms);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs it. The rows of a SELECT, or of RETURNING. A text that no database of ours can hold (a NUL, not UTF-8) is
  /// equal to nothing in it: a SELECT finds nothing, anything else throws StoreError ValidationError. Throws
  /// StoreError.
  Rows run(const Sql& sql, std::initializer_list<Param> params = {});
  /// The same for a text that is made now, without parameters: settings and definitions. At most one column.
  Rows run_once(const std::string& text, std::size_t columns = 0);

  /// Connects anew to the PostgreSQL server, by the same string; settings of the session are gone. Throws StoreError
  /// Lost while it cannot be reached. (A new Connection for each attempt would cost memory: see the body.)
  void revive();

  Engine engine() const noexcept { return engine_; }

 private:
  struct Impl;
  Engine engine_;
  std::unique_ptr<Impl> impl_;
};

std::int64_t to_number(const std::string& text);

}  // namespace gatehouse::identity
