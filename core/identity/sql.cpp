#include "identity/sql.hpp"

#include <Poco/Data/PostgreSQL/Connector.h>
#include <Poco/Data/PostgreSQL/SessionHandle.h>
#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "base/log.hpp"
#include "base/text.hpp"

namespace gatehouse::identity {
namespace {

using Kind = StoreError::Kind;

void register_engines() {
  static std::once_flag once;
  std::call_once(once, [] {
    Poco::Data::SQLite::Connector::registerConnector();
    Poco::Data::PostgreSQL::Connector::registerConnector();
  });
}

StoreError failed(Kind kind, const std::string& why) {
  return {kind, {"ServiceFailure", "the store of identities failed: " + why}};
}

StoreError sqlite_error(const Poco::Exception& error) {
  namespace lite = Poco::Data::SQLite;
  if (dynamic_cast<const lite::DBLockedException*>(&error) != nullptr ||
      dynamic_cast<const lite::TableLockedException*>(&error) != nullptr)
    return failed(Kind::Failed, "another process has held the database locked for too long");
  if (dynamic_cast<const lite::DatabaseFullException*>(&error) != nullptr)
    return failed(Kind::Failed, "the disk is full");
  if (dynamic_cast<const lite::CorruptImageException*>(&error) != nullptr)
    return failed(Kind::Failed, "the database file is damaged: restore it from a backup");
  if (dynamic_cast<const lite::ReadOnlyException*>(&error) != nullptr)
    return failed(Kind::Failed, "the database file cannot be written to");
  if (dynamic_cast<const lite::CantOpenDBFileException*>(&error) != nullptr)
    return failed(Kind::Failed, "the database file cannot be opened");
  // A file that may not grow any more (a quota, a limit of the process) comes as an I/O error, too.
  if (dynamic_cast<const lite::IOErrorException*>(&error) != nullptr)
    return failed(Kind::Failed, "the disk does not take or give its bytes");
  return failed(Kind::Failed, "the log says why");
}

StoreError postgresql_error(const Poco::Exception& error, bool connected) {
  const std::string text = error.displayText();
  const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  if (!connected || has("State: 57P0") || has("server closed the connection"))
    return failed(Kind::Lost, "the connection to the server is lost");
  // Serialization failures and deadlocks. Preparing says no state, only the text.
  if (has("State: 40001") || has("State: 40P01") || has("could not serialize access"))
    return failed(Kind::Repeat, "other writers came in between too often");
  if (has("State: 57014") || has("State: 55P03")) return failed(Kind::Failed, "the server has not answered in time");
  if (has("State: 53100")) return failed(Kind::Failed, "the disk of the server is full");
  // A primary that has become a standby: the next call may find the new one.
  if (has("State: 25006")) return failed(Kind::Lost, "the server takes no writes (a standby?)");
  return failed(Kind::Failed, "the log says why");
}

bool can_be_held(const std::string& text) {
  return text.find('\0') == std::string::npos && base::is_utf8(text);
}

struct Prepared {
  Poco::Data::Statement statement;
  std::vector<std::string> params;
  std::vector<std::vector<std::string>> columns;

  Prepared(Poco::Data::Session& session, const char* text, std::size_t param_count, std::size_t column_count)
      : statement(session), params(param_count), columns(column_count) {
    statement << text;
    for (std::string& param : params) statement, Poco::Data::Keywords::use(param);
    for (auto& column : columns) statement, Poco::Data::Keywords::into(column);
  }

  Rows run() {
    for (auto& column : columns) column.clear();
    statement.execute();
    Rows out;
    if (columns.empty()) return out;
    out.resize(columns[0].size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i].reserve(columns.size());
      for (auto& column : columns) out[i].push_back(std::move(column.at(i)));
    }
    return out;
  }
};

}  // namespace

struct Connection::Impl {
  Poco::Data::Session session;
  std::unordered_map<const char*, std::unique_ptr<Prepared>> prepared;

  Impl(const std::string& connector, const std::string& target, std::size_t timeout_s)
      : session(connector, target, timeout_s) {}

  [[noreturn]] void raise(Engine engine, const Poco::Exception& error) {
    bool connected = false;
    try {
      connected = session.isConnected();
    } catch (const Poco::Exception&) {
      // It stays: not connected.
    }
    const StoreError out = engine == Engine::Sqlite ? sqlite_error(error) : postgresql_error(error, connected);
    if (out.kind() != Kind::Repeat)
      base::log(base::Level::Error, "the database of identities said no", {{"error", error.displayText()}});
    throw StoreError(out);
  }
};

Connection::Connection(Engine engine, const std::string& target, std::int64_t timeout_ms) : engine_(engine) {
  register_engines();
  const auto seconds = static_cast<std::size_t>(std::max<std::int64_t>(1, (timeout_ms + 999) / 1000));
  try {
    impl_ = std::make_unique<Impl>(engine == Engine::Sqlite ? "SQLite" : "PostgreSQL", target, seconds);
  } catch (const Poco::Exception& error) {
    std::string why = error.message();  // of several lines, the last one empty
    std::replace_if(
        why.begin(), why.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    while (why.ends_with(' ')) why.pop_back();
    base::log(base::Level::Error, "cannot open the database of identities", {{"error", why}});
    throw failed(Kind::Lost, why);
  }
}

Connection::~Connection() = default;

Rows Connection::run(const Sql& sql, std::initializer_list<Param> params) {
  for (const Param& param : params) {
    if (can_be_held(param.text())) continue;
    if (std::string_view(sql.text).starts_with("SELECT")) return {};
    throw StoreError(Kind::Refused, {"ValidationError", "a text holds a NUL or is not UTF-8"});
  }
  std::unique_ptr<Prepared> use;
  bool ran_before = false;
  try {
    if (const auto found = impl_->prepared.find(sql.text); found != impl_->prepared.end()) {
      use = std::move(found->second);
      ran_before = true;
      impl_->prepared.erase(found);
    } else {
      use = std::make_unique<Prepared>(impl_->session, sql.text, params.size(), sql.columns);
    }
    std::size_t i = 0;
    for (const Param& param : params) use->params[i++] = param.text();
    Rows out = use->run();
    impl_->prepared.emplace(sql.text, std::move(use));  // not one that failed: it may still be in the midst of it
    return out;
  } catch (const Poco::Exception& error) {
    // Poco 1.11 frees the result of a statement's last run when the next one begins, and once more in its destructor
    // when that one fails. Such a statement is left behind: it takes a broken connection or a lost race to make one.
    if (engine_ == Engine::Postgresql && ran_before) static_cast<void>(use.release());
    impl_->raise(engine_, error);
  }
}

Rows Connection::run_once(const std::string& text, std::size_t columns) {
  try {
    return Prepared(impl_->session, text.c_str(), 0, columns).run();
  } catch (const Poco::Exception& error) {
    impl_->raise(engine_, error);
  }
}

void Connection::revive() {
  // While it is known to be lost: a statement tells the server that it goes.
  impl_->prepared.clear();
  try {
    // Poco 1.11 frees no connection that is not sound, so that each attempt to open a session on a server that is away
    // would leave 35 KB behind. This makes the same one anew.
    auto* const handle = Poco::AnyCast<Poco::Data::PostgreSQL::SessionHandle*>(impl_->session.getProperty("handle"));
    if (handle->reset()) return;
  } catch (const Poco::Exception& error) {
    impl_->raise(engine_, error);
  }
  throw failed(Kind::Lost, "cannot connect to the server");
}

std::int64_t to_number(const std::string& text) {
  const auto value = base::parse_integer<std::int64_t>(text);
  if (!value) throw StoreError(Kind::Failed, {"ServiceFailure", "the store of identities holds a number that is none"});
  return *value;
}

}  // namespace gatehouse::identity
