#include "gatehouse/kit/jose/challenge.hpp"

#include <gtest/gtest.h>

namespace gatehouse::kit::jose {
namespace {

TEST(Challenge, JW_30_to_39_Texts) {
  const struct {
    Refusal refusal;
    const char* error;
    const char* text;
  } cases[] = {
      {Refusal::Segments, "invalid_token", "token contains an invalid number of segments"},
      {Refusal::Malformed, "invalid_token", "the token is malformed"},
      {Refusal::TooLong, "invalid_token", "the token is malformed"},
      {Refusal::Type, "invalid_token", "the token is of another type"},
      {Refusal::Audience, "invalid_token", "the token does not have a valid audience"},
      {Refusal::Issuer, "invalid_token", "issuer does not match"},
      {Refusal::DiscoveryDown, "invalid_token", "OIDC discovery endpoint communication error"},
      {Refusal::KeysDown, "invalid_token", "JWKS communication error"},
      {Refusal::Expired, "invalid_token", "the token has expired"},
      {Refusal::NotYet, "invalid_token", "the token is not valid yet"},
      {Refusal::UnknownKey, "invalid_token", "signature verification failed"},
      {Refusal::KeyId, "invalid_token", "signature verification failed"},
      {Refusal::KeyMismatch, "invalid_token", "signature verification failed"},
      {Refusal::Signature, "invalid_token", "signature verification failed"},
      {Refusal::Algorithm, "invalid_token", "signature verification failed"},
      {Refusal::Claim, "invalid_token", "the token does not have a required claim"},
      {Refusal::Scope, "insufficient_scope", "the token does not have the required scope"},
  };
  for (const auto& c : cases) {
    const std::string error(c.error), text(c.text), scope = c.refusal == Refusal::Scope ? "a b" : "";
    EXPECT_EQ(challenge(c.refusal, {"a", "b"}, false),
              "Bearer scope=\"" + scope + "\" error=\"" + error + "\" error_description=\"" + text + "\"");
    EXPECT_EQ(challenge(c.refusal, {"a", "b"}, true),
              "Bearer scope=\"" + scope + "\", error=\"" + error + "\", error_description=\"" + text + "\"");
  }
}

TEST(Challenge, JW_30_NothingIsSaidOfATokenThatIsNotThere) {
  EXPECT_EQ(challenge(Refusal::Missing, {"a"}, false), "Bearer");
  EXPECT_EQ(challenge(Refusal::Missing, {}, true), "Bearer");
}

}  // namespace
}  // namespace gatehouse::kit::jose
