#include <gatehouse/kit/sigv4/encode.hpp>

#include <array>

#include "hex.hpp"

namespace gatehouse::kit::sigv4 {

namespace {

constexpr std::array<bool, 256> unreserved() {
  std::array<bool, 256> out{};
  for (unsigned c = 'a'; c <= 'z'; ++c) out[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) out[c] = true;
  for (unsigned c = '0'; c <= '9'; ++c) out[c] = true;
  for (const unsigned char c : {'-', '.', '_', '~'}) out[c] = true;
  return out;
}
constexpr std::array<bool, 256> kUnreserved = unreserved();

}  // namespace

bool is_unreserved(char c) noexcept {
  return kUnreserved[static_cast<unsigned char>(c)];
}

void append_encoded(std::string& out, std::string_view text, bool keep_slash) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_unreserved(text[i]) || (keep_slash && text[i] == '/')) continue;
    out.append(text.data() + begin, i - begin);
    append_escape(out, text[i]);
    begin = i + 1;
  }
  out.append(text.data() + begin, text.size() - begin);
}

void append_decoded(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += escaped_byte(text, i);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
}

std::size_t find_bad_escape(std::string_view text) noexcept {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3))
    if (at + 2 >= text.size() || hex_digit(text[at + 1]) < 0 || hex_digit(text[at + 2]) < 0) return at;
  return std::string_view::npos;
}

}  // namespace gatehouse::kit::sigv4
