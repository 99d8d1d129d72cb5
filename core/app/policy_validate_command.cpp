#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <cstdio>
#include <vector>

#include "app/policy_commands.hpp"
#include "base/text.hpp"
#include "policy/arn.hpp"
#include "policy/lint.hpp"
#include "policy/parse.hpp"

namespace gatehouse::app {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

struct KindName {
  const char* name;
  policy::Kind kind;
};
constexpr KindName kKinds[] = {{"resource", policy::Kind::Resource},   {"identity", policy::Kind::Identity},
                               {"boundary", policy::Kind::Boundary},   {"session", policy::Kind::Session},
                               {"guardrail", policy::Kind::Guardrail}, {"endpoint", policy::Kind::Endpoint},
                               {"trust", policy::Kind::Trust},         {"authorizer", policy::Kind::Authorizer}};

std::vector<std::string> kind_names() {
  std::vector<std::string> out;
  for (const KindName& kind : kKinds) out.emplace_back(kind.name);
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out;
  base::append_json_string(out, text);
  return out;
}

std::string count(std::size_t n, const char* noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

struct Checked {
  std::vector<policy::Fault> faults;
  std::vector<policy::Warning> warnings;
};

class PolicyValidateCommand final : public Command {
 public:
  explicit PolicyValidateCommand(CLI::App& parser) {
    parser.add_option("FILE", files_, "policy documents; - is standard input")->required();
    parser.add_option("--kind", kind_, "what the documents are for")
        ->check(CLI::IsMember(kind_names()))
        ->capture_default_str();
    parser.add_option("--api-arn", api_arn_, "what `execute-api:` stands for in a resource policy")
        ->capture_default_str();
    parser.add_flag("--strict", strict_, "exit 1 for warnings, too");
    parser.add_flag("--json", json_, "print one JSON object");
    parser.footer("Exit code: 0 when every document is sound, 1 when one has a fault (with --strict: or a warning).");
  }

  int run() override {
    const policy::Arn arn = policy::Arn::split(api_arn_);
    if (!arn.whole || arn.service() != "execute-api" || arn.resource().empty() ||
        api_arn_.find_first_of("/*?$") != std::string::npos) {
      std::fprintf(stderr, "error: --api-arn: `%s` is not the ARN of an API such as `%s`\n",
                   printable(api_arn_).c_str(), kExample);
      return kUsage;
    }
    bool ok = true;
    std::string all;
    for (const std::string& file : files_) {
      const Checked checked = check(file);
      const bool good = checked.faults.empty() && (!strict_ || checked.warnings.empty());
      ok = ok && good;
      if (json_)
        all += (all.empty() ? "" : ",") + object(file, checked, good);
      else
        print(file, checked);
    }
    if (json_) std::printf("{\"ok\":%s,\"files\":[%s]}\n", ok ? "true" : "false", all.c_str());
    return ok ? kOk : kFault;
  }

 private:
  Checked check(const std::string& file) const {
    Checked out;
    const auto text = read_whole(file, kMaxBytes);
    if (!text) {
      out.faults.push_back({"", text.error().text});
      return out;
    }
    policy::Kind kind = policy::Kind::Resource;
    for (const KindName& known : kKinds)
      if (known.name == kind_) kind = known.kind;
    policy::ParseOptions options;
    options.api_arn = api_arn_;
    const auto parsed = policy::parse(*text, kind, options);
    if (parsed)
      out.warnings = policy::lint(*text, *parsed);
    else
      out.faults = parsed.error();
    return out;
  }

  static void row(const char* what, const std::string& file, const std::string& pointer, const std::string& text,
                  std::string_view rule) {
    std::fprintf(stderr, "%s: %s: %s%s%s%s\n", what, printable(file).c_str(), printable(pointer).c_str(),
                 pointer.empty() ? "" : ": ", printable(text).c_str(),
                 rule.empty() ? "" : (" [" + std::string(rule) + "]").c_str());
  }

  void print(const std::string& file, const Checked& checked) const {
    for (const policy::Fault& fault : checked.faults) row("error", file, fault.pointer, fault.text, "");
    for (const policy::Warning& w : checked.warnings) row("warning", file, w.pointer, w.text, policy::name(w.rule));
    if (checked.faults.empty())
      std::printf("%s: valid (%s)\n", printable(file).c_str(), count(checked.warnings.size(), "warning").c_str());
    else
      std::printf("%s: %s\n", printable(file).c_str(), count(checked.faults.size(), "fault").c_str());
  }

  std::string object(const std::string& file, const Checked& checked, bool good) const {
    std::string out = "{\"file\":" + in_quotes(file) + ",\"kind\":" + in_quotes(kind_) +
                      ",\"ok\":" + (good ? "true" : "false") + ",\"errors\":[";
    const char* comma = "";
    for (const policy::Fault& fault : checked.faults) {
      out += comma + ("{\"pointer\":" + in_quotes(fault.pointer)) + ",\"text\":" + in_quotes(fault.text) + "}";
      comma = ",";
    }
    out += "],\"warnings\":[";
    comma = "";
    for (const policy::Warning& w : checked.warnings) {
      out += comma + ("{\"pointer\":" + in_quotes(w.pointer)) + ",\"rule\":" + in_quotes(policy::name(w.rule)) +
             ",\"text\":" + in_quotes(w.text) + "}";
      comma = ",";
    }
    return out + "]}";
  }

  static constexpr const char* kExample = "arn:aws:execute-api:us-east-1:111122223333:abcde12345";
  std::vector<std::string> files_;
  std::string kind_ = "resource";
  std::string api_arn_ = kExample;
  bool strict_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> policy_validate_command(CLI::App& parser) {
  return std::make_unique<PolicyValidateCommand>(parser);
}

}  // namespace gatehouse::app
