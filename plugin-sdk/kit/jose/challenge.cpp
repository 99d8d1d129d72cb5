#include "gatehouse/kit/jose/challenge.hpp"

namespace gatehouse::kit::jose {

std::string_view description(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::None:
      break;
    case Refusal::Missing:
      return "token not provided";
    case Refusal::Segments:
      return "token contains an invalid number of segments";
    case Refusal::TooLong:
    case Refusal::Malformed:
      return "the token is malformed";
    case Refusal::Type:
      return "the token is of another type";
    // One text on purpose: which of them it was is for the log (JW-38).
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
  return "the token was refused";
}

std::string challenge(Refusal refusal, const std::vector<std::string_view>& scopes, bool commas) {
  if (refusal == Refusal::Missing) return "Bearer";  // RFC 6750, 3.1: no error where nothing was shown
  const bool scope = refusal == Refusal::Scope;
  const char* const between = commas ? ", " : " ";
  std::string out = "Bearer scope=\"";
  for (std::size_t i = 0; scope && i < scopes.size(); ++i) {
    if (i > 0) out += ' ';
    out += scopes[i];
  }
  out.append("\"").append(between).append("error=\"").append(scope ? "insufficient_scope" : "invalid_token");
  out.append("\"").append(between).append("error_description=\"").append(description(refusal)).append("\"");
  return out;
}

}  // namespace gatehouse::kit::jose
