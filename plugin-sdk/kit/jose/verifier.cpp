#include "verifier.hpp"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "raw_signature.hpp"

namespace gatehouse::kit::jose {
namespace {

enum class Scheme { Pkcs1, Pss, Ecdsa, Ed25519 };
struct Row {
  Algorithm algorithm;
  Scheme scheme;
  const char* digest;
};
constexpr Row kRows[] = {
    {Algorithm::RS256, Scheme::Pkcs1, "SHA256"}, {Algorithm::RS384, Scheme::Pkcs1, "SHA384"},
    {Algorithm::RS512, Scheme::Pkcs1, "SHA512"}, {Algorithm::PS256, Scheme::Pss, "SHA256"},
    {Algorithm::PS384, Scheme::Pss, "SHA384"},   {Algorithm::PS512, Scheme::Pss, "SHA512"},
    {Algorithm::ES256, Scheme::Ecdsa, "SHA256"}, {Algorithm::ES384, Scheme::Ecdsa, "SHA384"},
    {Algorithm::ES512, Scheme::Ecdsa, "SHA512"}, {Algorithm::EdDSA, Scheme::Ed25519, nullptr},
};

const Row* row_of(Algorithm algorithm) noexcept {
  for (const Row& row : kRows)
    if (row.algorithm == algorithm) return &row;
  return nullptr;
}

/// The order of the key's curve, as long as a coordinate; empty when it has none.
std::string order_of(const EVP_PKEY* pkey, std::size_t bytes) {
  BIGNUM* number = nullptr;
  const bool there = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_ORDER, &number) == 1;
  const BigNumber order(number);
  std::string out(bytes, '\0');
  if (!there || BN_bn2binpad(order.get(), reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(bytes)) < 0)
    return {};
  return out;
}

}  // namespace

std::shared_ptr<const Verifier> Verifier::make(Pkey pkey, Algorithms algorithms, std::size_t signature_bytes) {
  const QuietErrors quiet;
  auto out = std::make_shared<Verifier>();
  out->pkey_ = std::move(pkey);
  out->algorithms_ = algorithms;
  out->signature_bytes_ = signature_bytes;
  for (const Row& row : kRows)
    if (algorithms.has(row.algorithm) && !out->prepare(row.algorithm)) return nullptr;
  return out;
}

bool Verifier::prepare(Algorithm algorithm) {
  const Row* const row = row_of(algorithm);
  DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;  // the context's
  if (row == nullptr || !context ||
      EVP_DigestVerifyInit_ex(context.get(), &parameters, row->digest, nullptr, nullptr, pkey_.get(), nullptr) != 1)
    return false;
  if (row->scheme == Scheme::Ecdsa && (order_ = order_of(pkey_.get(), signature_bytes_ / 2)).empty()) return false;
  if (row->scheme == Scheme::Pkcs1 && EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PADDING) != 1) return false;
  // The salt is as long as the hash, and the mask is made with the same hash (RFC 7518, section 3.5).
  if (row->scheme == Scheme::Pss && (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
                                     EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1 ||
                                     EVP_PKEY_CTX_set_rsa_mgf1_md_name(parameters, row->digest, nullptr) != 1))
    return false;
  ready_[static_cast<std::size_t>(algorithm)] = std::move(context);
  return true;
}

bool Verifier::verify(Algorithm algorithm, std::string_view signed_bytes, std::string_view signature) const noexcept {
  const Row* const row = row_of(algorithm);
  if (row == nullptr || !algorithms_.has(algorithm) || signature.size() != signature_bytes_) return false;
  const DigestContext& ready = ready_[static_cast<std::size_t>(algorithm)];
  if (!ready) return false;
  const QuietErrors quiet;
  DerSignature der;
  if (row->scheme == Scheme::Ecdsa) {
    if (!der.assign(signature, order_)) return false;
    signature = der.view();
  }
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_MD_CTX_copy_ex(context.get(), ready.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature.data()), signature.size(), bytes(signed_bytes.data()),
                          signed_bytes.size()) == 1;
}

}  // namespace gatehouse::kit::jose
