#pragma once
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/kit/jose/key_source.hpp"
#include "provider_world.hpp"
#include "support/jose_signer.hpp"

namespace gatehouse::kit::jose {

inline constexpr const char* kIssuer = "https://id.example";
inline constexpr const char* kDiscovery = "https://id.example/.well-known/openid-configuration";
inline constexpr const char* kKeys = "https://keys.example/jwks";
inline constexpr std::int64_t kMinute = 60'000, kHour = 60 * kMinute;

inline const test::SigningKey& signing_key() {
  static const test::SigningKey key = test::SigningKey::ec("P-256");
  return key;
}
/// A JWK set with a key under each of these ids; all are the same key, and another than `other`'s.
inline std::string set_of(const std::vector<std::string>& kids) {
  std::string out = R"({"keys":[)";
  for (const std::string& kid : kids) {
    if (out.back() != '[') out += ',';
    out += signing_key().jwk(R"("kid":")" + kid + '"');
  }
  return out + "]}";
}
inline std::string document(const std::string& issuer = kIssuer, const std::string& keys = kKeys) {
  return R"({"issuer":")" + issuer + R"(","jwks_uri":")" + keys + R"("})";
}

class Keys : public ::testing::Test {
 protected:
  Keys() {
    rules_.issuer = kIssuer;
    rules_.discovery = kDiscovery;
    world_.pages[kDiscovery] = ProviderWorld::ok(document());
    world_.pages[kKeys] = ProviderWorld::ok(set_of({"a"}));
  }
  void make() { source_ = std::make_shared<KeySource>(rules_, world_.doors()); }
  /// What find() says; nothing when it does not say it at once.
  std::optional<KeySource::Found> ask(const std::string& kid) {
    std::optional<KeySource::Found> out;
    const bool at_once = source_->find(kid, [&out](const KeySource::Found& found) { out = found; });
    (void)at_once;
    return out;
  }
  Refusal refusal(const std::string& kid) {
    const auto found = ask(kid);
    if (!found) return Refusal::Missing;  // still waiting
    EXPECT_EQ(found->key != nullptr, found->refusal == Refusal::None);
    return found->refusal;
  }
  std::size_t fetches() const { return world_.asked.size(); }

  ProviderWorld world_;
  KeySourceRules rules_;
  std::shared_ptr<KeySource> source_;
};

}  // namespace gatehouse::kit::jose
