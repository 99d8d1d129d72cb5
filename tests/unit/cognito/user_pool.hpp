#pragma once
#include <gatehouse/testing.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/jose_signer.hpp"

/// A user pool of the tests, and what it signs.
namespace gatehouse::cognito::test {

namespace gt = gatehouse::testing;

inline constexpr const char* kArn = "arn:aws:cognito-idp:eu-north-1:111122223333:userpool/eu-north-1_Pool1";
inline constexpr const char* kIssuer = "https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_Pool1";
inline constexpr const char* kKeys =
    "https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_Pool1/.well-known/jwks.json";

/// The public half of cognito-local's key (its file src/keys/cognitoLocal.public.json).
inline constexpr const char* kPublishedKey =
    R"({"keys":[{"kty":"RSA","e":"AQAB","use":"sig","kid":"CognitoLocal","alg":"RS256","n":"2uLO7yh1_6Icfd89V3nNTc_qhf)"
    R"(pDN7vEmOYlmJQlc9_RmOns26lg88fXXFntZESwHOm7_homO2Ih6NOtu4P5eskGs8d8VQMOQfF4YrP-pawVz-gh1S7eSvzZRDHBT4ItUuoiVP1B9)"
    R"(HN_uScKxIqjmitpPqEQB_o2NJv8npCfqUAU-4KmxquGtjdmfctswSZGdz59M3CAYKDfuvLH9_vV6TRGgbUaUAXWC2WJrbbEXzK3XUDBrmF3Xo-)"
    R"(yw8f3SgD3JOPl3HaaWMKL1zGVAsge7gQaGiJBzBurg5vwN61uDGGz0QZC1JqcUTl3cZnrx_L8isIR7074SJEuljIZRnCcjQ"}]})";

inline const gatehouse::test::SigningKey& rsa() {
  static const auto key = gatehouse::test::SigningKey::rsa();
  return key;
}
inline std::string jwks() {
  return R"({"keys":[)" + rsa().jwk(R"("kid":"a","alg":"RS256","use":"sig")") + "]}";
}
inline std::string signed_token(std::string_view payload) {
  return rsa().token("RS256", R"({"alg":"RS256","kid":"a"})", payload);
}
inline std::string id_token(std::string_view more = {}, std::string_view issuer = kIssuer) {
  return signed_token("{" + std::string(more) + (more.empty() ? "" : ",") + R"("iss":")" + std::string(issuer) +
                      R"(","aud":"client1","token_use":"id","exp":1767229200,"sub":"ann"})");
}
inline std::string access_token(std::string_view more = {}) {
  return signed_token("{" + std::string(more) + (more.empty() ? "" : ",") + R"("iss":")" + kIssuer +
                      R"(","client_id":"client1","token_use":"access","exp":1767229200,"sub":"ann"})");
}
inline std::string settings(std::string_view more = {}) {
  return R"({"user_pool_arns":[")" + std::string(kArn) + "\"]" + (more.empty() ? "" : ",") + std::string(more) + "}";
}

/// The plugin with a pool that answers.
struct Gate {
  explicit Gate(std::string_view more = {}) : h(settings(more)) { h.http("GET", kKeys, 200, jwks()); }
  static gt::TestRequest with(std::string_view value, std::vector<std::string> scopes = {}) {
    auto request = gt::request("GET", "/").identity_source("method.request.header.Authorization", std::string(value));
    request.api_type = GH_API_REST;
    request.stage = "prod";
    request.scopes = std::move(scopes);
    return request;
  }
  gt::TestAnswer ask(std::string_view value, std::vector<std::string> scopes = {}) {
    return h.authorize(with(value, std::move(scopes)));
  }
  gt::Harness h;
};

}  // namespace gatehouse::cognito::test
