// gatehouse/testing/json.hpp -- a small strict JSON reader for tests. Part of testing.hpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::testing {

/// What is wrong with a test, or with the plugin under test: the text says which.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// RFC 3629: no surrogates, no overlong forms.
inline bool is_utf8(std::string_view s) noexcept {
  for (std::size_t i = 0; i < s.size();) {
    const auto c = static_cast<unsigned char>(s[i]);
    const std::size_t n = c < 0x80                ? 1
                          : c >= 0xC2 && c < 0xE0 ? 2
                          : c >= 0xE0 && c < 0xF0 ? 3
                          : c >= 0xF0 && c < 0xF5 ? 4
                                                  : 0;
    if (n == 0 || n > s.size() - i) return false;
    for (std::size_t k = 1; k < n; ++k)
      if ((static_cast<unsigned char>(s[i + k]) & 0xC0) != 0x80) return false;
    const unsigned second = n > 1 ? static_cast<unsigned char>(s[i + 1]) : 0u;
    if ((c == 0xE0 && second < 0xA0) || (c == 0xED && second > 0x9F) || (c == 0xF0 && second < 0x90) ||
        (c == 0xF4 && second > 0x8F))
      return false;
    i += n;
  }
  return true;
}

/// A JSON value as it was written: numbers keep their text, members their order.
struct Json {
  enum class Kind : std::uint8_t { Null, Bool, Number, String, Array, Object };
  Kind kind = Kind::Null;
  std::string text;                // of a string its content, of a number, bool or null its spelling
  std::vector<std::string> names;  // of an object's members, one for each child
  std::vector<Json> children;

  bool is(Kind k) const noexcept { return kind == k; }
  const Json* member(std::string_view name) const {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == name) return &children[i];
    return nullptr;
  }
  /// RFC 6901; null when there is nothing.
  const Json* find(std::string_view pointer) const {
    const Json* at = this;
    while (!pointer.empty() && at != nullptr) {
      if (pointer.front() != '/') return nullptr;
      pointer.remove_prefix(1);
      const std::string_view token = pointer.substr(0, pointer.find('/'));
      pointer.remove_prefix(token.size());
      if (at->kind == Kind::Array) {
        std::size_t index = 0;
        if (token.empty() || token.size() > 9 || (token.size() > 1 && token[0] == '0')) return nullptr;
        for (const char c : token) {
          if (c < '0' || c > '9') return nullptr;
          index = index * 10 + static_cast<std::size_t>(c - '0');
        }
        at = index < at->children.size() ? &at->children[index] : nullptr;
        continue;
      }
      std::string name;
      for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] != '~') {
          name += token[i];
          continue;
        }
        if (++i == token.size() || (token[i] != '0' && token[i] != '1')) return nullptr;
        name += token[i] == '0' ? '~' : '/';
      }
      at = at->member(name);
    }
    return at;
  }
  /// The text of a string, number or bool there; empty when there is none.
  std::string_view str(std::string_view pointer) const {
    const Json* found = find(pointer);
    return found != nullptr && found->kind != Kind::Null ? std::string_view(found->text) : std::string_view();
  }
};

namespace detail {

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}
  Json whole() {
    if (!is_utf8(text_)) fail("not UTF-8");
    Json out = value(0);
    blanks();
    if (at_ != text_.size()) fail("something behind the value");
    return out;
  }

 private:
  [[noreturn]] void fail(const char* why) const {
    throw Error("malformed JSON at byte " + std::to_string(at_) + ": " + why);
  }
  char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
  void blanks() noexcept {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  bool take(char c) noexcept { return peek() == c && at_ < text_.size() ? (++at_, true) : false; }
  bool digits() noexcept {
    const std::size_t first = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > first;
  }
  Json word(std::string_view spelling, Json::Kind kind) {
    if (text_.substr(at_, spelling.size()) != spelling) fail("an unknown word");
    at_ += spelling.size();
    return {kind, std::string(spelling), {}, {}};
  }
  Json number() {
    const std::size_t first = at_;
    take('-');
    if (!take('0') && !digits()) fail("not a value");
    if (take('.') && !digits()) fail("no digits behind the point");
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (!take('+')) take('-');
      if (!digits()) fail("no digits in the exponent");
    }
    return {Json::Kind::Number, std::string(text_.substr(first, at_ - first)), {}, {}};
  }
  unsigned hex4() {
    unsigned out = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = peek();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) fail("four hexadecimal digits are missing");
      out = out * 16 + static_cast<unsigned>(digit);
      ++at_;
    }
    return out;
  }
  static void append(std::string& out, unsigned code) {
    const auto put = [&](unsigned byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) return put(code);
    if (code < 0x800) return put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
    if (code < 0x10000) return put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }
  std::string string() {
    if (!take('"')) fail("a string is missing");
    std::string out;
    for (;;) {
      if (at_ >= text_.size()) fail("a string without end");
      const char c = text_[at_++];
      if (c == '"') return out;
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character");
      if (c != '\\') {
        out += c;
        continue;
      }
      const char e = peek();
      ++at_;
      const std::string_view known = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
      if (const std::size_t i = known.find(e); e != '\0' && i != std::string_view::npos) {
        out += meant[i];
      } else if (e == 'u') {
        unsigned code = hex4();
        if (code >= 0xDC00 && code < 0xE000) fail("half a character");
        if (code >= 0xD800 && code < 0xDC00) {
          if (!take('\\') || !take('u')) fail("half a character");
          const unsigned low = hex4();
          if (low < 0xDC00 || low >= 0xE000) fail("half a character");
          code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        append(out, code);
      } else {
        fail("an unknown escape");
      }
    }
  }
  Json value(int depth) {
    if (depth > 64) fail("nested too deep");
    blanks();
    switch (peek()) {
      case '{':
      case '[':
        return members(depth);
      case '"':
        return {Json::Kind::String, string(), {}, {}};
      case 't':
        return word("true", Json::Kind::Bool);
      case 'f':
        return word("false", Json::Kind::Bool);
      case 'n':
        return word("null", Json::Kind::Null);
      default:
        return number();
    }
  }
  Json members(int depth) {
    const bool object = text_[at_++] == '{';
    const char close = object ? '}' : ']';
    Json out;
    out.kind = object ? Json::Kind::Object : Json::Kind::Array;
    blanks();
    if (take(close)) return out;
    for (;;) {
      blanks();
      if (object) {
        std::string name = string();
        if (out.member(name) != nullptr) fail("a member is there twice");
        out.names.push_back(std::move(name));
        blanks();
        if (!take(':')) fail("a colon is missing");
      }
      out.children.push_back(value(depth + 1));
      blanks();
      if (take(close)) return out;
      if (!take(',')) fail("a comma is missing");
    }
  }
  std::string_view text_;
  std::size_t at_ = 0;
};

inline void append_json_string(std::string& out, std::string_view s) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : s) {
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      ((out += "\\u00") += kHex[static_cast<unsigned char>(c) >> 4]) += kHex[c & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace detail

/// RFC 8259, strictly: UTF-8, no member twice, nothing behind the value. Throws Error.
inline Json parse_json(std::string_view text) {
  return detail::JsonReader(text).whole();
}

/// Without blanks, members in their order.
inline void append_json(std::string& out, const Json& value) {
  if (value.kind == Json::Kind::String) return detail::append_json_string(out, value.text);
  const bool object = value.kind == Json::Kind::Object;
  if (!object && value.kind != Json::Kind::Array) {
    out += value.text.empty() ? "null" : value.text;
    return;
  }
  out += object ? '{' : '[';
  for (std::size_t i = 0; i < value.children.size(); ++i) {
    if (i > 0) out += ',';
    if (object) {
      detail::append_json_string(out, value.names[i]);
      out += ':';
    }
    append_json(out, value.children[i]);
  }
  out += object ? '}' : ']';
}

}  // namespace gatehouse::testing
