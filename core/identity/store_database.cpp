#include "identity/store_database.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace gatehouse::identity {
namespace {

using Kind = StoreError::Kind;

constexpr Sql kCommit{"COMMIT"};
constexpr Sql kRollback{"ROLLBACK"};
constexpr Sql kVersion{"SELECT version FROM meta", 1};
// By the clock where that is ahead: what is written to a store that was restored from a backup never has a number under
// which a gateway remembers what was written before.
constexpr Sql kGrow{"UPDATE meta SET version = CASE WHEN version < $1 THEN $1 ELSE version + 1 END"};
constexpr Sql kBeginLite{"BEGIN"};
constexpr Sql kBeginLiteWrite{"BEGIN IMMEDIATE"};
constexpr Sql kBeginRead{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
constexpr Sql kBeginWrite{"BEGIN ISOLATION LEVEL SERIALIZABLE"};
constexpr Sql kBeginNote{"BEGIN ISOLATION LEVEL READ COMMITTED"};
// Before the first look at any row, so that a writer who has waited sees what the one before has written.
constexpr Sql kQueue{"LOCK TABLE meta IN EXCLUSIVE MODE"};

constexpr int kAttempts = 8;
constexpr std::size_t kResealAtOnce = 500;

}  // namespace

DatabaseStore::DatabaseStore(Setup setup, KeyRing ring, std::unique_ptr<Connection> first)
    : Store(std::move(ring)), setup_(std::move(setup)) {
  auto line = std::make_unique<Line>();
  line->connection = std::move(first);
  idle_.push_back(std::move(line));
  open_ = 1;
}

std::unique_ptr<DatabaseStore::Line> DatabaseStore::take() {
  if (setup_.check) setup_.check();
  std::unique_lock lock(mutex_);
  const bool ready = freed_.wait_for(lock, std::chrono::milliseconds(setup_.timeout_ms), [&] {
    return !idle_.empty() || open_ < std::max<std::size_t>(1, setup_.connections);
  });
  if (!ready)
    throw StoreError(Kind::Failed,
                     {"ServiceFailure", "the store of identities is busy: no connection came free in time"});
  if (!idle_.empty()) {
    auto line = std::move(idle_.back());
    idle_.pop_back();
    return line;
  }
  if (std::chrono::steady_clock::now() - refused_ < std::chrono::seconds(1))
    throw StoreError(Kind::Lost, {"ServiceFailure", "the store of identities failed: cannot connect to the server"});
  ++open_;
  lock.unlock();
  try {
    auto line = std::make_unique<Line>();
    line->connection = setup_.connect();
    return line;
  } catch (...) {
    {
      const std::lock_guard again(mutex_);
      refused_ = std::chrono::steady_clock::now();
    }
    give_back(nullptr);
    throw;
  }
}

void DatabaseStore::give_back(std::unique_ptr<Line> line) {
  {
    const std::lock_guard lock(mutex_);
    if (line != nullptr) {
      idle_.push_back(std::move(line));
    } else {
      --open_;
    }
  }
  freed_.notify_one();
}

// When the server has gone, the connections that wait have gone with it.
void DatabaseStore::suspect_idle() {
  const std::lock_guard lock(mutex_);
  for (const auto& line : idle_) line->lost = true;
}

void DatabaseStore::restore(Line& line) {
  if (setup_.revive) {
    setup_.revive(*line.connection);
  } else {
    line.connection = setup_.connect();
  }
  line.lost = false;
}

void DatabaseStore::begin(Line& line, Mode mode, bool& begun) {
  Connection& db = *line.connection;
  if (setup_.engine == Engine::Sqlite) {
    db.run(mode == Mode::Read ? kBeginLite : kBeginLiteWrite);
  } else {
    db.run(mode == Mode::Read ? kBeginRead : mode == Mode::Write ? kBeginWrite : kBeginNote);
  }
  begun = true;
  if (setup_.engine == Engine::Postgresql && mode == Mode::Write) db.run(kQueue);
}

void DatabaseStore::attempt(Mode mode, const std::function<bool(SqlTables&)>& body) {
  auto line = take();
  bool begun = false;
  const auto undo = [&](bool lost) {
    bool usable = !lost;
    if (begun && usable) {
      try {
        line->connection->run(kRollback);
      } catch (const StoreError&) {
        usable = false;
      }
    }
    if (!usable && !setup_.in_memory) line->lost = true;
    give_back(std::move(line));
  };
  try {
    if (line->lost) restore(*line);
    try {
      begin(*line, mode, begun);
    } catch (const StoreError& error) {
      if (error.kind() != Kind::Lost) throw;
      // It may have been lost long ago, and nothing is done yet: once more, made anew.
      suspect_idle();
      begun = false;
      restore(*line);
      begin(*line, mode, begun);
    }
    SqlTables tables(*line->connection, ring(), line->random, mode != Mode::Read);
    const bool commit = body(tables);
    if (commit && tables.changed() && mode == Mode::Write)
      line->connection->run(kGrow, {setup_.clock->unix_ms() * 1'000});
    line->connection->run(commit ? kCommit : kRollback);
    begun = false;
  } catch (const StoreError& error) {
    const bool lost = error.kind() == Kind::Lost;
    if (lost) suspect_idle();
    undo(lost);
    throw;
  } catch (...) {
    undo(false);
    throw;
  }
  give_back(std::move(line));
}

Outcome<void> DatabaseStore::within(Mode mode, const std::function<bool(SqlTables&)>& body) {
  for (int i = 1;; ++i) {
    try {
      attempt(mode, body);
      return {};
    } catch (const StoreError& error) {
      if (error.kind() != Kind::Repeat || i == kAttempts) return tl::unexpected<Fault>(error.fault());
      std::this_thread::sleep_for(std::chrono::milliseconds(1 << i));
    }
  }
}

Outcome<void> DatabaseStore::transact(bool writes, const std::function<bool(Tables&)>& body) {
  return within(writes ? Mode::Write : Mode::Read, body);
}

Outcome<std::uint64_t> DatabaseStore::version() {
  const auto ask = [](Line& line) {
    return static_cast<std::uint64_t>(to_number(line.connection->run(kVersion).at(0).at(0)));
  };
  try {
    auto line = take();
    try {
      if (line->lost) restore(*line);
      std::uint64_t out = 0;
      try {
        out = ask(*line);
      } catch (const StoreError& error) {
        if (error.kind() != Kind::Lost) throw;
        suspect_idle();
        restore(*line);
        out = ask(*line);
      }
      give_back(std::move(line));
      return out;
    } catch (const StoreError& error) {
      if (error.kind() == Kind::Lost) line->lost = true;
      give_back(std::move(line));
      throw;
    }
  } catch (const StoreError& error) {
    return tl::unexpected<Fault>(error.fault());
  }
}

Outcome<void> DatabaseStore::note_used(const std::vector<Use>& uses) {
  if (uses.empty()) return {};
  // In one order for everybody: no two who note wait for one another.
  std::vector<const Use*> ordered;
  for (const Use& use : uses) ordered.push_back(&use);
  std::sort(ordered.begin(), ordered.end(), [](const Use* a, const Use* b) { return a->key_id < b->key_id; });
  return within(Mode::Note, [&](SqlTables& tables) {
    for (const Use* use : ordered) tables.note_used(use->key_id, use->last);
    return true;
  });
}

Outcome<std::size_t> DatabaseStore::reseal(const std::function<void(std::size_t)>& progress) {
  std::size_t total = 0;
  for (;;) {
    std::size_t count = 0;
    const auto done = within(Mode::Write, [&](SqlTables& tables) {
      count = tables.reseal(kResealAtOnce);
      return true;
    });
    if (!done) return tl::unexpected<Fault>(done.error());
    total += count;
    if (progress) progress(total);
    if (count < kResealAtOnce) return total;
  }
}

}  // namespace gatehouse::identity
