#pragma once
#include <optional>
#include <string>

#include "app/command.hpp"
#include "base/error.hpp"
#include "conformance/runner.hpp"
#include "plugin/json.hpp"

namespace gatehouse::app {

// The subcommands of `gatehouse plugin`.
std::unique_ptr<Command> plugin_inspect_command(CLI::App& parser);
std::unique_ptr<Command> plugin_docs_command(CLI::App& parser);
std::unique_ptr<Command> plugin_check_command(CLI::App& parser);
std::unique_ptr<Command> plugin_new_command(CLI::App& parser);
std::unique_ptr<Command> plugin_bench_command(CLI::App& parser);
/// What `check` starts for each rule: a process in which the plugin may do what it wants.
std::unique_ptr<Command> plugin_probe_command(CLI::App& parser);

/// What a plugin's code says of it, asked in a process of its own. Errors: why it could not be asked.
Result<plugin::Json> description_of(const std::string& file, std::chrono::seconds limit);
/// What an option gives: a file's content, or JSON that begins with a brace or bracket.
Result<std::string> file_or_json(const std::string& given, const char* option);
/// What `--settings` gives, as file_or_json(). Checked by the schema of `description`,
/// with its defaults, as the gateway does before create().
Result<std::string> settings_for(const std::string& given, const plugin::Json& description);
/// The text of a member; empty when there is none or it is null.
std::string text_of(const plugin::Json& object, std::string_view member);
/// Its children's texts, with commas.
std::string list_of(const plugin::Json& object, std::string_view member);
std::string in_quotes(std::string_view text);

}  // namespace gatehouse::app
