#include "gatehouse/kit/jose/signer.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <utility>

#include "gatehouse/kit/jose/base64url.hpp"
#include "gatehouse/kit/jose/key.hpp"
#include "openssl.hpp"

namespace gatehouse::kit::jose {

struct SigningKey::Pair {
  Pkey secret;
  Key open;
};

namespace {

using Bio = std::unique_ptr<BIO, FreeWith<BIO_free>>;

unsigned char* writable(std::string& text) noexcept {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::string number(const EVP_PKEY* pkey, const char* name, std::size_t width) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(pkey, name, &raw) != 1) return {};
  const BigNumber value(raw);
  std::string out(width != 0 ? width : static_cast<std::size_t>(BN_num_bytes(value.get())), '\0');
  return BN_bn2binpad(value.get(), writable(out), static_cast<int>(out.size())) < 0 ? std::string() : out;
}

std::string member(const char* name, std::string_view bytes) {
  return std::string(",\"") + name + "\":\"" + encode_base64url(bytes) + '"';
}

struct Curve {
  SigningKey::Kind kind;
  const char* openssl;
  const char* jose;
  std::size_t bytes;  // of a coordinate
};
constexpr Curve kCurves[] = {{SigningKey::Kind::P256, "prime256v1", "P-256", 32},
                             {SigningKey::Kind::P384, "secp384r1", "P-384", 48},
                             {SigningKey::Kind::P521, "secp521r1", "P-521", 66}};

/// Empty when it is a key of no type that tokens are signed with.
std::string public_members(const EVP_PKEY* pkey) {
  if (EVP_PKEY_is_a(pkey, "RSA") == 1)
    return R"("kty":"RSA")" + member("n", number(pkey, OSSL_PKEY_PARAM_RSA_N, 0)) +
           member("e", number(pkey, OSSL_PKEY_PARAM_RSA_E, 0));
  if (EVP_PKEY_is_a(pkey, "ED25519") == 1) {
    std::string x(32, '\0');
    std::size_t size = x.size();
    if (EVP_PKEY_get_raw_public_key(pkey, writable(x), &size) != 1 || size != x.size()) return {};
    return R"("kty":"OKP","crv":"Ed25519")" + member("x", x);
  }
  char group[32] = {};
  std::size_t size = 0;
  if (EVP_PKEY_is_a(pkey, "EC") != 1 || EVP_PKEY_get_group_name(pkey, group, sizeof group, &size) != 1) return {};
  for (const Curve& curve : kCurves)
    if (std::string_view(group, size) == curve.openssl)
      return R"("kty":"EC","crv":")" + std::string(curve.jose) + '"' +
             member("x", number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, curve.bytes)) +
             member("y", number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, curve.bytes));
  return {};
}

/// An encrypted key is not asked a password for: OpenSSL would ask the terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

struct Scheme {
  Algorithm algorithm;
  const char* digest;
  bool pss;
  std::size_t raw;  // of ECDSA: bytes of R and of S
};
constexpr Scheme kSchemes[] = {
    {Algorithm::RS256, "SHA256", false, 0},  {Algorithm::RS384, "SHA384", false, 0},
    {Algorithm::RS512, "SHA512", false, 0},  {Algorithm::PS256, "SHA256", true, 0},
    {Algorithm::PS384, "SHA384", true, 0},   {Algorithm::PS512, "SHA512", true, 0},
    {Algorithm::ES256, "SHA256", false, 32}, {Algorithm::ES384, "SHA384", false, 48},
    {Algorithm::ES512, "SHA512", false, 66}, {Algorithm::EdDSA, nullptr, false, 0},
};

/// R || S of the DER that OpenSSL writes (RFC 7518, section 3.4).
std::string raw_of(const std::string& der, std::size_t width) {
  const unsigned char* at = bytes(der.data());
  const EcdsaSignature pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string out(2 * width, '\0');
  if (!pair || BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), writable(out), static_cast<int>(width)) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), writable(out) + width, static_cast<int>(width)) < 0)
    return {};
  return out;
}

std::string signature_of(EVP_PKEY* pkey, const Scheme& scheme, std::string_view text) {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;  // the context's
  if (!context ||
      EVP_DigestSignInit_ex(context.get(), &parameters, scheme.digest, nullptr, nullptr, pkey, nullptr) != 1 ||
      (scheme.pss && (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
                      EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1)))
    return {};
  std::size_t size = 0;
  if (EVP_DigestSign(context.get(), nullptr, &size, bytes(text.data()), text.size()) != 1) return {};
  std::string out(size, '\0');
  if (EVP_DigestSign(context.get(), writable(out), &size, bytes(text.data()), text.size()) != 1) return {};
  out.resize(size);
  return scheme.raw == 0 ? out : raw_of(out, scheme.raw);
}

}  // namespace

/// Takes OpenSSL's key for one of ours, if its public half is one that tokens are verified with.
class SigningKeyReader {
 public:
  static std::optional<SigningKey> take(Pkey pkey, std::string& fault) {
    SigningKey out;
    out.members_ = public_members(pkey.get());
    if (out.members_.empty()) {
      fault = "a key of a type that no token is signed with; RSA, EC on P-256, P-384 or P-521, and Ed25519 are";
      return std::nullopt;
    }
    JsonFault broken;
    const auto jwk = parse_json('{' + out.members_ + '}', broken);
    auto open = jwk ? Key::parse(*jwk, fault) : std::nullopt;
    if (!open) return std::nullopt;
    out.kind_ = open->kind();
    out.thumbprint_ = open->thumbprint();
    out.pair_ = std::make_shared<const SigningKey::Pair>(SigningKey::Pair{std::move(pkey), std::move(*open)});
    return out;
  }
};

std::optional<SigningKey> SigningKey::make(Kind kind, std::string& fault) {
  const QuietErrors quiet;
  Pkey pkey;
  if (kind == Kind::Rsa) pkey.reset(EVP_RSA_gen(3072));
  if (kind == Kind::Ed25519) pkey.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  for (const Curve& curve : kCurves)
    if (curve.kind == kind) pkey.reset(EVP_EC_gen(curve.openssl));
  if (!pkey) {
    fault = "OpenSSL cannot make a key";
    return std::nullopt;
  }
  return SigningKeyReader::take(std::move(pkey), fault);
}

std::optional<SigningKey> SigningKey::read(std::string_view pem, std::string& fault) {
  const QuietErrors quiet;
  if (pem.size() > kMaxPemBytes) {
    fault = "more than " + std::to_string(kMaxPemBytes) + " bytes";
    return std::nullopt;
  }
  if (pem.find("ENCRYPTED") != std::string_view::npos) {
    fault = "an encrypted key: write it without a password (openssl pkey)";
    return std::nullopt;
  }
  const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Pkey pkey(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr) : nullptr);
  if (!pkey) {
    fault = "no private key as PEM (`-----BEGIN PRIVATE KEY-----`)";
    return std::nullopt;
  }
  return SigningKeyReader::take(std::move(pkey), fault);
}

bool SigningKey::fits(Algorithm algorithm) const noexcept {
  return pair_->open.fits(algorithm);
}

Algorithm SigningKey::usual_algorithm() const noexcept {
  for (const Scheme& scheme : kSchemes)
    if (fits(scheme.algorithm)) return scheme.algorithm;
  return Algorithm::RS256;
}

std::string SigningKey::pem() const {
  const QuietErrors quiet;
  const Bio out(BIO_new(BIO_s_secmem()));
  if (!out || PEM_write_bio_PKCS8PrivateKey(out.get(), pair_->secret.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::optional<std::string> SigningKey::sign(Algorithm algorithm, std::string_view text) const {
  const QuietErrors quiet;
  if (!fits(algorithm)) return std::nullopt;
  for (const Scheme& scheme : kSchemes) {
    if (scheme.algorithm != algorithm) continue;
    std::string out = signature_of(pair_->secret.get(), scheme, text);
    if (pair_->open.verify(algorithm, text, out)) return out;
  }
  return std::nullopt;
}

std::optional<std::string> SigningKey::token(Algorithm algorithm, std::string_view header,
                                             std::string_view payload) const {
  std::string out = encode_base64url(header) + '.' + encode_base64url(payload);
  const auto signature = sign(algorithm, out);
  if (!signature) return std::nullopt;
  return out + '.' + encode_base64url(*signature);
}

}  // namespace gatehouse::kit::jose
