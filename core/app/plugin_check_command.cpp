#include <CLI/App.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <random>
#include <thread>
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
  std::vector<conformance::Fetched> fetches;  // each once, whatever rule made it
  void note(const std::vector<conformance::Fetched>& more) {
    for (const conformance::Fetched& f : more)
      if (std::none_of(fetches.begin(), fetches.end(), [&](const conformance::Fetched& known) {
            return known.method == f.method && known.url == f.url && known.answer == f.answer;
          }))
        fetches.push_back(f);
  }
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
    case Verdict::Kind::NotRun:
      return "not run";
  }
  return "";
}

const char* code(Verdict::Kind kind) {
  return kind == Verdict::Kind::Passed   ? "passed"
         : kind == Verdict::Kind::Failed ? "failed"
         : kind == Verdict::Kind::NotRun ? "not_run"
                                         : "not_checked";
}

bool is_rule(std::string_view name) {
  const auto all = conformance::rules();
  return name == "manifest" || name == "one_symbol" || name == "random" ||
         std::any_of(all.begin(), all.end(), [&](const conformance::Rule& rule) { return name == rule.name; });
}

class CheckCommand final : public Command {
 public:
  explicit CheckCommand(CLI::App& parser) {
    parser.add_option("FILE", files_, "plugin libraries")->required();
    parser.add_option("--settings", settings_, "settings: a file of JSON, or JSON itself");
    parser.add_option("--http", http_, "what its fetches are answered: a file of JSON, or JSON itself");
    parser.add_option("--fuzz", fuzz_, "random requests and settings for so many seconds, too");
    parser.add_option("--seed", seed_, "of everything random; the same seed finds the same");
    parser.add_option("--timeout", timeout_, "seconds that a rule may take (default 30)");
    parser.add_option("--jobs", jobs_, "rules held at once (default: by the processors)")->check(CLI::Range(1u, 64u));
    parser.add_option("--only", only_, "one rule only, by its name");
    parser.add_flag("--json", json_, "print one JSON object");
  }

  int run() override {
    if (!only_.empty() && !is_rule(only_)) {
      std::fprintf(stderr, "error: no rule `%s`\n", only_.c_str());
      return kUsage;
    }
    if (!http_.empty())
      if (const int code = read_http(); code != kOk) return code;
    if (fuzz_ > 0 && seed_ == 0) seed_ = std::random_device{}() | 1u;
    if (seed_ == 0) seed_ = 1;
    bool failed = false, incomplete = false;
    std::string all;
    for (const std::string& file : files_) {
      Report report;
      report.file = file;
      if (const int code = check(report); code != kOk) return code;
      failed = failed || report.count(Verdict::Kind::Failed) > 0;
      incomplete = incomplete || report.count(Verdict::Kind::NotRun) > 0;
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
    question.http = http_;
    const conformance::Rule& loads = *conformance::find_rule("loads");
    conformance::Verdict loaded = conformance::run_apart(loads.name, question, std::chrono::seconds(timeout_));
    const bool fine = loaded.kind != Verdict::Kind::Failed;
    add(report, loads.name, loads.promise, std::move(loaded), !fine);
    if (!fine) return kOk;
    // Its schema is known only to its code: read once that is known to load.
    if (!settings_.empty())
      if (const int code = read_settings(question); code != kOk) return code;
    hold(report, question);
    return kOk;
  }

  /// Every other rule.
  void hold(Report& report, conformance::Question& question) {
    std::vector<const conformance::Rule*> rules;
    for (const conformance::Rule& rule : conformance::rules())
      if (rule.name != std::string_view("loads") && (only_.empty() || only_ == rule.name)) rules.push_back(&rule);
    question.seconds = fuzz_;
    if (fuzz_ > 0) rules.push_back(conformance::find_rule("random"));
    std::vector<conformance::Task> tasks;
    for (const conformance::Rule* rule : rules)
      tasks.push_back({rule->name, question, std::chrono::seconds(timeout_ + (rule == rules.back() ? fuzz_ : 0)),
                       rule->attempts, rule->alone});
    conformance::run_all(tasks, jobs_, [&](std::size_t i, const Verdict& verdict) {
      add(report, rules[i]->name, rules[i]->promise, verdict, true);
    });
  }

  int read_http() {
    auto text = file_or_json(http_, "--http");
    auto script = text ? conformance::Script::parse(*text) : tl::unexpected(text.error());
    if (!script) {
      std::fprintf(stderr, "error: %s%s\n", text ? "--http: " : "", script.error().text.c_str());
      return kUsage;
    }
    http_ = std::move(*text);
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
      // One reason usually keeps many rules from being run.
      const auto same = std::find_if(report.lines.begin(), report.lines.end(), [&](const Line& line) {
        return verdict.kind == Verdict::Kind::NotRun && line.verdict.text == verdict.text;
      });
      const std::string text = same != report.lines.end() ? "as " + same->rule
                               : verdict.text.empty()     ? promise
                                                          : verdict.text;
      std::printf("  %-8s  %-18s  %s\n", word(verdict.kind), rule, text.c_str());
      std::fflush(stdout);
    }
    report.note(verdict.fetches);
    report.lines.push_back({rule, promise, std::move(verdict)});
  }

  void summary(const Report& report) {
    if (!report.fetches.empty()) std::printf("  its fetches were answered by a script, not by servers:\n");
    for (std::size_t i = 0; i < report.fetches.size() && i < kMostShown; ++i) {
      const conformance::Fetched& f = report.fetches[i];
      std::printf("    %s %s: %s\n", f.method.c_str(), f.url.c_str(), f.answer.c_str());
    }
    if (report.fetches.size() > kMostShown) std::printf("    and %zu others\n", report.fetches.size() - kMostShown);
    const std::size_t failed = report.count(Verdict::Kind::Failed), needs = report.count(Verdict::Kind::NotRun);
    if (failed > 0)
      std::printf("%s: %zu of %zu rules broken\n", report.file.c_str(), failed, report.lines.size());
    else if (needs > 0)
      std::printf("%s: %zu rules could not be run: give what they need\n", report.file.c_str(), needs);
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
    out += "],\"fetches\":[";
    for (const conformance::Fetched& f : report.fetches)
      out += std::string(out.back() == '[' ? "" : ",") + "{\"method\":" + in_quotes(f.method) +
             ",\"url\":" + in_quotes(f.url) + ",\"answer\":" + in_quotes(f.answer) + "}";
    return out + "]}";
  }

  static constexpr std::size_t kMostShown = 8;
  std::vector<std::string> files_;
  std::string settings_;
  std::string http_;
  std::string only_;
  std::uint32_t fuzz_ = 0;
  std::uint64_t seed_ = 0;
  std::uint32_t timeout_ = 30;
  // Most of the time is waiting: for deadlines, timers and processes.
  std::uint32_t jobs_ = std::clamp(2 * std::thread::hardware_concurrency(), 2u, 8u);
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> plugin_check_command(CLI::App& parser) {
  return std::make_unique<CheckCommand>(parser);
}

}  // namespace gatehouse::app
