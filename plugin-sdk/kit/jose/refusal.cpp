#include <cstddef>
#include <iterator>

#include "gatehouse/kit/jose/token.hpp"

namespace gatehouse::kit::jose {
namespace {

constexpr std::string_view kNames[] = {"none",      "missing",   "too_long",  "segments",      "malformed",
                                       "type",      "algorithm", "key_id",    "unknown_key",   "key_mismatch",
                                       "signature", "issuer",    "audience",  "expired",       "not_yet",
                                       "claim",     "scope",     "keys_down", "discovery_down"};
static_assert(std::size(kNames) == static_cast<std::size_t>(Refusal::DiscoveryDown) + 1);

}  // namespace

std::string_view name(Refusal refusal) noexcept {
  const auto i = static_cast<std::size_t>(refusal);
  return i < std::size(kNames) ? kNames[i] : std::string_view();
}

}  // namespace gatehouse::kit::jose
