#include <gatehouse/kit/sigv4/encode.hpp>

#include "hex.hpp"

namespace gatehouse::kit::sigv4 {

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
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '%' && text[i] != '+') {
      ++i;
      continue;
    }
    out.append(text.data() + begin, i - begin);
    out += text[i] == '+' ? ' ' : escaped_byte(text, i);
    i += text[i] == '+' ? 1 : 3;
    begin = i;
  }
  out.append(text.data() + begin, text.size() - begin);
}

std::size_t find_bad_escape(std::string_view text) noexcept {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3))
    if (at + 2 >= text.size() || hex_digit(text[at + 1]) < 0 || hex_digit(text[at + 2]) < 0) return at;
  return std::string_view::npos;
}

}  // namespace gatehouse::kit::sigv4
