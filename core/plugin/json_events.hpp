#pragma once
#include <charconv>
#include <cstdint>
#include <limits>

#include "plugin/json.hpp"

namespace gatehouse::plugin {

/// Tells a handler of RapidJSON's events (its Document, its SchemaValidator) what a value holds, as its reader would
/// that read the text; that one is not asked: its exact numbers are undefined for `0.0e57` (it counts the leading zeros
/// of a zero). False: the handler wants no more, or a number is out of range. The texts are the value's, not copied.
/// Recursive: parse_json() bounds the depth. [any]
template <typename Handler>
bool tell_number(std::string_view text, Handler& to) {
  const char* const end = text.data() + text.size();
  const auto whole = [&](auto& out) {
    const auto [stop, error] = std::from_chars(text.data(), end, out);
    return error == std::errc{} && stop == end;
  };
  if (std::uint64_t n = 0; text.front() != '-' && whole(n))
    return n <= std::numeric_limits<unsigned>::max() ? to.Uint(static_cast<unsigned>(n)) : to.Uint64(n);
  if (std::int64_t n = 0; whole(n))
    return n >= std::numeric_limits<int>::min() ? to.Int(static_cast<int>(n)) : to.Int64(n);
  double d = 0;
  return whole(d) && to.Double(d);
}

template <typename Handler>
bool tell(const Json& value, Handler& to) {
  const auto size = [](const auto& of) { return static_cast<unsigned>(of.size()); };
  switch (value.kind) {
    case Json::Kind::Null:
      return to.Null();
    case Json::Kind::Bool:
      return to.Bool(value.text == "true");
    case Json::Kind::Number:
      return tell_number(value.text, to);
    case Json::Kind::String:
      return to.String(value.text.data(), size(value.text), false);
    case Json::Kind::Array:
      if (!to.StartArray()) return false;
      for (const Json& child : value.children)
        if (!tell(child, to)) return false;
      return to.EndArray(size(value.children));
    case Json::Kind::Object:
      if (!to.StartObject()) return false;
      for (std::size_t i = 0; i < value.children.size(); ++i)
        if (!to.Key(value.names[i].data(), size(value.names[i]), false) || !tell(value.children[i], to)) return false;
      return to.EndObject(size(value.children));
  }
  return false;
}

}  // namespace gatehouse::plugin
