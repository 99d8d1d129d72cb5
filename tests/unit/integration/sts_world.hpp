#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "integration/jwks.hpp"
#include "integration/service.hpp"
#include "support/jose_signer.hpp"
#include "unit/identity/identity_world.hpp"

namespace gatehouse::integration {

/// OpenID providers in the test's hands: pages by URL; what is not there cannot be reached.
class Pages final : public JsonFetcher {
 public:
  bool fetch(const std::string& url, std::int64_t, std::size_t, std::function<void(Answer)> done) override {
    Answer out;
    {
      const std::lock_guard lock(mutex_);
      asked.push_back(url);
      if (silent) return true;
      if (holds) {
        held_.push_back([this, url, done = std::move(done)] { done(page(url)); });
        return true;
      }
      out = page(url);
    }
    done(std::move(out));
    return true;
  }
  /// Answers what was held back, and what is asked then; how many that were.
  std::size_t release() {
    std::vector<std::function<void()>> held;
    {
      const std::lock_guard lock(mutex_);
      if (held_.empty()) return 0;
      holds = false;
      held.swap(held_);
    }
    for (const auto& one : held) one();
    return held.size();
  }
  std::map<std::string, std::string> pages;
  std::vector<std::string> asked;
  bool silent = false;  // never answers
  bool holds = false;   // answers at release()

 private:
  Answer page(const std::string& url) const {
    const auto at = pages.find(url);
    return at == pages.end() ? Answer{"connect: refused", 0, "", ""} : Answer{"", 200, at->second, ""};
  }
  std::mutex mutex_;
  std::vector<std::function<void()>> held_;
};

/// An OpenID provider: its keys, and tokens of it.
struct Provider {
  explicit Provider(std::string url) : issuer(std::move(url)), rsa(made(issuer)), p256(test::SigningKey::ec("P-256")) {}
  std::string issuer;
  test::SigningKey rsa, p256;

  /// Made once for all tests: it takes a while.
  static test::SigningKey made(const std::string& issuer) {
    static std::map<std::string, test::SigningKey> keys;
    const auto at = keys.find(issuer);
    return at != keys.end() ? at->second : keys.emplace(issuer, test::SigningKey::rsa()).first->second;
  }

  void publish(Pages& pages) const {
    pages.pages[issuer + "/.well-known/openid-configuration"] =
        R"({"issuer":")" + issuer + R"(","jwks_uri":")" + issuer + R"(/keys"})";
    pages.pages[issuer + "/keys"] = R"({"keys":[)" + rsa.jwk(R"("kid":"r","use":"sig")") + "," +
                                    p256.jwk(R"("kid":"e","use":"sig","alg":"ES256")") + "]}";
  }
  static std::string claims(const std::string& issuer, const std::string& more = R"("sub":"s-1","aud":"app")",
                            std::int64_t expires = identity::kNow + 300) {
    return R"({"iss":")" + issuer + R"(","iat":)" + std::to_string(identity::kNow - 5) + R"(,"exp":)" +
           std::to_string(expires) + "," + more + "}";
  }
  std::string token(const std::string& claims) const {
    return rsa.token("RS256", R"({"alg":"RS256","kid":"r","typ":"JWT"})", claims);
  }
  std::string token() const { return token(claims(issuer)); }
};

/// A store, providers, and a clock that stands still.
class StsWorld : public identity::IdentityWorld {
 protected:
  StsWorld() { idp_.publish(*pages_); }

  static ServiceRequest request() {
    ServiceRequest out;
    out.method = "POST";
    out.path = "/";
    out.content_type = "application/x-www-form-urlencoded; charset=utf-8";
    out.source_ip_text = "192.0.2.1";
    out.request_id = "11111111-2222-4333-8444-555555555555";
    out.account = identity::kHome;
    out.region = "eu-central-1";
    out.unix_ms = identity::kNow * 1000;
    out.deadline_ns = 1'000'000'000 + 5'000'000'000;
    return out;
  }
  /// The text between `<name>` and `</name>`; empty when there is none.
  static std::string element(const ServiceResponse& response, const std::string& name) {
    const std::size_t at = response.body.find("<" + name + ">");
    const std::size_t end = response.body.find("</" + name + ">");
    if (at == std::string::npos || end == std::string::npos) return {};
    return response.body.substr(at + name.size() + 2, end - at - name.size() - 2);
  }
  static std::string header(const ServiceResponse& response, const std::string& name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return {};
  }
  static std::string encoded(const std::string& text) {
    constexpr const char* kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (std::isalnum(byte) != 0)
        out += c;
      else
        out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return out;
  }

  base::FixedClock clock_{identity::kNow * 1000};
  std::shared_ptr<Pages> pages_ = std::make_shared<Pages>();
  const Provider idp_{"https://idp.example"};
  std::shared_ptr<IssuerKeys> issuers_ = std::make_shared<IssuerKeys>(pages_, clock_, IssuerKeys::Options{});
};

}  // namespace gatehouse::integration
