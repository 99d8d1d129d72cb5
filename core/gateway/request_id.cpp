#include "gateway/request_id.hpp"

namespace gatehouse::gateway {
namespace {
constexpr char kHex[] = "0123456789abcdef";
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
}  // namespace

std::string_view make_uuid(base::Random& random, base::Arena& arena) {
  std::array<unsigned char, 16> bytes;
  random.fill(bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  char* const text = static_cast<char*>(arena.allocate(36, 1));
  char* at = text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
    *at++ = kHex[bytes[i] >> 4];
    *at++ = kHex[bytes[i] & 15];
  }
  return {text, 36};
}

std::string_view make_extended_id(base::Random& random, base::Arena& arena) {
  std::array<unsigned char, 16> bytes;
  random.fill(std::span<unsigned char>(bytes).first(15));
  char* const text = static_cast<char*>(arena.allocate(16, 1));
  for (std::size_t i = 0; i < 15; ++i) text[i] = kBase64[bytes[i] & 63];
  text[15] = '=';
  return {text, 16};
}

bool is_uuid(std::string_view text) noexcept {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return false;
    } else if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
      return false;
    }
  }
  return true;
}

}  // namespace gatehouse::gateway
