#include <CLI/App.hpp>
#include <cstdio>
#include <vector>

#include "app/plugin_commands.hpp"
#include "conformance/facts.hpp"

namespace gatehouse::app {
namespace {

constexpr std::chrono::seconds kLimit{30};

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& item : list) out += (out.empty() ? "" : ", ") + item;
  return out.empty() ? "nothing" : out;
}

std::string json_list(const std::vector<std::string>& list) {
  std::string out = "[";
  for (const std::string& item : list) out += (out.size() > 1 ? "," : "") + in_quotes(item);
  return out + "]";
}

std::string text_or_null(const std::string& text) {
  return text.empty() ? "null" : in_quotes(text);
}

void row(const char* name, const std::string& value) {
  if (!value.empty()) std::printf("  %-12s %s\n", name, value.c_str());
}

class InspectCommand final : public Command {
 public:
  explicit InspectCommand(CLI::App& parser) {
    parser.add_option("FILE", files_, "files")->required();
    parser.add_flag("--load", load_, "also run its code, in a process of its own, for its description");
    parser.add_flag("--json", json_, "print one JSON object");
  }

  int run() override {
    bool ok = true;
    std::string all;
    for (const std::string& file : files_) {
      auto facts = conformance::look_at(file);
      if (!facts) {
        std::fprintf(stderr, "error: %s\n", facts.error().text.c_str());
        return kFault;
      }
      Result<plugin::Json> description = fail(Code::NotFound, "");
      if (load_ && facts->problems.empty()) {
        description = description_of(file, kLimit);
        std::string why;
        if (!description)
          why = description.error().text;
        else
          why = text_of(*description, "refused");
        if (!why.empty()) facts->problems.push_back({Code::Refused, why, {}});
      }
      ok = ok && facts->problems.empty();
      if (json_)
        all += (all.empty() ? "" : ",") + object(*facts, description);
      else
        print(*facts, description);
    }
    if (json_) std::printf("{\"ok\":%s,\"files\":[%s]}\n", ok ? "true" : "false", all.c_str());
    return ok ? kOk : kFault;
  }

 private:
  void print(const conformance::Facts& f, const Result<plugin::Json>& description) {
    std::printf("%s\n", f.file.c_str());
    if (f.manifest) {
      row("id", f.manifest->id);
      row("version", f.manifest->version);
      row("ABI", std::to_string(f.manifest->abi_major) + "." + std::to_string(f.manifest->abi_minor) +
                     (f.manifest->draft != 0 ? " draft " + std::to_string(f.manifest->draft) : ""));
    }
    row("sha256", f.sha256);
    row("size", std::to_string(f.bytes) + " bytes");
    if (f.is_library) {
      row("machine", f.machine);
      row("exports", joined(f.exported));
      row("needs", joined(f.needed));
      row("glibc", f.glibc.empty() ? "" : f.glibc + " or later");
      row("libstdc++", f.glibcxx.empty() ? "" : "of GLIBCXX_" + f.glibcxx + " or later");
      row("run path", f.run_path);
      std::string marks;
      for (const auto& [set, text] :
           {std::pair(f.executable_stack, "executable stack"), std::pair(f.text_relocations, "text relocations"),
            std::pair(f.static_tls, "static thread-local storage")})
        if (set) marks += (marks.empty() ? "" : ", ") + std::string(text);
      row("marks", marks);
    }
    if (description) {
      row("summary", text_of(*description, "summary"));
      row("categories", list_of(*description, "categories"));
      row("API types", list_of(*description, "api_types"));
      row("asks for", list_of(*description, "needs"));
      row("services", list_of(*description, "services"));
      row("flags", list_of(*description, "flags"));
      row("built by", text_of(*description, "build"));
    }
    if (f.problems.empty()) {
      row("loads", load_ ? "yes" : "yes, as far as can be told without running its code (--load)");
    } else {
      row("loads", "no");
      for (const Error& problem : f.problems) row("because", problem.text);
    }
  }

  std::string object(const conformance::Facts& f, const Result<plugin::Json>& description) {
    std::string out = "{\"file\":" + in_quotes(f.file) + ",\"sha256\":" + in_quotes(f.sha256) +
                      ",\"bytes\":" + std::to_string(f.bytes) + ",\"manifest\":";
    if (f.manifest)
      out += "{\"id\":" + in_quotes(f.manifest->id) + ",\"version\":" + in_quotes(f.manifest->version) + ",\"abi\":\"" +
             std::to_string(f.manifest->abi_major) + "." + std::to_string(f.manifest->abi_minor) +
             "\",\"draft\":" + std::to_string(f.manifest->draft) + "}";
    else
      out += "null";
    const auto flag = [](bool set) { return set ? "true" : "false"; };
    out += ",\"elf\":";
    if (f.is_library)
      out += "{\"machine\":" + in_quotes(f.machine) + ",\"exported\":" + json_list(f.exported) +
             ",\"needed\":" + json_list(f.needed) + ",\"glibc\":" + text_or_null(f.glibc) +
             ",\"glibcxx\":" + text_or_null(f.glibcxx) + ",\"run_path\":" + in_quotes(f.run_path) +
             ",\"executable_stack\":" + flag(f.executable_stack) + ",\"text_relocations\":" + flag(f.text_relocations) +
             ",\"static_tls\":" + flag(f.static_tls) + "}";
    else
      out += "null";
    out += ",\"description\":";
    if (description)
      plugin::append_json(out, *description);
    else
      out += "null";
    std::vector<std::string> problems;
    for (const Error& problem : f.problems) problems.push_back(problem.text);
    return out + ",\"loads\":" + flag(problems.empty()) + ",\"problems\":" + json_list(problems) + "}";
  }

  std::vector<std::string> files_;
  bool load_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> plugin_inspect_command(CLI::App& parser) {
  return std::make_unique<InspectCommand>(parser);
}

}  // namespace gatehouse::app
