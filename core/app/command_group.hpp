#pragma once
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "app/command.hpp"

namespace gatehouse::app {

struct Subcommand {
  const char* name;
  const char* help;  // empty: not shown
  std::unique_ptr<Command> (*make)(CLI::App&);
};

/// A command that only chooses: exactly one of its subcommands runs.
class CommandGroup final : public Command {
 public:
  CommandGroup(CLI::App& parser, std::span<const Subcommand> all);
  int run() override;

 private:
  std::vector<std::pair<CLI::App*, std::unique_ptr<Command>>> commands_;
};

}  // namespace gatehouse::app
