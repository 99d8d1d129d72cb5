#include "gateway/header_rules.hpp"

#include "base/text.hpp"
#include "http/headers.hpp"

namespace gatehouse::gateway {
namespace {

bool is_token(std::string_view name) noexcept {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  for (const char c : name)
    if (!base::is_digit(c) && !(base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') &&
        kMarks.find(c) == std::string_view::npos)
      return false;
  return !name.empty();
}

}  // namespace

std::string_view unsendable(std::string_view name, std::string_view value) noexcept {
  if (!is_token(name)) return "is not a header name";
  const http::Header header{name, value, http::header_id(name), false};
  if (header.id == http::HeaderId::ContentLength || header.id == http::HeaderId::Date || http::is_hop_by_hop(header))
    return "is written by the server itself";
  for (const char c : value)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) return "has a value with control characters";
  return {};
}

}  // namespace gatehouse::gateway
