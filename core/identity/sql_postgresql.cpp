#include "identity/sql_postgresql.hpp"

namespace gatehouse::identity {

std::unique_ptr<Connection> connect_postgresql(const std::string& conninfo, std::int64_t timeout_ms) {
  auto out = std::make_unique<Connection>(Engine::Postgresql, conninfo, timeout_ms);
  const std::string limit = std::to_string(timeout_ms);
  out->run_once("SET client_min_messages = error");  // libpq writes notices to standard error
  out->run_once("SET search_path = gatehouse");
  out->run_once("SET statement_timeout = " + limit);
  out->run_once("SET lock_timeout = " + limit);
  // A gateway that has hung up in the midst of a transaction would hold up every writer.
  out->run_once("SET idle_in_transaction_session_timeout = " + std::to_string(10 * timeout_ms));
  // What is acknowledged is on the disk, whatever the server's habit.
  out->run_once(
      "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'", 1);
  return out;
}

}  // namespace gatehouse::identity
