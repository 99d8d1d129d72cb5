#include "config/reader.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/interpolate.hpp"
#include "config/scalar.hpp"

namespace gatehouse::config {
namespace {

constexpr std::size_t kShown = 80;

std::string range(std::string_view unit, std::int64_t min, std::int64_t max, std::string (*show)(std::int64_t)) {
  std::string out(unit);
  if (max == std::numeric_limits<std::int64_t>::max()) return out + " from " + show(min) + " on";
  return out + " from " + show(min) + " to " + show(max);
}
std::string plain_number(std::int64_t value) {
  return std::to_string(value);
}

Value<std::int64_t> number(Type::Kind kind, std::string_view unit, std::int64_t min, std::int64_t max,
                           std::optional<std::int64_t> (*parse)(std::string_view) noexcept,
                           std::string (*show)(std::int64_t), bool plain_only) {
  Value<std::int64_t> out;
  out.type.kind = kind;
  out.type.min = min;
  out.type.max = max;
  const std::string expected = range(unit, min, max, show);
  out.read = [=](Reader& reader, const Node& node, std::string_view key, std::int64_t& value) {
    if (node.kind != Node::Kind::Scalar || (plain_only && !node.plain && !node.resolved))
      return reader.wrong_type(node, key, expected);
    const auto parsed = parse(node.text);
    if (!parsed) return reader.wrong_type(node, key, expected);
    if (*parsed < min || *parsed > max)
      return reader.fault(node.mark, quoted(key) + " takes " + expected + ", found " + quoted(node), Code::Limit);
    value = *parsed;
  };
  out.show = [=](const std::int64_t& value) -> std::string {
    if (value < min || value > max) return {};
    if (kind == Type::Kind::Integer) return show(value);
    return "\"" + show(value) + "\"";
  };
  return out;
}

}  // namespace

void Reader::fault(const Mark& mark, std::string text, Code code) {
  diagnostics_.error(Error{code, std::move(text), where(mark)});
}

void Reader::not_built(const Mark& mark, std::string_view thing) {
  fault(mark, std::string(thing) + " is not built yet: it is refused rather than ignored, take it out",
        Code::Unsupported);
}

void Reader::wrong_type(const Node& node, std::string_view key, std::string_view expected) {
  if (node.kind == Node::Kind::Bad) return;
  fault(node.mark, quoted(key) + " takes " + std::string(expected) + ", found " + description(node));
}

void Reader::each_member(const Node& map, const std::function<void(const Member&)>& use) {
  std::unordered_map<std::string_view, const Member*> first;
  first.reserve(map.members.size());
  for (const Member& member : map.members) {
    const auto [at, fresh] = first.emplace(member.key, &member);
    if (!fresh) {
      fault(member.mark, "duplicate key " + quoted(member.key) + ", first at " + where(at->second->mark).text(),
            Code::Conflict);
    } else if (member.key == "<<") {
      fault(member.mark, "merge keys (`<<`) are not supported: write the keys out", Code::Unsupported);
    } else {
      use(member);
    }
  }
}

void Reader::unknown_key(const Member& member, const std::vector<std::string_view>& known, std::string_view of) {
  const std::string_view near = base::nearest(member.key, known);
  std::string text = "unknown key " + quoted(member.key) + " in " + std::string(of);
  if (!near.empty()) {
    text += ", did you mean " + quoted(near) + "?";
  } else {
    text += ", known are ";
    for (std::size_t i = 0; i < known.size(); ++i) text += (i == 0 ? "" : ", ") + std::string(known[i]);
  }
  fault(member.mark, std::move(text));
}

std::string quoted(std::string_view text) {
  std::string_view part = text.substr(0, kShown);
  while (part.size() < text.size() && !part.empty() && !base::is_utf8(part)) part.remove_suffix(1);
  std::string out = "`";
  for (const char c : part) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      out += "\\x" + base::hex(std::string_view(&c, 1));
    } else {
      out += c;
    }
  }
  if (part.size() < text.size()) out += "...";
  return out + "`";
}

std::string quoted(const Node& scalar) {
  return quoted(scalar.resolved ? scalar.written : scalar.text);
}

std::string description(const Node& node) {
  switch (node.kind) {
    case Node::Kind::Null:
      return "nothing";
    case Node::Kind::List:
      return "a list";
    case Node::Kind::Map:
      return "a map";
    case Node::Kind::Bad:
      return "a fault";
    case Node::Kind::Scalar:
      break;
  }
  if (node.resolved) return "the value of " + quoted(node);
  if (!node.plain) return "the text " + quoted(node) + " in quotes";
  switch (plain_kind(node.text)) {
    case PlainKind::Bool:
      return "the boolean " + quoted(node);
    case PlainKind::Number:
      return "the number " + quoted(node);
    default:
      return quoted(node);
  }
}

void read_object(Reader& reader, const Object& table, const Node& node, std::string_view what, void* object) {
  if (node.kind == Node::Kind::Null)
    return reader.fault(node.mark, quoted(what) + " takes a map, found nothing: write `{}` for an empty one");
  if (node.kind != Node::Kind::Map) return reader.wrong_type(node, what, "a map");
  if (table.before) table.before(reader, node, object);
  std::vector<bool> given(table.fields.size());
  const auto is = [](const std::string& name) { return [&name](const auto& row) { return row.name == name; }; };
  reader.each_member(node, [&](const Member& member) {
    const auto field = std::find_if(table.fields.begin(), table.fields.end(), is(member.key));
    if (field != table.fields.end()) {
      given[static_cast<std::size_t>(field - table.fields.begin())] = true;
      field->read(reader, member, object);
      return;
    }
    if (std::find(table.taken.begin(), table.taken.end(), member.key) != table.taken.end()) return;
    if (std::any_of(table.not_built.begin(), table.not_built.end(), is(member.key)))
      return reader.not_built(member.mark, quoted(member.key));
    std::vector<std::string_view> known;
    for (const Field& row : table.fields) known.push_back(row.name);
    reader.unknown_key(member, known, table.doc);
  });
  for (std::size_t i = 0; i < table.fields.size(); ++i)
    if (table.fields[i].required && !table.fields[i].absence_told && !given[i])
      reader.fault(node.mark,
                   quoted(table.fields[i].name) + " is missing in " + quoted(what) + " (" + table.fields[i].doc + ")",
                   Code::NotFound);
}

Value<bool> boolean() {
  Value<bool> out;
  out.type.kind = Type::Kind::Bool;
  out.read = [](Reader& reader, const Node& node, std::string_view key, bool& value) {
    const auto parsed =
        node.kind == Node::Kind::Scalar && (node.plain || node.resolved) ? parse_bool(node.text) : std::nullopt;
    if (!parsed) return reader.wrong_type(node, key, "`true` or `false`");
    value = *parsed;
  };
  out.show = [](const bool& value) -> std::string { return value ? "true" : "false"; };
  return out;
}

Value<bool> switch_word(std::string no, std::string yes) {
  Value<bool> out;
  out.type.kind = Type::Kind::Word;
  out.type.words = {no, yes};
  out.read = [all = out.type.words](Reader& reader, const Node& node, std::string_view key, bool& value) {
    if (const auto index = read_word(reader, node, key, all, all)) value = *index == 1;
  };
  out.show = [no, yes](const bool& value) { return "\"" + (value ? yes : no) + "\""; };
  return out;
}

Value<std::int64_t> count64(std::int64_t min, std::int64_t max) {
  return number(Type::Kind::Integer, "a whole number", min, max, parse_count, plain_number, true);
}

Value<std::int64_t> duration(std::int64_t min_ms, std::int64_t max_ms) {
  return number(Type::Kind::Duration, "a duration (`500ms`, `10s`, `5m`)", min_ms, max_ms, parse_duration_ms,
                duration_text, false);
}

Value<std::int64_t> size64(std::int64_t min, std::int64_t max) {
  return number(Type::Kind::Size, "a size (`10485760`, `64KiB`, `10MiB`)", min, max, parse_size, size_text, false);
}

Value<std::string> text(TextRule rule) {
  Value<std::string> out;
  out.type.kind = Type::Kind::Text;
  out.type.note = rule.note;
  out.type.pattern = rule.pattern;
  const std::string expected = rule.note == "text" ? "a text" : "a text (" + rule.note + ")";
  out.read = [rule, expected](Reader& reader, const Node& node, std::string_view key, std::string& value) {
    if (node.kind != Node::Kind::Scalar) return reader.wrong_type(node, key, expected);
    if (node.plain && plain_kind(node.text) != PlainKind::Text)
      return reader.fault(node.mark, quoted(key) + " takes " + expected + ", found " + description(node) +
                                         ": put it in quotes if a text is meant");
    if (rule.check)
      if (const std::string why = rule.check(node.text); !why.empty())
        reader.fault(node.mark, quoted(key) + ": " + rule.note + " " + quoted(node) + " " + why);
    value = node.text;
  };
  out.show = [](const std::string& value) -> std::string {
    if (value.empty()) return {};
    std::string json;
    base::append_json_string(json, value);
    return json;
  };
  return out;
}

Value<std::string> path(std::string note, bool dash) {
  Value<std::string> out =
      text({note, "", [](std::string_view text) -> std::string {
              return text.empty() || text.find('\0') != std::string_view::npos ? "names no file" : "";
            }});
  out.read = [as_text = out.read, dash](Reader& reader, const Node& node, std::string_view key, std::string& value) {
    std::string read;
    as_text(reader, node, key, read);
    value = read.empty() || (dash && read == "-") ? read : path_from(reader.directory(node.mark), read);
  };
  return out;
}

std::optional<std::size_t> read_word(Reader& reader, const Node& node, std::string_view key,
                                     const std::vector<std::string>& words, const std::vector<std::string>& offered) {
  std::string expected = offered.size() == 1 ? "" : "one of ";
  for (std::size_t i = 0; i < offered.size(); ++i) expected += (i == 0 ? "`" : ", `") + offered[i] + "`";
  if (node.kind != Node::Kind::Scalar) {
    reader.wrong_type(node, key, expected);
    return std::nullopt;
  }
  for (std::size_t i = 0; i < words.size(); ++i)
    if (node.text == words[i]) return i;
  const std::string_view near =
      node.resolved ? std::string_view()
                    : base::nearest(node.text, std::vector<std::string_view>(words.begin(), words.end()));
  reader.fault(node.mark, quoted(key) + " takes " + expected + ", found " + quoted(node) +
                              (near.empty() ? std::string() : ", did you mean " + quoted(near) + "?"));
  return std::nullopt;
}

}  // namespace gatehouse::config
