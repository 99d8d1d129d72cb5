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
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  const auto value = [&](std::size_t i) -> unsigned { return kValues[static_cast<unsigned char>(text[i])]; };
  const auto put = [&](unsigned byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  unsigned seen = 0;
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const unsigned a = value(i), b = value(i + 1), c = value(i + 2), d = value(i + 3);
    seen |= a | b | c | d;
    put(a << 2 | b >> 4);
    put((b & 15) << 4 | c >> 2);
    put((c & 3) << 6 | d);
  }
  if (rest != 0) {
    const unsigned a = value(i), b = value(i + 1), c = rest == 3 ? value(i + 2) : 0;
    seen |= a | b | c;
    put(a << 2 | b >> 4);
    if (rest == 3) put((b & 15) << 4 | c >> 2);
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
