#include "public_key.hpp"

#include <openssl/core_names.h>

#include <optional>

#include "gatehouse/kit/jose/base64url.hpp"
#include "text.hpp"
#include "weak_key.hpp"

namespace gatehouse::kit::jose {
namespace {

std::optional<std::string> binary(const Json& jwk, const char* name, std::string& fault) {
  std::optional<std::string> out;
  if (const std::string* const member = text_member(jwk, name)) out = decode_base64url(*member);
  if (out && out->empty()) out.reset();
  if (!out) fault = std::string("`") + name + "` is not there or is not base64url";
  return out;
}

Pkey from_params(const char* type, const ParamsBuilder& builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* out = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &out, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  return Pkey(out);
}

/// Of the JSON that RFC 7638 prescribes, which holds nothing to escape.
std::string thumbprint(const std::string& json) {
  std::string hash(32, '\0');
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, json.data(), json.size(), reinterpret_cast<unsigned char*>(hash.data()),
                   &size) != 1)
    return {};
  return encode_base64url(hash);
}

PublicKey finish(Pkey pkey, Algorithms algorithms, std::size_t signature_bytes, std::string kind,
                 const std::string& canonical, std::string& fault) {
  PublicKey out;
  out.thumbprint = thumbprint(canonical);
  if (pkey && !out.thumbprint.empty()) out.verifier = Verifier::make(std::move(pkey), algorithms, signature_bytes);
  if (!out.verifier) fault = "OpenSSL takes it for no public key of the type " + kind;
  out.kind = std::move(kind);
  return out;
}

PublicKey read_rsa(const Json& jwk, std::string& fault) {
  auto n = binary(jwk, "n", fault);
  auto e = n ? binary(jwk, "e", fault) : std::nullopt;
  if (!e) return {};
  // RFC 7518 section 2 wants none of these zeros; some issuers write them, and they change nothing of the number.
  for (std::string* number : {&*n, &*e}) number->erase(0, number->find_first_not_of('\0'));
  constexpr std::size_t kMostBytes = 8192 / 8;
  if (n->size() > kMostBytes) {
    fault = "RSA of more than 8,192 bits";
    return {};
  }
  if (e->size() > 8) {
    fault = "RSA with an exponent of more than 64 bits";
    return {};
  }
  const BigNumber modulus(BN_bin2bn(bytes(n->data()), static_cast<int>(n->size()), nullptr));
  const BigNumber exponent(BN_bin2bn(bytes(e->data()), static_cast<int>(e->size()), nullptr));
  if (!modulus || !exponent) {
    fault = "out of memory";
    return {};
  }
  const int bits = BN_num_bits(modulus.get());
  if (bits < 2048) {
    fault = "RSA of " + std::to_string(bits) + " bits; 2,048 to 8,192 are wanted";
    return {};
  }
  if (!BN_is_odd(exponent.get()) || BN_is_one(exponent.get())) {
    fault = "RSA with an exponent that is even or 1";
    return {};
  }
  if (!BN_is_odd(modulus.get())) {
    fault = "RSA with an even modulus";
    return {};
  }
  if (is_roca(modulus.get())) {
    fault = "RSA of a generator whose keys can be factored (CVE-2017-15361)";
    return {};
  }
  const ParamsBuilder builder(OSSL_PARAM_BLD_new());
  Pkey pkey;
  if (builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1)
    pkey = from_params("RSA", builder);
  return finish(
      std::move(pkey),
      {Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512},
      n->size(), "RSA " + std::to_string(bits),
      R"({"e":")" + encode_base64url(*e) + R"(","kty":"RSA","n":")" + encode_base64url(*n) + "\"}", fault);
}

struct Curve {
  std::string_view name;
  std::size_t bytes;  // of a coordinate
  Algorithm algorithm;
};
constexpr Curve kCurves[] = {
    {"P-256", 32, Algorithm::ES256}, {"P-384", 48, Algorithm::ES384}, {"P-521", 66, Algorithm::ES512}};

PublicKey read_ec(const Json& jwk, std::string& fault) {
  const std::string* const crv = text_member(jwk, "crv");
  const Curve* curve = nullptr;
  for (const Curve& each : kCurves)
    if (crv != nullptr && *crv == each.name) curve = &each;
  if (curve == nullptr) {
    fault = "EC with a `crv` other than P-256, P-384 and P-521";
    return {};
  }
  const std::string name(curve->name);
  const auto x = binary(jwk, "x", fault);
  const auto y = x ? binary(jwk, "y", fault) : std::nullopt;
  if (!y) return {};
  if (x->size() != curve->bytes || y->size() != curve->bytes) {
    fault = "EC " + name + " with coordinates that are not " + std::to_string(curve->bytes) + " bytes each";
    return {};
  }
  // Uncompressed: the point at infinity has no such form, and OpenSSL takes no point that is not on the curve.
  const std::string point = '\x04' + *x + *y;
  const ParamsBuilder builder(OSSL_PARAM_BLD_new());
  Pkey pkey;
  if (builder && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name.c_str(), 0) == 1 &&
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1)
    pkey = from_params("EC", builder);
  if (pkey) {
    // Said once more by the check that is made for it. The order of these curves has no cofactor: the quick one is
    // whole.
    const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey.get(), nullptr));
    if (!context || EVP_PKEY_public_check_quick(context.get()) != 1) pkey.reset();
  }
  if (!pkey) {
    fault = "EC " + name + " with a point that is not on the curve";
    return {};
  }
  return finish(std::move(pkey), {curve->algorithm}, 2 * curve->bytes, "EC " + name,
                R"({"crv":")" + name + R"(","kty":"EC","x":")" + encode_base64url(*x) + R"(","y":")" +
                    encode_base64url(*y) + "\"}",
                fault);
}

PublicKey read_okp(const Json& jwk, std::string& fault) {
  const std::string* const crv = text_member(jwk, "crv");
  if (crv == nullptr || *crv != "Ed25519") {
    fault = "OKP with a `crv` other than Ed25519";
    return {};
  }
  const auto x = binary(jwk, "x", fault);
  if (!x) return {};
  if (x->size() != 32) {
    fault = "OKP Ed25519 with an `x` that is not 32 bytes";
    return {};
  }
  if (is_small_order_ed25519(*x)) {
    fault = "OKP Ed25519 with a point of small order, for which anybody can sign";
    return {};
  }
  return finish(Pkey(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, bytes(x->data()), x->size())),
                {Algorithm::EdDSA}, 64, "OKP Ed25519",
                R"({"crv":"Ed25519","kty":"OKP","x":")" + encode_base64url(*x) + "\"}", fault);
}

}  // namespace

PublicKey read_public_key(const Json& jwk, std::string& fault) {
  const QuietErrors quiet;
  const std::string* const kty = text_member(jwk, "kty");
  const std::string_view type = kty != nullptr ? std::string_view(*kty) : std::string_view();
  if (type == "RSA") return read_rsa(jwk, fault);
  if (type == "EC") return read_ec(jwk, fault);
  if (type == "OKP") return read_okp(jwk, fault);
  fault = type == "oct" ? "a shared secret (`kty` is oct); only public keys verify"
                        : "`kty` is not there or is none of RSA, EC and OKP";
  return {};
}

}  // namespace gatehouse::kit::jose
