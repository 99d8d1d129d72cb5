#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "config/diagnostics.hpp"
#include "config/document.hpp"
#include "config/node.hpp"

/// The declarative tables that a configuration is read by, and their reader. One Object per struct of config.hpp, one
/// Field per key; the reader, the JSON schema and the manual's reference are three uses of the same rows.
namespace gatehouse::config {

struct Object;

/// What a value may be, for the schema and the manual; the reading itself is in Value::read.
struct Type {
  enum class Kind : std::uint8_t { Bool, Integer, Duration, Size, Text, Word, List, Map, Object, Choice, Settings };
  Kind kind = Kind::Text;
  std::int64_t min = 0, max = 0;             // Integer, Duration (ms), Size (bytes)
  std::string note;                          // Text: what the manual calls it; Map: what its keys are
  std::string pattern;                       // Text, and the keys of a Map: ECMA 262, for the schema
  std::vector<std::string> words;            // Word; of a Choice: the values of its `type`
  std::vector<Type> item;                    // List, Map: one
  bool or_one = false;                       // List: a single value stands for a list of it
  bool not_empty = false;                    // List, Map
  std::vector<const Object& (*)()> objects;  // Object: one; Choice: one a word
};

/// Tells faults and reads what all tables share. One per load. [setup]
class Reader {
 public:
  Reader(const Document& document, Diagnostics& diagnostics) : document_(document), diagnostics_(diagnostics) {}

  Where where(const Mark& mark) const { return document_.where(mark); }
  const std::string& directory(const Mark& mark) const { return document_.directories[mark.file]; }
  void fault(const Mark& mark, std::string text, Code code = Code::Invalid);
  void warning(const Mark& mark, std::string text) { diagnostics_.warning(where(mark), std::move(text)); }
  /// `thing` is refused because this build cannot do it. Says so, so that nobody believes it to be in force.
  void not_built(const Mark& mark, std::string_view thing);
  /// "`key` takes <expected>, found ..."; silent for a Bad node.
  void wrong_type(const Node& node, std::string_view key, std::string_view expected);
  /// Tells of each key that stands twice, naming both places; calls `use` for the first of each.
  void each_member(const Node& map, const std::function<void(const Member&)>& use);
  /// "unknown key `x`, did you mean `y`?"
  void unknown_key(const Member& member, const std::vector<std::string_view>& known, std::string_view of);

 private:
  const Document& document_;
  Diagnostics& diagnostics_;
};

/// The user's words in backticks: shortened, control bytes escaped.
std::string quoted(std::string_view text);
/// A scalar's words as the file has them, never what `${...}` stands for.
std::string quoted(const Node& scalar);
/// "a list", "the number `12`", "nothing", ...
std::string description(const Node& node);

/// How one value is read into an M. `show`: a value as JSON text for the schema's default, empty when it is not one
/// that can be written.
template <class M>
struct Value {
  Type type;
  std::function<void(Reader&, const Node&, std::string_view key, M&)> read;
  std::function<std::string(const M&)> show;
};

struct Field {
  std::string name;
  std::string doc;
  bool required = false;
  bool absence_told = false;  // required, but Object::before has better words for it
  Type type;
  std::string default_json;  // empty: no default
  std::function<void(Reader&, const Member&, void* object)> read;
};

/// A key that AWS has or will be ours, and that is refused by name until it works.
struct NotBuilt {
  std::string name;
  std::string doc;
};

struct Object {
  std::string name;  // of the schema's definition, and the manual's heading
  std::string doc;
  std::vector<Field> fields = {};
  std::vector<NotBuilt> not_built = {};
  std::function<void(Reader&, const Node&, void* object)> before = {};  // may be empty: sees the map first
  /// Keys that are taken by `before`: neither unknown nor read.
  std::vector<std::string> taken = {};
};

/// Reads a map by its table. `what`: the key or name it stands under, for messages.
void read_object(Reader& reader, const Object& table, const Node& node, std::string_view what, void* object);

// The kinds of values.

/// Empty: the text is good. Otherwise what is wrong with it, as the end of a sentence; must not quote the text.
using Check = std::function<std::string(std::string_view text)>;

struct TextRule {
  std::string note = "text";
  std::string pattern;
  Check check;
};

Value<bool> boolean();
/// A two-valued word: `no` for false, `yes` for true.
Value<bool> switch_word(std::string no, std::string yes);
Value<std::int64_t> count64(std::int64_t min, std::int64_t max);
Value<std::int64_t> duration(std::int64_t min_ms, std::int64_t max_ms);
Value<std::int64_t> size64(std::int64_t min, std::int64_t max);
Value<std::string> text(TextRule rule = {});
/// A path of the file system; relative ones start at the directory of the file they stand in.
Value<std::string> path(std::string note = "path", bool dash = false);

template <class M>
Value<M> narrowed(Value<std::int64_t> wide) {
  return {wide.type,
          [wide](Reader& reader, const Node& node, std::string_view key, M& out) {
            std::int64_t value = static_cast<std::int64_t>(out);
            wide.read(reader, node, key, value);
            out = static_cast<M>(value);
          },
          [wide](const M& value) { return wide.show(static_cast<std::int64_t>(value)); }};
}
inline Value<std::uint32_t> count(std::uint32_t min, std::uint32_t max) {
  return narrowed<std::uint32_t>(count64(min, max));
}
inline Value<std::uint32_t> size(std::uint32_t min, std::uint32_t max) {
  return narrowed<std::uint32_t>(size64(min, max));
}

/// Reads a scalar that must be one of `words`; the index of the word, or nothing with the fault told. Messages list the
/// `offered` ones only.
std::optional<std::size_t> read_word(Reader& reader, const Node& node, std::string_view key,
                                     const std::vector<std::string>& words, const std::vector<std::string>& offered);

template <class M>
struct Word {
  std::string_view text;
  M value;
  bool built = true;
};

template <class M>
Value<M> words(std::vector<Word<M>> all, std::string what) {
  Value<M> out;
  out.type.kind = Type::Kind::Word;
  std::vector<std::string> names;
  for (const Word<M>& word : all) {
    names.emplace_back(word.text);
    if (word.built) out.type.words.emplace_back(word.text);
  }
  out.read = [all, names, what, offered = out.type.words](Reader& reader, const Node& node, std::string_view key,
                                                          M& value) {
    const auto index = read_word(reader, node, key, names, offered);
    if (!index) return;
    value = all[*index].value;
    if (!all[*index].built) reader.not_built(node.mark, what + " `" + names[*index] + "`");
  };
  out.show = [all](const M& value) {
    for (const Word<M>& word : all)
      if (word.value == value) return "\"" + std::string(word.text) + "\"";
    return std::string();
  };
  return out;
}

template <class M>
Value<std::vector<M>> list_of(Value<M> item, bool not_empty = false, bool or_one = false) {
  Value<std::vector<M>> out;
  out.type.kind = Type::Kind::List;
  out.type.item = {item.type};
  out.type.not_empty = not_empty;
  out.type.or_one = or_one;
  out.read = [item, not_empty, or_one](Reader& reader, const Node& node, std::string_view key, std::vector<M>& value) {
    const auto add = [&](const Node& one) {
      M read{};
      item.read(reader, one, key, read);
      value.push_back(std::move(read));
    };
    value.clear();
    if (or_one && node.kind == Node::Kind::Scalar) return add(node);
    if (node.kind != Node::Kind::List) return reader.wrong_type(node, key, "a list");
    for (const Node& one : node.items) add(one);
    if (not_empty && node.items.empty()) reader.fault(node.mark, config::quoted(key) + " is an empty list");
  };
  out.show = [](const std::vector<M>&) { return std::string(); };
  return out;
}

/// What the keys of a map are: `note` for the manual, a pattern for the schema, the check itself.
using KeyRule = TextRule;

/// name: value. `key_rule.check` judges each name.
template <class M>
Value<std::map<std::string, M>> map_of(KeyRule key_rule, Value<M> item) {
  Value<std::map<std::string, M>> out;
  out.type.kind = Type::Kind::Map;
  out.type.note = key_rule.note;
  out.type.pattern = key_rule.pattern;
  out.type.item = {item.type};
  out.read = [key_rule, item](Reader& reader, const Node& node, std::string_view key, std::map<std::string, M>& value) {
    if (node.kind != Node::Kind::Map) return reader.wrong_type(node, key, "a map");
    reader.each_member(node, [&](const Member& member) {
      if (key_rule.check)
        if (const std::string why = key_rule.check(member.key); !why.empty())
          reader.fault(member.mark, key_rule.note + " " + config::quoted(member.key) + " " + why);
      item.read(reader, member.value, member.key, value[member.key]);
    });
  };
  out.show = [](const std::map<std::string, M>&) { return std::string(); };
  return out;
}

/// A struct with a table of its own.
template <class T>
Value<T> object(const Object& (*table)()) {
  Value<T> out;
  out.type.kind = Type::Kind::Object;
  out.type.objects = {table};
  out.read = [table](Reader& reader, const Node& node, std::string_view key, T& value) {
    if constexpr (requires { value.where; }) value.where = reader.where(node.mark);
    read_object(reader, table(), node, key, &value);
  };
  out.show = [](const T&) { return std::string(); };
  return out;
}

template <class M>
Value<std::optional<M>> optional(Value<M> value) {
  return {value.type,
          [value](Reader& reader, const Node& node, std::string_view key, std::optional<M>& out) {
            value.read(reader, node, key, out.emplace());
          },
          [](const std::optional<M>&) { return std::string(); }};
}

/// name: struct, in the order of the file, the key in one of the struct's members. `take_key` stores it.
template <class T>
Value<std::vector<T>> named(KeyRule key_rule, const Object& (*table)(),
                            std::function<void(Reader&, const Member&, T&)> take_key, bool not_empty = false) {
  Value<std::vector<T>> out;
  out.type.kind = Type::Kind::Map;
  out.type.note = key_rule.note;
  out.type.pattern = key_rule.pattern;
  out.type.not_empty = not_empty;
  Type item;
  item.kind = Type::Kind::Object;
  item.objects = {table};
  out.type.item = {item};
  out.read = [key_rule, table, take_key, not_empty](Reader& reader, const Node& node, std::string_view key,
                                                    std::vector<T>& value) {
    if (node.kind != Node::Kind::Map) return reader.wrong_type(node, key, "a map");
    if (not_empty && node.members.empty()) reader.fault(node.mark, config::quoted(key) + " is an empty map");
    reader.each_member(node, [&](const Member& member) {
      if (key_rule.check)
        if (const std::string why = key_rule.check(member.key); !why.empty())
          reader.fault(member.mark, key_rule.note + " " + config::quoted(member.key) + " " + why);
      T& entry = value.emplace_back();
      entry.where = reader.where(member.mark);
      take_key(reader, member, entry);
      read_object(reader, table(), member.value, member.key, &entry);
    });
  };
  out.show = [](const std::vector<T>&) { return std::string(); };
  return out;
}

// The rows of a table.

template <class T, class M>
Field field(std::string name, M T::*member, Value<M> value, std::string doc, Where T::*place = nullptr) {
  Field out;
  out.name = std::move(name);
  out.doc = std::move(doc);
  out.type = value.type;
  const T fresh{};
  out.default_json = value.show(fresh.*member);
  out.read = [member, place, value](Reader& reader, const Member& found, void* object) {
    T& into = *static_cast<T*>(object);
    if (place != nullptr) into.*place = reader.where(found.value.mark);
    value.read(reader, found.value, found.key, into.*member);
  };
  return out;
}

inline Field required(Field field) {
  field.required = true;
  field.default_json.clear();
  return field;
}
/// The struct's default stands for something that is said in the doc.
inline Field no_default(Field field) {
  field.default_json.clear();
  return field;
}

/// An authorizer's secrets by name; each must come from outside the configuration.
Value<std::map<std::string, base::Secret>> secrets();

/// The table of the whole file: every other table hangs below it.
const Object& config_table();

// One file each; see *_tables.cpp.
const Object& gateway_table();
const Object& admin_table();
const Object& listener_table();
const Object& plugins_table();
const Object& upstream_table();
const Object& authorizer_table();
const Object& grants_table();
const Object& identity_table();
const Object& api_table();
const Object& route_table();
const Object& domain_table();

}  // namespace gatehouse::config
