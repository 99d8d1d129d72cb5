#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::identity {

/// What an operation takes and gives, whatever door it came through: an ordered tree. Query forms and command lines are
/// read into one, and one is written as Query XML or as JSON.
struct Value {
  enum class Kind : std::uint8_t {
    Struct,    // `children` under `names`, in their order
    Map,       // the same, with names that are data
    List,      // `children`
    Text,      // `text`
    Number,    // `number`
    Bool,      // `number` is 0 or 1
    Time,      // `number`: seconds since 1970
    Document,  // `text` is JSON: a policy
  };
  Kind kind = Kind::Struct;
  std::string text;
  std::int64_t number = 0;
  std::vector<std::string> names;
  std::vector<Value> children;

  static Value of(std::string_view text) { return {Kind::Text, std::string(text), 0, {}, {}}; }
  static Value of_number(std::int64_t number) { return {Kind::Number, {}, number, {}, {}}; }
  static Value of_bool(bool yes) { return {Kind::Bool, {}, yes ? 1 : 0, {}, {}}; }
  static Value of_time(std::int64_t unix_seconds) { return {Kind::Time, {}, unix_seconds, {}, {}}; }
  static Value of_document(std::string_view json) { return {Kind::Document, std::string(json), 0, {}, {}}; }
  static Value list() { return {Kind::List, {}, 0, {}, {}}; }
  static Value map() { return {Kind::Map, {}, 0, {}, {}}; }

  /// Of a Struct or Map. The Value itself, so that calls can be chained.
  Value& set(std::string_view name, Value value) {
    names.emplace_back(name);
    children.push_back(std::move(value));
    return *this;
  }
  Value& set(std::string_view name, std::string_view plain) { return set(name, of(plain)); }
  Value& set(std::string_view name, const char* plain) { return set(name, of(plain)); }
  Value& push(Value value) {
    children.push_back(std::move(value));
    return *this;
  }

  /// A member; null when there is none.
  const Value* find(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == name) return &children[i];
    return nullptr;
  }
  /// The text of a member that is one; nothing otherwise.
  std::optional<std::string_view> text_of(std::string_view name) const noexcept {
    const Value* const at = find(name);
    if (at == nullptr || at->kind != Kind::Text) return std::nullopt;
    return at->text;
  }
};

}  // namespace gatehouse::identity
