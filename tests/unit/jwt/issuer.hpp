#pragma once
#include <gatehouse/testing.hpp>

#include <string>
#include <string_view>

#include "support/jose_signer.hpp"

/// An OpenID provider of the tests, and what it signs.
namespace gatehouse::jwt::test {

namespace gt = gatehouse::testing;

inline constexpr std::int64_t kNow = 1'767'225'600;  // the harness's clock
inline constexpr const char* kIssuer = "https://id.example/t";
inline constexpr const char* kDiscovery = "https://id.example/t/.well-known/openid-configuration";
inline constexpr const char* kKeys = "https://keys.example/all";

inline const gatehouse::test::SigningKey& rsa() {
  static const auto key = gatehouse::test::SigningKey::rsa();
  return key;
}
inline const gatehouse::test::SigningKey& other_rsa() {
  static const auto key = gatehouse::test::SigningKey::rsa();
  return key;
}

inline std::string jwks(std::string_view kid = "a") {
  return R"({"keys":[)" + rsa().jwk("\"kid\":\"" + std::string(kid) + "\"") + "]}";
}
inline std::string discovery(std::string_view issuer = kIssuer, std::string_view keys = kKeys) {
  return R"({"issuer":")" + std::string(issuer) + R"(","jwks_uri":")" + std::string(keys) + "\"}";
}
/// The claims of a good token, with `more` in front: what stands there must not be among them.
inline std::string claims(std::string_view more = {}) {
  return "{" + std::string(more) + (more.empty() ? "" : ",") + R"("iss":")" + kIssuer +
         R"(","aud":"pets","exp":1767229200,"sub":"ann"})";
}
inline std::string signed_token(std::string_view payload, std::string_view kid = "a") {
  return rsa().token("RS256", R"({"alg":"RS256","typ":"JWT","kid":")" + std::string(kid) + "\"}", payload);
}

/// The plugin with a provider that answers.
struct Gate {
  explicit Gate(std::string_view more = R"("audience":["pets","shop"])")
      : h(R"({"issuer":")" + std::string(kIssuer) + "\"" + (more.empty() ? "" : ",") + std::string(more) + "}") {
    h.http("GET", kDiscovery, 200, discovery()).http("GET", kKeys, 200, jwks());
  }
  gt::TestAnswer ask(std::string_view value, std::vector<std::string> scopes = {}) {
    auto request = gt::request("GET", "/").identity_source("$request.header.Authorization", std::string(value));
    request.scopes = std::move(scopes);
    return h.authorize(request);
  }
  gt::TestAnswer bearer(std::string_view payload, std::vector<std::string> scopes = {}) {
    return ask("Bearer " + signed_token(payload), std::move(scopes));
  }
  gt::Harness h;
};

inline std::string invalid(std::string_view text) {
  return R"(Bearer scope="" error="invalid_token" error_description=")" + std::string(text) + "\"";
}

}  // namespace gatehouse::jwt::test
