#include <array>
#include <cstring>

#include "base/base64.hpp"
#include "identity/session.hpp"

namespace gatehouse::identity {

std::string new_id(std::string_view prefix, base::Random& random) {
  // Thirty-two letters, so that five bits are one of them and none is likelier than another.
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const std::size_t letters = prefix == "AKIA" || prefix == "ASIA" ? 16 : 17;
  std::array<unsigned char, 17> bytes;
  random.fill(bytes);
  std::string out(prefix);
  for (std::size_t i = 0; i < letters; ++i) out += kLetters[bytes[i] % kLetters.size()];
  return out;
}

base::Secret new_secret(base::Random& random) {
  std::string bytes(30, '\0');
  random.fill({reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()});
  base::Secret out(base::base64(bytes));
  ::explicit_bzero(bytes.data(), bytes.size());
  return out;
}

}  // namespace gatehouse::identity
