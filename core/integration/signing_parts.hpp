#pragma once
#include <string_view>

#include "base/arena.hpp"
#include "http/headers.hpp"

/// The parts of a request that carry an AWS signature, on their way to an upstream (spec sigv4 section 10). They are
/// taken out of requests whose caller the gateway has authenticated by it.
namespace gatehouse::integration {

struct SigningParts {
  bool authenticated = false;           // by a signature; false: nothing is taken out
  bool forward_security_token = false;  // x-amz-security-token is half of a credential
  bool strip_all = false;               // Authorization, x-amz-date, x-amz-content-sha256, too
};

/// True for a header line that stays here. `rest`: Authorization does there, as on AWS; an HTTP API hands it on. [any]
bool stays_here(const SigningParts& parts, const http::Header& header, bool rest) noexcept;

/// True when the query holds a signature: its X-Amz-Algorithm says so. [any]
bool is_presigned(std::string_view raw_query) noexcept;
/// The query without X-Amz-Algorithm, -Credential, -Date, -Expires, -SignedHeaders, -Signature and -Security-Token, the
/// rest as it was. Names are told with their escapes decoded, as they were when they were verified. [any]
std::string_view without_signature(std::string_view raw_query, base::Arena& arena);

}  // namespace gatehouse::integration
