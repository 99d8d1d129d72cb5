#include <CLI/App.hpp>
#include <cstdio>

#include "app/command.hpp"
#include "config/load.hpp"

namespace gatehouse::app {
namespace {

class VersionCommand final : public Command {
 public:
  explicit VersionCommand(CLI::App& parser) { parser.add_flag("--json", json_, "print one JSON object"); }
  int run() override {
    std::printf(json_ ? "{\"name\":\"gatehouse\",\"version\":\"%s\"}\n" : "gatehouse %s\n", GATEHOUSE_VERSION);
    return kOk;
  }

 private:
  bool json_ = false;
};

class SchemaCommand final : public Command {
 public:
  int run() override {
    std::printf("%s\n", config::json_schema().c_str());
    return kOk;
  }
};

}  // namespace

std::unique_ptr<Command> version_command(CLI::App& parser) {
  return std::make_unique<VersionCommand>(parser);
}
std::unique_ptr<Command> schema_command(CLI::App&) {
  return std::make_unique<SchemaCommand>();
}

}  // namespace gatehouse::app
