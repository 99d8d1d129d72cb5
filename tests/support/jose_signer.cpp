#include "support/jose_signer.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>

namespace gatehouse::test {
namespace {

void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "jose_signer: %s\n", what);
  std::abort();
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string number_of(const EVP_PKEY* pkey, const char* name, int size = 0) {
  BIGNUM* number = nullptr;
  must(EVP_PKEY_get_bn_param(pkey, name, &number) == 1, name);
  std::string out(static_cast<std::size_t>(size != 0 ? size : BN_num_bytes(number)), '\0');
  must(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) >= 0, name);
  BN_free(number);
  return out;
}

int coordinate_bytes(const EVP_PKEY* pkey) {
  return (EVP_PKEY_get_bits(pkey) + 7) / 8;
}

std::string drain(BIO* bio) {
  char* at = nullptr;
  const long size = BIO_get_mem_data(bio, &at);
  std::string out(at, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

constexpr int kNoPss = -100;

std::string sign_with(EVP_PKEY* pkey, const char* digest, int salt, std::string_view text) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* parameters = nullptr;
  must(EVP_DigestSignInit_ex(context, &parameters, digest, nullptr, nullptr, pkey, nullptr) == 1, "cannot begin");
  if (salt != kNoPss)
    must(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt) == 1,
         "cannot set PSS");
  std::size_t size = 0;
  must(EVP_DigestSign(context, nullptr, &size, bytes(text), text.size()) == 1, "cannot tell the size");
  std::string out(size, '\0');
  must(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size, bytes(text), text.size()) == 1,
       "cannot sign");
  out.resize(size);
  EVP_MD_CTX_free(context);
  return out;
}

}  // namespace

std::string base64url(std::string_view text) {
  std::string out(text.size() / 3 * 4 + 8, '\0');
  out.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes(text), static_cast<int>(text.size()))));
  out.erase(out.find_last_not_of('=') + 1);
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::string signing_input(std::string_view header, std::string_view payload) {
  return base64url(header) + "." + base64url(payload);
}

std::string compact(std::string_view header, std::string_view payload, std::string_view signature) {
  return signing_input(header, payload) + "." + base64url(signature);
}

SigningKey::SigningKey(EVP_PKEY* pkey) : pkey_(pkey, EVP_PKEY_free) {
  must(pkey != nullptr, "no key");
  const auto member = [](const char* name, std::string_view value) {
    return std::string(",\"") + name + "\":\"" + base64url(value) + "\"";
  };
  if (EVP_PKEY_is_a(pkey, "RSA")) {
    material_ = R"("kty":"RSA")" + member("n", number_of(pkey, OSSL_PKEY_PARAM_RSA_N)) +
                member("e", number_of(pkey, OSSL_PKEY_PARAM_RSA_E));
  } else if (EVP_PKEY_is_a(pkey, "EC")) {
    const int size = coordinate_bytes(pkey);
    material_ = R"("kty":"EC","crv":"P-)" + std::to_string(EVP_PKEY_get_bits(pkey)) + "\"" +
                member("x", number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_X, size)) +
                member("y", number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, size));
  } else {
    std::string x(32, '\0');
    std::size_t size = x.size();
    must(EVP_PKEY_get_raw_public_key(pkey, reinterpret_cast<unsigned char*>(x.data()), &size) == 1, "no raw key");
    material_ = R"("kty":"OKP","crv":"Ed25519")" + member("x", x);
  }
}

SigningKey SigningKey::rsa(unsigned bits, unsigned long exponent) {
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  BIGNUM* const e = BN_new();
  must(BN_set_word(e, exponent) == 1 && EVP_PKEY_keygen_init(context) == 1 &&
           EVP_PKEY_CTX_set_rsa_keygen_bits(context, static_cast<int>(bits)) == 1 &&
           EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, e) == 1,
       "cannot begin an RSA key");
  EVP_PKEY* out = nullptr;
  must(EVP_PKEY_generate(context, &out) == 1, "cannot make an RSA key");
  EVP_PKEY_CTX_free(context);
  BN_free(e);
  return SigningKey(out);
}

SigningKey SigningKey::ec(const char* curve) {
  return SigningKey(EVP_EC_gen(curve));
}
SigningKey SigningKey::ed25519() {
  return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

std::string SigningKey::jwk(std::string_view members) const {
  return "{" + material_ + (members.empty() ? "" : ",") + std::string(members) + "}";
}

std::string SigningKey::pem() const {
  BIO* const bio = BIO_new(BIO_s_mem());
  must(PEM_write_bio_PUBKEY(bio, pkey_.get()) == 1, "cannot write PEM");
  return drain(bio);
}

std::string SigningKey::der() const {
  BIO* const bio = BIO_new(BIO_s_mem());
  must(i2d_PUBKEY_bio(bio, pkey_.get()) == 1, "cannot write DER");
  return drain(bio);
}

std::string SigningKey::sign(std::string_view alg, std::string_view text) const {
  if (alg == "EdDSA") return sign_with(pkey_.get(), nullptr, kNoPss, text);
  const std::string digest = "SHA" + std::string(alg.substr(2));
  if (alg.substr(0, 2) == "PS") return sign_with(pkey_.get(), digest.c_str(), RSA_PSS_SALTLEN_DIGEST, text);
  const std::string signature = sign_with(pkey_.get(), digest.c_str(), kNoPss, text);
  if (alg.substr(0, 2) != "ES") return signature;
  const unsigned char* at = bytes(signature);
  ECDSA_SIG* const numbers = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size()));
  must(numbers != nullptr, "no ECDSA signature");
  const int size = coordinate_bytes(pkey_.get());
  std::string out(static_cast<std::size_t>(2 * size), '\0');
  auto* const to = reinterpret_cast<unsigned char*>(out.data());
  must(BN_bn2binpad(ECDSA_SIG_get0_r(numbers), to, size) == size &&
           BN_bn2binpad(ECDSA_SIG_get0_s(numbers), to + size, size) == size,
       "cannot write R and S");
  ECDSA_SIG_free(numbers);
  return out;
}

std::string SigningKey::sign_pss(const char* digest, int salt, std::string_view text) const {
  return sign_with(pkey_.get(), digest, salt, text);
}
std::string SigningKey::sign_der(const char* digest, std::string_view text) const {
  return sign_with(pkey_.get(), digest, kNoPss, text);
}

std::string SigningKey::token(std::string_view alg, std::string_view header, std::string_view payload) const {
  return compact(header, payload, sign(alg, signing_input(header, payload)));
}

std::string hmac(const char* digest, std::string_view key, std::string_view text) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  std::size_t size = 0;
  must(EVP_Q_mac(nullptr, "HMAC", nullptr, digest, nullptr, key.data(), key.size(), bytes(text), text.size(),
                 reinterpret_cast<unsigned char*>(out.data()), out.size(), &size) != nullptr,
       "cannot make an HMAC");
  out.resize(size);
  return out;
}

}  // namespace gatehouse::test
