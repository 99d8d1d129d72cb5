#pragma once
#include <gatehouse/kit/sigv4/digest.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::kit::sigv4 {

/// A request to be signed, as it will go over the wire.
struct Unsigned {
  using Headers = std::vector<std::pair<std::string, std::string>>;
  std::string method = "GET";
  std::string host;  // the Host header, with the port when it is sent with one
  std::string path = "/";
  std::string raw_query;  // without `?`
  Headers headers;        // each is signed; without host
  Digest payload = kEmptyPayload;
};

struct AccessKey {
  std::string id, secret, session_token;  // session_token empty: a long-term key
};

struct SigningOptions {
  std::string region, service = "execute-api";
  std::int64_t time_s = 0;
  bool normalise_path = false;  // sign `/a` for `/b/..//a`, as SDKs do
  bool sign_token = true;       // false: the session token is added after signing
  bool payload_header = false;  // send x-amz-content-sha256, signed
};

struct Signed {
  Unsigned::Headers headers;  // to add to the request
  std::string raw_query;      // to send instead of the request's own
  std::string canonical_request, string_to_sign, signed_headers, signature;
};

/// Header form: Authorization, X-Amz-Date and, with a session token, X-Amz-Security-Token.
Signed sign(const Unsigned& request, const AccessKey& key, const SigningOptions& options);
/// Query form, good for `expires_s` seconds (1 to 604,800). Nothing but the query changes.
Signed presign(const Unsigned& request, const AccessKey& key, const SigningOptions& options, int expires_s);

}  // namespace gatehouse::kit::sigv4
