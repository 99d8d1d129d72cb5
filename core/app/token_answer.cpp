#include "app/token_verdict.hpp"

namespace gatehouse::app {
namespace {

using kit::jose::Refusal;

/// JW-31..39. Never a word of the token (JW-3D).
const char* description(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::None:
    case Refusal::Missing:
      return "";
    case Refusal::Segments:
      return "token contains an invalid number of segments";
    case Refusal::TooLong:
    case Refusal::Malformed:
      return "the token is malformed";
    case Refusal::Type:
      return "the token is of another type";
    case Refusal::Algorithm:
    case Refusal::KeyId:
    case Refusal::UnknownKey:
    case Refusal::KeyMismatch:
    case Refusal::Signature:
      return "signature verification failed";
    case Refusal::Issuer:
      return "issuer does not match";
    case Refusal::Audience:
      return "the token does not have a valid audience";
    case Refusal::Expired:
      return "the token has expired";
    case Refusal::NotYet:
      return "the token is not valid yet";
    case Refusal::Claim:
      return "the token does not have a required claim";
    case Refusal::Scope:
      return "the token does not have the required scope";
    case Refusal::KeysDown:
      return "JWKS communication error";
    case Refusal::DiscoveryDown:
      return "OIDC discovery endpoint communication error";
  }
  return "";
}

}  // namespace

TokenAnswer answer_to(Refusal refusal, const TokenQuestion& question) {
  if (refusal == Refusal::None) return {};
  if (question.kind != TokenKind::Jwt)  // CG-30, CG-31: no www-authenticate
    return {401,
            refusal == Refusal::Expired ? R"({"message":"The incoming token has expired"})"
                                        : R"({"message":"Unauthorized"})",
            ""};
  if (refusal == Refusal::Missing) return {401, R"({"message":"Unauthorized"})", "Bearer"};
  const bool scope = refusal == Refusal::Scope;
  std::string scopes;
  for (const std::string& one : question.scopes)
    if (scope) scopes += (scopes.empty() ? "" : " ") + one;
  return {scope ? 403 : 401, scope ? R"({"message":"Forbidden"})" : R"({"message":"Unauthorized"})",
          "Bearer scope=\"" + scopes + "\" error=\"" + (scope ? "insufficient_scope" : "invalid_token") +
              "\" error_description=\"" + description(refusal) + "\""};
}

}  // namespace gatehouse::app
