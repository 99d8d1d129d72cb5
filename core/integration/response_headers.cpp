#include "base/text.hpp"
#include "integration/headers.hpp"

namespace gatehouse::integration {
namespace {

using http::Header;
using http::HeaderId;

constexpr std::string_view kDrop{};

bool is(const Header& header, std::string_view name) noexcept {
  return base::equal_ignoring_case(header.name, name);
}

/// The name under which a line reaches the client of a REST API; empty: it does not. AT-93, the responses' column for
/// http_proxy. Connection itself is renamed, too: under its new name it is one more line that says nothing.
std::string_view rest_name(const Header& header) noexcept {
  switch (header.id) {
    case HeaderId::Authorization:
      return "x-amzn-Remapped-Authorization";
    case HeaderId::Connection:
      return "x-amzn-Remapped-Connection";
    case HeaderId::Date:
      return "x-amzn-Remapped-Date";
    case HeaderId::Server:
      return "x-amzn-Remapped-Server";
    case HeaderId::UserAgent:
      return "x-amzn-Remapped-User-Agent";
    case HeaderId::XAmznRequestId:
      return "x-amzn-Remapped-x-amzn-RequestId";
    case HeaderId::Expect:
    case HeaderId::Host:
    case HeaderId::Via:
      return kDrop;
    case HeaderId::Other:
      switch (header.name.size()) {
        case 11:
          return is(header, "content-md5") ? "x-amzn-Remapped-Content-MD5" : header.name;
        case 12:
          return is(header, "max-forwards") ? "x-amzn-Remapped-Max-Forwards" : header.name;
        case 14:
          return is(header, "x-amz-apigw-id") ? kDrop : header.name;
        case 16:
          return is(header, "www-authenticate") ? "x-amzn-Remapped-WWW-Authenticate" : header.name;
        default:
          return header.name;
      }
    default:
      return http::is_hop_by_hop(header) ? kDrop : header.name;
  }
}

std::string_view http_name(const Header& header) noexcept {
  if (header.id == HeaderId::Other && header.name.size() == 15 && is(header, "apigw-requestid")) return kDrop;
  return http::is_hop_by_hop(header) ? kDrop : header.name;
}

}  // namespace

bool forward_response_headers(access::ApiType api_type, bool bodyless, const http::Headers& in, http::Headers& out) {
  const bool rest = api_type == access::ApiType::Rest;
  bool fits = true;
  for (const Header& header : in) {
    if (header.id == HeaderId::ContentLength && !bodyless) continue;
    if (header.listed_in_connection) continue;
    const std::string_view name = rest ? rest_name(header) : http_name(header);
    if (name.empty()) continue;
    if (name.data() == header.name.data())
      fits = fits && out.add(header);
    else
      fits = fits && out.add({name, header.value, HeaderId::Other, false});
  }
  return fits;
}

}  // namespace gatehouse::integration
