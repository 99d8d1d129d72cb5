#pragma once
#include <cstdint>
#include <string_view>

#include "base/arena.hpp"

namespace gatehouse::access::event {

/// JSON text, written from front to end into an arena. Puts the commas; that each open is closed and each name has its
/// value is the caller's. One thread.
class JsonText {
 public:
  /// `expected` bytes are taken at once; more is taken when needed, twice as much each time. What would go beyond
  /// `most` is left out: see overflowed().
  JsonText(base::Arena& arena, std::size_t expected, std::size_t most);

  void open_object() { open('{'); }
  void close_object() { put('}'); }
  void open_array() { open('['); }
  void close_array() { put(']'); }
  /// A member's name: one of ours, that needs no escape.
  void key(std::string_view name);
  /// A member's name: any text.
  void name(std::string_view text);
  /// A string. Bytes that are not UTF-8 become U+FFFD, one each.
  void string(std::string_view text);
  void number(std::int64_t value);
  void null();
  void member(std::string_view key_text, std::string_view value) {
    key(key_text);
    string(value);
  }
  /// A string in parts.
  void open_string();
  void inside(std::string_view text);
  void close_string() { put('"'); }
  /// Text of another JsonText, as it is.
  void append(std::string_view text);

  std::size_t size() const noexcept { return size_; }
  /// Good as long as the arena's content. [any]
  std::string_view text() const noexcept { return {bytes_, size_}; }
  /// True when something was left out: the text is no JSON then.
  bool overflowed() const noexcept { return overflowed_; }

 private:
  void open(char bracket);
  void separate();
  void put(char c);

  base::Arena& arena_;
  char* bytes_;
  std::size_t size_ = 0;
  std::size_t room_;
  const std::size_t most_;
  bool overflowed_ = false;
};

}  // namespace gatehouse::access::event
