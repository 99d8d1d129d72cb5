#include <CLI/App.hpp>
#include <algorithm>
#include <cstdio>
#include <vector>

#include "app/plugin_commands.hpp"
#include "conformance/example.hpp"
#include "conformance/facts.hpp"

namespace gatehouse::app {
namespace {

using plugin::Json;

struct Setting {
  std::string name;
  std::string type;
  bool required = false;
  std::string rules;
  std::string text;
};

std::string compact(const Json& value) {
  std::string out;
  plugin::append_json(out, value);
  return out;
}

const Json& resolved(const Json& root, const Json& schema) {
  const Json* const ref = schema.member("$ref");
  const Json* const target = ref != nullptr && ref->text.starts_with("#/") ? root.find(ref->text.substr(1)) : nullptr;
  return target != nullptr ? *target : schema;
}

std::string type_text(const Json& root, const Json& schema) {
  const Json* const type = schema.member("type");
  if (type == nullptr) return schema.member("enum") != nullptr ? "one of" : "any";
  std::string out = type->text;
  for (const Json& one : type->children) out += (out.empty() ? "" : " or ") + one.text;
  const Json* const items = schema.member("items");
  if (out == "array" && items != nullptr && items->kind == Json::Kind::Object)
    out = "list of " + type_text(root, resolved(root, *items));
  return out;
}

std::string rules_text(const Json& schema) {
  std::string out;
  const auto add = [&](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  static constexpr std::pair<const char*, const char*> kBounds[] = {{"minimum", "at least "},
                                                                    {"maximum", "at most "},
                                                                    {"minLength", "characters at least "},
                                                                    {"maxLength", "characters at most "},
                                                                    {"minItems", "members at least "},
                                                                    {"maxItems", "members at most "}};
  for (const auto& [keyword, text] : kBounds)
    if (const Json* value = schema.member(keyword)) add(text + value->text);
  if (const Json* values = schema.member("enum")) {
    std::string all;
    for (const Json& value : values->children) all += (all.empty() ? "" : " | ") + compact(value);
    add(all);
  }
  if (const Json* value = schema.member("default")) add("default " + compact(*value));
  if (const Json* value = schema.member("examples"); value != nullptr && !value->children.empty())
    add("for example " + compact(value->children.front()));
  return out;
}

void collect(const Json& root, const Json& given, const std::string& prefix, std::vector<Setting>& out, int depth = 0) {
  const Json& schema = resolved(root, given);
  const Json* const properties = schema.member("properties");
  if (properties == nullptr || depth > 8) return;
  const Json* const required = schema.member("required");
  for (std::size_t i = 0; i < properties->names.size(); ++i) {
    const std::string& name = properties->names[i];
    const Json& part = resolved(root, properties->children[i]);
    Setting setting{prefix + name, type_text(root, part), false, rules_text(part), text_of(part, "description")};
    if (required != nullptr)
      setting.required = std::any_of(required->children.begin(), required->children.end(),
                                     [&](const Json& r) { return r.text == name; });
    out.push_back(std::move(setting));
    collect(root, part, prefix + name + ".", out, depth + 1);
    if (const Json* items = part.member("items")) collect(root, *items, prefix + name + "[].", out, depth + 1);
  }
}

std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find_first_of("|\n", at)) != std::string::npos; at += 2)
    text.replace(at, 1, text[at] == '|' ? "\\|" : " ");
  return text;
}

class DocsCommand final : public Command {
 public:
  explicit DocsCommand(CLI::App& parser) {
    parser.add_option("FILE", file_, "plugin library")->required();
    auto* const json = parser.add_flag("--json", json_, "print one JSON object");
    parser.add_flag("--markdown", markdown_, "print Markdown")->excludes(json);
  }

  int run() override {
    // Not its code, before it is known what it is.
    auto facts = plugin_facts();
    if (!facts) return complain(facts.error());
    const auto description = description_of(file_, std::chrono::seconds(30));
    if (!description) return complain(description.error());
    if (json_) {
      std::printf("%s\n", compact(*description).c_str());
      return kOk;
    }
    const Json* const schema = description->member("settings_schema");
    std::vector<Setting> settings;
    std::string example = "{}";
    if (schema != nullptr && schema->kind == Json::Kind::Object) {
      collect(*schema, *schema, "", settings);
      example = conformance::example_settings(compact(*schema).c_str()).value_or("");
    }
    markdown_ ? print_markdown(*description, settings, example) : print_text(*description, settings, example);
    return kOk;
  }

 private:
  Result<void> plugin_facts();
  int complain(const Error& error) {
    std::fprintf(stderr, "error: `%s`: %s\n", file_.c_str(), error.text.c_str());
    return kFault;
  }

  static std::string type_of(const Json& d) {
    const std::string categories = list_of(d, "categories");
    return categories.find("identity") != std::string::npos  ? "request"
           : categories.find("network") != std::string::npos ? "network"
                                                             : "resource";
  }
  static std::string yaml(const Json& d, const std::string& example) {
    return "authorizers:\n  gate:\n    type: " + type_of(d) + "\n    plugin: " + text_of(d, "id") +
           "\n    placement: in_process\n    settings: " + (example.empty() ? "{}" : example) + "\n";
  }
  static std::vector<std::pair<const char*, std::string>> facts_of(const Json& d) {
    return {{"version", text_of(d, "version")},     {"vendor", text_of(d, "vendor")},
            {"more", text_of(d, "doc_url")},        {"categories", list_of(d, "categories")},
            {"API types", list_of(d, "api_types")}, {"reads", list_of(d, "needs")},
            {"services", list_of(d, "services")},   {"flags", list_of(d, "flags")},
            {"built by", text_of(d, "build")},      {"cannot run", text_of(d, "refused")}};
  }

  static void print_text(const Json& d, const std::vector<Setting>& settings, const std::string& example) {
    std::printf("%s\n  %s\n\n", text_of(d, "id").c_str(), text_of(d, "summary").c_str());
    for (const auto& [name, value] : facts_of(d))
      if (!value.empty()) std::printf("  %-11s %s\n", name, value.c_str());
    std::printf("\nSETTINGS\n");
    if (settings.empty()) std::printf("  none\n");
    for (const Setting& s : settings) {
      std::printf("  %s (%s%s)%s%s\n", s.name.c_str(), s.type.c_str(), s.required ? ", required" : "",
                  s.rules.empty() ? "" : ": ", s.rules.c_str());
      if (!s.text.empty()) std::printf("      %s\n", s.text.c_str());
    }
    std::printf("\nEXAMPLE\n%s", yaml(d, example).c_str());
  }

  static void print_markdown(const Json& d, const std::vector<Setting>& settings, const std::string& example) {
    std::printf("# %s\n\n%s\n\n| | |\n|---|---|\n", text_of(d, "id").c_str(), text_of(d, "summary").c_str());
    for (const auto& [name, value] : facts_of(d))
      if (!value.empty()) std::printf("| %s | %s |\n", name, cell(value).c_str());
    std::printf("\n## Settings\n\n");
    if (settings.empty()) std::printf("None.\n");
    if (!settings.empty()) std::printf("| setting | type | required | rules | meaning |\n|---|---|---|---|---|\n");
    for (const Setting& s : settings)
      std::printf("| `%s` | %s | %s | %s | %s |\n", cell(s.name).c_str(), cell(s.type).c_str(), s.required ? "yes" : "",
                  cell(s.rules).c_str(), cell(s.text).c_str());
    std::printf("\n## Example\n\n```yaml\n%s```\n", yaml(d, example).c_str());
  }

  std::string file_;
  bool json_ = false;
  bool markdown_ = false;
};

}  // namespace

Result<void> DocsCommand::plugin_facts() {
  auto facts = conformance::look_at(file_);
  if (!facts) return tl::unexpected(facts.error());
  if (!facts->manifest) return tl::unexpected(facts->problems.front());
  return {};
}

std::unique_ptr<Command> plugin_docs_command(CLI::App& parser) {
  return std::make_unique<DocsCommand>(parser);
}

}  // namespace gatehouse::app
