#pragma once
#include <gatehouse/kit/sigv4/canonical.hpp>
#include <gatehouse/kit/sigv4/credentials.hpp>
#include <gatehouse/kit/sigv4/digest.hpp>
#include <gatehouse/kit/sigv4/fault.hpp>
#include <gatehouse/kit/sigv4/request.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::kit::sigv4 {

struct Rules {
  std::vector<std::string> services = {"execute-api"};  // the first is named in messages
  std::vector<std::string> regions;                     // empty: the request's
  int skew_s = 300;
  int presign_cap_s = 300;     // at most kMostExpirySeconds
  bool signed_api_id = false;  // x-apigw-api-id must be signed where it is sent
};

/// What verification works in, kept from request to request so that a warm one takes no memory. One thread at a time.
struct Workspace {
  Hasher hasher;
  CredentialsRoom room;
  CanonicalRequest canonical;
  std::string string_to_sign, path;
};

/// Verifies AWS Signature Version 4 in header and in query form (spec sigv4). Without I/O: whoever uses it brings
/// clock, key and the hash of the body. Immutable: from many threads, each with a workspace of its own.
///
///   Credentials credentials;
///   if (!verifier.read(request, now_ms, workspace, credentials, why)) ...   // refused before anything was hashed
///   ... look up the key of credentials.access_key_id ...
///   const Match match = verifier.match(request, credentials, key, body_hash, workspace);
class Verifier {
 public:
  explicit Verifier(Rules rules) : rules_(std::move(rules)) {}

  /// Rows 3 to 13 of section 7, and which headers must be signed (3.4). The credentials' views are good as long as the
  /// request is, and until the workspace reads another.
  bool read(const Request& request, std::int64_t now_ms, Workspace& workspace, Credentials& out, Refusal& why) const;

  struct Match {
    bool verified = false;
    std::uint32_t path_form = GH_PATH_NORMALISED;  // of what was signed
  };
  /// Row 15. Tries the path as it came, then as signers of SDKs normalise it, unless the gateway routes another one.
  /// Takes what read() gave with this workspace, or reads of the same request. Compares in constant time.
  Match match(const Request& request, const Credentials& credentials, const Digest& signing_key, const Digest& payload,
              Workspace& workspace) const;

  /// What is to be said when it does not match (E16); `full`: with our canonical request and string to sign, which
  /// hold what headers say. The private reason names a frequent mistake when the signature would match with it.
  Refusal mismatch(const Request& request, const Credentials& credentials, const Digest& signing_key,
                   const Digest& payload, bool full, Workspace& workspace) const;

  const Rules& rules() const noexcept { return rules_; }

 private:
  bool check_time(const Credentials& credentials, std::int64_t now_ms, Refusal& why) const;
  bool check_scope(const Request& request, const Credentials& credentials, Refusal& why) const;
  bool check_headers(const Request& request, const Credentials& credentials,
                     const std::vector<std::string_view>& signed_names, Refusal& why) const;
  Rules rules_;
};

}  // namespace gatehouse::kit::sigv4
