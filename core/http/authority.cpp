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
  if (text.empty() || text.size() > 5) return false;
  unsigned port = 0;
  for (const char c : text) {
    if (!base::is_digit(c)) return false;
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  return port != 0 && port <= 65535;
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
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end && kNameBytes[static_cast<unsigned char>(*at)]) ++at;
    host_end = static_cast<std::size_t>(at - text.data());
    if (host_end == 0) return false;
  }
  return host_end == text.size() || (text[host_end] == ':' && is_valid_port(text.substr(host_end + 1)));
}

}  // namespace gatehouse::http
