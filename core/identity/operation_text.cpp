#include <algorithm>

#include "base/iso_time.hpp"
#include "base/text.hpp"
#include "identity/operation_json.hpp"
#include "identity/operation_shape.hpp"

namespace gatehouse::identity {
namespace {

bool is_plain(const Value& value) noexcept {
  using Kind = Value::Kind;
  return value.kind == Kind::Text || value.kind == Kind::Number || value.kind == Kind::Bool || value.kind == Kind::Time;
}

/// One line without controls, those of ISO 8859-1 and the ones that turn the direction of a text round among them.
std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = base::utf8_sequence(text, i);
    const std::string_view one = text.substr(i, std::max<std::size_t>(size, 1));
    const auto first = static_cast<unsigned char>(one[0]);
    const bool control = size == 0 || first < 0x20 || first == 0x7f || (first == 0xc2 && one[1] < '\xa0') ||
                         one.starts_with("\xe2\x80") || one.starts_with("\xe2\x81");
    if (control)
      out += '?';
    else
      out += one;
    i += one.size();
  }
  return out;
}

std::string plain(const Value& value) {
  switch (value.kind) {
    case Value::Kind::Number:
      return std::to_string(value.number);
    case Value::Kind::Bool:
      return value.number != 0 ? "yes" : "no";
    case Value::Kind::Time:
      return base::iso_time(value.number);
    default:
      return printable(value.text);
  }
}

void append_cell(std::string& out, const std::string& text, std::size_t width) {
  out += text;
  out.append(width - std::min(width, characters(text)), ' ');
}

void append_members(std::string& out, const Value& value, std::size_t indent);

/// A list of structs: a column for each member that is a plain value in any row.
void append_table(std::string& out, const Value& list, std::size_t indent) {
  std::vector<std::string> columns;
  for (const Value& row : list.children)
    for (std::size_t i = 0; i < row.names.size(); ++i)
      if (is_plain(row.children[i]) && std::find(columns.begin(), columns.end(), row.names[i]) == columns.end())
        columns.push_back(row.names[i]);
  std::vector<std::vector<std::string>> lines{columns};
  for (const Value& row : list.children) {
    auto& line = lines.emplace_back();
    for (const std::string& column : columns) {
      const Value* const cell = row.find(column);
      line.push_back(cell != nullptr && is_plain(*cell) ? plain(*cell) : "");
    }
  }
  std::vector<std::size_t> widths(columns.size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], characters(line[i]));
  for (const auto& line : lines) {
    std::string text(indent, ' ');
    for (std::size_t i = 0; i < line.size(); ++i) append_cell(text, line[i], widths[i] + 2);
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
}

void append_list(std::string& out, const Value& list, std::size_t indent) {
  if (list.children.empty()) {
    out.append(indent, ' ').append("(none)\n");
  } else if (list.children.front().kind == Value::Kind::Struct) {
    append_table(out, list, indent);
  } else {
    for (const Value& item : list.children) out.append(indent, ' ').append(plain(item)).append("\n");
  }
}

void append_document(std::string& out, const Value& value, std::size_t indent) {
  std::string_view text;
  const std::string json = to_json(value);
  for (text = json; !text.empty();) {
    const std::size_t end = text.find('\n');
    out.append(indent, ' ').append(printable(text.substr(0, end))).append("\n");
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

void append_nested(std::string& out, const Value& value, std::size_t indent) {
  if (value.kind == Value::Kind::List)
    append_list(out, value, indent);
  else if (value.kind == Value::Kind::Document)
    append_document(out, value, indent);
  else
    append_members(out, value, indent);
}

void append_members(std::string& out, const Value& value, std::size_t indent) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < value.names.size(); ++i)
    if (is_plain(value.children[i])) width = std::max(width, characters(value.names[i]));
  for (std::size_t i = 0; i < value.names.size(); ++i) {
    const Value& child = value.children[i];
    out.append(indent, ' ');
    if (is_plain(child)) {
      append_cell(out, printable(value.names[i]), width + 2);
      out.append(plain(child)).append("\n");
    } else {
      out.append(printable(value.names[i])).append(":\n");
      append_nested(out, child, indent + 2);
    }
  }
}

}  // namespace

std::string to_text(const Value& value) {
  std::string out;
  // What there is one of needs no heading.
  if (value.children.size() == 1 && !is_plain(value.children[0]))
    append_nested(out, value.children[0], 0);
  else
    append_members(out, value, 0);
  return out;
}

}  // namespace gatehouse::identity
