#pragma once
#include <gatehouse/kit/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "identity/assume_input.hpp"
#include "identity/assume_issue.hpp"
#include "identity/trust_context.hpp"

namespace gatehouse::identity {

/// Whom a provider vouches for: the claims of a token that was verified, as STS reads them (spec sts sections 2.2, 3).
struct WebIdentity {
  std::string principal;  // as trust policies name the provider: its ARN, or `cognito-identity.amazonaws.com`
  std::string host;       // what its condition keys begin with
  std::string issuer;     // `iss`
  std::string subject;
  std::string audience;           // `azp` when the token has one
  std::string original_audience;  // `aud` then; else empty
  std::vector<std::string> amr;
  std::vector<Tag> tags;  // of the claim `https://aws.amazon.com/tags`
  std::vector<std::string> transitive_tag_keys;
  std::string source_identity;  // of `https://aws.amazon.com/source_identity`
  // Of an identity pool, for the session.
  std::string cognito_identity_id, cognito_identity_pool_id, cognito_provider;
  bool cognito_authenticated = false;
};

/// Reads the claims of a token whose signature, issuer and times are good. Faults: InvalidIdentityToken (no subject, an
/// audience that is none of `client_ids`, claims of other types than they must have). [any]
Outcome<WebIdentity> read_web_identity(const kit::Json& claims, const std::vector<std::string>& client_ids);
/// `exp`, `nbf` and `iat` are whole numbers (section 2.2), whatever JWT allows. [any]
bool has_whole_times(const kit::Json& claims) noexcept;

/// Temporary credentials of a role for somebody without any (section 2.2). `seconds` of an absent duration: an hour.
/// Blocks on the store. A missing role is refused as one that does not trust the token.
Outcome<Assumed> assume_with_web_identity(Store& store, base::Random& random, const StsFacts& facts,
                                          const AssumeInput& input, const WebIdentity& who, std::string& log);

/// A session of `role` for `who`, once somebody has found that the role trusts him.
Session web_session(const Role& role, const WebIdentity& who, std::string_view name, std::int64_t now,
                    std::int64_t seconds);
/// Whether the role trusts him, with all that the session is to have. False: `log` says why.
bool trusts(const Role* role, std::string_view role_arn, const StsFacts& facts, const WebIdentity& who,
            std::string_view session_name, std::string& log);

}  // namespace gatehouse::identity
