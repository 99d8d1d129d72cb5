#include "access/result_key.hpp"

#include <cstring>

namespace gatehouse::access {
namespace {

constexpr std::size_t kLengthBytes = sizeof(std::uint32_t);

char* append(char* to, std::string_view text) noexcept {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::memcpy(to, &size, kLengthBytes);
  if (size != 0) std::memcpy(to + kLengthBytes, text.data(), size);
  return to + kLengthBytes + size;
}

}  // namespace

std::string_view result_key(const Facts& facts, base::Arena& arena) {
  if (facts.identity.empty()) return {};
  std::size_t size = 2 * kLengthBytes + facts.api_id.size() + facts.stage.size();
  for (const IdentityValue& value : facts.identity) {
    if (!value.present) return {};
    size += kLengthBytes + value.value.size();
  }
  char* const first = static_cast<char*>(arena.allocate(size, 1));
  char* at = append(append(first, facts.api_id), facts.stage);
  for (const IdentityValue& value : facts.identity) at = append(at, value.value);
  return {first, size};
}

std::string_view result_key_prefix(std::string_view api_id, std::string_view stage, base::Arena& arena) {
  const std::size_t size = 2 * kLengthBytes + api_id.size() + stage.size();
  char* const first = static_cast<char*>(arena.allocate(size, 1));
  append(append(first, api_id), stage);
  return {first, size};
}

}  // namespace gatehouse::access
