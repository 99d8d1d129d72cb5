#include <CLI/App.hpp>
#include <cstdio>

#include "app/check.hpp"
#include "app/command.hpp"

namespace gatehouse::app {
namespace {

class ValidateCommand final : public Command {
 public:
  explicit ValidateCommand(CLI::App& parser) {
    parser.add_option("FILE", file_, "configuration file")->required();
    parser.add_flag("--json", json_, "print one JSON object");
  }

  int run() override {
    config::Diagnostics diagnostics;
    Checked checked(file_, diagnostics);
    if (json_) {
      std::printf("%s\n", json(diagnostics).c_str());
    } else {
      print(diagnostics);
      if (diagnostics.ok())
        std::printf("%s: valid (%zu warning%s)\n", file_.c_str(), diagnostics.warnings().size(),
                    diagnostics.warnings().size() == 1 ? "" : "s");
      else
        std::printf("%s: %zu fault%s\n", file_.c_str(), diagnostics.errors().size(),
                    diagnostics.errors().size() == 1 ? "" : "s");
    }
    return diagnostics.ok() ? kOk : kFault;
  }

 private:
  std::string file_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> validate_command(CLI::App& parser) {
  return std::make_unique<ValidateCommand>(parser);
}

}  // namespace gatehouse::app
