#include <CLI/App.hpp>
#include <fstream>
#include <vector>

#include "app/command_group.hpp"
#include "app/plugin_commands.hpp"
#include "base/text.hpp"
#include "plugin/settings.hpp"

namespace gatehouse::app {
namespace {

constexpr Subcommand kCommands[] = {
    {"new", "write the project of a new plugin", plugin_new_command},
    {"check", "hold plugins to what the SDK promises", plugin_check_command},
    {"inspect", "say what files are, without running their code", plugin_inspect_command},
    {"docs", "print a plugin's page: what it does and its settings", plugin_docs_command},
    {"bench", "measure what a call of a plugin costs", plugin_bench_command},
    {"probe", "", plugin_probe_command},
};

class ProbeCommand final : public Command {
 public:
  explicit ProbeCommand(CLI::App& parser) {
    parser.add_option("--rule", rule_)->required();
    parser.add_option("--seed", question_.seed);
    parser.add_option("--seconds", question_.seconds);
    parser.add_option("--threads", question_.threads);
    parser.add_option("FILE", question_.file)->required();
  }
  int run() override { return conformance::run_probe(rule_, question_); }

 private:
  std::string rule_;
  conformance::Question question_;
};

}  // namespace

std::unique_ptr<Command> plugin_command(CLI::App& parser) {
  parser.footer("See gatehouse-plugin(7).");
  return std::make_unique<CommandGroup>(parser, kCommands);
}
std::unique_ptr<Command> plugin_probe_command(CLI::App& parser) {
  return std::make_unique<ProbeCommand>(parser);
}

Result<plugin::Json> description_of(const std::string& file, std::chrono::seconds limit) {
  conformance::Question question;
  question.file = file;
  const conformance::Verdict said = conformance::run_apart("describe", question, limit);
  if (said.kind != conformance::Verdict::Kind::Passed) return fail(Code::Refused, said.text);
  return plugin::parse_json(said.text);
}

Result<std::string> file_or_json(const std::string& given, const char* option) {
  const std::size_t first = given.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && (given[first] == '{' || given[first] == '[')) return given;
  std::ifstream in(given, std::ios::binary);
  if (!in)
    return fail(Code::NotFound, std::string(option) + ": no file `" + given + "`, and JSON begins with `{` or `[`");
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

Result<std::string> settings_for(const std::string& given, const plugin::Json& description) {
  auto read = file_or_json(given, "--settings");
  if (!read) return read;
  std::string text = std::move(*read);
  std::string schema;
  const plugin::Json* const known = description.member("settings_schema");
  const bool takes_some = known != nullptr && known->kind == plugin::Json::Kind::Object;
  if (takes_some) plugin::append_json(schema, *known);
  auto settings = plugin::Settings::make(base::Secret(text), takes_some ? schema.c_str() : nullptr, "check");
  if (!settings) return tl::unexpected(settings.error());
  const gh_str json = (*settings)->c()->json;
  return std::string(json.ptr, json.len);
}

std::string text_of(const plugin::Json& object, std::string_view member) {
  const plugin::Json* const value = object.member(member);
  return value == nullptr || value->kind == plugin::Json::Kind::Null ? std::string() : value->text;
}

std::string list_of(const plugin::Json& object, std::string_view member) {
  std::string out;
  if (const plugin::Json* const list = object.member(member))
    for (const plugin::Json& item : list->children) out += (out.empty() ? "" : ", ") + item.text;
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out;
  base::append_json_string(out, text);
  return out;
}

}  // namespace gatehouse::app
