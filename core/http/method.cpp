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
  const auto is = [&](Method method) {
    out = method;
    return token == name(method);
  };
  switch (token.size()) {
    case 3:
      return token.front() == 'G' ? is(Method::Get) : is(Method::Put);
    case 4:
      return token.front() == 'H' ? is(Method::Head) : is(Method::Post);
    case 5:
      return is(Method::Patch);
    case 6:
      return is(Method::Delete);
    case 7:
      return is(Method::Options);
    default:
      return false;
  }
}

}  // namespace gatehouse::http
