#include "identity/yaml_values.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/scalar.hpp"
#include "policy/parse.hpp"

namespace gatehouse::identity::yaml {
namespace {

using config::Member;
using config::Node;
using config::PlainKind;
using config::Reader;

bool all_of(std::string_view text, bool (*good)(char)) {
  return std::all_of(text.begin(), text.end(), good);
}
bool is_word(char c) {
  return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') || c == '_';
}

void append_json(Reader& reader, const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::Bad:
      out += "null";
      return;
    case Node::Kind::Null:
      reader.fault(node.mark, "a policy has no place for nothing: write a value");
      out += "null";
      return;
    case Node::Kind::List:
      out += '[';
      for (const Node& item : node.items) {
        if (out.back() != '[') out += ',';
        append_json(reader, item, out);
      }
      out += ']';
      return;
    case Node::Kind::Map:
      out += '{';
      reader.each_member(node, [&](const Member& member) {
        if (out.back() != '{') out += ',';
        base::append_json_string(out, member.key);
        out += ':';
        append_json(reader, member.value, out);
      });
      out += '}';
      return;
    case Node::Kind::Scalar:
      break;
  }
  const PlainKind kind = node.plain ? config::plain_kind(node.text) : PlainKind::Text;
  if (kind == PlainKind::Doubtful)
    reader.fault(node.mark, config::quoted(node) + " can be read in two ways: put it in quotes");
  if (kind == PlainKind::Bool || kind == PlainKind::Number) {
    out += node.text;
  } else {
    base::append_json_string(out, node.text);
  }
}

// The place of a JSON pointer's end in a YAML value, or of the last part of it that is there.
const Node& find(const Node& root, std::string_view pointer) {
  const Node* at = &root;
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    const std::string_view token = pointer.substr(0, end);
    pointer.remove_prefix(end);
    const Node* next = nullptr;
    if (const auto index = base::parse_integer<std::size_t>(token); index && *index < at->items.size())
      next = &at->items[*index];
    for (const Member& member : at->members)
      if (next == nullptr && member.key == token) next = &member.value;
    if (next == nullptr) break;
    at = next;
  }
  return *at;
}

}  // namespace

config::TextRule account_rule() {
  return {"account id", "^[0-9]{12}$", [](std::string_view text) -> std::string {
            return text.size() == 12 && all_of(text, base::is_digit) ? "" : "takes twelve digits";
          }};
}

config::TextRule name_rule(std::string note, std::size_t most) {
  return {std::move(note), "^[A-Za-z0-9_+=,.@-]{1," + std::to_string(most) + "}$",
          [most](std::string_view text) -> std::string {
            if (text.empty() || text.size() > most) return "takes 1 to " + std::to_string(most) + " characters";
            const bool good = std::all_of(text.begin(), text.end(), [](char c) {
              return is_word(c) || std::string_view("+=,.@-").find(c) != std::string_view::npos;
            });
            return good ? "" : "takes letters, digits and `_+=,.@-`";
          }};
}

config::TextRule path_rule() {
  return {"path", "^/([!-~]*/)?$", [](std::string_view text) -> std::string {
            if (text.size() > 512) return "is longer than 512 characters";
            if (!text.starts_with('/') || !text.ends_with('/')) return "must begin and end with `/`";
            return all_of(text, [](char c) { return c > ' ' && c < 0x7f; }) ? "" : "takes printable ASCII, no blanks";
          }};
}

config::TextRule key_id_rule() {
  return {"access key id", "^[A-Za-z0-9_]{1,128}$", [](std::string_view text) -> std::string {
            if (text.empty() || text.size() > 128 || !all_of(text, is_word))
              return "takes 1 to 128 letters, digits and `_`";
            return text.starts_with("ASIA") ? "begins as those of temporary credentials do" : "";
          }};
}

config::TextRule pool_id_rule() {
  return {"identity pool id", "^[a-z0-9-]+:[0-9a-f-]{36}$", [](std::string_view text) -> std::string {
            const std::size_t colon = text.find(':');
            const bool good =
                colon != std::string_view::npos && colon > 0 && text.size() == colon + 37 && text.size() <= 55 &&
                all_of(text.substr(0, colon),
                       [](char c) { return (c >= 'a' && c <= 'z') || base::is_digit(c) || c == '-'; }) &&
                all_of(text.substr(colon + 1), [](char c) { return base::hex_value(c) >= 0 || c == '-'; });
            return good ? "" : "takes `region:uuid`";
          }};
}

config::TextRule bounded_rule(std::string note, std::size_t most) {
  return {std::move(note), "", [most](std::string_view text) -> std::string {
            return text.size() > most ? "is longer than " + std::to_string(most) + " bytes" : "";
          }};
}

config::Value<std::map<std::string, std::string>> tags() {
  auto out = config::map_of({"tag key", "",
                             [](std::string_view text) -> std::string {
                               return text.empty() || text.size() > 4 * 128 ? "takes 1 to 128 characters" : "";
                             }},
                            config::text(bounded_rule("tag value", 4 * 256)));
  out.read = [as_map = out.read](Reader& reader, const Node& node, std::string_view key,
                                 std::map<std::string, std::string>& value) {
    as_map(reader, node, key, value);
    if (value.size() > 50) reader.fault(node.mark, "more than 50 tags", Code::Limit);
    std::map<std::string, std::string> folded;
    for (const auto& tag : value)
      if (const auto [other, fresh] = folded.emplace(base::lower(tag.first), tag.first); !fresh)
        reader.fault(node.mark,
                     "tag keys " + config::quoted(other->second) + " and " + config::quoted(tag.first) +
                         " are the same but for their case",
                     Code::Conflict);
  };
  return out;
}

config::Value<SecretText> secret(bool lines) {
  config::Value<SecretText> out;
  out.type.kind = config::Type::Kind::Text;
  out.type.note = "secret";
  out.read = [lines](Reader& reader, const Node& node, std::string_view key, SecretText& value) {
    // Neither the value nor what it looks like is shown.
    if (node.kind != Node::Kind::Scalar) {
      if (node.kind != Node::Kind::Bad) reader.fault(node.mark, config::quoted(key) + " takes a text");
      return;
    }
    if (node.text.empty()) return reader.fault(node.mark, config::quoted(key) + " is empty");
    if (node.text.size() > 4096) return reader.fault(node.mark, config::quoted(key) + " is longer than 4096 bytes");
    if (!all_of(
            node.text, lines ? +[](char c) { return (c > ' ' && c < 0x7f) || c == '\n'; }
                             : +[](char c) { return c > ' ' && c < 0x7f; }))
      return reader.fault(node.mark, config::quoted(key) + " takes printable ASCII without blanks");
    value.value = base::Secret(node.text);
    value.mark = node.mark;
    value.given = true;
    if (node.resolved) value.written = node.written;
  };
  out.show = [](const SecretText&) { return std::string(); };
  return out;
}

config::Value<std::string> policy_document(policy::Kind kind) {
  config::Value<std::string> out;
  out.type.kind = config::Type::Kind::Settings;
  out.read = [kind](Reader& reader, const Node& node, std::string_view key, std::string& value) {
    if (node.kind == Node::Kind::Scalar) {
      value = node.text;
    } else if (node.kind == Node::Kind::Map) {
      append_json(reader, node, value);
    } else {
      return reader.wrong_type(node, key, "a policy, as a map or as JSON text");
    }
    const auto parsed = policy::parse(value, kind);
    if (!parsed) {
      for (const policy::Fault& fault : parsed.error())
        reader.fault(
            find(node, fault.pointer).mark,
            "policy " + config::quoted(key) + ": " + (fault.pointer.empty() ? "" : fault.pointer + ": ") + fault.text);
    }
  };
  out.show = [](const std::string&) { return std::string(); };
  return out;
}

}  // namespace gatehouse::identity::yaml
