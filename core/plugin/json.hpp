#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace gatehouse::plugin {

/// A JSON value as it was written: numbers keep their text, members their order.
struct Json {
  enum class Kind : std::uint8_t { Null, Bool, Number, String, Array, Object };
  Kind kind = Kind::Null;
  std::string text;                // of a string its content, of a number or bool its spelling
  std::vector<std::string> names;  // of an object's members, one for each child
  std::vector<Json> children;

  /// RFC 6901; null when there is nothing (also for `-` and for an index with a leading zero).
  const Json* find(std::string_view pointer) const;
  const Json* member(std::string_view name) const;
  /// Overwrites every text in it: settings hold secrets.
  void wipe() noexcept;
};

struct JsonLimits {
  std::size_t bytes = 1u << 20;
  std::size_t values = 100'000;
  std::size_t depth = 64;
};

/// RFC 8259, strictly: valid UTF-8, no member twice, nothing behind the value, within the limits. The error says at
/// which byte and never quotes the text, which may be a secret. [any]
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

/// Without blanks, members in their order.
void append_json(std::string& out, const Json& value);

}  // namespace gatehouse::plugin
