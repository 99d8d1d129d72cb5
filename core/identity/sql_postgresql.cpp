#include "identity/sql_postgresql.hpp"

namespace gatehouse::identity {

namespace {

void set_up(Connection& connection, std::int64_t timeout_ms) {
  const std::string limit = std::to_string(timeout_ms);
  connection.run_once("SET client_min_messages = error");  // libpq writes notices to standard error
  connection.run_once("SET search_path = gatehouse");
  connection.run_once("SET statement_timeout = " + limit);
  connection.run_once("SET lock_timeout = " + limit);
  // A gateway that has hung up in the midst of a transaction would hold up every writer.
  connection.run_once("SET idle_in_transaction_session_timeout = " + std::to_string(10 * timeout_ms));
  // What is acknowledged is on the disk, whatever the server's habit.
  connection.run_once(
      "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'", 1);
}

}  // namespace

std::unique_ptr<Connection> connect_postgresql(const std::string& conninfo, std::int64_t timeout_ms) {
  auto out = std::make_unique<Connection>(Engine::Postgresql, conninfo, timeout_ms);
  set_up(*out, timeout_ms);
  return out;
}

void revive_postgresql(Connection& connection, std::int64_t timeout_ms) {
  connection.revive();
  set_up(connection, timeout_ms);
}

}  // namespace gatehouse::identity
