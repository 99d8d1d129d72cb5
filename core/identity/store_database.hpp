#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "identity/sql.hpp"
#include "identity/store.hpp"
#include "identity/tables_sql.hpp"

namespace gatehouse::identity {

/// A Store on SQLite or PostgreSQL: some connections, and transactions on them.
class DatabaseStore final : public Store {
 public:
  struct Setup {
    std::string name;  // for messages
    Engine engine = Engine::Sqlite;
    std::size_t connections = 4;
    bool in_memory = false;  // gone with its one connection
    std::int64_t timeout_ms = 5'000;
    const base::Clock* clock = &base::system_clock();      // lives as long; numbers the writes
    std::function<std::unique_ptr<Connection>()> connect;  // throws StoreError
    std::function<void(Connection&)> revive;               // one that is lost; throws StoreError. Empty: connect
    std::function<void()> check;                           // before each use; throws StoreError
  };
  /// `first`: a connection that is open and migrated.
  DatabaseStore(Setup setup, KeyRing ring, std::unique_ptr<Connection> first);

  Outcome<std::uint64_t> version() override;
  Outcome<void> note_used(const std::vector<Use>& uses) override;
  Outcome<std::size_t> reseal(const std::function<void(std::size_t)>& progress) override;
  bool writable() const noexcept override { return true; }
  std::string_view name() const noexcept override { return setup_.name; }
  Outcome<void> transact(bool writes, const std::function<bool(Tables&)>& body) override;

 private:
  enum class Mode : std::uint8_t { Read, Write, Note };
  struct Line {  // a connection, and the randomness that goes with it
    std::unique_ptr<Connection> connection;
    base::SystemRandom random;
    bool lost = false;
  };

  Outcome<void> within(Mode mode, const std::function<bool(SqlTables&)>& body);
  void attempt(Mode mode, const std::function<bool(SqlTables&)>& body);
  void begin(Line& line, Mode mode, bool& begun);
  std::unique_ptr<Line> take();
  void give_back(std::unique_ptr<Line> line);
  void restore(Line& line);
  void suspect_idle();

  const Setup setup_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Line>> idle_;
  std::size_t open_ = 0;                           // idle or taken
  std::chrono::steady_clock::time_point refused_;  // when a further connection was last refused
};

}  // namespace gatehouse::identity
