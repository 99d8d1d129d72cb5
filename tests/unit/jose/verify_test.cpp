// Signatures, of every algorithm: those that hold and those that must not.
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <map>
#include <thread>
#include <vector>

#include "gatehouse/kit/jose/base64url.hpp"
#include "gatehouse/kit/jose/token.hpp"
#include "support/jose_signer.hpp"

namespace gatehouse::kit::jose {
namespace {

using test::SigningKey;

const std::vector<std::string> kAll = {"RS256", "RS384", "RS512", "PS256", "PS384",
                                       "PS512", "ES256", "ES384", "ES512", "EdDSA"};

/// A key of the right kind, made once a program.
const SigningKey& key_for(const std::string& alg) {
  static std::map<std::string, SigningKey> keys;
  const std::string kind = alg[0] == 'R' || alg[0] == 'P' ? "RSA" : alg;
  auto at = keys.find(kind);
  if (at == keys.end())
    at = keys.emplace(kind, kind == "RSA"     ? SigningKey::rsa()
                            : kind == "ES256" ? SigningKey::ec("P-256")
                            : kind == "ES384" ? SigningKey::ec("P-384")
                            : kind == "ES512" ? SigningKey::ec("P-521")
                                              : SigningKey::ed25519())
             .first;
  return at->second;
}

Key read(const std::string& jwk) {
  JsonFault broken;
  std::string fault;
  auto key = Key::parse(*parse_json(jwk, broken), fault);
  EXPECT_TRUE(key) << fault;
  return *key;
}

std::string header(const std::string& alg) {
  return R"({"alg":")" + alg + R"(","kid":"a"})";
}

Refusal verdict(const std::string& text, const Key* key) {
  TokenRules rules;
  rules.algorithms = kAllAlgorithms;
  Outcome why;
  const auto token = Token::read(text, rules, why);
  return token ? token->verify(key).refusal : why.refusal;
}

class EachAlgorithm : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Table, EachAlgorithm, testing::ValuesIn(kAll), [](const auto& given) { return given.param; });

TEST_P(EachAlgorithm, JW_12_JW_61_VerifiesItsOwnAndNothingElse) {
  const std::string& alg = GetParam();
  const Algorithm algorithm = *algorithm_of(alg);
  const SigningKey& signer = key_for(alg);
  const Key key = read(signer.jwk(R"("kid":"a")"));
  const std::string input = test::signing_input(header(alg), "{}");
  const std::string signature = signer.sign(alg, input);
  ERR_clear_error();
  EXPECT_TRUE(key.verify(algorithm, input, signature));
  EXPECT_TRUE(key.verify(algorithm, input, signature)) << "nothing is used up";
  EXPECT_EQ(verdict(input + "." + test::base64url(signature), &key), Refusal::None);
  EXPECT_EQ(verdict(input + "." + test::base64url(signature), nullptr), Refusal::UnknownKey);

  // Other bytes; JW-6D: told by the signature, whatever the payload says.
  EXPECT_EQ(verdict(test::compact(header(alg), "{\"exp\":1}", signature), &key), Refusal::Signature);
  EXPECT_FALSE(key.verify(algorithm, input + "x", signature));
  EXPECT_FALSE(key.verify(algorithm, "", signature));
  // Each byte changed, each length.
  for (std::size_t i = 0; i < signature.size(); i += 7) {
    std::string changed = signature;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    EXPECT_FALSE(key.verify(algorithm, input, changed)) << i;
  }
  EXPECT_FALSE(key.verify(algorithm, input, signature.substr(1)));
  EXPECT_FALSE(key.verify(algorithm, input, signature.substr(0, signature.size() - 1)));
  EXPECT_FALSE(key.verify(algorithm, input, signature + '\0'));
  EXPECT_FALSE(key.verify(algorithm, input, '\0' + signature));
  EXPECT_FALSE(key.verify(algorithm, input, ""));
  EXPECT_FALSE(key.verify(algorithm, input, std::string(signature.size(), '\0'))) << "JW-63: zeros";
  EXPECT_FALSE(key.verify(algorithm, input, std::string(signature.size(), '\xff')));
  // The same signature under any other algorithm, and a key of the same kind.
  for (const std::string& other : kAll)
    EXPECT_EQ(key.verify(*algorithm_of(other), input, signature), other == alg) << other;
  EXPECT_FALSE(key.verify(static_cast<Algorithm>(10), input, signature));
  EXPECT_FALSE(key.verify(static_cast<Algorithm>(255), input, signature));
  EXPECT_EQ(ERR_peek_error(), 0u) << "what OpenSSL said stays in the thread's queue";
}

TEST_P(EachAlgorithm, JW_61_TheKeyDecides) {
  const std::string& alg = GetParam();
  const std::string token = key_for(alg).token(alg, header(alg), "{}");
  for (const std::string& other : kAll) {
    const Key plain = read(key_for(other).jwk(R"("kid":"a")"));
    const bool same_kind = &key_for(other) == &key_for(alg);
    EXPECT_EQ(verdict(token, &plain), same_kind ? Refusal::None : Refusal::KeyMismatch) << other;
    const Key pinned = read(key_for(other).jwk(R"("kid":"a","alg":")" + other + "\""));
    EXPECT_EQ(verdict(token, &pinned), other == alg ? Refusal::None : Refusal::KeyMismatch) << other;
  }
}

TEST_P(EachAlgorithm, VerifiesFromSeveralThreadsAtOnce) {
  const std::string& alg = GetParam();
  const Algorithm algorithm = *algorithm_of(alg);
  const Key key = read(key_for(alg).jwk(""));
  const std::string good = key_for(alg).sign(alg, "good");
  std::vector<int> right(3);
  std::vector<std::thread> threads;
  for (int& count : right)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) count += key.verify(algorithm, i % 2 == 0 ? "good" : "bad", good) == (i % 2 == 0);
    });
  for (std::thread& thread : threads) thread.join();
  for (const int count : right) EXPECT_EQ(count, 50);
}

TEST(Verify, JW_60_HmacWithThePublicKey) {
  const SigningKey& signer = key_for("RS256");
  const Key key = read(signer.jwk(R"("kid":"a")"));
  const std::string input = test::signing_input(header("HS256"), "{}");
  for (const std::string& secret :
       {signer.pem(), signer.der(), signer.jwk(""), signer.jwk(R"("kid":"a")"), std::string()})
    EXPECT_EQ(verdict(input + "." + test::base64url(test::hmac("SHA256", secret, input)), &key), Refusal::Algorithm);
  // As RS256 an HMAC is a signature of another length.
  const std::string claimed = test::signing_input(header("RS256"), "{}");
  EXPECT_EQ(verdict(claimed + "." + test::base64url(test::hmac("SHA256", signer.pem(), claimed)), &key),
            Refusal::Signature);
}

TEST(Verify, JW_60_NoneWithAndWithoutASignature) {
  const Key key = read(key_for("RS256").jwk(R"("kid":"a")"));
  for (const char* alg : {"none", "None", "nOnE", "NONE", ""}) {
    EXPECT_EQ(verdict(test::compact(header(alg), "{}", "x"), &key), Refusal::Algorithm) << alg;
    EXPECT_NE(verdict(test::compact(header(alg), "{}", ""), &key), Refusal::None) << alg;
  }
}

TEST(Verify, JW_61_Rs256TokenAndAnEcKeyOfTheSameId) {
  const Key key = read(key_for("ES256").jwk(R"("kid":"a")"));
  EXPECT_EQ(verdict(key_for("RS256").token("RS256", header("RS256"), "{}"), &key), Refusal::KeyMismatch);
  // And signed by the EC key, but called RS256.
  EXPECT_EQ(verdict(key_for("ES256").token("ES256", header("RS256"), "{}"), &key), Refusal::KeyMismatch);
}

TEST(Verify, PssSaltsAsLongAsTheHashOnly) {
  const SigningKey& signer = key_for("PS256");
  const Key key = read(signer.jwk(""));
  EXPECT_TRUE(key.verify(Algorithm::PS256, "text", signer.sign_pss("SHA256", 32, "text")));
  for (const int salt : {0, 20, 31, 33, 64, 222})
    EXPECT_FALSE(key.verify(Algorithm::PS256, "text", signer.sign_pss("SHA256", salt, "text"))) << salt;
  EXPECT_TRUE(key.verify(Algorithm::PS512, "text", signer.sign_pss("SHA512", 64, "text")));
  EXPECT_FALSE(key.verify(Algorithm::PS512, "text", signer.sign_pss("SHA512", 32, "text")));
}

TEST(Verify, JW_63_EcdsaAsRAndSWithinTheOrder) {
  for (const char* alg : {"ES256", "ES384", "ES512"}) {
    const SigningKey& signer = key_for(alg);
    const Key key = read(signer.jwk(""));
    const Algorithm algorithm = *algorithm_of(alg);
    const std::string digest = std::string("SHA") + (alg + 2);
    EXPECT_FALSE(key.verify(algorithm, "text", signer.sign_der(digest.c_str(), "text"))) << "DER";
    const std::string good = signer.sign(alg, "text");
    ASSERT_TRUE(key.verify(algorithm, "text", good));
    const std::size_t half = good.size() / 2;
    const std::string zero(half, '\0'), r = good.substr(0, half), s = good.substr(half);
    for (const std::string& changed :
         {zero + zero, zero + s, r + zero, s + r, std::string(half, '\xff') + s, r + std::string(half, '\xff')})
      EXPECT_FALSE(key.verify(algorithm, "text", changed)) << alg;
  }
  // The order of P-256 is zero modulo itself.
  const std::string order(
      "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84"
      "\xf3\xb9\xca\xc2\xfc\x63\x25\x51",
      32);
  const Key key = read(key_for("ES256").jwk(""));
  EXPECT_FALSE(key.verify(Algorithm::ES256, "text", order + order));
}

TEST(Verify, Rfc8037Ed25519) {  // Appendix A.4
  const Key key = read(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  const std::string jws =
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  Outcome why;
  EXPECT_FALSE(Token::read(jws, {kAllAlgorithms, 8192, ""}, why));
  EXPECT_EQ(why.refusal, Refusal::KeyId);  // JW-68: RFC 8037's has none
  const std::size_t dot = jws.rfind('.');
  const auto raw = decode_base64url(jws.substr(dot + 1));
  ASSERT_TRUE(raw);
  EXPECT_TRUE(key.verify(Algorithm::EdDSA, jws.substr(0, dot), *raw));
}

}  // namespace
}  // namespace gatehouse::kit::jose
