#include <CLI/App.hpp>
#include <cstdio>
#include <fstream>
#include <random>
#include <vector>

#include "app/plugin_commands.hpp"
#include "conformance/facts.hpp"

namespace gatehouse::app {
namespace {

using conformance::Verdict;

struct Line {
  std::string rule;
  std::string promise;
  Verdict verdict;
};

struct Report {
  std::string file;
  std::string id;
  std::string version;
  std::vector<Line> lines;
  std::size_t count(Verdict::Kind kind) const {
    std::size_t n = 0;
    for (const Line& line : lines) n += line.verdict.kind == kind ? 1 : 0;
    return n;
  }
};

const char* word(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::Passed:
      return "ok";
    case Verdict::Kind::Failed:
      return "FAILED";
    case Verdict::Kind::NotChecked:
      return "skipped";
    case Verdict::Kind::NeedsSettings:
      return "settings";
  }
  return "";
}

const char* code(Verdict::Kind kind) {
  return kind == Verdict::Kind::Passed          ? "passed"
         : kind == Verdict::Kind::Failed        ? "failed"
         : kind == Verdict::Kind::NeedsSettings ? "needs_settings"
                                                : "not_checked";
}

class CheckCommand final : public Command {
 public:
  explicit CheckCommand(CLI::App& parser) {
    parser.add_option("FILE", files_, "plugin libraries")->required();
    parser.add_option("--settings", settings_, "settings: a file of JSON, or JSON itself");
    parser.add_option("--fuzz", fuzz_, "random requests and settings for so many seconds, too");
    parser.add_option("--seed", seed_, "of everything random; the same seed finds the same");
    parser.add_option("--timeout", timeout_, "seconds that a rule may take (default 30)");
    parser.add_option("--only", only_, "one rule only, by its name");
    parser.add_flag("--json", json_, "print one JSON object");
  }

  int run() override {
    if (!only_.empty() && conformance::find_rule(only_) == nullptr && only_ != "manifest" && only_ != "one_symbol") {
      std::fprintf(stderr, "error: no rule `%s`\n", only_.c_str());
      return kUsage;
    }
    if (fuzz_ > 0 && seed_ == 0) seed_ = std::random_device{}() | 1u;
    if (seed_ == 0) seed_ = 1;
    bool failed = false, incomplete = false;
    std::string all;
    for (const std::string& file : files_) {
      Report report;
      report.file = file;
      if (const int code = check(report); code != kOk) return code;
      failed = failed || report.count(Verdict::Kind::Failed) > 0;
      incomplete = incomplete || report.count(Verdict::Kind::NeedsSettings) > 0;
      if (json_)
        all += (all.empty() ? "" : ",") + object(report);
      else
        summary(report);
    }
    if (json_) std::printf("{\"ok\":%s,\"files\":[%s]}\n", failed || incomplete ? "false" : "true", all.c_str());
    return failed ? kFault : incomplete ? kUsage : kOk;
  }

 private:
  int check(Report& report) {
    auto facts = conformance::look_at(report.file);
    if (!facts) {
      std::fprintf(stderr, "error: %s\n", facts.error().text.c_str());
      return kUsage;
    }
    if (facts->manifest) report.id = facts->manifest->id, report.version = facts->manifest->version;
    if (!json_)
      std::printf("%s: %s %s\n", report.file.c_str(), report.id.empty() ? "no plugin" : report.id.c_str(),
                  report.version.c_str());
    std::ifstream in(report.file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto fit = plugin::check_library(bytes);
    add(report, "manifest", "what the gateway reads before it runs any code is as it should be",
        fit ? conformance::passed() : conformance::failed(fit.error().text));
    const auto surplus = conformance::surplus_exports(*facts);
    add(report, "one_symbol", "it exports one symbol", surplus ? conformance::failed(*surplus) : conformance::passed());
    if (!fit) return kOk;  // its code is not run, neither by the gateway nor here

    conformance::Question question;
    question.file = report.file;
    question.seed = seed_;
    for (const conformance::Rule& rule : conformance::rules()) {
      Verdict verdict = conformance::not_checked("not asked for");
      if ((only_.empty() || only_ == rule.name || rule.name == std::string_view("loads")))
        for (int attempt = 0; attempt < rule.attempts; ++attempt) {
          verdict = conformance::run_apart(rule.name, question, std::chrono::seconds(timeout_));
          if (verdict.kind != Verdict::Kind::Failed) break;
        }
      if (rule.name == std::string_view("loads") && verdict.kind == Verdict::Kind::Failed) {
        add(report, rule.name, rule.promise, std::move(verdict), true);
        return kOk;
      }
      // Its schema is known only to its code: read once that is known to load.
      if (rule.name == std::string_view("loads") && !settings_.empty())
        if (const int code = read_settings(question); code != kOk) return code;
      add(report, rule.name, rule.promise, std::move(verdict));
    }
    if (fuzz_ > 0) {
      question.seconds = fuzz_;
      add(report, "random", conformance::find_rule("random")->promise,
          conformance::run_apart("random", question, std::chrono::seconds(timeout_ + fuzz_)), true);
    }
    return kOk;
  }

  int read_settings(conformance::Question& question) {
    const auto description = description_of(question.file, std::chrono::seconds(timeout_));
    if (!description) {
      std::fprintf(stderr, "error: `%s`: %s\n", question.file.c_str(), description.error().text.c_str());
      return kFault;
    }
    auto settings = settings_for(settings_, *description);
    if (!settings) {
      std::fprintf(stderr, "error: `%s`: %s\n", question.file.c_str(), settings.error().text.c_str());
      return kUsage;
    }
    question.settings = std::move(*settings);
    return kOk;
  }

  void add(Report& report, const char* rule, const char* promise, Verdict verdict, bool always = false) {
    if (!always && !only_.empty() && only_ != rule) return;
    if (!json_) {
      std::printf("  %-8s  %-18s  %s\n", word(verdict.kind), rule,
                  verdict.text.empty() ? promise : verdict.text.c_str());
      std::fflush(stdout);
    }
    report.lines.push_back({rule, promise, std::move(verdict)});
  }

  void summary(const Report& report) {
    const std::size_t failed = report.count(Verdict::Kind::Failed), needs = report.count(Verdict::Kind::NeedsSettings);
    if (failed > 0)
      std::printf("%s: %zu of %zu rules broken\n", report.file.c_str(), failed, report.lines.size());
    else if (needs > 0)
      std::printf("%s: %zu rules could not be held: give --settings\n", report.file.c_str(), needs);
    else
      std::printf("%s: keeps all rules\n", report.file.c_str());
  }

  std::string object(const Report& report) {
    std::string out = "{\"file\":" + in_quotes(report.file) + ",\"id\":" + in_quotes(report.id) +
                      ",\"version\":" + in_quotes(report.version) + ",\"rules\":[";
    for (const Line& line : report.lines)
      out += std::string(out.back() == '[' ? "" : ",") + "{\"rule\":" + in_quotes(line.rule) +
             ",\"promise\":" + in_quotes(line.promise) + ",\"result\":\"" + code(line.verdict.kind) +
             "\",\"text\":" + in_quotes(line.verdict.text) + "}";
    return out + "]}";
  }

  std::vector<std::string> files_;
  std::string settings_;
  std::string only_;
  std::uint32_t fuzz_ = 0;
  std::uint64_t seed_ = 0;
  std::uint32_t timeout_ = 30;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> plugin_check_command(CLI::App& parser) {
  return std::make_unique<CheckCommand>(parser);
}

}  // namespace gatehouse::app
