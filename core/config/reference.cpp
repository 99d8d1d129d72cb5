#include "config/reference.hpp"

#include <limits>
#include <set>
#include <utility>

#include "config/reader.hpp"
#include "config/scalar.hpp"

namespace gatehouse::config {
namespace {

// roff takes a backslash for itself, a dot or quote at the start of a line for a request, and `-` for a hyphen.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '`') {
      out += "\\(ga";
    } else if ((c == '.' || c == '\'') && out.empty()) {
      out += std::string("\\&") + c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string between(std::string_view what, const Type& type, std::string (*show)(std::int64_t)) {
  if (type.max == std::numeric_limits<std::int64_t>::max())
    return std::string(what) + " from " + show(type.min) + " on";
  return std::string(what) + ", " + show(type.min) + " to " + show(type.max);
}
std::string plain(std::int64_t value) {
  return std::to_string(value);
}

std::string described(const Type& type) {
  switch (type.kind) {
    case Type::Kind::Bool:
      return "true or false";
    case Type::Kind::Integer:
      return between("whole number", type, plain);
    case Type::Kind::Duration:
      return between("duration", type, duration_text);
    case Type::Kind::Size:
      return between("size", type, size_text);
    case Type::Kind::Text:
      return type.note;
    case Type::Kind::Word: {
      std::string out;
      for (const std::string& word : type.words) out += (out.empty() ? "" : " or ") + word;
      return out;
    }
    case Type::Kind::List:
      return (type.or_one ? "one or a list of: " : "list of: ") + described(type.item[0]);
    case Type::Kind::Map:
      return "map of " + type.note + ": " + described(type.item[0]);
    case Type::Kind::Object:
      return "see " + type.objects[0]().name + " below";
    case Type::Kind::Choice: {
      std::string out = "map with `type`: ";
      for (std::size_t i = 0; i < type.words.size(); ++i) out += (i == 0 ? "" : " or ") + type.words[i];
      return out;
    }
    case Type::Kind::Settings:
      return "map";
  }
  return {};
}

// Tables in the order in which a reader of the page meets them.
void collect(const Object& table, std::vector<const Object*>& out, std::set<const Object*>& seen);
void collect(const Type& type, std::vector<const Object*>& out, std::set<const Object*>& seen) {
  for (const Type& item : type.item) collect(item, out, seen);
  for (const auto& table : type.objects) collect(table(), out, seen);
}
void collect(const Object& table, std::vector<const Object*>& out, std::set<const Object*>& seen) {
  if (!seen.insert(&table).second) return;
  out.push_back(&table);
  for (const Field& field : table.fields) collect(field.type, out, seen);
}
std::vector<const Object*> all_tables() {
  std::vector<const Object*> out;
  std::set<const Object*> seen;
  collect(config_table(), out, seen);
  return out;
}

}  // namespace

std::string manual_reference() {
  std::string out;
  for (const Object* table : all_tables()) {
    out += ".SS " + roff(table->name) + "\n";
    for (const Field& field : table->fields) {
      out += ".TP\n.B " + roff(field.name) + "\n";
      out += "(" + roff(described(field.type));
      if (field.required) out += "; required";
      if (!field.default_json.empty()) out += "; default " + roff(field.default_json);
      out += ")\n.br\n" + roff(field.doc) + ".\n";
    }
    if (table->not_built.empty()) continue;
    out += ".PP\nRefused until built:\n";
    for (std::size_t i = 0; i < table->not_built.size(); ++i) {
      const NotBuilt& row = table->not_built[i];
      out +=
          ".B " + roff(row.name) + "\n(" + roff(row.doc) + ")" + (i + 1 == table->not_built.size() ? "." : ",") + "\n";
    }
  }
  return out;
}

std::vector<std::string> all_keys() {
  std::vector<std::string> out;
  for (const Object* table : all_tables())
    for (const Field& field : table->fields) out.push_back(table->name + "." + field.name);
  return out;
}

}  // namespace gatehouse::config
