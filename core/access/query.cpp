#include "access/query.hpp"

#include "base/text.hpp"

namespace gatehouse::access {
namespace {

int hex_value(char c) noexcept {
  if (base::is_digit(c)) return c - '0';
  const char l = base::to_lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// Takes one decoded byte off the front.
char next_byte(std::string_view& raw) noexcept {
  const char c = raw.front();
  if (c == '%' && raw.size() >= 3) {
    const int high = hex_value(raw[1]);
    const int low = hex_value(raw[2]);
    if (high >= 0 && low >= 0) {
      raw.remove_prefix(3);
      return static_cast<char>(high * 16 + low);
    }
  }
  raw.remove_prefix(1);
  return c == '+' ? ' ' : c;
}

}  // namespace

bool next_parameter(std::string_view& query, bool semicolons, RawParameter& out) noexcept {
  while (!query.empty()) {
    const std::size_t end = query.find_first_of(semicolons ? "&;" : "&");
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    out.name = part.substr(0, equals);
    out.value = equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    return true;
  }
  return false;
}

bool form_decodes_to(std::string_view raw, std::string_view text) noexcept {
  for (; !raw.empty(); text.remove_prefix(1))
    if (text.empty() || next_byte(raw) != text.front()) return false;
  return text.empty();
}

std::string_view form_decode(std::string_view raw, base::Arena& arena) {
  if (raw.find_first_of("%+") == std::string_view::npos) return raw;
  char* const out = static_cast<char*>(arena.allocate(raw.size(), 1));
  std::size_t size = 0;
  while (!raw.empty()) out[size++] = next_byte(raw);
  return {out, size};
}

}  // namespace gatehouse::access
