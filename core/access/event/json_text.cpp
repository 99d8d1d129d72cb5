#include "access/event/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/text.hpp"

namespace gatehouse::access::event {

JsonText::JsonText(base::Arena& arena, std::size_t expected, std::size_t most)
    : arena_(arena), room_(std::clamp<std::size_t>(expected, 64, std::max<std::size_t>(most, 64))), most_(most) {
  bytes_ = static_cast<char*>(arena_.allocate(room_, 1));
}

void JsonText::append(std::string_view text) {
  if (overflowed_ || text.size() > most_ - size_) {
    overflowed_ = true;
    return;
  }
  const std::size_t size = size_ + text.size();
  if (size > room_) {
    room_ = std::min(2 * size, most_);
    char* const larger = static_cast<char*>(arena_.allocate(room_, 1));
    std::memcpy(larger, bytes_, size_);
    bytes_ = larger;
  }
  if (!text.empty()) std::memcpy(bytes_ + size_, text.data(), text.size());
  size_ = size;
}

void JsonText::put(char c) {
  append({&c, 1});
}

// A string ends with its quote, so the last byte tells where we are.
void JsonText::separate() {
  if (size_ == 0) return;
  const char last = bytes_[size_ - 1];
  if (last != '{' && last != '[' && last != ':') put(',');
}

void JsonText::open(char bracket) {
  separate();
  put(bracket);
}

void JsonText::key(std::string_view name) {
  separate();
  put('"');
  append(name);
  append("\":");
}

void JsonText::name(std::string_view text) {
  string(text);
  put(':');
}

void JsonText::string(std::string_view text) {
  open_string();
  inside(text);
  close_string();
}

void JsonText::open_string() {
  separate();
  put('"');
}

void JsonText::inside(std::string_view text) {
  std::array<char, 8> escape;
  while (!text.empty()) append(base::next_json_piece(text, escape));
}

void JsonText::number(std::int64_t value) {
  separate();
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  append({digits, static_cast<std::size_t>(end - digits)});
}

void JsonText::null() {
  separate();
  append("null");
}

}  // namespace gatehouse::access::event
