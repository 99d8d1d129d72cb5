#include "gatehouse/kit/jose/key.hpp"

#include <algorithm>

#include "public_key.hpp"
#include "text.hpp"

namespace gatehouse::kit::jose {
namespace {

constexpr std::size_t kLongestKid = 256;  // JW-68

/// What the JWK says of its use forbids to verify with it; empty: nothing does.
std::string refused_use(const Json& jwk) {
  // RFC 7518, sections 6.2.2 and 6.3.2: whoever publishes one of these has published his private key.
  for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "oth"})
    if (jwk.member(name) != nullptr) return std::string("a private key: it has `") + name + "`";
  if (jwk.member("use") != nullptr) {
    const std::string* const use = text_member(jwk, "use");
    if (use == nullptr || *use != "sig") return "its `use` is not `sig`";
  }
  if (const Json* const ops = jwk.member("key_ops")) {
    const auto is = [](const char* text) {
      return [text](const Json& op) { return op.kind == Json::Kind::String && (text == nullptr || op.text == text); };
    };
    if (ops->kind != Json::Kind::Array || !std::all_of(ops->children.begin(), ops->children.end(), is(nullptr)))
      return "its `key_ops` is no list of texts";
    if (std::none_of(ops->children.begin(), ops->children.end(), is("verify"))) return "its `key_ops` has no `verify`";
  }
  return {};
}

}  // namespace

std::optional<Key> Key::parse(const Json& jwk, std::string& fault) {
  const auto refuse = [&](std::string why) {
    fault = std::move(why);
    return std::nullopt;
  };
  if (jwk.kind != Json::Kind::Object) return refuse("no JSON object");
  if (std::string why = refused_use(jwk); !why.empty()) return refuse(std::move(why));
  Key key;
  if (jwk.member("kid") != nullptr) {
    const std::string* const kid = text_member(jwk, "kid");
    if (kid == nullptr || kid->empty() || kid->size() > kLongestKid)
      return refuse("its `kid` is no text of 1 to 256 bytes");
    key.kid_ = *kid;
  }
  PublicKey material = read_public_key(jwk, fault);
  if (!material.verifier) return std::nullopt;
  key.fits_ = material.verifier->algorithms();
  if (jwk.member("alg") != nullptr) {
    const std::string* const alg = text_member(jwk, "alg");
    if (alg == nullptr) return refuse("its `alg` is no text");
    key.algorithm_ = algorithm_of(*alg);
    if (!key.algorithm_) return refuse("its `alg` " + quoted(*alg) + " is none that can be verified");
    if (!key.fits_.has(*key.algorithm_)) return refuse("its `alg` " + quoted(*alg) + " does not fit " + material.kind);
    key.fits_ = {*key.algorithm_};
  }
  key.verifier_ = std::move(material.verifier);
  key.kind_ = std::move(material.kind);
  key.thumbprint_ = std::move(material.thumbprint);
  return key;
}

bool Key::fits(Algorithm algorithm) const noexcept {
  return fits_.has(algorithm);
}

bool Key::verify(Algorithm algorithm, std::string_view signed_bytes, std::string_view signature) const noexcept {
  return fits_.has(algorithm) && verifier_ && verifier_->verify(algorithm, signed_bytes, signature);
}

}  // namespace gatehouse::kit::jose
