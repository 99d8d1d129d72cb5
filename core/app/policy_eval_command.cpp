#include <CLI/App.hpp>
#include <cstdio>

#include "app/policy_case.hpp"
#include "app/policy_commands.hpp"
#include "app/policy_explain.hpp"
#include "base/text.hpp"

namespace gatehouse::app {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out;
  base::append_json_string(out, text);
  return out;
}

class EvalCommand final : public Command {
 public:
  explicit EvalCommand(CLI::App& parser) {
    parser.add_option("FILE", file_, "a case as a JSON object; - is standard input");
    parser.add_flag("--jsonl", lines_, "read cases from standard input, a line each");
    parser.add_flag("--explain", explain_,
                    "tell of every statement whether it applies, or what missed, and what would turn it round");
    parser.add_flag("--json", json_, "print one JSON object a case");
    parser.footer(
        "Exit code: 0 when the case is allowed, 1 when it is denied or not sound. With --jsonl: 1 when a line was not "
        "sound.");
  }

  int run() override {
    if (lines_ ? !file_.empty() : file_.empty()) {
      std::fprintf(stderr, "error: name a FILE (- is standard input), or --jsonl and none\n");
      return kUsage;
    }
    if (lines_ && explain_ && !json_) {
      std::fprintf(stderr, "error: --jsonl prints a line a case: explanations of it are --json\n");
      return kUsage;
    }
    return lines_ ? run_lines() : run_one();
  }

 private:
  int run_one() {
    auto text = read_whole(file_, PolicyCase::kMaxBytes);
    if (!text) return refuse("", text.error().text);
    bool allowed = false;
    return judge(*text, "", allowed) && allowed ? kOk : kFault;
  }

  int run_lines() {
    Lines lines(stdin, PolicyCase::kMaxBytes);
    std::string line;
    bool sound = true;
    for (std::size_t number = 1; lines.next(line); ++number) {
      const std::string where = "line " + std::to_string(number) + ": ";
      bool allowed = false;
      if (lines.too_long()) {
        refuse(where, "it has more than " + std::to_string(PolicyCase::kMaxBytes) + " bytes");
        sound = false;
      } else {
        sound = judge(line, where, allowed) && sound;
      }
      // Who asks line by line waits for the answer.
      if (std::fflush(stdout) != 0) return kFault;
    }
    return sound ? kOk : kFault;
  }

  /// Prints the answer to one case. False when it is not sound.
  bool judge(std::string_view text, const std::string& where, bool& allowed) const {
    const auto read = PolicyCase::read(text);
    if (!read) {
      refuse(where, read.error().text);
      return false;
    }
    const PolicyCase& one = **read;
    PolicyExplanation explanation(one);
    const policy::Verdict verdict = one.verdict(explain_ ? &explanation : nullptr);
    allowed = verdict.outcome == policy::Outcome::Allowed;
    if (json_) {
      std::printf("%s\n", object(one, verdict, explanation).c_str());
      return true;
    }
    const std::string outcome(policy::name(verdict.outcome));
    std::printf("%s\n%s", outcome.c_str(), explain_ ? explanation.text(verdict).c_str() : "");
    return true;
  }

  int refuse(const std::string& where, const std::string& why) const {
    if (json_)
      std::printf("{\"outcome\":\"Error\",\"error\":%s}\n", in_quotes(why).c_str());
    else
      std::printf("Error\n");
    std::fprintf(stderr, "Error: %s%s\n", where.c_str(), printable(why).c_str());
    return kFault;
  }

  std::string object(const PolicyCase& one, const policy::Verdict& verdict,
                     const PolicyExplanation& explanation) const {
    const policy::Finding& f = verdict.finding;
    std::string out = "{\"outcome\":" + in_quotes(policy::name(verdict.outcome)) +
                      ",\"layer\":" + in_quotes(policy::name(verdict.layer)) + ",\"statement\":";
    const bool by_statement = f.policy != nullptr && f.statement != nullptr;
    out += by_statement ? in_quotes(pointer_of(one, *f.policy, *f.statement)) : "null";
    if (explain_)
      out += ",\"reason\":" + in_quotes(decided(one, verdict)) + ",\"statements\":" + explanation.json() +
             ",\"to_change_it\":" + flip_json(one, verdict);
    return out + "}";
  }

  std::string file_;
  bool lines_ = false;
  bool explain_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> policy_eval_command(CLI::App& parser) {
  return std::make_unique<EvalCommand>(parser);
}

}  // namespace gatehouse::app
