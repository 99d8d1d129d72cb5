#include "gateway/stable_id.hpp"

#include "base/digest.hpp"

namespace gatehouse::gateway {

std::string stable_id(std::initializer_list<std::string_view> parts) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string joined;
  for (const std::string_view part : parts) joined.append(std::to_string(part.size())).append(":").append(part);
  const base::Sha256 digest = base::sha256(joined);
  std::string out;
  for (std::size_t i = 0; i < 6; ++i) out += kLetters[digest[i] % kLetters.size()];
  return out;
}

}  // namespace gatehouse::gateway
