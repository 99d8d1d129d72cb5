#include <limits>
#include <set>

#include "base/text.hpp"
#include "config/load.hpp"
#include "config/reader.hpp"

namespace gatehouse::config {
namespace {

constexpr const char* kReferencePattern = "\\$\\{(env|file):";

/// JSON with two blanks a level, in the order it is told.
class Writer {
 public:
  std::string take() {
    out_ += '\n';
    return std::move(out_);
  }
  void begin(char bracket) {
    out_ += bracket;
    ++depth_;
    first_ = true;
  }
  void end(char bracket) {
    --depth_;
    if (!first_) line();
    out_ += bracket;
    first_ = false;
  }
  void key(std::string_view name) {
    next();
    base::append_json_string(out_, name);
    out_ += ": ";
  }
  void next() {
    if (!first_) out_ += ',';
    line();
    first_ = false;
  }
  void text(std::string_view value) { base::append_json_string(out_, value); }
  void raw(std::string_view value) { out_ += value; }
  void pair(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void pair_raw(std::string_view name, std::string_view value) {
    key(name);
    raw(value);
  }

 private:
  void line() {
    out_ += '\n';
    out_.append(depth_ * 2, ' ');
  }
  std::string out_;
  std::size_t depth_ = 0;
  bool first_ = true;
};

class Schema {
 public:
  std::string make() {
    out_.begin('{');
    out_.pair("$schema", "https://json-schema.org/draft/2020-12/schema");
    out_.pair("title", "gatehouse.yaml");
    out_.pair("description", "Configuration of Gatehouse; see gatehouse.yaml(5).");
    object_members(config_table(), nullptr);
    out_.key("$defs");
    out_.begin('{');
    out_.key("reference");
    out_.begin('{');
    out_.pair("description", "a value from ${env:NAME} or ${file:PATH}");
    out_.pair("type", "string");
    out_.pair("pattern", kReferencePattern);
    out_.end('}');
    define(config_table());
    out_.end('}');
    out_.end('}');
    return out_.take();
  }

 private:
  // Definitions of all tables below one, each once.
  void define(const Object& table) {
    for (const Field& field : table.fields) define(field.type);
  }
  void define(const Type& type) {
    for (const Type& item : type.item) define(item);
    for (std::size_t i = 0; i < type.objects.size(); ++i) {
      const Object& table = type.objects[i]();
      if (!defined_.insert(table.name).second) continue;
      out_.key(table.name);
      out_.begin('{');
      const bool choice = type.kind == Type::Kind::Choice;
      object_members(table, choice ? &type.words[i] : nullptr);
      out_.end('}');
      define(table);
    }
  }

  // `word`: the value of `type` that selects this table.
  void object_members(const Object& table, const std::string* word) {
    out_.pair("type", "object");
    out_.pair_raw("additionalProperties", "false");
    std::vector<std::string> needed;
    if (word != nullptr) needed.emplace_back("type");
    for (const Field& field : table.fields)
      if (field.required) needed.push_back(field.name);
    if (!needed.empty()) {
      out_.key("required");
      strings(needed);
    }
    out_.key("properties");
    out_.begin('{');
    if (word != nullptr) {
      out_.key("type");
      out_.begin('{');
      out_.pair("const", *word);
      out_.end('}');
    }
    for (const Field& field : table.fields) {
      out_.key(field.name);
      out_.begin('{');
      out_.pair("description", field.doc);
      if (!field.default_json.empty()) out_.pair_raw("default", field.default_json);
      members(field.type);
      out_.end('}');
    }
    out_.end('}');
  }

  void strings(const std::vector<std::string>& all) {
    out_.begin('[');
    for (const std::string& one : all) {
      out_.next();
      out_.text(one);
    }
    out_.end(']');
  }

  // What follows is for a value that is written as something else than a text: `${...}` must do as well.
  template <class Write>
  void or_reference(Write write) {
    out_.key("anyOf");
    out_.begin('[');
    out_.next();
    out_.begin('{');
    write();
    out_.end('}');
    out_.next();
    reference("reference");
    out_.end(']');
  }
  void reference(std::string_view name) {
    out_.begin('{');
    out_.pair("$ref", "#/$defs/" + std::string(name));
    out_.end('}');
  }

  void members(const Type& type) {
    switch (type.kind) {
      case Type::Kind::Bool:
        return or_reference([&] { out_.pair("type", "boolean"); });
      case Type::Kind::Integer:
        return or_reference([&] {
          out_.pair("type", "integer");
          out_.pair_raw("minimum", std::to_string(type.min));
          if (type.max != std::numeric_limits<std::int64_t>::max()) out_.pair_raw("maximum", std::to_string(type.max));
        });
      case Type::Kind::Duration:
        return or_reference([&] {
          out_.pair("type", "string");
          out_.pair("pattern", "^(0|[1-9][0-9]*)(ms|s|m|h)$");
        });
      case Type::Kind::Size:
        return or_reference([&] {
          out_.key("type");
          strings({"integer", "string"});
          out_.pair_raw("minimum", std::to_string(type.min));
          out_.pair_raw("maximum", std::to_string(type.max));
          out_.pair("pattern", "^(0|[1-9][0-9]*)(KiB|MiB|GiB)?$");
        });
      case Type::Kind::Text:
        if (type.pattern.empty()) return out_.pair("type", "string");
        return or_reference([&] {
          out_.pair("type", "string");
          out_.pair("pattern", type.pattern);
        });
      case Type::Kind::Word:
        return or_reference([&] {
          out_.key("enum");
          out_.begin('[');
          for (const std::string& word : type.words) {
            out_.next();
            out_.text(word);
            if (word.find_first_not_of("0123456789.") != std::string::npos) continue;
            out_.next();  // written without quotes it is a number to an editor, the same word to the reader
            out_.raw(word);
          }
          out_.end(']');
        });
      case Type::Kind::List:
        return list(type);
      case Type::Kind::Map:
        out_.pair("type", "object");
        if (type.not_empty) out_.pair_raw("minProperties", "1");
        if (!type.pattern.empty()) {
          out_.key("propertyNames");
          out_.begin('{');
          out_.pair("pattern", type.pattern);
          out_.end('}');
        }
        out_.key("additionalProperties");
        out_.begin('{');
        members(type.item[0]);
        out_.end('}');
        return;
      case Type::Kind::Object:
        return out_.pair("$ref", "#/$defs/" + type.objects[0]().name);
      case Type::Kind::Choice:
        out_.key("oneOf");
        out_.begin('[');
        for (const auto& table : type.objects) {
          out_.next();
          reference(table().name);
        }
        out_.end(']');
        return;
      case Type::Kind::Settings:
        return out_.pair("type", "object");
    }
  }

  void list(const Type& type) {
    const auto array = [&] {
      out_.pair("type", "array");
      if (type.not_empty) out_.pair_raw("minItems", "1");
      out_.key("items");
      out_.begin('{');
      members(type.item[0]);
      out_.end('}');
    };
    if (!type.or_one) return array();
    out_.key("anyOf");
    out_.begin('[');
    out_.next();
    out_.begin('{');
    array();
    out_.end('}');
    out_.next();
    out_.begin('{');
    members(type.item[0]);
    out_.end('}');
    out_.end(']');
  }

  Writer out_;
  std::set<std::string> defined_;
};

}  // namespace

std::string json_schema() {
  return Schema().make();
}

}  // namespace gatehouse::config
