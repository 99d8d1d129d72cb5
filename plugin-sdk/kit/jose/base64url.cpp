#include "gatehouse/kit/jose/base64url.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace gatehouse::kit::jose {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNone = 0x80;  // above all values: survives an `or` of several

constexpr std::array<std::uint8_t, 256> values() {
  std::array<std::uint8_t, 256> out{};
  for (auto& value : out) value = kNone;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    out[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return out;
}
constexpr std::array<std::uint8_t, 256> kValues = values();

}  // namespace

std::optional<std::string> decode_base64url(std::string_view text) {
  const std::size_t rest = text.size() % 4;
  if (rest == 1) return std::nullopt;
  std::string out(text.size() / 4 * 3 + (rest == 0 ? 0 : rest - 1), '\0');
  const auto* from = reinterpret_cast<const unsigned char*>(text.data());
  char* to = out.data();
  unsigned seen = 0;
  // The values' own bits: what a wrong character adds above them is found once, behind the loop.
  for (const unsigned char* const end = from + (text.size() - rest); from != end; from += 4, to += 3) {
    const unsigned a = kValues[from[0]], b = kValues[from[1]], c = kValues[from[2]], d = kValues[from[3]];
    seen |= a | b | c | d;
    const unsigned all = a << 18 | b << 12 | c << 6 | d;
    to[0] = static_cast<char>(all >> 16 & 255);
    to[1] = static_cast<char>(all >> 8 & 255);
    to[2] = static_cast<char>(all & 255);
  }
  if (rest != 0) {
    const unsigned a = kValues[from[0]], b = kValues[from[1]], c = rest == 3 ? kValues[from[2]] : 0;
    seen |= a | b | c;
    to[0] = static_cast<char>((a << 2 | b >> 4) & 255);
    if (rest == 3) to[1] = static_cast<char>((b << 4 | c >> 2) & 255);
    if ((rest == 2 ? b & 15 : c & 3) != 0) return std::nullopt;
  }
  if ((seen & kNone) != 0) return std::nullopt;
  return out;
}

std::string encode_base64url(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() / 3 * 4 + 3);
  const auto byte = [&](std::size_t i) -> unsigned { return static_cast<unsigned char>(bytes[i]); };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const unsigned all = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    for (const int shift : {18, 12, 6, 0}) out += kAlphabet[all >> shift & 63];
  }
  if (const std::size_t rest = bytes.size() - i; rest != 0) {
    const unsigned all = byte(i) << 16 | (rest == 2 ? byte(i + 1) << 8 : 0);
    out += kAlphabet[all >> 18];
    out += kAlphabet[all >> 12 & 63];
    if (rest == 2) out += kAlphabet[all >> 6 & 63];
  }
  return out;
}

}  // namespace gatehouse::kit::jose
