#include "client/fetch.hpp"

#include "http/headers.hpp"

namespace gatehouse::client {
namespace {

bool is_name(std::string_view text) noexcept {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  for (const char c : text) {
    const char lower = base::to_lower(c);
    if (!base::is_digit(c) && !(lower >= 'a' && lower <= 'z') && kOthers.find(c) == std::string_view::npos)
      return false;
  }
  return !text.empty();
}

bool is_value(std::string_view text) noexcept {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) return false;
  }
  return base::trim(text).size() == text.size();
}

}  // namespace

bool is_fetch_header(std::string_view name, std::string_view value) noexcept {
  if (!is_name(name) || !is_value(value)) return false;
  const http::HeaderId id = http::header_id(name);
  if (id == http::HeaderId::Host || id == http::HeaderId::ContentLength || id == http::HeaderId::Expect) return false;
  return !http::is_hop_by_hop({name, value, id, false});
}

std::string_view name(FetchError error) noexcept {
  switch (error) {
    case FetchError::None:
      return "none";
    case FetchError::Refused:
      return "refused";
    case FetchError::Dns:
      return "dns";
    case FetchError::Address:
      return "address";
    case FetchError::Connect:
      return "connect";
    case FetchError::Tls:
      return "tls";
    case FetchError::Timeout:
      return "timeout";
    case FetchError::TooLarge:
      return "too_large";
    case FetchError::Protocol:
      return "protocol";
    case FetchError::Limit:
      return "limit";
  }
  return "unknown";
}

}  // namespace gatehouse::client
