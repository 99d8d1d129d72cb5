#include "identity/operation_shape.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gatehouse::identity {
namespace {

bool is_letter(char c) noexcept {
  const char l = base::to_lower(c);
  return l >= 'a' && l <= 'z';
}

template <class Test>
bool all(std::string_view text, Test test) noexcept {
  return std::all_of(text.begin(), text.end(), test);
}

bool is_word_character(char c) noexcept {
  return base::is_digit(c) || is_letter(c) || c == '_';
}

bool is_name_character(char c) noexcept {
  return is_word_character(c) || c == '+' || c == '=' || c == ',' || c == '.' || c == '@' || c == '-';
}

/// The code point of the sequence at `at`, which moves behind it; the text is UTF-8.
char32_t next_code_point(std::string_view text, std::size_t& at) noexcept {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t size = std::max<std::size_t>(base::utf8_sequence(text, at), 1);
  char32_t out = size == 1 ? first : first & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) out = out << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3fu);
  at += size;
  return out;
}

template <class Test>
bool all_code_points(std::string_view text, Test test) noexcept {
  for (std::size_t at = 0; at < text.size();)
    if (!test(next_code_point(text, at))) return false;
  return true;
}

bool is_blank(char32_t c) noexcept {
  return c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

namespace shape {

bool is_name(std::string_view text) noexcept {
  return all(text, is_name_character);
}
bool is_word(std::string_view text) noexcept {
  return all(text, is_word_character);
}
bool is_visible(std::string_view text) noexcept {
  return all(text, [](char c) { return c > 0x20 && c < 0x7f; });
}
bool is_path(std::string_view text) noexcept {
  return text.starts_with('/') && text.ends_with('/') && text != "//" && is_visible(text);
}
bool is_path_prefix(std::string_view text) noexcept {
  return text.starts_with('/') && is_visible(text);
}
bool is_policy_path(std::string_view text) noexcept {
  return text.starts_with('/') && text.ends_with('/') && text.find("//") == std::string_view::npos &&
         all(text, [](char c) { return is_name_character(c) || c == '/'; });
}
bool is_version(std::string_view text) noexcept {
  if (text.size() < 2 || text[0] != 'v' || text[1] == '0') return false;
  const std::size_t dot = text.find('.');
  const std::string_view number = text.substr(1, dot == std::string_view::npos ? dot : dot - 1);
  return !number.empty() && all(number, base::is_digit) &&
         (dot == std::string_view::npos ||
          all(text.substr(dot + 1), [](char c) { return base::is_digit(c) || is_letter(c) || c == '-'; }));
}
bool is_document(std::string_view text) noexcept {
  return all_code_points(text, [](char32_t c) { return is_blank(c) || (c >= 0x20 && c <= 0xff); });
}
bool is_description(std::string_view text) noexcept {
  return all_code_points(
      text, [](char32_t c) { return is_blank(c) || (c >= 0x20 && c <= 0x7e) || (c >= 0xa1 && c <= 0xff); });
}
// Of other scripts everything but their controls and specials is taken: no table of Unicode's letters is kept here, and
// tags are compared byte by byte.
bool is_tag(std::string_view text) noexcept {
  return all_code_points(text, [](char32_t c) {
    if (c > 0x7f)
      return c >= 0xa0 && !(c >= 0x200b && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e) &&
             !(c >= 0xe000 && c <= 0xf8ff) && c < 0xfff0;
    const char a = static_cast<char>(c);
    return base::is_digit(a) || is_letter(a) || std::string_view(" _.:/=+-@").find(a) != std::string_view::npos;
  });
}
bool is_pool_name(std::string_view text) noexcept {
  return all(text, [](char c) { return is_name_character(c) || c == ' '; });
}
bool is_pool_id(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon + 1 == text.size()) return false;
  return all(text.substr(0, colon), [](char c) { return is_word_character(c) || c == '-'; }) &&
         all(text.substr(colon + 1), [](char c) { return base::is_digit(c) || (c >= 'a' && c <= 'f') || c == '-'; });
}

}  // namespace shape

std::size_t characters(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::size_t policy_characters(std::string_view document) noexcept {
  const auto blanks = std::count_if(document.begin(), document.end(),
                                    [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  return characters(document) - static_cast<std::size_t>(blanks);
}

}  // namespace gatehouse::identity
