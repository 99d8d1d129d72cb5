#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/host_grants.hpp"
#include "client/trust.hpp"
#include "client/url.hpp"
#include "http/method.hpp"

namespace gatehouse::client {

using HeaderLines = std::vector<std::pair<std::string, std::string>>;

/// One request to elsewhere on behalf of somebody who may choose the URL: what is asked, and what is allowed.
struct FetchRequest {
  static constexpr std::size_t kMaxHeaders = 64;
  static constexpr std::size_t kMaxHeaderBytes = 16 * 1024;

  http::Method method = http::Method::Get;
  Url url;
  HeaderLines headers;  // each is_fetch_header()
  std::string body;
  Trust::Context trust;  // whose certificates: never null
  std::shared_ptr<const HostGrants> grants;
  std::int64_t timeout_ms = 10'000;  // for everything, look-up and redirects included
  std::size_t max_body_bytes = 1024 * 1024;
  /// 0: a redirect is a response like others. Else those of GET and HEAD from https to https to granted hosts are
  /// followed, and others refused. To another origin go only headers that cannot be credentials.
  std::uint32_t max_redirects = 0;
  bool allow_http = false;     // plain http URLs
  bool allow_private = false;  // addresses of AddressRule::Private
};

/// False for a line that is the client's own (Host, framing, hop-by-hop) or that no message may hold. [any]
bool is_fetch_header(std::string_view name, std::string_view value) noexcept;

enum class FetchError : std::uint8_t {
  None,
  Refused,  // the host is not granted, http is not allowed, or a redirect that is not followed
  Dns,
  Address,  // none of its addresses is allowed
  Connect,  // or closed before the whole response was there
  Tls,
  Timeout,
  TooLarge,  // the head, or the body
  Protocol,  // not HTTP, or a redirect to nowhere
  Limit,     // too many fetches, or too much memory, on this worker
};
std::string_view name(FetchError error) noexcept;

struct FetchResult {
  FetchError error = FetchError::None;
  std::string detail;   // why, for the log
  int status = 0;       // 0: there is an error
  HeaderLines headers;  // names in lower case, repeats kept
  std::string body;     // whole, as it came: no coding but chunked is taken off
  std::string url;      // that gave this, after redirects
};

/// A fetch under way. Destroying it ends it: nobody is told. [loop]
class Fetch {
 public:
  virtual ~Fetch() = default;
};

}  // namespace gatehouse::client
