#include "http/method.hpp"

#include <array>

namespace gatehouse::http {
namespace {
constexpr std::array<std::string_view, kMethods> kNames = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"};
}  // namespace

std::string_view name(Method method) noexcept {
  return kNames[static_cast<std::size_t>(method)];
}

bool parse_method(std::string_view token, Method& out) noexcept {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (token != kNames[i]) continue;
    out = static_cast<Method>(i);
    return true;
  }
  return false;
}

}  // namespace gatehouse::http
