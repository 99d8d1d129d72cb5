// What signs tokens for demos and tests signs what the gateway verifies, with no key that the gateway would not take.
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <string>

#include "gatehouse/kit/jose/key.hpp"
#include "gatehouse/kit/jose/signer.hpp"
#include "gatehouse/kit/jose/token.hpp"

namespace gatehouse::kit::jose {
namespace {

struct Case {
  SigningKey::Kind kind;
  const char* name;
  Algorithms algorithms;
  std::size_t signature_bytes;
};
const Case kCases[] = {
    {SigningKey::Kind::Rsa,
     "RSA 3072",
     {Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512},
     384},
    {SigningKey::Kind::P256, "EC P-256", {Algorithm::ES256}, 64},
    {SigningKey::Kind::P384, "EC P-384", {Algorithm::ES384}, 96},
    {SigningKey::Kind::P521, "EC P-521", {Algorithm::ES512}, 132},
    {SigningKey::Kind::Ed25519, "OKP Ed25519", {Algorithm::EdDSA}, 64},
};
constexpr Algorithm kAll[] = {Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384,
                              Algorithm::PS512, Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA};

Key public_key(const SigningKey& key) {
  JsonFault broken;
  std::string fault;
  return *Key::parse(*parse_json("{\"kid\":\"a\"," + key.jwk_members() + "}", broken), fault);
}

using Pkey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
std::string pem_of(EVP_PKEY* raw, bool secret, const char* password = nullptr) {
  const Pkey pkey(raw, EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  if (secret)
    PEM_write_bio_PKCS8PrivateKey(out.get(), pkey.get(), password != nullptr ? EVP_aes_128_cbc() : nullptr, password,
                                  password != nullptr ? 6 : 0, nullptr, nullptr);
  else
    PEM_write_bio_PUBKEY(out.get(), pkey.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

TEST(JoseSigner, JW_60_SignsWhatItsPublicHalfVerifiesAndNothingElse) {
  for (const Case& c : kCases) {
    std::string fault;
    const auto made = SigningKey::make(c.kind, fault);
    ASSERT_TRUE(made) << c.name << fault;
    EXPECT_EQ(made->kind(), c.name);
    const auto read = SigningKey::read(made->pem(), fault);
    ASSERT_TRUE(read) << c.name << fault;
    EXPECT_EQ(read->thumbprint(), made->thumbprint());
    EXPECT_EQ(read->jwk_members(), made->jwk_members());
    EXPECT_EQ(public_key(*made).thumbprint(), made->thumbprint());
    EXPECT_TRUE(c.algorithms.has(made->usual_algorithm()));
    for (const Algorithm algorithm : kAll) {
      const auto signature = read->sign(algorithm, "text");
      ASSERT_EQ(signature.has_value(), c.algorithms.has(algorithm)) << c.name << name(algorithm);
      if (!signature) continue;
      EXPECT_EQ(signature->size(), c.signature_bytes);
      EXPECT_TRUE(public_key(*made).verify(algorithm, "text", *signature)) << c.name << name(algorithm);
      EXPECT_FALSE(public_key(*made).verify(algorithm, "texT", *signature)) << c.name << name(algorithm);
    }
  }
}

TEST(JoseSigner, TokensAreReadAndVerified) {
  std::string fault;
  const auto key = SigningKey::make(SigningKey::Kind::P256, fault);
  ASSERT_TRUE(key);
  const auto text = key->token(Algorithm::ES256, R"({"alg":"ES256","kid":"a"})", R"({"sub":"u"})");
  ASSERT_TRUE(text);
  Outcome why;
  TokenRules rules;
  rules.algorithms = kAllAlgorithms;
  const auto token = Token::read(*text, rules, why);
  ASSERT_TRUE(token) << why.detail;
  const Key open = public_key(*key);
  EXPECT_TRUE(token->verify(&open));
  EXPECT_FALSE(key->token(Algorithm::RS256, "{}", "{}"));
}

TEST(JoseSigner, NothingOfThePrivateHalfIsInTheJwk) {
  for (const Case& c : kCases) {
    std::string fault;
    const auto key = SigningKey::make(c.kind, fault);
    ASSERT_TRUE(key);
    for (const char* secret : {"\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\""})
      EXPECT_EQ(key->jwk_members().find(secret), std::string::npos) << c.name << secret;
  }
}

TEST(JoseSigner, JW_62_RefusesKeysThatTheGatewayWouldNotTake) {
  const std::string weak = pem_of(EVP_RSA_gen(1024), true);
  const std::string sound = pem_of(EVP_EC_gen("prime256v1"), true);
  const struct {
    const char* name;
    std::string pem;
    const char* fault;
  } cases[] = {
      {"short", weak, "RSA of 1024 bits"},
      {"another curve", pem_of(EVP_EC_gen("secp256k1"), true), "type that no token"},
      {"another type", pem_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"), true), "type that no token"},
      {"encrypted", pem_of(EVP_EC_gen("prime256v1"), true, "secret"), "encrypted"},
      {"public", pem_of(EVP_EC_gen("prime256v1"), false), "no private key"},
      {"cut", sound.substr(0, sound.size() / 2), "no private key"},
      {"nothing", "", "no private key"},
      {"zeros", std::string(100, '\0'), "no private key"},
      {"large", std::string(SigningKey::kMaxPemBytes + 1, 'x'), "more than"},
  };
  for (const auto& c : cases) {
    std::string fault;
    EXPECT_FALSE(SigningKey::read(c.pem, fault)) << c.name;
    EXPECT_NE(fault.find(c.fault), std::string::npos) << c.name << ": " << fault;
    for (std::size_t i = 30; i + 40 < c.pem.size(); i += 64)
      EXPECT_EQ(fault.find(c.pem.substr(i, 16)), std::string::npos) << c.name;
  }
}

}  // namespace
}  // namespace gatehouse::kit::jose
