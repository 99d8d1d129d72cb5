#pragma once
#include <memory>
#include <string>

#include "config/diagnostics.hpp"

namespace CLI {
class App;
}

namespace gatehouse::app {

/// Exit codes of every subcommand.
inline constexpr int kOk = 0;
inline constexpr int kFault = 1;  // what was asked for is wrong, refused or failed; the text says why
inline constexpr int kUsage = 2;  // the command line itself

/// A subcommand: declares its options on the parser, and runs after parsing.
class Command {
 public:
  virtual ~Command() = default;
  virtual int run() = 0;
};

std::unique_ptr<Command> serve_command(CLI::App& parser);
std::unique_ptr<Command> validate_command(CLI::App& parser);
std::unique_ptr<Command> explain_command(CLI::App& parser);
std::unique_ptr<Command> reload_command(CLI::App& parser);
std::unique_ptr<Command> purge_command(CLI::App& parser);
std::unique_ptr<Command> status_command(CLI::App& parser);
std::unique_ptr<Command> schema_command(CLI::App& parser);
std::unique_ptr<Command> plugin_command(CLI::App& parser);
std::unique_ptr<Command> policy_command(CLI::App& parser);
std::unique_ptr<Command> token_command(CLI::App& parser);
std::unique_ptr<Command> sign_command(CLI::App& parser);
std::unique_ptr<Command> iam_command(CLI::App& parser);
std::unique_ptr<Command> version_command(CLI::App& parser);

/// Prints errors and warnings to standard error, a line each.
void print(const config::Diagnostics& diagnostics);
/// The same as a JSON object: {"ok":..,"errors":[{"file","line","column","text"}],"warnings":[...]}.
std::string json(const config::Diagnostics& diagnostics);

}  // namespace gatehouse::app
