#pragma once
#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace gatehouse::app {

/// The access key that `gatehouse sign` signs with, and the region that came with it.
struct SigningAccessKey {
  std::string id;
  base::Secret secret, session_token;  // the token is empty for a long-term key
  std::string region;                  // empty: nobody said one
};

/// What was said on the command line; what is not is looked for where AWS's tools look.
struct GivenAccessKey {
  std::string id, secret, session_token, profile, region;
};

/// In this order: the command line; AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN unless a profile is
/// named; a profile of the credentials file (AWS_SHARED_CREDENTIALS_FILE, ~/.aws/credentials). The region: command
/// line, AWS_REGION, AWS_DEFAULT_REGION, profile.
Result<SigningAccessKey> find_access_key(const GivenAccessKey& given);

/// One profile of a credentials file's text; nothing when it has none of that name. Errors: a line that is neither a
/// section, nor `name = value`, nor a comment.
Result<std::optional<SigningAccessKey>> read_profile(std::string_view text, std::string_view name);

}  // namespace gatehouse::app
