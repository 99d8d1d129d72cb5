#include <CLI/App.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

#include "app/plugin_commands.hpp"
#include "app/plugin_template.hpp"
#include "app/template.hpp"
#include "base/text.hpp"
#include "plugin/manifest.hpp"

namespace gatehouse::app {
namespace {

namespace fs = std::filesystem;

/// Lower-case words with underscores, so that it is a target, a file and an authorizer's name at once.
bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() >= 'a' && name.front() <= 'z' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || base::is_digit(c) || c == '_'; });
}

std::string class_of(std::string_view name) {
  std::string out;
  bool upper = true;
  for (const char c : name) {
    if (c != '_') out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = c == '_';
  }
  return out;
}

bool is_plugin_id(const std::string& id) {
  return plugin::parse_manifest("GATEHOUSE-PLUGIN/1\nabi=1.0\nid=" + id + "\nversion=1\n").has_value();
}

struct Category {
  const char* name;
  const char* constant;
  const char* type;     // in gatehouse.yaml
  const char* summary;  // of the example that the project begins with
  const char* path;     // that its gateway serves
};
constexpr Category kCategories[] = {
    {"identity", "GH_CAT_IDENTITY", "request", "lets callers in who know one shared token", "/orders/7"},
    {"network", "GH_CAT_NETWORK", "network", "keeps callers out who do not know one shared token", "/orders/7"},
    {"resource", "GH_CAT_RESOURCE", "resource", "keeps callers out who do not know one shared token",
     "/prod/orders/7"}};

class NewCommand final : public Command {
 public:
  explicit NewCommand(CLI::App& parser) {
    parser.add_option("NAME", name_, "lower-case letters, digits, underscores")->required();
    auto* const async = parser.add_flag("--async", async_, "in C++, answering later");
    auto* const c = parser.add_flag("--c", c_, "in C")->excludes(async);
    parser.add_flag("--rust", rust_, "in Rust")->excludes(async)->excludes(c);
    parser.add_option("--category", category_, "identity (default), network or resource");
    parser.add_option("--id", id_, "the plugin's id (default com.example.NAME)");
    parser.add_option("--dir", dir_, "where to write it (default NAME)");
  }

  int run() override {
    if (!is_name(name_)) return refuse("`" + name_ + "` is no name: lower-case letters, digits and underscores");
    if (id_.empty()) {
      id_ = "com.example." + name_;
      std::replace(id_.begin(), id_.end(), '_', '-');
    }
    if (!is_plugin_id(id_) || id_.starts_with("gatehouse."))
      return refuse("`" + id_ + "` is no plugin id of yours: a name under a domain of yours, as com.example.gate");
    if (rust_ && (name_ == "abi" || name_ == "gatehouse"))
      return refuse("`" + name_ + "` is a file of every project in Rust: choose another name");
    const auto* const category = std::find_if(std::begin(kCategories), std::end(kCategories),
                                              [&](const Category& one) { return one.name == category_; });
    if (category == std::end(kCategories))
      return refuse("`" + category_ + "` is no category: identity, network or resource");
    const fs::path dir = dir_.empty() ? name_ : dir_;
    std::error_code error;
    if (fs::exists(dir, error) && !fs::is_empty(dir, error)) {
      std::fprintf(stderr, "error: `%s` is there and not empty\n", dir.c_str());
      return kFault;
    }
    choose(*category);
    const std::string source = c_       ? "plugin.c.in"
                               : rust_  ? "plugin.rs.in"
                               : async_ ? "plugin_async.cpp.in"
                                        : "plugin.cpp.in";
    std::vector<std::pair<std::string, fs::path>> places = {{"CMakeLists.txt.in", "CMakeLists.txt"},
                                                            {source, fs::path("src") / file_},
                                                            {"test.cpp.in", "tests/" + name_ + "_test.cpp"},
                                                            {"answers.sh.in", "tests/answers.sh"},
                                                            {"request.json.in", "tests/events/request.json"},
                                                            {"settings.json.in", "settings.json"},
                                                            {"gatehouse.yaml.in", "gatehouse.yaml"},
                                                            {"README.md.in", "README.md"},
                                                            {"clang-format.in", ".clang-format"},
                                                            {"gitignore.in", ".gitignore"},
                                                            {"check.yml.in", ".github/workflows/check.yml"}};
    if (rust_)
      places.insert(places.end(), {{"Cargo.toml.in", "Cargo.toml"},
                                   {"gatehouse.rs.in", "src/gatehouse.rs"},
                                   {"abi.rs.in", "src/abi.rs"},
                                   {"library.cpp.in", "tests/library.cpp"}});
    for (const auto& [from, to] : places)
      if (!write(from, dir / to)) {
        std::fprintf(stderr, "error: `%s` cannot be written\n", (dir / to).c_str());
        return kFault;
      }
    std::printf("%s: plugin `%s`\n  cd %s && cmake -B build && cmake --build build && ctest --test-dir build\n",
                dir.c_str(), id_.c_str(), dir.c_str());
    return kOk;
  }

 private:
  static int refuse(const std::string& why) {
    std::fprintf(stderr, "error: %s\n", why.c_str());
    return kUsage;
  }

  void choose(const Category& category) {
    file_ = name_ + (c_ ? ".c" : rust_ ? ".rs" : ".cpp");
    words_.chosen = {category.name, c_ ? "c" : rust_ ? "rust" : "cpp"};
    if (!rust_) words_.chosen.emplace_back("native");
    if (category_ != "identity") words_.chosen.emplace_back("objector");
    words_.words = {{"@NAME@", name_},
                    {"@ID@", id_},
                    {"@CLASS@", class_of(name_)},
                    {"@FILE@", file_},
                    {"@CATEGORY@", category.constant},
                    {"@TYPE@", category.type},
                    {"@SUMMARY@", category.summary},
                    {"@PATH@", category.path},
                    {"@ABI_MAJOR@", std::to_string(plugin::own_abi().major)},
                    {"@ABI_MINOR@", std::to_string(plugin::own_abi().minor)},
                    {"@ABI_DRAFT@", std::to_string(plugin::own_abi().draft)}};
  }

  bool write(std::string_view from, const fs::path& to) const {
    for (const TemplateFile& file : template_files()) {
      if (file.name != from) continue;
      std::error_code error;
      fs::create_directories(to.parent_path(), error);
      std::ofstream out(to, std::ios::binary);
      out << words_.fill(file.text);
      out.close();
      return out.good();
    }
    return false;
  }

  std::string name_, id_, dir_, file_, category_ = "identity";
  bool async_ = false;
  bool c_ = false;
  bool rust_ = false;
  TemplateWords words_;
};

}  // namespace

std::unique_ptr<Command> plugin_new_command(CLI::App& parser) {
  return std::make_unique<NewCommand>(parser);
}

}  // namespace gatehouse::app
