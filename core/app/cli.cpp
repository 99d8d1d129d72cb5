#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <exception>

#include "app/command_group.hpp"
#include "app/main.hpp"

namespace gatehouse::app {
namespace {

constexpr Subcommand kCommands[] = {
    {"serve", "run the gateway in the foreground", serve_command},
    {"validate", "check a configuration and print every fault in it", validate_command},
    {"explain", "say what would happen to a request, or what happened to a refused one", explain_command},
    {"reload", "have the running gateway take its configuration anew", reload_command},
    {"purge", "have the running gateway forget kept results of authorizers", purge_command},
    {"status", "ask the running gateway how it is", status_command},
    {"plugin", "write, check and describe authorizers of one's own", plugin_command},
    {"policy", "weigh IAM policies, and find what is wrong with them", policy_command},
    {"token", "make tokens, look into them, and say why one is refused", token_command},
    {"sign", "sign a request as AWS's SDKs do, and say why a signature does not match", sign_command},
    {"iam", "keep users, groups, roles, access keys and their policies", iam_command},
    {"schema", "print the JSON schema of the configuration, for editors", schema_command},
    {"version", "print the version", version_command},
};

int dispatch(int argc, char** argv) {
  CLI::App parser("Gatehouse: Amazon API Gateway's access control as a gateway that anyone runs", "gatehouse");
  parser.set_version_flag("--version", GATEHOUSE_VERSION);
  parser.footer("See gatehouse(1) and gatehouse.yaml(5).");
  CommandGroup commands(parser, kCommands);
  try {
    parser.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return parser.exit(error) == 0 ? kOk : kUsage;
  }
  return commands.run();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return kFault;
  }
}

}  // namespace gatehouse::app
