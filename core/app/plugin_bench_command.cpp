#include <CLI/App.hpp>
#include <cstdio>

#include "app/plugin_commands.hpp"

namespace gatehouse::app {
namespace {

class BenchCommand final : public Command {
 public:
  explicit BenchCommand(CLI::App& parser) {
    question_.seconds = 4;
    parser.add_option("FILE", question_.file, "plugin library")->required();
    parser.add_option("--settings", settings_, "settings: a file of JSON, or JSON itself");
    parser.add_option("--threads", question_.threads, "threads that call at once (default 1)")
        ->check(CLI::Range(1u, 64u));
    parser.add_option("--seconds", question_.seconds, "how long to measure (default 4)")->check(CLI::Range(1u, 600u));
    parser.add_flag("--json", json_, "print one JSON object");
  }

  int run() override {
    if (!settings_.empty()) {
      const auto description = description_of(question_.file, kLimit);
      if (!description) return complain(description.error().text, kFault);
      auto settings = settings_for(settings_, *description);
      if (!settings) return complain(settings.error().text, kUsage);
      question_.settings = std::move(*settings);
    }
    const conformance::Verdict said =
        conformance::run_apart("measure", question_, kLimit + std::chrono::seconds(question_.seconds));
    if (said.kind == conformance::Verdict::Kind::NotRun) return complain(said.text, kUsage);
    if (said.kind != conformance::Verdict::Kind::Passed) return complain(said.text, kFault);
    if (json_) {
      std::printf("%s\n", said.text.c_str());
      return kOk;
    }
    const auto result = plugin::parse_json(said.text);
    if (!result || result->member("cases") == nullptr) return complain("the measurement cannot be read", kFault);
    std::printf("%s: %u thread%s\n", question_.file.c_str(), question_.threads, question_.threads == 1 ? "" : "s");
    for (const plugin::Json& one : result->member("cases")->children)
      std::printf("  %8s ns and %s allocations a call: %s, answer %s\n", text_of(one, "ns_per_call").c_str(),
                  text_of(one, "allocations_per_call").c_str(), text_of(one, "request").c_str(),
                  text_of(one, "answer").c_str());
    return kOk;
  }

 private:
  static constexpr std::chrono::seconds kLimit{30};
  int complain(const std::string& text, int code) {
    std::fprintf(stderr, "error: `%s`: %s\n", question_.file.c_str(), text.c_str());
    return code;
  }

  conformance::Question question_;
  std::string settings_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> plugin_bench_command(CLI::App& parser) {
  return std::make_unique<BenchCommand>(parser);
}

}  // namespace gatehouse::app
