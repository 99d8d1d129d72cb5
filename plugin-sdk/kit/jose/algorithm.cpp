#include "gatehouse/kit/jose/algorithm.hpp"

#include <cstddef>
#include <iterator>

namespace gatehouse::kit::jose {
namespace {

constexpr std::string_view kNames[] = {"RS256", "RS384", "RS512", "PS256", "PS384",
                                       "PS512", "ES256", "ES384", "ES512", "EdDSA"};

}  // namespace

std::optional<Algorithm> algorithm_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == name) return static_cast<Algorithm>(i);
  if (name == "Ed25519") return Algorithm::EdDSA;
  return std::nullopt;
}

std::string_view name(Algorithm algorithm) noexcept {
  const auto i = static_cast<std::size_t>(algorithm);
  return i < std::size(kNames) ? kNames[i] : std::string_view();
}

}  // namespace gatehouse::kit::jose
