#include <array>

#include "base/ip.hpp"
#include "base/text.hpp"
#include "http/parser.hpp"

namespace gatehouse::http {
namespace {

constexpr std::size_t kMaxBytes = 255;

/// RFC 3986's unreserved and sub-delims.
constexpr auto kNameBytes = [] {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (const char c : {'-', '.', '_', '~', '!', '$', '&', '\'', '(', ')', '*', '+', ',', ';', '='})
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_valid_port(std::string_view text) noexcept {
  if (text.size() > 5) return false;
  const auto port = base::parse_integer<std::uint16_t>(text);
  return port && *port != 0;
}

}  // namespace

bool is_valid_authority(std::string_view text) noexcept {
  if (text.empty() || text.size() > kMaxBytes) return false;
  std::size_t host_end = 0;
  if (text.front() == '[') {
    host_end = text.find(']');
    if (host_end == std::string_view::npos) return false;
    const std::string_view address = text.substr(1, host_end - 1);
    if (address.find(':') == std::string_view::npos || !base::IpAddress::parse(address)) return false;
    ++host_end;
  } else {
    while (host_end < text.size() && kNameBytes[static_cast<unsigned char>(text[host_end])]) ++host_end;
    if (host_end == 0) return false;
  }
  return host_end == text.size() || (text[host_end] == ':' && is_valid_port(text.substr(host_end + 1)));
}

}  // namespace gatehouse::http
