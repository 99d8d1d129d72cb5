// A block, a line end, and an address: against bit by bit what inet_pton reads.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "policy/ip_range.hpp"
#include "property/policy/naive_values.hpp"

namespace {

using namespace gatehouse::policy;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string all(reinterpret_cast<const char*>(data), size);
  const std::size_t end = all.find('\n');
  if (end == std::string::npos || all.find('\0') != std::string::npos) return 0;
  const std::string block = all.substr(0, end), text = all.substr(end + 1);
  const auto range = IpRange::parse(block);
  const auto address = parse_address(text);
  const auto slow = naive::address(text);
  // Ours may be stricter (of zone ids), never laxer.
  require(!address || slow);
  if (text.find('%') == std::string::npos) require(address.has_value() == slow.has_value());
  if (!range) return 0;
  // What it takes is an address, and maybe a slash and a number of bits.
  const std::size_t slash = block.find('/');
  const auto base = naive::address(block.substr(0, slash));
  require(base.has_value());
  if (slash != std::string::npos) {
    const std::string bits = block.substr(slash + 1);
    require(naive::all_digits(bits) && bits.size() <= 3 && std::stoul(bits) <= 128);
  }
  if (!address) return 0;
  // A block of mapped addresses counts its bits from the front of IPv6.
  const bool mapped = block.find(':') != std::string::npos && base->bytes.size() == 4;
  if (!mapped || slash == std::string::npos) {
    require(range->contains(*address) == naive::in_block(block, text));
  } else {
    const std::size_t bits = std::stoul(block.substr(slash + 1));
    if (bits >= 96) {
      bool in = slow->bytes.size() == 4;
      for (std::size_t i = 0; in && i < bits - 96; ++i) in = naive::bit(*base, i) == naive::bit(*slow, i);
      require(range->contains(*address) == in);
    }
  }
  return 0;
}
