#pragma once
#include <gatehouse/kit/sigv4/digest.hpp>
#include <gatehouse/kit/sigv4/query.hpp>
#include <gatehouse/kit/sigv4/request.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::kit::sigv4 {

inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kTerminator = "aws4_request";

/// White space around is gone, runs of it within are one blank.
void append_trimmed(std::string& out, std::string_view value);

/// `name:value` lines of the signed headers, which are sorted (spec section 3.4). One that the request does not have
/// has no value.
void append_canonical_headers(std::string& out, const std::vector<std::string_view>& signed_names,
                              const Request& request);

/// A canonical request in two parts: what the path is in, and the rest, which is the same for each form of the path.
/// Keeps its memory from request to request.
class CanonicalRequest {
 public:
  /// Everything but the path.
  void write(const Request& request, const std::vector<std::string_view>& signed_names, bool without_signature,
             const Digest& payload);
  /// `path`: one of the forms that a client may have signed.
  void path(std::string_view method, std::string_view path);
  /// The same by a signer who encodes the path once only, which is wrong for every service but S3.
  void path_encoded_once(std::string_view method, std::string_view path);
  std::string text() const { return head_ + tail_; }
  Digest digest(Hasher& hasher) const { return hasher.sha256(head_, std::string_view(tail_)); }

 private:
  CanonicalQuery query_;
  std::string head_, tail_;
};

/// The four lines that are signed (spec section 4). `scope`: `20260115/us-east-1/execute-api/aws4_request`.
void append_string_to_sign(std::string& out, std::string_view timestamp, std::string_view scope,
                           const Digest& canonical_request);

/// kSigning of spec section 4. Date: `20260115`.
Digest signing_key(Hasher& hasher, std::string_view secret, std::string_view date, std::string_view region,
                   std::string_view service);

}  // namespace gatehouse::kit::sigv4
