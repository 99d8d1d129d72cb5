#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the gateway and plugins share beyond the ABI, as static libraries that a plugin links into itself: this one is
/// Gatehouse::kit_json. C++17 to C++23; of the compiler and C++ library that the SDK was built with.
namespace gatehouse::kit {

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
  std::size_t bytes = std::size_t{1} << 20;
  std::size_t values = 100'000;
  std::size_t depth = 64;
  std::size_t members = static_cast<std::size_t>(-1);  // of one object; `values` counts all
};

struct JsonFault {
  bool too_large = false;  // more bytes than allowed; nothing of it was read
  std::string text;        // says at which byte and never quotes the JSON, which may be a secret
};

/// RFC 8259, strictly: valid UTF-8, no half of a surrogate pair, no member twice, nothing behind the value, within the
/// limits. Nothing, and `fault` filled, when the text is not that. Throws std::bad_alloc only. [any]
std::optional<Json> parse_json(std::string_view text, JsonFault& fault, const JsonLimits& limits = {});

/// The value as JSON text without white space, its numbers as they were written. [any]
std::string write_json(const Json& value);

}  // namespace gatehouse::kit
