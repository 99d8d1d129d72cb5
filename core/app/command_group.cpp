#include "app/command_group.hpp"

#include <CLI/App.hpp>

namespace gatehouse::app {

CommandGroup::CommandGroup(CLI::App& parser, std::span<const Subcommand> all) {
  parser.require_subcommand(1);
  for (const Subcommand& one : all) {
    CLI::App* const sub = parser.add_subcommand(one.name, one.help);
    if (*one.help == '\0') sub->group("");
    commands_.emplace_back(sub, one.make(*sub));
  }
}

int CommandGroup::run() {
  for (const auto& [sub, command] : commands_)
    if (sub->parsed()) return command->run();
  return kUsage;
}

}  // namespace gatehouse::app
