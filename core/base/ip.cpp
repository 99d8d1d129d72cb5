#include "base/ip.hpp"

#include <arpa/inet.h>
#include <endian.h>

#include <algorithm>
#include <cstring>

#include "base/text.hpp"

namespace gatehouse::base {
namespace {
constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::uint64_t word(const IpAddress& address, std::size_t at) noexcept {
  std::uint64_t out;
  std::memcpy(&out, address.bytes.data() + at, sizeof out);
  return be64toh(out);
}

}  // namespace

bool IpAddress::is_v4() const noexcept {
  return std::memcmp(bytes.data(), kMapped.data(), kMapped.size()) == 0;
}

bool IpAddress::is_loopback() const noexcept {
  if (is_v4()) return bytes[12] == 127;
  return std::all_of(bytes.begin(), bytes.end() - 1, [](unsigned char b) { return b == 0; }) && bytes[15] == 1;
}

IpAddress IpAddress::v4(std::uint32_t host_order) noexcept {
  IpAddress out;
  std::copy(kMapped.begin(), kMapped.end(), out.bytes.begin());
  for (std::size_t i = 0; i < 4; ++i) out.bytes[12 + i] = static_cast<unsigned char>(host_order >> (24 - 8 * i));
  return out;
}

std::string IpAddress::text() const {
  char out[INET6_ADDRSTRLEN];
  if (is_v4())
    ::inet_ntop(AF_INET, bytes.data() + 12, out, sizeof out);
  else
    ::inet_ntop(AF_INET6, bytes.data(), out, sizeof out);
  return out;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  char copy[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof copy) return std::nullopt;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = 0;
  if (std::strlen(copy) != text.size()) return std::nullopt;  // a NUL inside must not end the text early
  IpAddress out;
  in_addr four{};
  if (::inet_pton(AF_INET, copy, &four) == 1) return v4(ntohl(four.s_addr));
  if (::inet_pton(AF_INET6, copy, out.bytes.data()) == 1) return out;
  return std::nullopt;
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text, HostBits host_bits) {
  IpNetwork out;
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  out.base_ = *address;
  const bool four = address->is_v4() && text.substr(0, slash).find(':') == std::string_view::npos;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto bits = parse_integer<unsigned>(digits);
    if (!bits || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0') || *bits > (four ? 32u : 128u))
      return std::nullopt;
    out.bits_ = static_cast<int>(*bits) + (four ? 96 : 0);
  }
  for (int bit = out.bits_; host_bits == HostBits::Refused && bit < 128; ++bit)
    if ((out.base_.bytes[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8)) & 1) return std::nullopt;
  return out;
}

bool IpNetwork::contains(const IpAddress& address) const noexcept {
  // A shift by all 64 bits has no value.
  const std::uint64_t front = word(address, 0) ^ word(base_, 0);
  if (bits_ <= 64) return bits_ == 0 || front >> (64 - bits_) == 0;
  return front == 0 && (word(address, 8) ^ word(base_, 8)) >> (128 - bits_) == 0;
}

}  // namespace gatehouse::base
