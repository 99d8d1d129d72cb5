#pragma once
#include <cstdint>
#include <gatehouse/kit/jose/key.hpp>
#include <gatehouse/kit/jose/token.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::app {

/// Which authorizer is asked: a JWT authorizer of an HTTP API; or one of Cognito user pools (REST), for a method
/// without scopes (ID tokens) or with (access tokens).
enum class TokenKind : std::uint8_t { Jwt, CognitoId, CognitoAccess };

struct TokenQuestion {
  TokenKind kind = TokenKind::Jwt;
  kit::jose::TokenRules rules;
  std::string issuer;
  std::vector<std::string> audiences;  // none: any
  std::vector<std::string> scopes;     // none: none is needed
  std::vector<std::pair<std::string, std::string>> claims;
  std::int64_t now_ms = 0;
  int skew_s = 0;
};

/// One check. Skipped: it could not be made, as something before it is missing.
struct TokenCheck {
  enum class State : std::uint8_t { Ok, Refused, Skipped };
  std::string name;
  State state = State::Ok;
  std::string text;      // what was found and wanted; fit for a terminal
  bool reached = true;   // false: the gateway has refused before
  bool vouched = false;  // the signature had been verified
};

struct TokenVerdict {
  kit::jose::Refusal refusal = kit::jose::Refusal::None;  // the first, which is what the gateway goes by
  std::vector<TokenCheck> checks;                         // in its order
  std::vector<std::string> hints;
};

/// Judges with gatehouse/kit/jose what the authorizers of plugins/jwt and plugins/cognito do, in their order (JW
/// section 2, CG section 3 with one pool). What comes after the first refusal is told and never changes it.
TokenVerdict judge(std::string_view token, const kit::jose::KeySet& keys, const TokenQuestion& question);

/// What the client gets for a refusal (JW section 3, CG section 4).
struct TokenAnswer {
  int status = 200;
  std::string body;
  std::string www_authenticate;  // empty: not sent
};
TokenAnswer answer_to(kit::jose::Refusal refusal, const TokenQuestion& question);

}  // namespace gatehouse::app
